import { fenFromYuan } from '../money/fen';
import type { PoolEvent } from './pool-event';

/** What ever came into a pool. */
export interface BroughtIn {
  quota: number;
  cash: number;
}

interface Amount {
  readonly amount: string;
}

/** A log of before the limit may hold more; it stays what can be told exactly, which is enough to refuse more. */
const add = (sum: number, amounts: readonly Amount[]): number =>
  amounts.reduce((total, { amount }) => Math.min(Number.MAX_SAFE_INTEGER, total + fenFromYuan(amount)), sum);

/** Adds what an event brings from outside the pool. */
export const addBroughtIn = (sum: BroughtIn, { type, data }: PoolEvent): void => {
  switch (type) {
    case 'FundsAppropriated':
    case 'TransferReceived':
      sum.quota = add(sum.quota, data.movements);
      return;
    case 'CarryOverReceived':
      sum.quota = add(sum.quota, data.movements);
      sum.cash = add(sum.cash, data.cash);
      return;
    case 'CashReceived':
      sum.cash = add(sum.cash, data.receipts);
      return;
    case 'EntryReversed':
      // Taking back a reversal brings the first entry's money in once more.
      if (data.restoredEventId === undefined) return;
      sum.quota = add(
        sum.quota,
        data.movements.filter(({ from }) => /^(?:source|transit|carried):/.test(from)),
      );
      sum.cash = add(sum.cash, data.receipts ?? []);
      return;
    default:
      return;
  }
};
