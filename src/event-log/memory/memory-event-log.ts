import { type AppendOrder, movedBeside, plainOrder, type SealedAppend, sealAppend, sealUnit } from '../append-rules';
import type { Position, StoredEvent } from '../event';
import {
  type Appended,
  EventIdConflict,
  type EventLog,
  FactsMoved,
  type RestsOn,
  RevisionConflict,
  type SealedEvent,
  type StreamAppend,
  type Subscription,
  type SubscriptionHandlers,
} from '../event-log';
import { logClosed } from '../log-failure';
import { LogSubscription } from '../log-subscription';
import type { LogTree, StoredLeaf } from '../tree/log-tree';
import { MemoryTreeStore } from '../tree/memory-tree-store';
import { leafHash } from '../tree/merkle-hash';
import type { TileCoordinate } from '../tree/tiles';

/** A stored event and its id, which a repeat is recognised by. */
interface Entry {
  readonly id: string;
  readonly stored: StoredEvent;
}

/** The log for unit tests: the same answers as the durable ones, nothing kept. */
export class MemoryEventLog implements EventLog {
  readonly engine = 'memory';
  readonly tree: LogTree;
  readonly #entries: Entry[] = [];
  readonly #streams = new Map<string, Entry[]>();
  readonly #ids = new Set<string>();
  readonly #subscriptions = new Set<LogSubscription>();
  /** Grown when somebody asks for it, up to what is stored by then. */
  readonly #tree = new MemoryTreeStore();
  #leaves = 0;
  #closed = false;

