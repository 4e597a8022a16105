/**
 * What the official projections may rely on: the part of EventStoreDB's projection language that they use, the shape
 * of their state, and the shape of the events of a pool. Only for the type check (tsconfig.projections.json); the
 * scripts themselves run as they are.
 */

/** The thirteen measures of one key in one pool, in whole fen. */
interface Cell {
  appropriated: number;
  transferredIn: number;
  transferredOut: number;
  unintegrated: number;
  available: number;
  inTransit: number;
  allocated: number;
  held: number;
  paid: number;
  recalled: number;
  cashReceived: number;
  unspent: number;
  carriedOver: number;
}

/** The state of one pool: an object of sections, each an object of entries, so that a host can keep it entry by entry. */
interface BalanceState {
  /** Key (department, division, place or project code) → measures. */
  cells: { [key: string]: Cell };
  /** Quota line → owner department; only the department balances fill it. */
  lines: { [quotaLine: string]: string };
}

interface ProjectedMovement {
  readonly quotaLine: string;
  readonly from: string;
  readonly to: string;
  readonly amount: string;
}

interface ProjectedLine {
  readonly quotaLine: string;
  readonly departmentCode: string;
}

interface ProjectedData {
  readonly movements?: readonly ProjectedMovement[];
  readonly receipts?: readonly { readonly quotaLine: string; readonly amount: string }[];
  readonly lines?: readonly ProjectedLine[];
  /** Lines that are issued anew, after nothing of them stood any more. */
  readonly reissuedLines?: readonly ProjectedLine[];
  /** Giver of the transfer that is taken in, or whose taking in is reversed. */
  readonly fromDivision?: string;
  readonly reversedType?: string;
  /** Only where a reversal is taken back: the entry that stands again. */
  readonly restoredEventId?: string;
}

/** The members of the server's event that the projections read. */
interface ProjectedEvent {
  readonly streamId: string;
  readonly eventType: string;
  readonly data: ProjectedData;
}

type ProjectionHandler = (state: BalanceState, event: ProjectedEvent) => BalanceState;

interface ProjectionHandlers {
  readonly $init: () => BalanceState;
  readonly [eventType: string]: ProjectionHandler | (() => BalanceState);
}

declare function fromCategory(category: string): {
  foreachStream(): { when(handlers: ProjectionHandlers): void };
};

/** A host that keeps states entry by entry defines it before the prelude; the server does not. */
declare const entryTouched: ((section: 'cells' | 'lines', key: string) => void) | undefined;

/** Which key a figure belongs to; null when this projection does not show such money. */
interface BalanceKeys {
  readonly ofDivision: (state: BalanceState, quotaLine: string, division: string) => string | null;
  readonly ofPlace: (state: BalanceState, quotaLine: string, division: string, path: string) => string | null;
}
