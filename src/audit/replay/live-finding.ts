import type { Position } from '../../event-log/event';
import type { Finding } from '../proofs/finding';

/** What a comparison of a replay with the live tables can find; programs may rely on these. */
export type LiveFindingCode =
  /** There are no live tables, or they cannot be read. */
  | 'LIVE_TABLES_MISSING'
  /** Pages of their file are damaged, or an index there is not what its table says. */
  | 'LIVE_TABLES_DAMAGED'
  /** They were made by other projections or another version of the program. */
  | 'LIVE_TABLES_OF_OTHER_VERSION'
  /** They have not taken all events that they should have. */
  | 'LIVE_TABLES_BEHIND'
  /** A row that says something about an event is not what the event says. */
  | 'LIVE_TABLE_DIFFERS'
  /** A balance is not what the official projection makes of the log. */
  | 'LIVE_BALANCE_DIFFERS'
  /** An auditor's projection with the name of an official one makes other figures of the log. */
  | 'PROJECTION_DIFFERS';

/** Shaped as the findings of the proofs. */
export interface LiveFinding {
  readonly code: LiveFindingCode;
  /** The first event after which the two part; null where no event is concerned. */
  readonly position: Position | null;
  readonly message: string;
  readonly messageEn: string;
}

export const liveFinding = (
  code: LiveFindingCode,
  position: Position | null,
  message: string,
  messageEn: string,
): LiveFinding => ({ code, position, message, messageEn });

/** What a replay finds: of the tables, and of what the events themselves say in their order. */
export type ReplayFinding = LiveFinding | Finding;
