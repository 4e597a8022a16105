import { type Fen, sumFen } from '../../money/fen';
import { parseAccount } from '../account';
import { documentsOf, type Pool } from '../pool';
import type { PoolMatter } from '../pool-command';
import { duplicateDocument, paymentsPending, yearClosed } from '../pool-errors';
import {
  type DecidePool,
  isRecorded,
  type PoolDecision,
  pendingVouchers,
  requirePool,
  requirePossibleDate,
} from '../pool-rules';
import { poolStream } from '../pool-stream';
import { isMonthClosed, lastDayOf } from './closed-periods';
import { monthClosedAlready, monthsOpen, notTakenInYet, periodNotOver, yearNotEmpty } from './closing-errors';

/** 月结: no entry with a date up to the end of the month is taken any more. Months before it are closed with it. */
export interface CloseMonth extends PoolMatter {
  readonly closingNo: string;
  /** `YYYY-MM`. */
  readonly month: string;
}

export const closeMonth: DecidePool<CloseMonth> = (decision) => {
  const { command, pool, today } = decision;
  const { month, closingNo, effectiveOn } = command;
  if (isMonthClosed(pool, month)) {
    if (isRecorded(decision, 'closings', closingNo)) return [];
    throw monthClosedAlready(month, pool.closedThrough ?? month);
  }
  if (pool.closed) throw yearClosed(poolStream(pool.division, pool.fiscalYear));
  requirePool(decision);
  if (effectiveOn < lastDayOf(month)) throw periodNotOver(month, lastDayOf(month), effectiveOn, today);
  requirePossibleDate(decision);
  requireNewNumber(decision, closingNo);
  return [{ type: 'MonthClosed', data: { documentNo: closingNo, month } }];
};

/** 年度关账: only when nothing is left, under way, or open in the pool. */
export interface CloseYear extends PoolMatter {
  readonly closingNo: string;
}

export const closeYear: DecidePool<CloseYear> = (decision) => {
  const { command, pool, notTakenIn, today } = decision;
  const { closingNo, effectiveOn } = command;
  const stream = poolStream(pool.division, pool.fiscalYear);
  if (pool.closed) {
    if (isRecorded(decision, 'closings', closingNo)) return [];
    throw yearClosed(stream);
  }
  requirePool(decision);
  const lastMonth = `${pool.fiscalYear}-12`;
  if (effectiveOn < lastDayOf(lastMonth)) {
    throw periodNotOver(String(pool.fiscalYear), lastDayOf(lastMonth), effectiveOn, today);
  }
  requirePossibleDate(decision);
  // In the order in which a year ends: payments are finished, what is left is carried over or recalled and taken in
  // elsewhere, the months are closed, then the year.
  const pending = pendingVouchers(pool);
  if (pending.length > 0) throw paymentsPending(pending);
  const left = leftIn(pool);
  if (left !== 0) throw yearNotEmpty(stream, left);
  if (notTakenIn.length > 0) throw notTakenInYet(stream, notTakenIn);
  if (!isMonthClosed(pool, lastMonth) || pool.reopenedMonths.size > 0) {
    throw monthsOpen(stream, lastMonth, pool.closedThrough, [...pool.reopenedMonths].sort());
  }
  requireNewNumber(decision, closingNo);
  return [{ type: 'YearClosed', data: { documentNo: closingNo } }];
};

/** A period that was opened again is closed by a document of its own. */
const requireNewNumber = ({ pool, command }: PoolDecision<PoolMatter>, closingNo: string): void => {
  const [known] = documentsOf(pool, 'closings', closingNo);
  if (known !== undefined) throw duplicateDocument(closingNo, known.effectiveOn, command.effectiveOn);
};

/** Money that is in the pool or in projects and not paid. */
const leftIn = (pool: Pool): Fen =>
  sumFen(
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
