import type { EventLog } from '../../event-log/event-log';
import type { SnapshotSource } from '../../projecting/read-database';
import type { CheckpointDesk } from '../checkpoints/checkpoint-desk';

/** What evidence is taken from; a ledger is one. The read model only finds events, every byte is read from the log. */
export interface EvidenceSource {
  readonly log: EventLog;
  readonly readModel: SnapshotSource;
  readonly checkpoints: Pick<CheckpointDesk, 'firstCovering' | 'make' | 'verifierKey'>;
}
