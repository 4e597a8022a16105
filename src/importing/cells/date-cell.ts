import type { RawCell } from '../raw-sheet';
import { CellProblem, quoted } from './cell-problem';
import { plainText } from './text-cell';

/** Business dates of public money and founding dates of departments lie between these years; others are slips. */
const FIRST_YEAR = 1949;
const LAST_YEAR = 2099;

const FORMS = [
  /^(\d{4})-(\d{2})-(\d{2})$/,
  /^(\d{4})\/(\d{1,2})\/(\d{1,2})$/,
  /^(\d{4})年(\d{1,2})月(\d{1,2})日$/,
] as const;

/** A business date as YYYY-MM-DD: one of the three spellings, in half or full width, or a spreadsheet's own date. */
export const readDate = (cell: RawCell): string | CellProblem => {
  if (typeof cell === 'object' && cell.kind === 'date') {
    if (cell.hasTime) return hasTime(cell.day ?? '');
    return cell.day === null || !inRange(Number(cell.day.slice(0, 4))) ? noSuchDay(cell.day ?? '?') : cell.day;
  }
  if (typeof cell === 'number') return notFormatted(cell);
  const text = plainText(cell);
  return text instanceof CellProblem ? text : dateOf(text);
};

/** A fiscal year of four digits. */
export const readYear = (cell: RawCell): number | CellProblem => {
  const text = plainText(cell);
  if (text instanceof CellProblem) return text;
  const digits = halfWidth(text);
  const year = /^\d{4}$/.test(digits) ? Number(digits) : Number.NaN;
  return inRange(year) ? year : notAYear(text);
};

/** Is there such a day in the calendar? */
export const isCalendarDay = (year: number, month: number, day: number): boolean => {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
};

const dateOf = (text: string): string | CellProblem => {
  const plain = halfWidth(text);
  for (const form of FORMS) {
    const parts = form.exec(plain);
    if (parts === null) continue;
    const [, year = '', month = '', day = ''] = parts;
    if (!inRange(Number(year)) || !isCalendarDay(Number(year), Number(month), Number(day))) return noSuchDay(text);
    return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  }
  return notADate(text);
};

const inRange = (year: number): boolean => year >= FIRST_YEAR && year <= LAST_YEAR;

const halfWidth = (text: string): string =>
  text.replace(/[０-９／－]/g, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0));

const FORMS_REMEDY = {
  remedy: '写成 2024-03-20、2024/3/20 或 2024年3月20日，或用表格的日期格式。',
  remedyEn: 'Write 2024-03-20, 2024/3/20 or 2024年3月20日, or use a date cell.',
};

const notADate = (text: string): CellProblem =>
  new CellProblem({
    code: 'DATE_INVALID',
    message: `“${quoted(text)}”不是看得懂的日期。`,
    messageEn: `"${quoted(text)}" is not a date that can be understood.`,
    ...FORMS_REMEDY,
    parameters: { value: text },
  });

const noSuchDay = (text: string): CellProblem =>
  new CellProblem({
    code: 'DATE_DOES_NOT_EXIST',
    message: `日历上没有“${quoted(text)}”这一天，或不在 ${FIRST_YEAR}–${LAST_YEAR} 年之间。`,
    messageEn: `There is no day "${quoted(text)}", or it is not between ${FIRST_YEAR} and ${LAST_YEAR}.`,
    remedy: '检查年、月、日。',
    remedyEn: 'Check year, month and day.',
    parameters: { value: text },
  });

const hasTime = (day: string): CellProblem =>
  new CellProblem({
    code: 'DATE_HAS_TIME',
    message: `这一格除了日期 ${day} 还有钟点。`,
    messageEn: `The cell holds a time of day beside the date ${day}.`,
    remedy: '只填日期；业务日期不带时间。',
    remedyEn: 'Enter the date alone; a business date has no time.',
    parameters: { value: day },
  });

const notFormatted = (value: number): CellProblem =>
  new CellProblem({
    code: 'DATE_IS_A_NUMBER',
    message: `这一格是数字 ${value}，不是日期。`,
    messageEn: `The cell holds the number ${value}, not a date.`,
    remedy: `把这一格设为日期格式；或${FORMS_REMEDY.remedy}`,
    remedyEn: `Format the cell as a date, or: ${FORMS_REMEDY.remedyEn}`,
    parameters: { value },
  });

const notAYear = (text: string): CellProblem =>
  new CellProblem({
    code: 'YEAR_INVALID',
    message: `“${quoted(text)}”不是预算年度。`,
    messageEn: `"${quoted(text)}" is not a fiscal year.`,
    remedy: `填写 ${FIRST_YEAR}–${LAST_YEAR} 之间的四位年份，例如 2024。`,
    remedyEn: `Enter four digits between ${FIRST_YEAR} and ${LAST_YEAR}, such as 2024.`,
    parameters: { value: text },
  });