  constructor() {
    this.tree = {
      size: async () => this.#entries.length,
      readTile: (tile: TileCoordinate) => this.#grownTree().readTile(tile),
      leafAt: async (position) => (this.#entries[position - 1] === undefined ? null : position - 1),
      leafOfEvent: async (eventId) => {
        const leaf = this.#entries.findIndex(({ id }) => id === eventId.toLowerCase());
        return leaf < 0 ? null : leaf;
      },
      readLeaves: async (firstLeaf, limit) => this.#entries.slice(firstLeaf, firstLeaf + limit).map(leafOf),
    };
  }

  async append(append: StreamAppend): Promise<Appended> {
    const [appended] = this.#store([sealAppend(append)], plainOrder([append]));
    return appended as Appended;
  }

  async appendTogether(appends: readonly StreamAppend[], order?: AppendOrder): Promise<readonly Appended[]> {
    return this.#store(sealUnit(appends, order, 'whole'), order ?? plainOrder(appends));
  }

  async readStream(stream: string, fromRevision: number, limit: number): Promise<readonly StoredEvent[]> {
    this.#requireOpen();
    const from = Math.max(fromRevision, 0);
    return (this.#streams.get(stream) ?? []).slice(from, from + limit).map((entry) => entry.stored);
  }

  async readAll(after: Position, limit: number): Promise<readonly StoredEvent[]> {
    this.#requireOpen();
    return this.#entries.slice(after, after + limit).map((entry) => entry.stored);
  }

  async readAt(position: Position): Promise<StoredEvent | null> {
    this.#requireOpen();
    return this.#entries[position - 1]?.stored ?? null;
  }

  subscribeAll(after: Position, handlers: SubscriptionHandlers): Subscription {
    this.#requireOpen();
    const subscription = new LogSubscription(
      {
        after,
        read: (position, limit) => this.readAll(position, limit),
        onClosed: (closed) => this.#subscriptions.delete(closed),
      },
      handlers,
    );
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async head(): Promise<Position> {
    this.#requireOpen();
    return this.#entries.length;
  }

  /** Nobody else can write to this memory. */
  foreignWrites(): number {
    return 0;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    this.#closed = true;
  }

  #store(appends: readonly SealedAppend[], order: AppendOrder): readonly Appended[] {
    this.#requireOpen();
    const repeats = new Map<string, Appended>();
    let conflict: RevisionConflict | null = null;
    for (const append of appends) {
      const revision = this.#lastRevision(append.stream);
      if (revision === append.expectedRevision) continue;
      conflict ??= new RevisionConflict(append.stream, append.expectedRevision, revision);
      const repeat = append.events.length === 0 ? null : this.#firstAnswer(append);
      if (repeat !== null) repeats.set(append.stream, repeat);
    }
    if (conflict !== null) {
      // What a unit only asked about may have moved on since it was stored.
      const storing = appends.filter(({ events }) => events.length > 0);
      if (repeats.size < storing.length) throw conflict;
      return appends.map(
        ({ stream, expectedRevision }) => repeats.get(stream) ?? { revision: expectedRevision, positions: [] },
      );
    }
    for (const { stream, restsOn = [] } of appends) for (const each of restsOn) this.#requireUnmoved(stream, each);
    this.#requireNewIds(appends);
    const positions = this.#insert(appends, order);
    for (const subscription of this.#subscriptions) subscription.wake();
    return appends.map(({ stream }, index) => ({
      revision: this.#lastRevision(stream),
      positions: positions[index] ?? [],
    }));
  }

  #insert(appends: readonly SealedAppend[], order: AppendOrder): readonly Position[][] {
    const positions: Position[][] = appends.map(() => []);
    for (const [appendIndex, eventIndex] of order) {
      const { stream, events } = appends[appendIndex] as SealedAppend;
      const event = events[eventIndex] as SealedEvent;
      const entries = this.#streams.get(stream) ?? [];
      const stored = {
        position: this.#entries.length + 1,
        stream,
        revision: entries.length,
        canonical: event.canonical,
      };
      const entry = { id: event.id.toLowerCase(), stored };
      this.#streams.set(stream, entries);
      entries.push(entry);
      this.#entries.push(entry);
      this.#ids.add(entry.id);
      positions[appendIndex]?.push(stored.position);
    }
    return positions;
  }

  #grownTree(): MemoryTreeStore {
    this.#tree.append(this.#entries.slice(this.#leaves).map(({ stored }) => leafHash(stored.canonical)));
    this.#leaves = this.#entries.length;
    return this.#tree;
  }

  /** The answer that the same events got when they were stored; null when they are not the same to the last byte. */
  #firstAnswer({ stream, expectedRevision, events }: SealedAppend): Appended | null {
    const entries = (this.#streams.get(stream) ?? []).slice(expectedRevision + 1, expectedRevision + 1 + events.length);
    if (entries.length !== events.length) return null;
    const isSame = events.every((event, index) => {
      const entry = entries[index];
      return entry?.id === event.id.toLowerCase() && entry.stored.canonical === event.canonical;
    });
    if (!isSame) return null;
    return {
      revision: expectedRevision + events.length,
      positions: entries.map((entry) => entry.stored.position),
    };
  }

  #requireUnmoved(stream: string, restsOn: RestsOn): void {
    const moved = restsOn.streams.flatMap((looked) => {
      const actualRevision = this.#lastRevision(looked.stream);
      return actualRevision === looked.revision ? [] : [{ ...looked, actualRevision }];
    });
    const written = restsOn.nothingElse === undefined ? [] : this.#entries.slice(restsOn.nothingElse.after);
    const beside = movedBeside(
      stream,
      restsOn,
      written.map(({ stored }) => stored),
    );
    const [first, ...others] = beside === null ? moved : [...moved, beside];
    if (first !== undefined) throw new FactsMoved([first, ...others]);
  }

  #requireNewIds(appends: readonly SealedAppend[]): void {
    const own = new Set<string>();
    for (const { id } of appends.flatMap((append) => append.events)) {
      if (this.#ids.has(id.toLowerCase()) || own.has(id.toLowerCase())) throw new EventIdConflict(id);
      own.add(id.toLowerCase());
    }
  }

  #lastRevision(stream: string): number {
    return (this.#streams.get(stream)?.length ?? 0) - 1;
  }

  #requireOpen(): void {
    if (this.#closed) throw logClosed('memory:');
  }
}

const leafOf = ({ id, stored }: Entry): StoredLeaf => ({
  position: stored.position,
  bytes: Buffer.from(stored.canonical, 'utf8'),
  stream: stored.stream,
  revision: stored.revision,
  id,
});
