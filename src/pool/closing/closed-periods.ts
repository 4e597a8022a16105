import type { Pool } from '../pool';

/** `YYYY-MM`, or `YYYY` for the whole year. */
export type Period = string;

export const isYear = (period: Period): boolean => period.length === 4;

/** A month is closed with every month before it, unless it was reopened since. */
export const isMonthClosed = (pool: Pool, month: string): boolean =>
  pool.closedThrough !== null && month <= pool.closedThrough && !pool.reopenedMonths.has(month);

/** The closed period that a business date falls into; null: entries are taken. */
export const closedPeriodOn = (pool: Pool, on: string): Period | null => {
  if (pool.closed) return String(pool.fiscalYear);
  const month = on.slice(0, 7);
  return isMonthClosed(pool, month) ? month : null;
};

export const isPeriodClosed = (pool: Pool, period: Period): boolean =>
  isYear(period) ? pool.closed && period === String(pool.fiscalYear) : isMonthClosed(pool, period);

/** The date itself, or where its month is closed the first day that takes entries again, as long as the year does. */
export const firstOpenDay = (pool: Pool, on: string): string => {
  const { closedThrough } = pool;
  if (closedThrough === null || pool.closed || closedPeriodOn(pool, on) === null) return on;
  const [year, month] = [Number(closedThrough.slice(0, 4)), Number(closedThrough.slice(5, 7))];
  return month === 12 ? `${year + 1}-01-01` : `${year}-${String(month + 1).padStart(2, '0')}-01`;
};

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** `2024-02` → `2024-02-29`. Without a clock or calendar of the machine, because decisions use it. */
export const lastDayOf = (month: string): string => {
  const [year, ofYear] = [Number(month.slice(0, 4)), Number(month.slice(5, 7))];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return `${month}-${String(ofYear === 2 && isLeap ? 29 : DAYS[ofYear - 1])}`;
};
