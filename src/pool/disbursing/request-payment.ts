import { hasReturns } from '../payment';
import { type DecidePool, isRecorded, requireOpen } from '../pool-rules';
import { paymentState, unknownPayment } from '../pool-errors';
import { poolStream } from '../pool-stream';
import { payFromProject, type PaymentEntry } from './payment-draft';

/** 支付申请: the money is frozen until the payment is executed or cancelled. */
export interface RequestPayment extends PaymentEntry {
  readonly requestedBy: string;
  /** Voucher that came back (退回) and is paid again by this one. */
  readonly repaysVoucherNo: string | null;
}

export const requestPayment: DecidePool<RequestPayment> = (decision) => {
  const { command, pool } = decision;
  if (isRecorded(decision, 'payments', command.voucherNo)) return [];
  requireOpen(decision);
  if (command.repaysVoucherNo !== null) {
    const repaid = pool.payments.get(command.repaysVoucherNo);
    if (repaid === undefined) {
      throw unknownPayment(command.repaysVoucherNo, poolStream(pool.division, pool.fiscalYear), 'repaysVoucherNo');
    }
    if (!hasReturns(repaid)) {
      throw paymentState(command.repaysVoucherNo, repaid.status, 'returned');
    }
  }
  return [
    {
      type: 'PaymentRequested',
      data: {
        documentNo: command.voucherNo,
        payee: command.payee,
        requestedBy: command.requestedBy,
        repaysVoucherNo: command.repaysVoucherNo,
        movements: payFromProject(decision, 'held'),
      },
    },
  ];
};
