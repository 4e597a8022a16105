import type { DomainEvent } from '../event-log/event';
import type { Movement } from './account';
import type { Adjustment } from './pool-command';
import type { QuotaLine, QuotaLineId } from './quota-line';

/**
 * How money was integrated, which decides what it may be used for: 资金用途和渠道不变 (000 附件1 §6), the pilot of
 * 涉农资金统筹整合 (004 十三), or the long-term mechanism.
 */
export const INTEGRATION_REGIMES = ['BUNDLING_UNCHANGED', 'PILOT_INTEGRATION', 'LONG_TERM_MECHANISM'] as const;
export type IntegrationRegime = (typeof INTEGRATION_REGIMES)[number];

/** What every entry says of itself. */
interface Entered {
  /** 文号 or 凭证号 of this entry. */
  readonly documentNo: string;
  /** Only where the entry fell into a closed period: what let it in. A ClosedPeriodAdjusted stands beside it. */
  readonly adjustment?: Adjustment;
  /** 重记: number of the reversal after which the same was entered again on purpose. */
  readonly rebooks?: string;
}

/** Why the ledger itself took a half of a crossing back: the other pool's refusal of its half. */
export interface OtherPoolsRefusal {
  /** Stream of the pool that refused. */
  readonly pool: string;
  readonly code: string;
  readonly message: string;
  readonly messageEn: string;
}

/** What an event that brings money in says of its lines. */
export interface BroughtLines {
  /** Particulars of the lines that it first brings into the stream. */
  readonly lines?: readonly QuotaLine[];
  /** New particulars of lines that the stream had, and of which nothing stood any more: theirs from this event on. */
  readonly reissuedLines?: readonly QuotaLine[];
}

/** What every event that moves money holds beside its own facts. */
interface Moving extends Entered, BroughtLines {
  readonly movements: readonly Movement[];
}

export type FundsAppropriated = DomainEvent<'FundsAppropriated', Moving & { readonly lines: readonly QuotaLine[] }>;

/** Cash moves no quota, so there are no movements. */
export type CashReceived = DomainEvent<
  'CashReceived',
  Entered & {
    readonly receipts: readonly { readonly quotaLine: QuotaLineId; readonly amount: string }[];
    readonly lines?: readonly QuotaLine[];
  }
>;

export type FundsIntegrated = DomainEvent<
  'FundsIntegrated',
  Moving & { readonly integrationRegime: IntegrationRegime }
>;

/** `received|available` of the giver → `transit:<documentNo>`. One event for each taking pool. */
export type TransferIssued = DomainEvent<
  'TransferIssued',
  Moving & {
    readonly toDivision: string;
    readonly toFiscalYear: number;
    readonly integrated: boolean;
    readonly sentLines: readonly QuotaLine[];
  }
>;

/** `transit:<documentNo>` → `received|available` of the taker. */
export type TransferReceived = DomainEvent<
  'TransferReceived',
  Moving & {
    readonly fromDivision: string;
    readonly fromFiscalYear: number;
    readonly integrated: boolean;
    /** Id of the TransferIssued event that this one takes in. */
    readonly transferEventId: string;
  }
>;

/** So much of a line was put to a purpose that a FundsRepurposed authority allows. */
interface UsingAuthority {
  readonly usedAuthorities?: readonly {
    readonly quotaLine: QuotaLineId;
    readonly toPurposeCode: string;
    readonly amount: string;
  }[];
}

/** `pool:…:available` → `project:…:available`. */
export type FundsAllocated = DomainEvent<'FundsAllocated', Moving & UsingAuthority>;

/** `project:…:available` → `project:…:available`, or back into `pool:…:available`. */
export type FundsReallocated = DomainEvent<'FundsReallocated', Moving & UsingAuthority>;

/** Under the pilot regime: so much of a line may from now on pay for `toPurposeCode` as well. The line keeps its name. */
export type FundsRepurposed = DomainEvent<
  'FundsRepurposed',
  Moving & {
    readonly authorities: readonly {
      readonly quotaLine: QuotaLineId;
      readonly toPurposeCode: string;
      readonly amount: string;
    }[];
  }
>;

/** `project:…:available` → `project:…:held`. `documentNo` is the voucher's number in all payment events. */
export type PaymentRequested = DomainEvent<
  'PaymentRequested',
  Moving & { readonly payee: string; readonly requestedBy: string; readonly repaysVoucherNo: string | null }
>;

export type PaymentApproved = DomainEvent<'PaymentApproved', Entered & { readonly approvedBy: string }>;

/** `held` → `paid`; or `available` → `paid` when an office's ledger reports a payment that was made. */
export type PaymentExecuted = DomainEvent<
  'PaymentExecuted',
  Moving & { readonly payee: string; readonly requestedBy: string | null; readonly approvedBy: string | null }
>;

/** `paid` → `available`. `documentNo` is the returning voucher's own number. */
export type PaymentReturned = DomainEvent<
  'PaymentReturned',
  Moving & { readonly originalVoucherNo: string; readonly payee: string }
>;

/** `held` → `available`. */
export type PaymentCancelled = DomainEvent<'PaymentCancelled', Moving & { readonly reason: string }>;

/** `project:…:available` or `pool:…:available|received` → `recalled`. */
export type FundsRecalled = DomainEvent<'FundsRecalled', Moving & { readonly recalledTo: string | null }>;

/** Everything unspent → `carried:<division>:<year>`. `cash` is what of the cash received is left, by line. */
export type FundsCarriedOver = DomainEvent<
  'FundsCarriedOver',
  Moving & {
    readonly toFiscalYear: number;
    readonly sentLines: readonly QuotaLine[];
    readonly cash: readonly { readonly quotaLine: QuotaLineId; readonly amount: string }[];
  }
