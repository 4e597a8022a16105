import type { Position, StoredEvent } from '../event';
import type { EventLog, Subscription } from '../event-log';
import { isHousekeeping } from '../housekeeping';
import type { LogTree, StoredLeaf } from '../tree/log-tree';
import { leafHash, sameHash } from '../tree/merkle-hash';
import type { TileCoordinate } from '../tree/tiles';
import { treeNotOfLog } from './notary-failure';
import { TreeFile } from './tree-file';

/** Name of the file in the data directory. */
export const TREE_FILE = 'tree.sqlite';

/** Events read at once. */
const PAGE_EVENTS = 1000;

/**
 * After a start or a lost connection so many of the last leaves are held against the log. A log that was restored from
 * an older backup differs in the last of them; what was altered further back is for `yichi verify` to find, and is in
 * none of the events that a next checkpoint adds.
 */
const LEAVES_COMPARED = 4096;

/**
 * The Merkle tree of a log whose engine keeps none. Every node follows the log and keeps the tree for itself, because it
 * follows from the log alone; signing is another matter (notary-office.ts). The file is opened when it is first asked
 * for.
 */
export class FollowedTree implements LogTree {
  readonly #log: EventLog;
  readonly #fileName: string;
  #file: TreeFile | null = null;
  #catchingUp: Promise<void> | null = null;
  /** The log may have become another since it was last read: at a start, and after each failure. */
  #suspect = true;
  #closed = false;

  constructor(log: EventLog, fileName: string) {
    this.#log = log;
    this.#fileName = fileName;
  }

  /** Id of this node among those that share the log. */
  node(): string {
    return this.#open().node;
  }

  /** Leaves: of every event that was in the log when this was asked. */
  async size(): Promise<number> {
    await this.catchUp();
    return this.#open().size();
  }

  async readTile(tile: TileCoordinate): Promise<Uint8Array> {
    return this.#open().readTile(tile);
  }

  async leafAt(position: Position): Promise<number | null> {
    if (position > this.#open().lastPosition()) await this.catchUp();
    return this.#open().leafAt(position);
  }

  async readLeaves(firstLeaf: number, limit: number): Promise<readonly StoredLeaf[]> {
    if (firstLeaf + limit > this.#open().size()) await this.catchUp();
    return this.#readLeaves(firstLeaf, limit);
  }

  /** Takes in what the log holds by now. @throws DomainError TREE_NOT_OF_LOG; those of the log and of the file */
  catchUp(): Promise<void> {
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = null;
    });
    return this.#catchingUp;
  }

  /** Keeps the tree at the end of the log until the subscription is closed. */
  follow(onError: (error: unknown) => void): Subscription {
    const file = this.#open();
    return this.#log.subscribeAll(file.lastPosition(), {
      onEvents: async (events) => {
        await this.#requireSameLog();
        file.append(events.filter(isLeaf));
      },
      onError: (error) => {
        this.#suspect = true;
        onError(error);
      },
    });
  }

  /**
   * Holds leaves against the events in the log, from a leaf on to the end of the tree.
   * @throws DomainError TREE_NOT_OF_LOG with the first that is another
   */
  async compareWithLog(fromLeaf: number): Promise<void> {
    const file = this.#open();
    const size = file.size();
    for (let leaf = fromLeaf; leaf < size;) {
      const kept = file.leaves(leaf, Math.min(leaf + PAGE_EVENTS, size));
      const stored = await this.#readLeaves(leaf, kept.length);
      for (const [index, { leaf: number, position, hash }] of kept.entries()) {
        const event = stored[index];
        if (event?.position !== position || !sameHash(leafHash(event.bytes), hash)) {
          throw treeNotOfLog(file.file, number, position);
        }
      }
      // The file says how many leaves there are, but a row of positions is missing.
      if (kept.length === 0) throw treeNotOfLog(file.file, leaf, 0);
      leaf += kept.length;
    }
  }

  close(): void {
    this.#closed = true;
    this.#file?.close();
    this.#file = null;
  }

  async #readLeaves(firstLeaf: number, limit: number): Promise<readonly StoredLeaf[]> {
    const file = this.#open();
    const count = Math.min(limit, file.size() - firstLeaf);
    const leaves: StoredLeaf[] = [];
    let after = file.positionOf(firstLeaf - 1);
    while (leaves.length < count) {
      const page = await this.#log.readAll(after, count - leaves.length);
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.position;
      leaves.push(...page.filter(isLeaf).map(storedLeaf));
    }
    return leaves;
  }

  async #catchUp(): Promise<void> {
    const file = this.#open();
    await this.#requireSameLog();
    const head = await this.#log.head();
    for (let after = file.lastPosition(); after < head;) {
      const page = await this.#log.readAll(after, PAGE_EVENTS);
      const last = page.at(-1);
      if (last === undefined) return;
      file.append(page.filter(isLeaf));
      after = last.position;
    }
  }

  async #requireSameLog(): Promise<void> {
    if (!this.#suspect) return;
    this.#suspect = false;
    try {
      await this.compareWithLog(Math.max(0, this.#open().size() - LEAVES_COMPARED));
    } catch (error) {
      this.#suspect = true;
      throw error;
    }
  }

  #open(): TreeFile {
    if (this.#closed) throw new Error('the tree has been closed');
    this.#file ??= new TreeFile(this.#fileName);
    return this.#file;
  }
}

const isLeaf = ({ stream }: StoredEvent): boolean => !isHousekeeping(stream);

const storedLeaf = ({ position, stream, revision, canonical }: StoredEvent): StoredLeaf => ({
  position,
  bytes: Buffer.from(canonical, 'utf8'),
  stream,
  revision,
});
