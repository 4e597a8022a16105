import type { Fen } from '../money/fen';

/** What every command to a pool says. */
export interface PoolEntry {
  readonly division: string;
  readonly fiscalYear: number;
  /** Business date `YYYY-MM-DD`. */
  readonly effectiveOn: string;
}

/** A quota line named in full. */
export interface NamedLine {
  readonly documentNo: string;
  readonly channelCode: string;
  readonly purposeCode: string;
  readonly amount: Fen;
}

/** Which lines pay where a row names no document: oldest first, or each in proportion to what it has. */
export const LINE_SELECTIONS = ['fifo', 'proportional'] as const;
export type LineSelection = (typeof LINE_SELECTIONS)[number];

/** Money of a channel and purpose at a place; without a document the lines are selected. */
export interface PlacedLine {
  readonly projectCode: string;
  readonly place: string;
  readonly documentNo: string | null;
  readonly channelCode: string;
  readonly purposeCode: string;
  readonly amount: Fen;
}
