import { BEFORE_FIRST, type Position, type StoredEvent } from '../event';
import type { EventLog } from '../event-log';
import type { LogTree } from '../tree/log-tree';
import { EMPTY_ROOT, leafHash, sameHash } from '../tree/merkle-hash';
import { TreeFrontier } from '../tree/merkle-tree';
import { rootAt } from '../tree/tree-store';
import { rootsDiffer, sourceMoved, sourceTooShort, targetDiffers } from './copy-failure';
import { copyWriter } from './copy-writer';
import { LogPages } from './log-pages';

export type CopyStage = 'comparing' | 'copying' | 'checking';

export interface CopyOptions {
  /** Position of the source up to which is copied; null: to its end, which then must not move. */
  readonly at: Position | null;
  /** How far a stage is, in positions of the log that it reads and in events. */
  readonly progress: (stage: CopyStage, done: Position, total: Position, events: number) => void;
}

export interface CopyReport {
  /** Events in the target now. */
  readonly events: number;
  /** Of those, events that this run has written. */
  readonly copied: number;
  /** Root of the tree over all of them, base64. */
  readonly root: string;
  readonly sourcePosition: Position;
  readonly targetPosition: Position;
}

/**
 * Copies a ledger from one log into another, byte for byte and in the order of the whole log, so that both have the
 * same tree. What an earlier run has copied is compared and not written again, so it may be cut off at any moment.
 *
 * @throws DomainError LOG_COPY_TARGET_DIFFERS (nothing written), LOG_COPY_SOURCE_MOVED (a beginning of the source was
 * copied), LOG_COPY_TARGET_WRITTEN, LOG_COPY_ROOT_DIFFERS, POSITION_NOT_REACHED; those of the logs
 */
export const copyLog = async (
  source: EventLog,
  target: EventLog,
  { at, progress }: CopyOptions,
): Promise<CopyReport> => {
  const head = await source.head();
  if (at !== null && at > head) throw sourceTooShort(at, head);
  const upTo = at ?? head;
  const pages = new LogPages(source, upTo);
  const tree = new TreeFrontier();

  const targetHead = await target.head();
  await compareBeginnings(pages, new LogPages(target, targetHead), tree, (done) =>
    progress('comparing', done, targetHead, tree.size),
  );
  const alreadyThere = tree.size;

  const write = copyWriter(target);
  for (let page = await pages.page(); page.length > 0; page = await pages.page()) {
    await write(page);
    for (const { canonical } of page) tree.append(leafHash(canonical));
    progress('copying', page.at(-1)?.position ?? upTo, upTo, tree.size);
  }

  await requireRoots(source, target, tree, (...told) => progress('checking', ...told));
  if (at === null) {
    const now = await source.head();
    if (now !== upTo) throw sourceMoved(upTo, now);
  }
  return {
    events: tree.size,
    copied: tree.size - alreadyThere,
    root: tree.root().toString('base64'),
    sourcePosition: upTo,
    targetPosition: await target.head(),
  };
};

/** Everything that the target holds must be what the source begins with; the source is then read up to there. */
const compareBeginnings = async (
  source: LogPages,
  target: LogPages,
  tree: TreeFrontier,
  progress: (done: Position) => void,
): Promise<void> => {
  for (let page = await target.page(); page.length > 0; page = await target.page()) {
    const expected = await source.take(page.length);
    page.forEach((event, index) => {
      const own = expected[index];
      if (own === undefined || !isSameEvent(event, own)) throw targetDiffers(tree.size + 1, event, own);
      tree.append(leafHash(own.canonical));
    });
    progress(page.at(-1)?.position ?? BEFORE_FIRST);
  }
};

const isSameEvent = (left: StoredEvent, right: StoredEvent): boolean =>
  left.canonical === right.canonical && left.stream === right.stream && left.revision === right.revision;

/** The copy as it can be read now, and the trees that the two logs keep, against what was read from the source. */
const requireRoots = async (
  source: EventLog,
  target: EventLog,
  tree: TreeFrontier,
  progress: (done: Position, total: Position, events: number) => void,
): Promise<void> => {
  const expected = tree.root();
  const require = (found: Buffer, what: string, whatEn: string): void => {
    if (!sameHash(found, expected)) {
      throw rootsDiffer(what, whatEn, expected.toString('base64'), found.toString('base64'));
    }
  };
  const total = await target.head();
  const reading = new LogPages(target, total);
  const copy = new TreeFrontier();
  for (let page = await reading.page(); page.length > 0; page = await reading.page()) {
    for (const { canonical } of page) copy.append(leafHash(canonical));
    progress(page.at(-1)?.position ?? total, total, copy.size);
  }
  require(copy.root(), '目标日志的事件', 'the events in the target');
  require(await keptRoot(source.tree, tree), '源日志所存的树', 'the tree kept by the source');
  require(await keptRoot(target.tree, tree), '目标日志所存的树', 'the tree kept by the target');
};

/** Root that a log's own tree has at the size of the copy; where the log keeps no tree there is nothing to compare. */
const keptRoot = async (kept: LogTree | undefined, copy: TreeFrontier): Promise<Buffer> => {
  if (kept === undefined) return copy.root();
  return (await kept.size()) < copy.size ? EMPTY_ROOT : rootAt(kept, copy.size);
};
