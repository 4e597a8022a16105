import type { DocumentLine } from './document-lines';

/** What lets an entry into a closed period (结账后调整): a document, and a person other than the one who enters it. */
export interface Adjustment {
  /** Number of the document that approves it. */
  readonly approvalNo: string;
  readonly approvedBy: string;
  readonly reason: string;
}

/** Which pool, and when. */
export interface PoolMatter {
  readonly division: string;
  readonly fiscalYear: number;
  /** Business date `YYYY-MM-DD`. */
  readonly effectiveOn: string;
}

/** What every entry into a pool says. */
export interface PoolEntry extends PoolMatter {
  /** Only for a business date in a closed period. */
  readonly adjustment?: Adjustment;
  /** 重记: number of the reversal after which a document of the same content is entered again on purpose. */
  readonly rebooks?: string;
}

/** A quota line named in full. */
export interface NamedLine extends DocumentLine {
  readonly documentNo: string;
  readonly channelCode: string;
  readonly purposeCode: string;
}

/** Which lines pay where a row names no document: oldest first, or each in proportion to what it has. */
export const LINE_SELECTIONS = ['fifo', 'proportional'] as const;
export type LineSelection = (typeof LINE_SELECTIONS)[number];

/** Money of a channel and purpose at a place; without a document the lines are selected. */
export interface PlacedLine extends DocumentLine {
  readonly projectCode: string;
  readonly place: string;
  readonly documentNo: string | null;
  readonly channelCode: string;
  readonly purposeCode: string;
}
