import type { StreamKind } from '../event-log/decider';
import type { LedgerEvent } from '../event-log/event';
import { fen, type Fen, fenFromYuan } from '../money/fen';
import { assertNever } from '../platform/domain-error';
import type { Account, Movement } from './account';
import { AccountBook } from './account-book';
import { addBroughtIn, type BroughtIn } from './brought-in';
import { type Brought, DocumentBook, type DocumentKind, type RecordedDocument, type Reversal } from './document-book';
import { LinesByAge } from './lines-by-age';
import { partsOf, type Payment, withReturns } from './payment';
import type { BroughtLines, EntryReversed, PaymentExecuted, PaymentRequested, PoolEvent } from './pool-event';
import { poolOfStream } from './pool-stream';
import { ProjectPlaces } from './project-places';
import type { QuotaLine, QuotaLineId } from './quota-line';

/** What left for another pool, whose taking half is looked for before the year is closed. */
export interface Crossing {
  readonly type: 'TransferIssued' | 'FundsCarriedOver';
  readonly documentNo: string;
  readonly toDivision: string;
  readonly toFiscalYear: number;
}

/** What became of another pool's event here. */
export interface Settlement {
  /** False: it was declined, or given back after it was taken in, so that the giver's side goes back as well. */
  readonly isTaken: boolean;
  /** The event here that says so. */
  readonly eventId: string;
}

/** What a 红字冲销 took out of the pool's memory, and brings back when it is taken back itself. */
export interface TakenBack {
  readonly reversal: Reversal;
  /** The event of a person's reversal that this one of the ledger's own puts into force again. */
  readonly inPlaceOf?: string;
  /** The entry's document; null where it brings none of its own. */
  readonly document: Brought | null;
  /** The payment that a step or a return was taken back of, as it had been. */
  readonly payment: Payment | null;
  readonly crossing: Crossing | null;
  /** The lines of its money, as they were. */
  readonly lines: readonly QuotaLine[];
}

/** An entry that stands again, by the newest of the reversals that brought it back. */
export interface Restored {
  readonly on: string;
  readonly eventId: string;
  readonly documentNo: string;
  /** The reversal that was taken back: its event and its document. */
  readonly undoneEventId: string;
  readonly undone: Reversal;
  readonly undoneDocument: Brought | null;
}

export interface ReopeningRequest {
  readonly approvalNo: string;
  readonly requestedBy: string;
  readonly reason: string;
}

/** Balances that are kept beside the accounts of money: cash not yet bound, and authority to use a line otherwise. */
export type SideAccount = 'cash' | 'pilot' | `authority:${string}`;

/** All money of one division in one year. Changed in place by `evolve`, by nobody else. */
export interface Pool {
  readonly division: string;
  readonly fiscalYear: number;
  closed: boolean;
  /** `YYYY-MM` of the newest closed month; all before it are closed as well, but for those reopened. */
  closedThrough: string | null;
  readonly reopenedMonths: Set<string>;
  /** `YYYY-MM` or `YYYY` → the newest request to reopen it that nobody has approved yet. */
  readonly reopeningRequests: Map<string, ReopeningRequest>;
  readonly broughtIn: BroughtIn;
  readonly lines: Map<QuotaLineId, QuotaLine>;
  readonly linesByAge: LinesByAge;
  readonly accounts: AccountBook<QuotaLineId, Account>;
  readonly sides: AccountBook<QuotaLineId, SideAccount>;
  readonly documents: DocumentBook;
  readonly payments: Map<string, Payment>;
  readonly projectPlaces: ProjectPlaces;
  /** Events that a 红字冲销 took back and that stand no more, with the event that took them back. */
  readonly reversed: Map<string, string>;
  /** What each 红字冲销 of an entry took back, by its event's id. */
  readonly takenBack: Map<string, TakenBack>;
  /** Entries that were taken back and stand, or stood, again. */
  readonly restored: Map<string, Restored>;
  /** What this pool issued or carried over, by the event's id. */
  readonly crossings: Map<string, Crossing>;
  /** What other pools issued or carried over to this one and it has taken in, declined or given back, by the event's id. */
  readonly settledCrossings: Map<string, Settlement>;
}

const initialPool = (stream: string): Pool => {
  const pool = poolOfStream(stream);
  if (pool === null) throw new Error(`not a pool's stream: ${stream}`);
  return {
    ...pool,
    closed: false,
    closedThrough: null,
    reopenedMonths: new Set(),
    reopeningRequests: new Map(),
    broughtIn: { quota: 0, cash: 0 },
    lines: new Map(),
    linesByAge: new LinesByAge(),
    accounts: new AccountBook(),
    sides: new AccountBook(),
    documents: new DocumentBook(),
    payments: new Map(),
    projectPlaces: new ProjectPlaces(),
    reversed: new Map(),
    takenBack: new Map(),
    restored: new Map(),
    crossings: new Map(),
    settledCrossings: new Map(),
  };
};

