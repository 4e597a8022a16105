import type { Position } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import type { LogTree } from '../../event-log/tree/log-tree';
import { leafHash } from '../../event-log/tree/merkle-hash';
import { TreeFrontier } from '../../event-log/tree/merkle-tree';
import { rootAt } from '../../event-log/tree/tree-store';

/** The tree over all events up to a position. */
export interface TreeHead {
  /** Leaves. */
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

/** Events hashed at once where no tree is kept. */
const PAGE = 1000;

/**
 * Size and root of the tree over all events up to a position. Where the engine keeps no tree with its events, it is
 * made from them, which takes as long as reading the log.
 */
export const treeHeadAt = async (log: Pick<EventLog, 'tree' | 'readAll'>, position: Position): Promise<TreeHead> => {
  const { tree } = log;
  if (tree === undefined) return hashLog(log, position);
  const size = await leavesUpTo(tree, position);
  return { size, root: (await rootAt(tree, size)).toString('base64') };
};

/** Position of the last event of a tree of this size, where the engine keeps a tree that has so many leaves. */
export const positionOfTreeSize = async (log: Pick<EventLog, 'tree'>, size: number): Promise<Position | null> => {
  const { tree } = log;
  if (tree === undefined || size < 1 || (await tree.size()) < size) return null;
  return (await tree.readLeaves(size - 1, 1))[0]?.position ?? null;
};

/** How many events there are up to a position, which need not be that of an event. */
const leavesUpTo = async (tree: LogTree, position: Position): Promise<number> => {
  const leaf = await tree.leafAt(position);
  if (leaf !== null) return leaf + 1;
  let below = 0;
  let above = await tree.size();
  while (below < above) {
    const middle = Math.floor((below + above) / 2);
    const [found] = await tree.readLeaves(middle, 1);
    if (found !== undefined && found.position <= position) below = middle + 1;
    else above = middle;
  }
  return below;
};

const hashLog = async (log: Pick<EventLog, 'readAll'>, to: Position): Promise<TreeHead> => {
  const frontier = new TreeFrontier();
  for (let after = 0; ;) {
    const page = (await log.readAll(after, PAGE)).filter(({ position }) => position <= to);
    for (const { canonical } of page) frontier.append(leafHash(canonical));
    const last = page.at(-1);
    if (last === undefined) return { size: frontier.size, root: frontier.root().toString('base64') };
    after = last.position;
  }
};
