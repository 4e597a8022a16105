import type { PoolMatter } from '../pool-command';
import { yearClosed } from '../pool-errors';
import { type DecidePool, isRecorded, requirePossibleDate } from '../pool-rules';
import { poolStream } from '../pool-stream';
import { isPeriodClosed, isYear, type Period } from './closed-periods';
import { approvedBySamePerson, periodNotClosed, reopeningNotRequested } from './closing-errors';

/** 反结账申请: one person asks, by an approval document, that a closed month or year take entries again. */
export interface RequestReopening extends PoolMatter {
  readonly approvalNo: string;
  readonly period: Period;
  readonly requestedBy: string;
  readonly reason: string;
}

export const requestReopening: DecidePool<RequestReopening> = (decision) => {
  const { command, pool } = decision;
  const { approvalNo, period, requestedBy, reason } = command;
  if (isRecorded(decision, 'reopening-requests', approvalNo)) return [];
  if (!isYear(period) && pool.closed) throw yearClosed(poolStream(pool.division, pool.fiscalYear));
  if (!isPeriodClosed(pool, period)) throw periodNotClosed(poolStream(pool.division, pool.fiscalYear), period);
  requirePossibleDate(decision);
  return [{ type: 'ReopeningRequested', data: { documentNo: approvalNo, period, requestedBy, reason } }];
};

/** 反结账批准, by another person than the one who asked. The newest request of a period is the one that counts. */
export interface ApproveReopening extends PoolMatter {
  readonly approvalNo: string;
  readonly period: Period;
  readonly approvedBy: string;
}

export const approveReopening: DecidePool<ApproveReopening> = (decision) => {
  const { command, pool } = decision;
  const { approvalNo, period, approvedBy } = command;
  const asked = pool.reopeningRequests.get(period);
  if (asked === undefined || asked.approvalNo !== approvalNo) {
    if (!isPeriodClosed(pool, period) && isRecorded(decision, 'reopenings', approvalNo)) return [];
    throw reopeningNotRequested(poolStream(pool.division, pool.fiscalYear), period, approvalNo);
  }
  const { requestedBy, reason } = asked;
  if (requestedBy === approvedBy) throw approvedBySamePerson(approvalNo, approvedBy);
  requirePossibleDate(decision);
  return [{ type: 'PeriodReopened', data: { documentNo: approvalNo, period, requestedBy, approvedBy, reason } }];
};
