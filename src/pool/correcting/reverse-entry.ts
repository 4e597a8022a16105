import type { LedgerEvent } from '../../event-log/event';
import { fen, type Fen, fenFromYuan, yuanFromFen } from '../../money/fen';
import { assertNever } from '../../platform/domain-error';
import { type Movement } from '../account';
import { MovementDraft } from '../movement-draft';
import { type PoolEntry } from '../pool-command';
import { requireInOrder } from '../disbursing/payment-draft';
import { hasReturnsFrom, type Payment } from '../payment';
import type { Pool, SideAccount } from '../pool';
import { notReversible, overdraft, paymentState, reversedAlready, reversedBeforeEntry } from '../pool-errors';
import type { EntryReversed, OtherPoolsRefusal, PoolEvent } from '../pool-event';
import { requireReturnFits } from './return-fits';
import { type DecidePool, isRecorded, type PoolDecision, requireOpen } from '../pool-rules';
import { poolStream } from '../pool-stream';
import type { QuotaLineId } from '../quota-line';

/** 红字冲销: the only way to correct an entry. Checked on the whole timeline like any other movement. */
export interface ReverseEntry extends PoolEntry {
  /** Number of the reversing document. */
  readonly reversalNo: string;
  readonly reason: string;
  /** The entry, as it is in this pool's stream. */
  readonly original: LedgerEvent<PoolEvent['type'], PoolEvent['data']>;
  /** True when the taking side was reversed and this is the giving side's turn; never set by a person. */
  readonly followsTaker: boolean;
  /** Why, where a pool cannot take its half and the ledger itself takes the others back. */
  readonly refusal?: OtherPoolsRefusal;
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
    case 'PaymentRequested':
      requireStep(decision, original.data.documentNo, 'requested');
      return {};
    case 'PaymentApproved':
      requireStep(decision, original.data.documentNo, 'approved');
      return {};
    case 'PaymentCancelled':
      requireStep(decision, original.data.documentNo, 'cancelled');
      return {};
    case 'PaymentExecuted': {
      const payment = decision.pool.payments.get(original.data.documentNo);
      requireStep(decision, original.data.documentNo, 'paid');
      if (payment !== undefined && hasReturnsFrom(payment, decision.command.effectiveOn)) {
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
        '请冲销接收方的“接收下达”，下达方随之冲回。',
        'reverse the taker’s “Transfer received”; the giver’s side follows by itself.',
      );
    case 'FundsCarriedOver':
      if (decision.command.followsTaker) return { carriedCash: original.data.cash };
      throw notReversible(
        original.type,
        '请冲销转入年度的“结转转入”，转出方随之冲回。',
        'reverse the later year’s “Carry-over received”; this side follows by itself.',
      );
    case 'EntryReversed':
      throw notReversible(
        original.type,
        '冲销本身不能再冲销，请重新登记正确的内容。',
        'a reversal stays; enter the right content again.',
      );
    case 'TakingDeclined':
      throw notReversible(original.type, '退回的下达请重新下达。', 'issue again what was declined.');
    case 'ClosedPeriodAdjusted':
      throw notReversible(
        original.type,
        '请冲销它所调整的那一笔（同一命令的前一事件）。',
        'reverse the entry that it let in, which stands before it in the same command.',
      );
    case 'MonthClosed':
    case 'YearClosed':
    case 'ReopeningRequested':
    case 'PeriodReopened':
      throw notReversible(
        original.type,
        '结账不是资金事件；要重新记账请反结账。',
        'closing is not a money event; have the period reopened instead.',
      );
    default:
      return assertNever(original);
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

const SIDE_NAMES: Readonly<Record<'cash' | 'pilot', readonly [zh: string, en: string]>> = {
  cash: ['到位未用资金', 'cash received and not used'],
  pilot: ['试点整合、尚未调整用途的额度', 'what is integrated under the pilot regime and not repurposed'],
};

/** How the balances beside money change. Cash is watched only where a channel asks for it. */
const sideChangesOf = (pool: Pool, particulars: Particulars): ReadonlyMap<string, SideChange> => {
  const changes = new Map<string, SideChange>();
  const add = (quotaLine: QuotaLineId, side: SideAccount, change: number): void => {
    if (side === 'cash' && pool.lines.get(quotaLine)?.cashRequired !== true) return;
    const key = `${quotaLine}|${side}`;
    changes.set(key, { quotaLine, side, change: fen((changes.get(key)?.change ?? 0) + change) });
  };
  for (const { quotaLine, amount } of particulars.receipts ?? []) add(quotaLine, 'cash', -fenFromYuan(amount));
  for (const { quotaLine, amount } of particulars.carriedCash ?? []) add(quotaLine, 'cash', fenFromYuan(amount));
  for (const { quotaLine, amount } of particulars.pilot ?? []) add(quotaLine, 'pilot', fenFromYuan(amount));
  for (const { quotaLine, toPurposeCode, amount } of particulars.authorityChanges ?? []) {
    add(quotaLine, `authority:${toPurposeCode}`, fenFromYuan(amount));
  }
  return changes;
};

interface SideChange {
  readonly quotaLine: QuotaLineId;
  readonly side: SideAccount;
  readonly change: Fen;
}

/** What is taken back beside money must still be there: cash that is bound, authority that is used, stays. */
const requireSides = ({ pool, command }: PoolDecision<ReverseEntry>, particulars: Particulars): void => {
  for (const { quotaLine, side, change } of sideChangesOf(pool, particulars).values()) {
    if (change >= 0) continue;
    const lowest = pool.sides.lowestFrom(quotaLine, side, command.effectiveOn);
    if (lowest.balance + change >= 0) continue;
    const purpose = side.slice('authority:'.length);
    const [where, whereEn] =
      side === 'cash' || side === 'pilot'
        ? SIDE_NAMES[side]
        : [`用途 ${purpose} 的调整额度`, `authority for purpose ${purpose}`];
    throw overdraft({
      line: quotaLine,
      where,
      whereEn,
      account: side,
      asked: fen(-change),
      available: lowest.balance,
      on: lowest.on,
    });
  }
};

export const reverseEntry: DecidePool<ReverseEntry> = (decision) => {
  const { command, pool, facts } = decision;
  const { original } = command;
  const stream = poolStream(pool.division, pool.fiscalYear);
  if (original.stream !== stream) throw new Error(`event ${original.id} is of ${original.stream}, not of ${stream}`);
  if (isRecorded(decision, 'reversals', command.reversalNo)) return [];
  if (pool.reversed.has(original.id)) throw reversedAlready(original.id);
  // An entry whose date cannot be is taken back on that date; what follows a taker bears the taker's.
  requireOpen(decision, command.followsTaker ? command.effectiveOn : original.effectiveOn);
  if (command.effectiveOn < original.effectiveOn) {
    throw reversedBeforeEntry(command.effectiveOn, original.effectiveOn);
  }

  const event = { type: original.type, data: original.data } as PoolEvent;
  const particulars = particularsOf(event, decision);
  requireSides(decision, particulars);
  const draft = new MovementDraft(pool, facts, command.effectiveOn);
  const movements: readonly Movement[] = 'movements' in event.data ? event.data.movements : [];
  for (const movement of [...movements].reverse()) {
    draft.move(movement.quotaLine, movement.to, movement.from, fenFromYuan(movement.amount));
  }
  const back = draft.finish();
  // A giving half follows its taker, whose money has kept the project to its purpose until now.
  if (!command.followsTaker) requireReturnFits(decision, back);
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
        movements: back,
        ...particulars,
        ...(command.refusal === undefined ? {} : { refusal: command.refusal }),
      },
    },
  ];
};
