import { fen, type Fen, sumFen } from '../../money/fen';
import { summedLines } from '../document-lines';
import { MovementDraft } from '../movement-draft';
import { stillOut } from '../payment';
import { poolStream } from '../pool-stream';
import type { PlacedLine, PoolEntry } from '../pool-command';
import { nothingToReturn, paymentState, returnExceedsPayment, unknownPayment } from '../pool-errors';
import { type DecidePool, isRecorded, requireOpen } from '../pool-rules';
import { quotaLineId } from '../quota-line';
import { requireInOrder } from './payment-draft';

/** 退回: money that was paid came back and is again available in its project, in the lines that had paid it. */
export interface ReturnPayment extends PoolEntry {
  /** The returning voucher's own number. */
  readonly voucherNo: string;
  readonly originalVoucherNo: string;
  readonly payee: string;
  /** Empty: everything that has not come back yet. */
  readonly lines: readonly PlacedLine[];
}

export const returnPayment: DecidePool<ReturnPayment> = (decision) => {
  const { command, pool, facts } = decision;
  if (isRecorded(decision, 'payments', command.voucherNo)) return [];
  requireOpen(decision);
  const original = pool.payments.get(command.originalVoucherNo);
  if (original === undefined) {
    throw unknownPayment(command.originalVoucherNo, poolStream(pool.division, pool.fiscalYear), 'originalVoucherNo');
  }
  if (original.status !== 'paid') throw paymentState(command.originalVoucherNo, original.status, 'paid');
  requireInOrder(original, command.effectiveOn);

  const draft = new MovementDraft(pool, facts, command.effectiveOn);
  const left = original.parts.map((part) => ({ ...part, left: stillOut(part, command.effectiveOn) }));
  const giveBack = (part: (typeof left)[number], amount: Fen): void => {
    part.left = fen(part.left - amount);
    const { paid, available } = pool.projectPlaces.at(part.projectCode, part.place).accounts;
    draft.move(part.quotaLine, paid, available, amount);
  };

  if (command.lines.length === 0) {
    const together = sumFen(left.map((part) => part.left));
    if (together === 0) throw nothingToReturn(command.originalVoucherNo, command.effectiveOn);
    for (const part of left) if (part.left > 0) giveBack(part, part.left);
  }
  for (const placed of command.lines.length === 0 ? [] : summedLines(command.lines)) {
    const parts = left.filter((part) => {
      const line = pool.lines.get(part.quotaLine);
      return (
        part.projectCode === placed.projectCode &&
        part.place === placed.place &&
        (placed.documentNo === null
          ? line?.channelCode === placed.channelCode && line.purposeCode === placed.purposeCode
          : part.quotaLine === quotaLineId(placed.documentNo, placed.channelCode, placed.purposeCode))
      );
    });
    const together = sumFen(parts.map((part) => part.left));
    if (together < placed.amount) throw returnExceedsPayment(command.originalVoucherNo, placed.amount, together);
    // The line that paid last gets its money back first, so that a part that comes back undoes the payment's end.
    let rest: number = placed.amount;
    for (const part of parts.reverse()) {
      const amount = fen(Math.min(rest, part.left));
      if (amount > 0) giveBack(part, amount);
      rest -= amount;
    }
  }
  return [
    {
      type: 'PaymentReturned',
      data: {
        documentNo: command.voucherNo,
        originalVoucherNo: command.originalVoucherNo,
        payee: command.payee,
        movements: draft.finish(),
      },
    },
  ];
};
