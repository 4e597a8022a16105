import { availableAccount, parseAccount, receivedAccount } from '../account';
import type { PoolEntry } from '../pool-command';
import type { FundsCarriedOver } from '../pool-event';
import { type DecidePool, linesToRemember, requireOpen } from '../pool-rules';

/** The taking half of a carry-over: each amount arrives in the same kind of account that it left. */
export interface ReceiveCarryOver extends PoolEntry {
  readonly carryOverEventId: string;
  readonly fromFiscalYear: number;
  readonly carried: FundsCarriedOver['data'];
}

export const receiveCarryOver: DecidePool<ReceiveCarryOver> = (decision) => {
  const { command, pool } = decision;
  requireOpen(decision);
  const movements = command.carried.movements.map((movement) => {
    const left = parseAccount(movement.from);
    const to =
      left.kind === 'received'
        ? receivedAccount(pool.division, pool.fiscalYear)
        : left.kind === 'available'
          ? availableAccount(pool.division, pool.fiscalYear)
          : movement.from;
    return { ...movement, from: movement.to, to };
  });
  return [
    {
      type: 'CarryOverReceived',
      data: {
        documentNo: command.carried.documentNo,
        fromFiscalYear: command.fromFiscalYear,
        carryOverEventId: command.carryOverEventId,
        ...linesToRemember(pool, command.carried.sentLines),
        cash: command.carried.cash,
        movements,
      },
    },
  ];
};
