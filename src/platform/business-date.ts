import { DomainError } from './domain-error';

const SHANGHAI = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

/** The business date of a moment: its day in Asia/Shanghai, `YYYY-MM-DD`. */
export const todayInShanghai = (now: Date): string => SHANGHAI.format(now);

const SHANGHAI_AHEAD_MS = 8 * 60 * 60 * 1000;

/** From this hour of UTC on it is the next day in Shanghai, which knows no summer time. */
const NEXT_DAY_FROM = '16';

/**
 * The business date of an instant in its stored form (ISO 8601 in UTC), for decisions: it follows from the text alone,
 * whatever the machine knows of time zones.
 */
export const businessDayOf = (recordedAt: string): string =>
  recordedAt.slice(11, 13) < NEXT_DAY_FROM
    ? recordedAt.slice(0, 10)
    : new Date(Date.parse(recordedAt) + SHANGHAI_AHEAD_MS).toISOString().slice(0, 10);

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Whether a text is a day of the calendar in the form `YYYY-MM-DD`. */
export const isBusinessDate = (text: string): boolean => {
  const parts = DATE.exec(text);
  if (parts === null) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};

/** @throws DomainError DATE_INVALID */
export const requireBusinessDate = (text: string, name: string): string => {
  if (isBusinessDate(text)) return text;
  throw new DomainError('input', {
    code: 'DATE_INVALID',
    message: `${name} 不是日期：${text}。`,
    messageEn: `${name} is not a date: ${text}.`,
    remedy: '写作 YYYY-MM-DD，例如 2024-06-30。',
    remedyEn: 'Write YYYY-MM-DD, such as 2024-06-30.',
    parameters: { field: name, value: text },
  });
};
