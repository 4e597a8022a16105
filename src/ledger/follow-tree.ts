import { join } from 'node:path';

import type { EventLog } from '../event-log/event-log';
import type { FollowedTree } from '../event-log/notary/followed-tree';
import type { NotaryOffice } from '../event-log/notary/notary-office';

/** The tree of a log whose engine keeps none, and the office in which its nodes agree on who signs it. */
export interface SharedProof {
  readonly tree: FollowedTree;
  readonly office: NotaryOffice;
}

/** A notary signs at least so often while there is something to sign (YICHI_CHECKPOINT_SECONDS); three times missed is gone. */
const MISSED_CHECKPOINTS = 3;
const LEAST_PATIENCE_MS = 60_000;
const USUAL_SECONDS = 300;

/**
 * Gives a log that keeps no tree itself one that follows it, where everybody looks for a log's tree. Null for the
 * engines that keep their own.
 */
export const followTree = async (
  log: EventLog,
  dataDirectory: string,
  now: () => Date,
  checkpointSeconds = USUAL_SECONDS,
): Promise<SharedProof | null> => {
  if (log.showTree === undefined) return null;
  const { FollowedTree: Followed, TREE_FILE } = await import('../event-log/notary/followed-tree');
  const { NotaryOffice: Office } = await import('../event-log/notary/notary-office');
  const tree = new Followed(log, join(dataDirectory, TREE_FILE));
  log.showTree(tree);
  const patienceMs = Math.max(LEAST_PATIENCE_MS, checkpointSeconds * 1000 * MISSED_CHECKPOINTS);
  return { tree, office: new Office({ log, tree, now, patienceMs }) };
};
