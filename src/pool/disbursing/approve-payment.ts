import { poolStream } from '../pool-stream';
import type { PoolEntry } from '../pool-command';
import { paymentState, samePerson, unknownPayment } from '../pool-errors';
import { type DecidePool, requireOpen } from '../pool-rules';
import { requireInOrder } from './payment-draft';

/** 支付批准, by another person than the one who asked. */
export interface ApprovePayment extends PoolEntry {
  readonly voucherNo: string;
  readonly approvedBy: string;
}

export const approvePayment: DecidePool<ApprovePayment> = (decision) => {
  const { command, pool } = decision;
  requireOpen(decision);
  const payment = pool.payments.get(command.voucherNo);
  if (payment === undefined) throw unknownPayment(command.voucherNo, poolStream(pool.division, pool.fiscalYear));
  if (payment.status !== 'requested') throw paymentState(command.voucherNo, payment.status, 'requested');
  if (payment.requestedBy === command.approvedBy) throw samePerson(command.voucherNo, command.approvedBy);
  requireInOrder(payment, command.effectiveOn);
  return [{ type: 'PaymentApproved', data: { documentNo: command.voucherNo, approvedBy: command.approvedBy } }];
};
