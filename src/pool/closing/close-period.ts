import { sumFen } from '../../money/fen';
import { parseAccount } from '../account';
import { poolStream } from '../pool-stream';
import type { PoolEntry } from '../pool-command';
import { monthNotAfter, yearClosed, yearNotEmpty } from '../pool-errors';
import type { DecidePool } from '../pool-rules';

/** 月结: no entry with a date up to the end of the month is taken any more. */
export interface CloseMonth extends PoolEntry {
  readonly closingNo: string;
  /** `YYYY-MM`. */
  readonly month: string;
}

export const closeMonth: DecidePool<CloseMonth> = ({ command, pool }) => {
  if (pool.closed) throw yearClosed(poolStream(pool.division, pool.fiscalYear));
  if (pool.closedThrough !== null && command.month <= pool.closedThrough) {
    throw monthNotAfter(command.month, pool.closedThrough);
  }
  return [{ type: 'MonthClosed', data: { documentNo: command.closingNo, month: command.month } }];
};

/** 年终关账: only a pool in which nothing is left can be closed. */
export interface CloseYear extends PoolEntry {
  readonly closingNo: string;
}

export const closeYear: DecidePool<CloseYear> = ({ command, pool }) => {
  if (pool.closed) throw yearClosed(poolStream(pool.division, pool.fiscalYear));
  const left = sumFen(
    [...pool.lines.keys()].flatMap((line) =>
      pool.accounts.accountsOf(line).flatMap((account) => {
        const place = parseAccount(account);
        const counts =
          place.kind === 'received' ||
          place.kind === 'available' ||
          (place.kind === 'project' && place.state !== 'paid');
        return counts ? [pool.accounts.latest(line, account)] : [];
      }),
    ),
  );
  if (left !== 0) throw yearNotEmpty(poolStream(pool.division, pool.fiscalYear), left);
  return [{ type: 'YearClosed', data: { documentNo: command.closingNo } }];
};
