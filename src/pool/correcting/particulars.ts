import { fen, fenFromYuan, yuanFromFen } from '../../money/fen';
import { assertNever } from '../../platform/domain-error';
import type { Movement } from '../account';
import type { EntryReversed, PoolEvent } from '../pool-event';
import type { ReverseEntry } from './reverse-entry';

/** What of a reversal, beside its movements, differs by the kind of entry. */
export type Particulars = Pick<
  EntryReversed['data'],
  | 'receipts'
  | 'carriedCash'
  | 'pilot'
  | 'authorityChanges'
  | 'originalVoucherNo'
  | 'fromDivision'
  | 'fromFiscalYear'
  | 'givingEventId'
>;

/** What a reversal is about: an entry that it takes back, or one that it makes stand again. */
export interface Subject {
  /** The entry itself, whether it or one of its reversals is named. */
  readonly entryId: string;
  readonly type: PoolEvent['type'];
  readonly documentNo: string;
  readonly effectiveOn: string;
  /** True: a reversal of it is taken back, so that it stands again. */
  readonly isRestored: boolean;
  /** What the event that is named has moved. */
  readonly movements: readonly Movement[];
  /** Of the reversal that is to be made. */
  readonly particulars: Particulars;
}

interface Amount {
  readonly amount: string;
}

const negative = <Item extends Amount>(item: Item): Item => ({
  ...item,
  amount: yuanFromFen(fen(-fenFromYuan(item.amount))),
});

/** What takes back a reversal that made an entry stand again takes the entry back: it is about that entry. */
export const subjectOf = ({ original }: Pick<ReverseEntry, 'original'>): Subject => {
  const event = { type: original.type, data: original.data } as PoolEvent;
  if (event.type === 'EntryReversed') {
    const { data } = event;
    return {
      entryId: data.restoredEventId ?? data.reversedEventId,
      type: data.reversedType,
      documentNo: data.reversedDocumentNo,
      effectiveOn: data.reversedEffectiveOn,
      isRestored: data.restoredEventId === undefined,
      movements: data.movements,
      particulars: backwards(data),
    };
  }
  return {
    entryId: original.id,
    type: event.type,
    documentNo: event.data.documentNo,
    effectiveOn: original.effectiveOn,
    isRestored: false,
    movements: 'movements' in event.data ? event.data.movements : [],
    particulars: particularsOf(event),
  };
};

const particularsOf = (original: Exclude<PoolEvent, { readonly type: 'EntryReversed' }>): Particulars => {
  switch (original.type) {
    case 'FundsIntegrated':
      return original.data.integrationRegime === 'PILOT_INTEGRATION'
        ? { pilot: original.data.movements.map(({ quotaLine, amount }) => negative({ quotaLine, amount })) }
        : {};
    case 'FundsAllocated':
    case 'FundsReallocated':
      return original.data.usedAuthorities === undefined ? {} : { authorityChanges: original.data.usedAuthorities };
    case 'FundsRepurposed':
      return {
        pilot: original.data.authorities.map(({ quotaLine, amount }) => ({ quotaLine, amount })),
        authorityChanges: original.data.authorities.map(negative),
      };
    case 'CashReceived':
      return { receipts: original.data.receipts };
    case 'PaymentReturned':
      return { originalVoucherNo: original.data.originalVoucherNo };
    case 'TransferReceived':
      return {
        fromDivision: original.data.fromDivision,
        fromFiscalYear: original.data.fromFiscalYear,
        givingEventId: original.data.transferEventId,
      };
    case 'CarryOverReceived':
      return {
        carriedCash: original.data.cash.map(negative),
        fromFiscalYear: original.data.fromFiscalYear,
        givingEventId: original.data.carryOverEventId,
      };
    case 'FundsCarriedOver':
      return { carriedCash: original.data.cash };
    case 'FundsAppropriated':
    case 'TransferIssued':
    case 'PaymentRequested':
    case 'PaymentApproved':
    case 'PaymentExecuted':
    case 'PaymentCancelled':
    case 'FundsRecalled':
    case 'TakingDeclined':
    case 'MonthClosed':
    case 'YearClosed':
    case 'ReopeningRequested':
    case 'PeriodReopened':
    case 'ClosedPeriodAdjusted':
      return {};
    default:
      return assertNever(original);
  }
};

/** Receipts have no sign of their own: of what is restored they are received again, of what is reversed taken back. */
const backwards = ({
  receipts,
  carriedCash,
  pilot,
  authorityChanges,
  originalVoucherNo,
  fromDivision,
  fromFiscalYear,
  givingEventId,
}: EntryReversed['data']): Particulars => ({
  ...(receipts === undefined ? {} : { receipts }),
  ...(carriedCash === undefined ? {} : { carriedCash: carriedCash.map(negative) }),
  ...(pilot === undefined ? {} : { pilot: pilot.map(negative) }),
  ...(authorityChanges === undefined ? {} : { authorityChanges: authorityChanges.map(negative) }),
  ...(originalVoucherNo === undefined ? {} : { originalVoucherNo }),
  ...(fromDivision === undefined ? {} : { fromDivision }),
  ...(fromFiscalYear === undefined ? {} : { fromFiscalYear }),
  ...(givingEventId === undefined ? {} : { givingEventId }),
});