const rememberLines = (pool: Pool, { lines = [], reissuedLines = [] }: BroughtLines): void => {
  for (const line of [...lines, ...reissuedLines]) {
    pool.linesByAge.put(line, pool.lines.get(line.quotaLine));
    pool.lines.set(line.quotaLine, line);
  }
};

/** The lines that some movements are of, as the pool has them now. */
export const linesOf = (pool: Pool, movements: readonly Movement[]): readonly QuotaLine[] =>
  [...new Set(movements.map(({ quotaLine }) => quotaLine))].flatMap((id) => pool.lines.get(id) ?? []);

/** Held and paid money binds cash; what comes back from there frees it. */
export const boundCash = (movement: Pick<Movement, 'from' | 'to'>, amount: Fen): Fen => {
  const binds = (account: Account): boolean => account.endsWith(':held') || account.endsWith(':paid');
  return fen((binds(movement.to) ? amount : 0) - (binds(movement.from) ? amount : 0));
};

const move = (pool: Pool, movements: readonly Movement[], on: string): void => {
  for (const movement of movements) {
    const amount = fenFromYuan(movement.amount);
    pool.accounts.add(movement.quotaLine, movement.from, on, fen(-amount));
    pool.accounts.add(movement.quotaLine, movement.to, on, amount);
    const bound = boundCash(movement, amount);
    if (bound !== 0) pool.sides.add(movement.quotaLine, 'cash', on, fen(-bound));
  }
};

const addSide = (
  pool: Pool,
  side: SideAccount,
  items: readonly { readonly quotaLine: QuotaLineId; readonly amount: string }[] | undefined,
  on: string,
  sign: 1 | -1,
): void => {
  for (const item of items ?? []) {
    pool.sides.add(item.quotaLine, side, on, fen(sign * fenFromYuan(item.amount)));
  }
};

const changePayment = (pool: Pool, voucherNo: string, change: (payment: Payment) => Payment): void => {
  const payment = pool.payments.get(voucherNo);
  if (payment === undefined) throw new Error(`payment ${voucherNo} is not in the pool`);
  pool.payments.set(voucherNo, change(payment));
};

const fingerprintIn = (event: LedgerEvent): string => event.metadata['fingerprint'] ?? '';

const rebooksIn = (data: PoolEvent['data']): string | null => ('rebooks' in data ? (data.rebooks ?? null) : null);

const remember = (pool: Pool, event: LedgerEvent<PoolEvent['type'], PoolEvent['data']>): void => {
  switch (event.type) {
    case 'PaymentRequested':
    case 'PaymentApproved':
    case 'PaymentExecuted':
    case 'PaymentCancelled':
      // The payment itself remembers what brought it; its steps are known by its status.
      return;
    default:
      pool.documents.put(event.data.documentNo, {
        type: event.type,
        effectiveOn: event.effectiveOn,
        fingerprint: fingerprintIn(event),
        rebooks: rebooksIn(event.data),
      });
  }
};

/** A payment as its first entry brings it: a request, or a payment that was made already. */
const newPayment = (
  pool: Pool,
  event: LedgerEvent,
  recordedAs: Payment['recordedAs'],
  data: (PaymentRequested | PaymentExecuted)['data'],
): Payment => ({
  voucherNo: data.documentNo,
  status: recordedAs === 'PaymentRequested' ? 'requested' : 'paid',
  requestedBy: data.requestedBy,
  payee: data.payee,
  parts: partsOf(pool.projectPlaces, data.movements, 'from'),
  cancelledWhen: null,
  steppedOn: event.effectiveOn,
  recordedAs,
  recordedOn: event.effectiveOn,
  fingerprint: fingerprintIn(event),
  rebooks: rebooksIn(data),
});

/** How a reversal, or the taking back of one, changes the balances. */
const moveBack = (pool: Pool, data: EntryReversed['data'], effectiveOn: string): void => {
  move(pool, data.movements, effectiveOn);
  addSide(pool, 'cash', data.receipts, effectiveOn, data.restoredEventId === undefined ? -1 : 1);
  addSide(pool, 'cash', data.carriedCash, effectiveOn, 1);
  addSide(pool, 'pilot', data.pilot, effectiveOn, 1);
  for (const change of data.authorityChanges ?? []) {
    pool.sides.add(change.quotaLine, `authority:${change.toPurposeCode}`, effectiveOn, fenFromYuan(change.amount));
  }
};

