import { poolStream } from '../pool-stream';
import type { PoolEntry } from '../pool-command';
import { paymentState, unknownPayment } from '../pool-errors';
import { type DecidePool, requireOpen } from '../pool-rules';
import { moveParts, requireInOrder } from './payment-draft';

/** 支付: the bank or treasury has paid an approved request. */
export interface ExecutePayment extends PoolEntry {
  readonly voucherNo: string;
}

export const executePayment: DecidePool<ExecutePayment> = (decision) => {
  const { command, pool } = decision;
  requireOpen(decision);
  const payment = pool.payments.get(command.voucherNo);
  if (payment === undefined) throw unknownPayment(command.voucherNo, poolStream(pool.division, pool.fiscalYear));
  if (payment.status !== 'approved') throw paymentState(command.voucherNo, payment.status, 'approved');
  requireInOrder(payment, command.effectiveOn);
  return [
    {
      type: 'PaymentExecuted',
      data: {
        documentNo: command.voucherNo,
        payee: payment.payee,
        requestedBy: payment.requestedBy,
        approvedBy: null,
        movements: moveParts(decision, command.voucherNo, 'held', 'paid'),
      },
    },
  ];
};
