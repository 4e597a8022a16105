import type { LedgerEvent } from '../../event-log/event';
import { fenFromYuan } from '../../money/fen';
import { assertNever } from '../../platform/domain-error';
import type { Movement } from '../account';
import { requireInOrder } from '../disbursing/payment-draft';
import { MovementDraft } from '../movement-draft';
import { hasReturnsFrom, type Payment } from '../payment';
import { type PoolEntry } from '../pool-command';
import { notReversible, paymentState, reversedAlready, reversedBeforeEntry } from '../pool-errors';
import type { OtherPoolsRefusal, PoolEvent, ReversalElsewhere } from '../pool-event';
import { type DecidePool, isRecorded, type PoolDecision, requireOpen } from '../pool-rules';
import { poolStream } from '../pool-stream';
import type { QuotaLine } from '../quota-line';
import { type Subject, subjectOf } from './particulars';
import { requireSides } from './required-sides';
import { requireRestorable, restoredLines } from './restorable';
import { requireReturnFits } from './return-fits';

/**
 * 红字冲销: the only way to correct an entry, and the way to take such a correction back. Checked on the whole timeline
 * like any other movement.
 */
export interface ReverseEntry extends PoolEntry {
  /** Number of the reversing document. */
  readonly reversalNo: string;
  readonly reason: string;
  /** The entry, or a reversal, as it is in this pool's stream. */
  readonly original: LedgerEvent<PoolEvent['type'], PoolEvent['data']>;
  /** True when the taking side was reversed and this is the giving side's turn; never set by a person. */
  readonly followsTaker: boolean;
  /** Only where the giving side stands again and this is the taking side's turn; never set by a person. */
  readonly followsGiver?: true;
  /** Only where a giving side is made to stand again: the taking side's reversal, which goes next; never set by a person. */
  readonly takersReversal?: ReversalElsewhere;
  /** Only beside `followsGiver`, where the lines were issued anew at the giver since; never set by a person. */
  readonly sentLines?: readonly QuotaLine[];
  /** Why, where a pool cannot take its half and the ledger itself takes the others back. */
  readonly refusal?: OtherPoolsRefusal;
}

/** What holds an entry: steps of its payment, its other half in another pool, or that it is no entry of money. */
const requireReversible = (decision: PoolDecision<ReverseEntry>, { type, documentNo }: Subject): void => {
  switch (type) {
    case 'PaymentRequested':
      requireStep(decision, documentNo, 'requested');
      return;
    case 'PaymentApproved':
      requireStep(decision, documentNo, 'approved');
      return;
    case 'PaymentCancelled':
      requireStep(decision, documentNo, 'cancelled');
      return;
    case 'PaymentExecuted': {
      const payment = decision.pool.payments.get(documentNo);
      requireStep(decision, documentNo, 'paid');
      if (payment === undefined || !hasReturnsFrom(payment, decision.command.effectiveOn)) return;
      throw notReversible(type, '该支付已有退回，请先冲销退回。', 'part of it came back; reverse the return first.');
    }
    case 'TransferIssued':
      if (decision.command.followsTaker) return;
      throw notReversible(
        type,
        '请冲销接收方的“接收下达”，下达方随之冲回。',
        'reverse the taker’s “Transfer received”; the giver’s side follows by itself.',
      );
    case 'FundsCarriedOver':
      if (decision.command.followsTaker) return;
      throw notReversible(
        type,
        '请冲销转入年度的“结转转入”，转出方随之冲回。',
        'reverse the later year’s “Carry-over received”; this side follows by itself.',
      );
    case 'TakingDeclined':
      throw notReversible(type, '退回的下达请重新下达。', 'issue again what was declined.');
    case 'ClosedPeriodAdjusted':
      throw notReversible(
        type,
        '请冲销它所调整的那一笔（同一命令的前一事件）。',
        'reverse the entry that it let in, which stands before it in the same command.',
      );
    case 'MonthClosed':
    case 'YearClosed':
    case 'ReopeningRequested':
    case 'PeriodReopened':
      throw notReversible(
        type,
        '结账不是资金事件；要重新记账请反结账。',
        'closing is not a money event; have the period reopened instead.',
      );
    case 'FundsAppropriated':
    case 'CashReceived':
    case 'FundsIntegrated':
    case 'TransferReceived':
    case 'FundsAllocated':
    case 'FundsReallocated':
    case 'FundsRepurposed':
    case 'PaymentReturned':
    case 'FundsRecalled':
    case 'CarryOverReceived':
    case 'EntryReversed':
      return;
    default:
      assertNever(type);
  }
};

