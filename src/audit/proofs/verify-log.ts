import type { Position } from '../../event-log/event';
import { CheckpointCheck, type Trust, type WitnessedSize } from './checkpoint-check';
import type { StoredLeaf } from '../../event-log/tree/log-tree';
import { EventCheck } from './event-check';
import { type Finding, finding, type FindingCode } from './finding';
import { leafHash } from '../../event-log/tree/merkle-hash';
import { TreeFrontier } from '../../event-log/tree/merkle-tree';
import { TreeCheck } from './tree-check';
import type { Note } from './verification-note';
import type { TreeReader } from '../../event-log/tree/tree-store';

export type { KnownCheckpoint, Trust } from './checkpoint-check';

export interface LogUnderTest {
  /** All events from the first one on, in pages of any size. */
  readonly events: AsyncIterable<readonly StoredLeaf[]>;
  /** The hashes that the engine keeps; null for an engine that keeps none. */
  readonly tree: TreeReader | null;
  /** Whether positions count from 1 without gaps, as those of the embedded log do, or only grow. */
  readonly positions: 'gapless' | 'growing';
}

export interface LogVerification {
  readonly ok: boolean;
  readonly events: number;
  /** Of the tree over the events as they are, base64. */
  readonly root: string;
  /** Checkpoints that the log was held against and fits. */
  readonly checkpoints: number;
  /** Events after the newest of these, which no checkpoint proves yet. */
  readonly uncovered: number;
  readonly witnesses: readonly WitnessedSize[];
  /** Faults found in events and tree first, by position; then those that checkpoints show. */
  readonly findings: readonly Finding[];
  /** What is worth knowing and no fault. */
  readonly notes: readonly Note[];
  /** Findings that were left out because there are many of their kind. */
  readonly omitted: number;
}

/** What follows from one deletion can be found ten thousand times; a person needs the first ones. */
const MAX_FINDINGS_OF_A_KIND = 20;

/** Progress is told every so many events. */
const PROGRESS_EVENTS = 10_000;

export interface VerifyOptions {
  readonly onProgress?: (events: number) => void;
  /** False: only the bytes, the tree and the checkpoints are looked at, and not what the events say. */
  readonly contents?: boolean;
  /** Findings of one kind that are told; the others are counted. */
  readonly findingsOfAKind?: number;
}

/** Findings, of each kind only the first ones. */
class FindingList {
  readonly #byCode = new Map<FindingCode, number>();
  readonly #ofAKind: number;
  readonly all: Finding[] = [];
  omitted = 0;

  constructor(ofAKind: number) {
    this.#ofAKind = ofAKind;
  }

  add(findings: readonly Finding[]): void {
    for (const found of findings) {
      const count = (this.#byCode.get(found.code) ?? 0) + 1;
      this.#byCode.set(found.code, count);
      if (count <= this.#ofAKind) this.all.push(found);
      else this.omitted += 1;
    }
  }
}

/**
 * Verifies a whole log: each event by itself, all in their order, the bytes against the tree that is kept of them, and
 * the tree against every checkpoint. It finds; it does not throw for what it finds.
 */
export const verifyLog = async (
  log: LogUnderTest,
  trust: Trust,
  options: VerifyOptions = {},
): Promise<LogVerification> => {
  const { onProgress, contents = true, findingsOfAKind = MAX_FINDINGS_OF_A_KIND } = options;
  const found = new FindingList(findingsOfAKind);
  const checkpoints = new CheckpointCheck(trust);
  const tree = log.tree === null ? null : await TreeCheck.open(log.tree);
  const eventCheck = new EventCheck();
  const frontier = new TreeFrontier();
  let last: Position = 0;
  checkpoints.meet(frontier);

  for await (const page of log.events) {
    for (const leaf of page) {
      const { position } = leaf;
      if (log.positions === 'gapless' ? position !== last + 1 : position <= last) {
        found.add([positionGap(last, position)]);
      }
      last = position;
      const hash = leafHash(leaf.bytes);
      frontier.append(hash);
      checkpoints.meet(frontier);
      // Where positions count, they say which hash is the event's even when others before it are gone.
      const index = log.positions === 'gapless' ? position - 1 : frontier.size - 1;
      if (tree !== null && Number.isSafeInteger(index) && index >= 0) {
        // Waiting costs as much as hashing, so it is done only where a tile has to be read.
        if (!tree.isAtHand(index)) found.add(await tree.turnTo(index));
        found.add(tree.checkLeaf(index, position, hash));
      }
      if (contents) found.add(eventCheck.check(leaf));
      if (frontier.size % PROGRESS_EVENTS === 0) onProgress?.(frontier.size);
    }
  }

  if (tree !== null) {
    if (tree.size !== frontier.size) found.add([treeSizeDiffers(tree.size, frontier.size)]);
    found.add(await tree.checkLevels());
  }
  found.all.sort((left, right) => (left.position ?? Infinity) - (right.position ?? Infinity));
  found.add(checkpoints.findings(frontier.size));
  onProgress?.(frontier.size);
  return {
    ok: found.all.length === 0,
    events: frontier.size,
    root: frontier.root().toString('base64'),
    checkpoints: checkpoints.fitting,
    uncovered: frontier.size - checkpoints.covered,
    witnesses: checkpoints.witnesses(),
    findings: found.all,
    notes: eventCheck.notes(),
    omitted: found.omitted,
  };
};

const positionGap = (last: Position, position: Position): Finding =>
  finding(
    'POSITION_GAP',
    last + 1,
    `位置 ${last} 之后是 ${position}：其间的事件被删除，或顺序被改动`,
    `position ${position} follows ${last}: events between them are gone, or their order was changed`,
  );

const treeSizeDiffers = (hashes: number, events: number): Finding =>
  finding(
    'TREE_SIZE_DIFFERS',
    Math.min(hashes, events) + 1,
    `哈希树有 ${hashes} 条，事件有 ${events} 条`,
    `the tree has ${hashes} leaves, the log ${events} events`,
  );
