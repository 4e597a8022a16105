import { samePerson } from '../pool-errors';
import { type DecidePool, isRecorded, requireOpen } from '../pool-rules';
import { payFromProject, type PaymentEntry } from './payment-draft';

/** A payment that was made, as an office's own ledger reports it (支付台账). */
export interface RecordPayment extends PaymentEntry {
  readonly requestedBy: string | null;
  readonly approvedBy: string | null;
}

export const recordPayment: DecidePool<RecordPayment> = (decision) => {
  const { command } = decision;
  if (isRecorded(decision, 'payments', command.voucherNo)) return [];
  requireOpen(decision);
  if (command.requestedBy !== null && command.requestedBy === command.approvedBy) {
    throw samePerson(command.voucherNo, command.requestedBy);
  }
  return [
    {
      type: 'PaymentExecuted',
      data: {
        documentNo: command.voucherNo,
        payee: command.payee,
        requestedBy: command.requestedBy,
        approvedBy: command.approvedBy,
        movements: payFromProject(decision, 'paid'),
      },
    },
  ];
};