/** A payment's steps are taken back in the order opposite to that in which they were made. */
const requireStep = (
  { pool, command }: PoolDecision<ReverseEntry>,
  voucherNo: string,
  status: Payment['status'],
): void => {
  const payment = pool.payments.get(voucherNo);
  if (payment?.status !== status) throw paymentState(voucherNo, payment?.status, status);
  requireInOrder(payment, command.effectiveOn);
};

/** An entry goes back on no day on which it did not stand, and stands again on none on which it had not gone back. */
const requireLater = ({ pool, command }: PoolDecision<ReverseEntry>, { entryId, isRestored }: Subject): void => {
  const { original, effectiveOn } = command;
  const restoredOn = pool.restored.get(entryId)?.on ?? '';
  const since = !isRestored && restoredOn > original.effectiveOn ? restoredOn : original.effectiveOn;
  if (effectiveOn < since) throw reversedBeforeEntry(effectiveOn, since);
};

const movedBack = ({ pool, facts, command }: PoolDecision<ReverseEntry>, subject: Subject): readonly Movement[] => {
  const back = [...subject.movements].reverse();
  // The giver's stream has proved that the money is on its way; here it only arrives.
  if (command.followsGiver === true)
    return back.map((movement) => ({ ...movement, from: movement.to, to: movement.from }));
  const draft = new MovementDraft(pool, facts, command.effectiveOn);
  for (const { quotaLine, from, to, amount } of back) draft.move(quotaLine, to, from, fenFromYuan(amount));
  return draft.finish();
};

export const reverseEntry: DecidePool<ReverseEntry> = (decision) => {
  const { command, pool } = decision;
  const { original, followsTaker, takersReversal, refusal } = command;
  const stream = poolStream(pool.division, pool.fiscalYear);
  if (original.stream !== stream) throw new Error(`event ${original.id} is of ${original.stream}, not of ${stream}`);
  if (isRecorded(decision, 'reversals', command.reversalNo)) return [];
  const subject = subjectOf(command);
  const { entryId, isRestored } = subject;
  if (pool.reversed.has(isRestored ? original.id : entryId)) throw reversedAlready(original.id);
  // An entry whose date cannot be is taken back on that date; what follows the other half bears the other half's.
  const followsOther = followsTaker || command.followsGiver === true;
  requireOpen(decision, followsOther ? command.effectiveOn : original.effectiveOn);
  requireLater(decision, subject);

  if (isRestored) requireRestorable(decision, subject);
  else requireReversible(decision, subject);
  requireSides(decision, subject);
  const movements = movedBack(decision, subject);
  // A giving half follows its taker, whose money has kept the project to its purpose until now.
  if (!isRestored && !followsTaker) requireReturnFits(decision, movements);
  return [
    {
      type: 'EntryReversed',
      data: {
        documentNo: command.reversalNo,
        reversedEventId: isRestored ? original.id : entryId,
        ...(isRestored ? { restoredEventId: entryId } : {}),
        reversedType: subject.type,
        reversedDocumentNo: subject.documentNo,
        reversedEffectiveOn: subject.effectiveOn,
        reason: command.reason,
        movements,
        ...subject.particulars,
        ...(isRestored ? restoredLines(decision, subject) : {}),
        ...(takersReversal === undefined ? {} : { takersReversal }),
        ...(refusal === undefined ? {} : { refusal }),
      },
    },
  ];
};