const reverse = (pool: Pool, data: EntryReversed['data'], effectiveOn: string, eventId: string): void => {
  const { reversedEventId, givingEventId, reversedDocumentNo, refusal } = data;
  const restored = pool.restored.get(reversedEventId);
  const crossing = pool.crossings.get(reversedEventId) ?? null;
  const payment = pool.payments.get(paymentNoOf(data)) ?? null;
  const lines = linesOf(pool, data.movements);
  pool.reversed.set(reversedEventId, eventId);
  pool.crossings.delete(reversedEventId);
  if (givingEventId !== undefined) pool.settledCrossings.set(givingEventId, { isTaken: false, eventId });
  moveBack(pool, data, effectiveOn);
  // What the ledger itself took back, because the other pool refused its half, counts as never entered, or restored.
  const reversal = refusal === undefined ? { reversalNo: data.documentNo, effectiveOn } : (restored?.undone ?? null);
  if (refusal !== undefined && restored !== undefined) {
    pool.documents.reverse(restored.documentNo, { type: 'EntryReversed', effectiveOn: restored.on }, null);
    if (restored.undoneDocument !== null) {
      pool.documents.restore(restored.undone.reversalNo, restored.undoneDocument);
    }
  }
  const reversed = { type: data.reversedType, effectiveOn: data.reversedEffectiveOn };
  const document = pool.documents.reverse(reversedDocumentNo, reversed, reversal);
  const paid = reversePayment(pool, data, effectiveOn);
  if (reversal === null) return;
  const inPlaceOf = refusal === undefined || restored === undefined ? {} : { inPlaceOf: restored.undoneEventId };
  pool.takenBack.set(eventId, { reversal, ...inPlaceOf, document: document ?? paid, payment, crossing, lines });
};

/** A reversal is taken back: the entry that it had reversed stands again, whole. */
const restore = (
  pool: Pool,
  data: EntryReversed['data'],
  restoredEventId: string,
  effectiveOn: string,
  eventId: string,
): void => {
  const { reversedEventId, givingEventId, reversedDocumentNo } = data;
  const taken = pool.takenBack.get(reversedEventId);
  if (taken === undefined) throw new Error(`reversal ${reversedEventId} is not in the pool`);
  pool.reversed.delete(restoredEventId);
  pool.reversed.set(reversedEventId, eventId);
  const reversal = { type: 'EntryReversed', effectiveOn: taken.reversal.effectiveOn } as const;
  const by = { reversalNo: data.documentNo, effectiveOn };
  const undoneDocument = pool.documents.reverse(taken.reversal.reversalNo, reversal, by);
  pool.restored.set(restoredEventId, {
    on: effectiveOn,
    eventId,
    documentNo: data.documentNo,
    undoneEventId: reversedEventId,
    undone: taken.reversal,
    undoneDocument,
  });
  if (taken.crossing !== null) pool.crossings.set(restoredEventId, taken.crossing);
  if (givingEventId !== undefined)
    pool.settledCrossings.set(givingEventId, { isTaken: true, eventId: restoredEventId });
  rememberLines(pool, data);
  moveBack(pool, data, effectiveOn);
  if (isPaymentStep(data.reversedType)) {
    restorePayment(pool, data, taken, effectiveOn);
    return;
  }
  if (taken.document !== null) pool.documents.restore(reversedDocumentNo, taken.document);
  if (data.reversedType === 'PaymentReturned') {
    changePayment(pool, paymentNoOf(data), (payment) =>
      withReturns(payment, partsOf(pool.projectPlaces, data.movements, 'from'), effectiveOn, 1),
    );
  }
};

/** The voucher that a reversal is about; that of a return is the one whose money had come back. */
const paymentNoOf = (data: EntryReversed['data']): string => data.originalVoucherNo ?? data.reversedDocumentNo;

/**
 * A step of a payment taken back leads to the step before it.
 *
 * @returns the payment's document where it is taken back whole
 */
