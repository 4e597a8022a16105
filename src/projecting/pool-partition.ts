import type { ProjectionState } from './projection-loader';

/** Entries of one projection's state that changed and are not stored yet, by section. */
export type TouchedEntries = Map<string, Set<string>>;

/** What the runner keeps in memory of one pool: its four states and the ids of its dimensions. */
export interface PoolPartition {
  readonly id: number;
  readonly stream: string;
  readonly division: string;
  readonly fiscalYear: number;
  /** One of each projection, in the order of PROJECTION_NAMES. */
  readonly states: ProjectionState[];
  readonly touched: readonly TouchedEntries[];
  readonly accounts: Map<string, number>;
  readonly lines: Map<string, number>;
  /** Number of the batch that used it last: the longest unused are forgotten first. */
  lastBatch: number;
}