>;

/** `carried:<division>:<year>` → the same kind of account in the next year's pool. */
export type CarryOverReceived = DomainEvent<
  'CarryOverReceived',
  Moving & {
    readonly fromFiscalYear: number;
    readonly carryOverEventId: string;
    readonly cash: readonly { readonly quotaLine: QuotaLineId; readonly amount: string }[];
  }
>;

/** The event of another pool that is to be taken back next. */
export interface ReversalElsewhere {
  /** Stream of that pool. */
  readonly pool: string;
  readonly eventId: string;
}

/**
 * 红字冲销: the original's movements (or receipts) backwards. What takes a reversal back makes the entry stand again that
 * had been reversed: then `restoredEventId` names that entry, and type, number, date and everything below are the entry's
 * own as if it happened now. What takes back a reversal that made an entry stand again takes that entry back, and says
 * so; so however often it went there and back, nobody who reads an event has to look further than into it.
 */
export type EntryReversed = DomainEvent<
  'EntryReversed',
  Moving & {
    readonly reversedEventId: string;
    /** Only where a reversal is taken back: the entry that stands again. */
    readonly restoredEventId?: string;
    readonly reversedType: PoolEvent['type'];
    readonly reversedDocumentNo: string;
    readonly reversedEffectiveOn: string;
    readonly reason: string;
    /** Cash taken back, when a CashReceived is reversed; received again, when it is restored. */
    readonly receipts?: readonly { readonly quotaLine: QuotaLineId; readonly amount: string }[];
    /** Change of cash that a carry-over moved; negative in the pool that had taken it in. */
    readonly carriedCash?: readonly { readonly quotaLine: QuotaLineId; readonly amount: string }[];
    /** Change of what was integrated under the pilot regime and not yet repurposed; may be negative. */
    readonly pilot?: readonly { readonly quotaLine: QuotaLineId; readonly amount: string }[];
    /** Change of what may be used for another purpose; negative when a FundsRepurposed is reversed. */
    readonly authorityChanges?: readonly {
      readonly quotaLine: QuotaLineId;
      readonly toPurposeCode: string;
      readonly amount: string;
    }[];
    /** Voucher that had come back, when a PaymentReturned is reversed. */
    readonly originalVoucherNo?: string;
    /** Giver of the transfer, when a TransferReceived is reversed. */
    readonly fromDivision?: string;
    readonly fromFiscalYear?: number;
    /** The giving side's event, when a TransferReceived or CarryOverReceived is reversed: it is reversed next. */
    readonly givingEventId?: string;
    /** The taking side's reversal, when a TransferIssued or FundsCarriedOver is restored: it is taken back next. */
    readonly takersReversal?: ReversalElsewhere;
    /** Beside it, and only where the lines were issued anew since: their particulars, which the taking side takes over. */
    readonly sentLines?: readonly QuotaLine[];
    /** Only where nobody asked for it. */
    readonly refusal?: OtherPoolsRefusal;
  }
>;

/** What was issued or carried over and not taken in yet is given back; the giving side is reversed next. */
export type TakingDeclined = DomainEvent<
  'TakingDeclined',
  Entered & {
    readonly givingEventId: string;
    readonly givingType: 'TransferIssued' | 'FundsCarriedOver';
    readonly fromDivision: string;
    readonly fromFiscalYear: number;
    readonly reason: string;
    /** Only where nobody asked for it. */
    readonly refusal?: OtherPoolsRefusal;
  }
>;

/** `month` is `YYYY-MM`: no entry with a business date up to its last day is taken any more. */
export type MonthClosed = DomainEvent<'MonthClosed', { readonly documentNo: string; readonly month: string }>;

export type YearClosed = DomainEvent<'YearClosed', { readonly documentNo: string }>;

/** One person asks that a closed month (`YYYY-MM`) or the closed year (`YYYY`) be opened again. */
export type ReopeningRequested = DomainEvent<
  'ReopeningRequested',
  {
    /** Number of the document that approves it. */
    readonly documentNo: string;
    readonly period: string;
    readonly requestedBy: string;
    readonly reason: string;
  }
>;

/** Another person has agreed: the period takes entries again, until it is closed anew. */
export type PeriodReopened = DomainEvent<
  'PeriodReopened',
  {
    readonly documentNo: string;
    readonly period: string;
    readonly requestedBy: string;
    readonly approvedBy: string;
    readonly reason: string;
  }
>;

/** 结账后调整: the entries before it in the same command went into a closed period, by the approval that it names. */
export type ClosedPeriodAdjusted = DomainEvent<
  'ClosedPeriodAdjusted',
  {
    /** Number of the document that approves it. */
    readonly documentNo: string;
    readonly approvedBy: string;
    readonly reason: string;
    /** `YYYY-MM`, or `YYYY` where the year was closed. */
    readonly period: string;
    readonly entries: readonly { readonly type: PoolEvent['type']; readonly documentNo: string }[];
  }
>;

export type PoolEvent =
  | FundsAppropriated
  | CashReceived
  | FundsIntegrated
  | TransferIssued
  | TransferReceived
  | TakingDeclined
  | FundsAllocated
  | FundsReallocated
  | FundsRepurposed
  | PaymentRequested
  | PaymentApproved
  | PaymentExecuted
  | PaymentReturned
  | PaymentCancelled
  | FundsRecalled
  | FundsCarriedOver
  | CarryOverReceived
  | EntryReversed
  | MonthClosed
  | YearClosed
  | ReopeningRequested
  | PeriodReopened
  | ClosedPeriodAdjusted;
