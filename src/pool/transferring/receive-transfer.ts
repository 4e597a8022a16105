import { availableAccount, receivedAccount } from '../account';
import type { PoolEntry } from '../pool-command';
import type { TransferIssued } from '../pool-event';
import { type DecidePool, linesToRemember, requireOpen } from '../pool-rules';

/** The taking half of a transfer: what was issued arrives, on the same business date. */
export interface ReceiveTransfer extends PoolEntry {
  readonly transferEventId: string;
  readonly fromDivision: string;
  readonly fromFiscalYear: number;
  readonly issued: TransferIssued['data'];
}

export const receiveTransfer: DecidePool<ReceiveTransfer> = (decision) => {
  const { command, pool } = decision;
  requireOpen(decision, command.effectiveOn);
  const to = command.issued.integrated
    ? availableAccount(pool.division, pool.fiscalYear)
    : receivedAccount(pool.division, pool.fiscalYear);
  // The giver's stream has proved that the money is in transit; here it only arrives.
  const movements = command.issued.movements.map((movement) => ({ ...movement, from: movement.to, to }));
  return [
    {
      type: 'TransferReceived',
      data: {
        documentNo: command.issued.documentNo,
        fromDivision: command.fromDivision,
        fromFiscalYear: command.fromFiscalYear,
        integrated: command.issued.integrated,
        transferEventId: command.transferEventId,
        ...linesToRemember(pool, command.issued.sentLines),
        movements,
      },
    },
  ];
};
