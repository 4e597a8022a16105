import { poolStream } from '../pool-stream';
import type { PoolEntry } from '../pool-command';
import { paymentState, unknownPayment } from '../pool-errors';
import { type DecidePool, requireOpen } from '../pool-rules';
import { moveParts, requireInOrder } from './payment-draft';

/** 撤销支付申请: what was frozen is available again. */
export interface CancelPayment extends PoolEntry {
  readonly voucherNo: string;
  readonly reason: string;
}

export const cancelPayment: DecidePool<CancelPayment> = (decision) => {
  const { command, pool } = decision;
  requireOpen(decision);
  const payment = pool.payments.get(command.voucherNo);
  if (payment === undefined) throw unknownPayment(command.voucherNo, poolStream(pool.division, pool.fiscalYear));
  if (payment.status !== 'requested' && payment.status !== 'approved') {
    throw paymentState(command.voucherNo, payment.status, 'requested', 'approved');
  }
  requireInOrder(payment, command.effectiveOn);
  return [
    {
      type: 'PaymentCancelled',
      data: {
        documentNo: command.voucherNo,
        reason: command.reason,
        movements: moveParts(decision, command.voucherNo, 'held', 'available'),
      },
    },
  ];
};