const reversePayment = (pool: Pool, data: EntryReversed['data'], steppedOn: string): Brought | null => {
  const voucherNo = data.reversedDocumentNo;
  switch (data.reversedType) {
    case 'PaymentRequested':
      return takeBackPayment(pool, data, steppedOn);
    case 'PaymentApproved':
      changePayment(pool, voucherNo, (payment) => ({ ...payment, status: 'requested', steppedOn }));
      return null;
    case 'PaymentExecuted':
      if (!isHeldAgain(data)) return takeBackPayment(pool, data, steppedOn);
      changePayment(pool, voucherNo, (payment) => ({ ...payment, status: 'approved', steppedOn }));
      return null;
    case 'PaymentCancelled':
      changePayment(pool, voucherNo, (payment) => ({
        ...payment,
        status: payment.cancelledWhen ?? 'requested',
        cancelledWhen: null,
        steppedOn,
      }));
      return null;
    case 'PaymentReturned':
      if (data.originalVoucherNo === undefined) return null;
      changePayment(pool, data.originalVoucherNo, (payment) =>
        withReturns(payment, partsOf(pool.projectPlaces, data.movements, 'to'), steppedOn, -1),
      );
      return null;
    default:
      return null;
  }
};

/** An executed payment that had been requested here goes back to where it was held. */
const isHeldAgain = ({ movements }: EntryReversed['data']): boolean =>
  movements.every((movement) => movement.to.endsWith(':held'));

const takeBackPayment = (pool: Pool, data: EntryReversed['data'], effectiveOn: string): Brought | null => {
  const voucherNo = data.reversedDocumentNo;
  const payment = pool.payments.get(voucherNo);
  if (payment === undefined) return null;
  const document = documentOf(payment);
  pool.payments.delete(voucherNo);
  pool.documents.putReversed(voucherNo, document, { reversalNo: data.documentNo, effectiveOn });
  return document;
};

/** A step of a payment that had been taken back is made again; of a payment that was taken back whole, all of it. */
const restorePayment = (
  pool: Pool,
  data: EntryReversed['data'],
  { payment: before, document, reversal }: TakenBack,
  steppedOn: string,
): void => {
  const voucherNo = data.reversedDocumentNo;
  if (document !== null && before !== null) {
    pool.documents.removeReversed(voucherNo, document, reversal);
    pool.payments.set(voucherNo, { ...before, steppedOn });
    return;
  }
  changePayment(pool, voucherNo, (payment) =>
    data.reversedType === 'PaymentCancelled'
      ? cancelled(payment, steppedOn)
      : { ...payment, status: data.reversedType === 'PaymentApproved' ? 'approved' : 'paid', steppedOn },
  );
};

const isPaymentStep = (type: PoolEvent['type']): boolean =>
  type === 'PaymentRequested' ||
  type === 'PaymentApproved' ||
  type === 'PaymentExecuted' ||
  type === 'PaymentCancelled';

const cancelled = (payment: Payment, steppedOn: string): Payment => ({
  ...payment,
  status: 'cancelled',
  cancelledWhen: payment.status === 'approved' ? 'approved' : 'requested',
  steppedOn,
});

/** A payment as the document that brought it. */
export const documentOf = ({ recordedAs, recordedOn, fingerprint, rebooks }: Payment): RecordedDocument => ({
  type: recordedAs,
  effectiveOn: recordedOn,
  fingerprint,
  rebooks,
  standing: 1,
  reversal: null,
});

/** Every document of a kind that has or had a number, newest first; a payment that is in force remembers its own. */
export const documentsOf = (pool: Pool, kind: DocumentKind, documentNo: string): readonly RecordedDocument[] => {
  const inBook = pool.documents.of(kind, documentNo);
  const payment = kind === 'payments' ? pool.payments.get(documentNo) : undefined;
  return payment === undefined ? inBook : [documentOf(payment), ...inBook];
};

/** Money that was held is paid; or a payment that nobody had asked for here is reported as made. */
const execute = (pool: Pool, event: LedgerEvent, data: PaymentExecuted['data']): void => {
  const requested = pool.payments.get(data.documentNo);
  pool.payments.set(
    data.documentNo,
    requested === undefined
      ? newPayment(pool, event, 'PaymentExecuted', data)
      : { ...requested, status: 'paid', steppedOn: event.effectiveOn },
  );
};

const openAgain = (pool: Pool, period: string): void => {
  if (period.length === 4) pool.closed = false;
  else pool.reopenedMonths.add(period);
  pool.reopeningRequests.delete(period);
};

