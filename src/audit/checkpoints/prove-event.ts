import type { Position } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import type { LogTree } from '../../event-log/tree/log-tree';
import type { SnapshotSource } from '../../projecting/read-database';
import type { CheckpointDesk } from './checkpoint-desk';
import { eventNotInLog, noTree, treeDamaged } from './checkpoint-failure';
import { type InclusionProof, proveInclusion } from './prove';

export interface ProvenLedger {
  readonly log: EventLog;
  readonly checkpoints: Pick<CheckpointDesk, 'covering'>;
  /** Caught up; tells only where an event is, that it is there is read from the log. */
  readonly readModel: SnapshotSource;
}

/**
 * Proves that an event is in the log under the newest checkpoint, or under a new one when it came after that.
 *
 * @throws DomainError EVENT_NOT_FOUND, TREE_NOT_KEPT, TREE_DAMAGED, and those of making a checkpoint
 */
export const proveEvent = async (ledger: ProvenLedger, eventId: string): Promise<InclusionProof> => {
  const id = eventId.toLowerCase();
  const { tree, engine } = ledger.log;
  if (tree === undefined) throw noTree(engine);
  const index = await leafOf(ledger, tree, id);
  if (index === null) throw eventNotInLog(eventId);
  const checkpoint = await ledger.checkpoints.covering(index + 1);
  if (checkpoint === null) throw treeDamaged(`leaf ${index}`);
  const proof = await proveInclusion(tree, index, checkpoint);
  if (idIn(proof.leaf.bytes) !== id) throw eventNotInLog(eventId);
  return proof;
};

/** The read model is asked only for a log that does not know its events by their ids. */
const leafOf = async ({ readModel }: ProvenLedger, tree: LogTree, id: string): Promise<number | null> => {
  if (tree.leafOfEvent !== undefined) return tree.leafOfEvent(id);
  const position = positionOf(readModel, id);
  return position === null ? null : tree.leafAt(position);
};

const positionOf = (readModel: SnapshotSource, id: string): Position | null =>
  readModel.read(
    (snapshot) => snapshot.first<readonly [Position]>('SELECT position FROM event WHERE id = ?', id)?.[0] ?? null,
  );

const idIn = (bytes: Uint8Array): unknown => {
  const event = JSON.parse(Buffer.from(bytes).toString('utf8')) as { readonly id?: unknown };
  return typeof event.id === 'string' ? event.id.toLowerCase() : null;
};
