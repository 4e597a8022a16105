import type { Fen } from '../../money/fen';
import { yuanFromFen } from '../../money/fen';
import type { DomainError } from '../../platform/domain-error';
import { grouped, rule } from '../pool-errors';
import { poolInWords } from '../pool-stream';
import type { Period } from './closed-periods';

export const periodClosed = (on: string, closedThrough: string): DomainError =>
  rule(
    'PERIOD_CLOSED',
    `${on} 所在月份已结账（已结至 ${closedThrough}）。`,
    `The month of ${on} is closed (closed through ${closedThrough}).`,
    '改用未结账月份的日期；确须补记的，经 HTTP 接口附批准文号和批准人作结账后调整（adjustment），或经申请、批准后反结账。',
    'Use a date in an open month; where it must be that date, give an adjustment with its approval over HTTP, or have the month reopened by two persons.',
    { on, closedThrough },
  );

export const monthClosedAlready = (month: string, closedThrough: string): DomainError =>
  rule(
    'MONTH_CLOSED_ALREADY',
    `${month} 已结账（已结至 ${closedThrough}）。`,
    `${month} is closed already (through ${closedThrough}).`,
    '选择以后的月份；须重新结账的，先反结账。',
    'Choose a later month; to close it anew, have it reopened first.',
    { month, closedThrough },
  );

export const periodNotOver = (period: Period, lastDay: string, on: string, today: string): DomainError => {
  const isToCome = lastDay > today;
  return rule(
    'PERIOD_NOT_OVER',
    `${period} 到 ${lastDay} 才结束，不能在 ${on} 结账。`,
    `${period} ends on ${lastDay}; it cannot be closed on ${on}.`,
    isToCome ? '核对月份和年度；没有写错的，等它结束后再结账。' : `结账日期写 ${lastDay} 或以后。`,
    isToCome
      ? 'Check the month and the year; where they are right, close it when it is over.'
      : `Close it on ${lastDay} or later.`,
    { period, lastDay, on },
  );
};

export const yearNotEmpty = (pool: string, left: Fen): DomainError =>
  rule(
    'YEAR_NOT_EMPTY',
    `${poolInWords(pool, 'zh')}尚有 ${grouped(left)} 元未结转、未收回。`,
    `The ${poolInWords(pool, 'en')} still holds ${grouped(left)} yuan that are neither carried over nor recalled.`,
    '依次办理：结转或收回余额，十二月月结，年度关账。',
    'In this order: carry over or recall what is left, close December, close the year.',
    { pool, left: yuanFromFen(left) },
  );

export const notTakenInYet = (pool: string, documents: readonly string[]): DomainError =>
  rule(
    'NOT_TAKEN_IN_YET',
    `${poolInWords(pool, 'zh')}下达或结转的 ${documents.slice(0, 5).join('、')} 尚在途，接收方未入账。`,
    `What the ${poolInWords(pool, 'en')} issued or carried over by ${documents.slice(0, 5).join(', ')} is still in transit.`,
    '先由接收方入账（yichi doctor --finish），或冲销该笔下达。',
    'Have it taken in first (yichi doctor --finish), or reverse it.',
    { pool, documents },
  );

export const monthsOpen = (
  pool: string,
  lastMonth: string,
  closedThrough: string | null,
  reopened: readonly string[],
): DomainError => {
  const zh =
    reopened.length > 0 ? `已反结账的 ${reopened.join('、')} 尚未重新结账` : `月结只到 ${closedThrough ?? '无'}`;
  const en =
    reopened.length > 0
      ? `${reopened.join(', ')} were reopened and not closed again`
      : `months are closed through ${closedThrough ?? 'none'}`;
  return rule(
    'MONTHS_OPEN',
    `${poolInWords(pool, 'zh')}还有未结账的月份：${zh}。`,
    `The ${poolInWords(pool, 'en')} has open months: ${en}.`,
    `先月结到 ${lastMonth}（以前各月随之结账），再年度关账。`,
    `Close the months through ${lastMonth} (earlier ones are closed with it), then the year.`,
    { pool, closedThrough, reopened },
  );
};

export const periodNotClosed = (pool: string, period: Period): DomainError =>
  rule(
    'PERIOD_NOT_CLOSED',
    `${poolInWords(pool, 'zh')}的 ${period} 没有结账，无须反结账。`,
    `${period} of the ${poolInWords(pool, 'en')} is not closed; there is nothing to reopen.`,
    '核对区划、年度和期间。',
    'Check division, fiscal year and period.',
    { pool, period },
  );

export const reopeningNotRequested = (pool: string, period: Period, approvalNo: string): DomainError =>
  rule(
    'REOPENING_NOT_REQUESTED',
    `${poolInWords(pool, 'zh')}的 ${period} 没有以 ${approvalNo} 提出的反结账申请。`,
    `Nobody has asked by document ${approvalNo} to reopen ${period} of the ${poolInWords(pool, 'en')}.`,
    '先由另一人以该文号提出申请；已重新申请的，以最新的文号批准。',
    'Another person asks for it first, by that document; only the newest request counts.',
    { pool, period, approvalNo },
  );

export const approvedBySamePerson = (approvalNo: string, person: string): DomainError =>
  rule(
    'SAME_PERSON',
    `${approvalNo}：批准人（${person}）不得与申请人或经办人为同一人。`,
    `${approvalNo}: who approves (${person}) must be another person than who asked for it or enters it.`,
    '由另一人批准。',
    'Let another person approve.',
    { approvalNo, person },
  );

export const adjustmentNotNeeded = (on: string): DomainError =>
  rule(
    'ADJUSTMENT_NOT_NEEDED',
    `${on} 所在期间没有结账，不是结账后调整。`,
    `The period of ${on} is open; this is no adjustment.`,
    '去掉调整依据，按普通记账办理。',
    'Leave the adjustment out and make an ordinary entry.',
    { on },
  );
