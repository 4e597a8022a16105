import type { LedgerEvent } from '../../event-log/event';
import { fen, fenFromYuan, yuanFromFen } from '../../money/fen';
import { assertNever } from '../../platform/domain-error';
import { type Movement } from '../account';
import { MovementDraft } from '../movement-draft';
import { type PoolEntry } from '../pool-command';
import { notReversible, overdraft, reversedAlready } from '../pool-errors';
import type { EntryReversed, PoolEvent } from '../pool-event';
import { type DecidePool, isRecorded, type PoolDecision, requireOpen } from '../pool-rules';

/** 红字冲销: the only way to correct an entry. Checked on the whole timeline like any other movement. */
export interface ReverseEntry extends PoolEntry {
  /** Number of the reversing document. */
  readonly reversalNo: string;
  readonly reason: string;
  /** The entry, as it is in this pool's stream. */
  readonly original: LedgerEvent<PoolEvent['type'], PoolEvent['data']>;
  /** True when the taking side was reversed and this is the giving side's turn; never set by a person. */
  readonly followsTaker: boolean;
}

type Particulars = Partial<Omit<EntryReversed['data'], 'movements' | 'documentNo'>>;

const negative = (amount: string): string => yuanFromFen(fen(-fenFromYuan(amount)));

const particularsOf = (original: PoolEvent, decision: PoolDecision<ReverseEntry>): Particulars => {
  switch (original.type) {
    case 'FundsAppropriated':
    case 'FundsRecalled':
      return {};
    case 'FundsIntegrated':
      return original.data.integrationRegime === 'PILOT_INTEGRATION'
        ? {
            pilot: original.data.movements.map(({ quotaLine, amount }) => ({ quotaLine, amount: negative(amount) })),
          }
        : {};
    case 'FundsAllocated':
    case 'FundsReallocated':
      return original.data.usedAuthorities === undefined ? {} : { authorityChanges: original.data.usedAuthorities };
    case 'FundsRepurposed':
      return {
        pilot: original.data.authorities.map(({ quotaLine, amount }) => ({ quotaLine, amount })),
        authorityChanges: original.data.authorities.map((authority) => ({
          ...authority,
          amount: negative(authority.amount),
        })),
      };
    case 'CashReceived':
      return { receipts: original.data.receipts };
    case 'PaymentExecuted': {
      const payment = decision.pool.payments.get(original.data.documentNo);
      if (payment?.parts.some((part) => part.returned > 0) === true) {
        throw notReversible(
          original.type,
          '该支付已有退回，请先冲销退回。',
          'part of it came back; reverse the return first.',
        );
      }
      return {};
    }
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
        carriedCash: original.data.cash.map(({ quotaLine, amount }) => ({ quotaLine, amount: negative(amount) })),
        fromFiscalYear: original.data.fromFiscalYear,
        givingEventId: original.data.carryOverEventId,
      };
    case 'TransferIssued':
      if (decision.command.followsTaker) return {};
      throw notReversible(
        original.type,
        '请冲销接收方的入账事件（TransferReceived），下达方随之冲回。',
        'reverse the taker’s TransferReceived; the giver’s side follows by itself.',
      );
    case 'FundsCarriedOver':
      if (decision.command.followsTaker) return { carriedCash: original.data.cash };
      throw notReversible(
        original.type,
        '请冲销转入年度的入账事件（CarryOverReceived），转出方随之冲回。',
        'reverse the later year’s CarryOverReceived; this side follows by itself.',
      );
    case 'PaymentRequested':
    case 'PaymentApproved':
    case 'PaymentCancelled':
      throw notReversible(
        original.type,
        '未支付的申请请用撤销，已撤销的请重新申请。',
        'cancel a request that is not executed; request again what was cancelled.',
      );
    case 'EntryReversed':
      throw notReversible(
        original.type,
        '冲销本身不能再冲销，请重新登记正确的内容。',
        'a reversal stays; enter the right content again.',
      );
    case 'MonthClosed':
    case 'YearClosed':
      throw notReversible(original.type, '结账不是资金事件。', 'closing is not a money event.');
    default:
      return assertNever(original);
  }
};

/** What is taken back beside money must still be there: cash that is bound, authority that is used, stays. */
const requireSides = (decision: PoolDecision<ReverseEntry>, particulars: Particulars): void => {
  const { pool, command } = decision;
  const on = command.effectiveOn;
  for (const receipt of particulars.receipts ?? []) {
    const line = pool.lines.get(receipt.quotaLine);
    const lowest = pool.sides.lowestFrom(receipt.quotaLine, 'cash', on);
    if (line?.cashRequired === true && lowest.balance < fenFromYuan(receipt.amount)) {
      throw overdraft({
        line: receipt.quotaLine,
        where: '到位未用资金',
        whereEn: 'cash received and not used',
        account: 'cash',
        asked: fenFromYuan(receipt.amount),
        available: lowest.balance,
        on: lowest.on,
      });
    }
  }
  for (const change of particulars.authorityChanges ?? []) {
    const amount = fenFromYuan(change.amount);
    const lowest = pool.sides.lowestFrom(change.quotaLine, `authority:${change.toPurposeCode}`, on);
    if (lowest.balance + amount < 0) {
      throw overdraft({
        line: change.quotaLine,
        where: `用途 ${change.toPurposeCode} 的调整额度`,
        whereEn: `authority for purpose ${change.toPurposeCode}`,
        account: `authority:${change.toPurposeCode}`,
        asked: fen(-amount),
        available: lowest.balance,
        on: lowest.on,
      });
    }
  }
};

export const reverseEntry: DecidePool<ReverseEntry> = (decision) => {
  const { command, pool, facts } = decision;
  const { original } = command;
  if (isRecorded(decision, 'EntryReversed', command.reversalNo)) return [];
  if (pool.reversed.has(original.id)) throw reversedAlready(original.id);
  requireOpen(pool, command.effectiveOn);

  const event = { type: original.type, data: original.data } as PoolEvent;
  const particulars = particularsOf(event, decision);
  requireSides(decision, particulars);
  const draft = new MovementDraft(pool, facts, command.effectiveOn);
  const movements: readonly Movement[] = 'movements' in event.data ? event.data.movements : [];
  for (const movement of [...movements].reverse()) {
    draft.move(movement.quotaLine, movement.to, movement.from, fenFromYuan(movement.amount));
  }
  return [
    {
      type: 'EntryReversed',
      data: {
        documentNo: command.reversalNo,
        reversedEventId: original.id,
        reversedType: event.type,
        reversedDocumentNo: event.data.documentNo,
        reversedEffectiveOn: original.effectiveOn,
        reason: command.reason,
        movements: draft.finish(),
        ...particulars,
      },
    },
  ];
};