const evolve = (pool: Pool, event: LedgerEvent<PoolEvent['type'], PoolEvent['data']>): Pool => {
  const { effectiveOn } = event;
  const happened = { type: event.type, data: event.data } as PoolEvent;
  remember(pool, event);
  addBroughtIn(pool.broughtIn, happened);
  switch (happened.type) {
    case 'FundsAppropriated':
    case 'FundsRecalled':
      rememberLines(pool, happened.data);
      move(pool, happened.data.movements, effectiveOn);
      return pool;
    case 'TransferIssued': {
      const { documentNo, toDivision, toFiscalYear, movements } = happened.data;
      move(pool, movements, effectiveOn);
      pool.crossings.set(event.id, { type: happened.type, documentNo, toDivision, toFiscalYear });
      return pool;
    }
    case 'TransferReceived':
      rememberLines(pool, happened.data);
      move(pool, happened.data.movements, effectiveOn);
      pool.settledCrossings.set(happened.data.transferEventId, { isTaken: true, eventId: event.id });
      return pool;
    case 'TakingDeclined':
      pool.settledCrossings.set(happened.data.givingEventId, { isTaken: false, eventId: event.id });
      return pool;
    case 'CashReceived':
      rememberLines(pool, happened.data);
      addSide(pool, 'cash', happened.data.receipts, effectiveOn, 1);
      return pool;
    case 'FundsIntegrated':
      move(pool, happened.data.movements, effectiveOn);
      if (happened.data.integrationRegime === 'PILOT_INTEGRATION') {
        addSide(pool, 'pilot', happened.data.movements, effectiveOn, 1);
      }
      return pool;
    case 'FundsAllocated':
    case 'FundsReallocated':
      move(pool, happened.data.movements, effectiveOn);
      for (const used of happened.data.usedAuthorities ?? []) {
        pool.sides.add(used.quotaLine, `authority:${used.toPurposeCode}`, effectiveOn, fen(-fenFromYuan(used.amount)));
      }
      return pool;
    case 'FundsRepurposed':
      for (const authority of happened.data.authorities) {
        const amount = fenFromYuan(authority.amount);
        pool.sides.add(authority.quotaLine, `authority:${authority.toPurposeCode}`, effectiveOn, amount);
        pool.sides.add(authority.quotaLine, 'pilot', effectiveOn, fen(-amount));
      }
      return pool;
    case 'PaymentRequested':
      move(pool, happened.data.movements, effectiveOn);
      pool.payments.set(happened.data.documentNo, newPayment(pool, event, happened.type, happened.data));
      return pool;
    case 'PaymentApproved':
      changePayment(pool, happened.data.documentNo, (payment) => ({
        ...payment,
        status: 'approved',
        steppedOn: effectiveOn,
      }));
      return pool;
    case 'PaymentExecuted':
      move(pool, happened.data.movements, effectiveOn);
      execute(pool, event, happened.data);
      return pool;
    case 'PaymentReturned':
      move(pool, happened.data.movements, effectiveOn);
      changePayment(pool, happened.data.originalVoucherNo, (payment) =>
        withReturns(payment, partsOf(pool.projectPlaces, happened.data.movements, 'from'), effectiveOn, 1),
      );
      return pool;
    case 'PaymentCancelled':
      move(pool, happened.data.movements, effectiveOn);
      changePayment(pool, happened.data.documentNo, (payment) => cancelled(payment, effectiveOn));
      return pool;
    case 'FundsCarriedOver':
      move(pool, happened.data.movements, effectiveOn);
      addSide(pool, 'cash', happened.data.cash, effectiveOn, -1);
      pool.crossings.set(event.id, {
        type: happened.type,
        documentNo: happened.data.documentNo,
        toDivision: pool.division,
        toFiscalYear: happened.data.toFiscalYear,
      });
      return pool;
    case 'CarryOverReceived':
      rememberLines(pool, happened.data);
      move(pool, happened.data.movements, effectiveOn);
      addSide(pool, 'cash', happened.data.cash, effectiveOn, 1);
      pool.settledCrossings.set(happened.data.carryOverEventId, { isTaken: true, eventId: event.id });
      return pool;
    case 'EntryReversed': {
      const { restoredEventId } = happened.data;
      if (restoredEventId === undefined) reverse(pool, happened.data, effectiveOn, event.id);
      else restore(pool, happened.data, restoredEventId, effectiveOn, event.id);
      return pool;
    }
    case 'MonthClosed':
      if (!pool.reopenedMonths.delete(happened.data.month)) pool.closedThrough = happened.data.month;
      return pool;
    case 'YearClosed':
      pool.closed = true;
      return pool;
    case 'ReopeningRequested': {
      const { documentNo: approvalNo, period, requestedBy, reason } = happened.data;
      pool.reopeningRequests.set(period, { approvalNo, requestedBy, reason });
      return pool;
    }
    case 'PeriodReopened':
      openAgain(pool, happened.data.period);
      return pool;
    case 'ClosedPeriodAdjusted':
      return pool;
    default:
      return assertNever(happened);
  }
};

/** One division's money of one year: the stream in which the tap is decided. */
export const poolKind: StreamKind<Pool, PoolEvent> = {
  category: 'pool',
  schemaVersion: 1,
  initial: initialPool,
  evolve,
};
