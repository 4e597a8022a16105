import { DomainError } from '../platform/domain-error';

const YEAR = /^[12]\d{3}$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DIVISION = /^(?:\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$/;

export const parseYear = (text: string): number => {
  if (!YEAR.test(text)) {
    throw invalid(
      'YEAR_INVALID',
      `“${text}”不是年度。`,
      `“${text}” is not a fiscal year.`,
      '请写四位年份，例如 2024。',
      'Write four digits, for example 2024.',
      { year: text },
    );
  }
  return Number(text);
};

/** A calendar date that exists; 2023-02-29 does not. */
export const parseDate = (text: string): string => {
  const [, year = '', month = '', day = ''] = DATE.exec(text) ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (year === '' || Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text) {
    throw invalid(
      'DATE_INVALID',
      `“${text}”不是日期。`,
      `“${text}” is not a date.`,
      '请写 YYYY-MM-DD，例如 2024-06-30。',
      'Write YYYY-MM-DD, for example 2024-06-30.',
      { asOf: text },
    );
  }
  return text;
};

/** Any of the five levels; a code padded with zeros to twelve digits is brought to the length of its level. */
export const parseDivision = (text: string): string => {
  if (!DIVISION.test(text)) {
    throw invalid(
      'DIVISION_INVALID',
      `“${text}”不是区划编码。`,
      `“${text}” is not a division code.`,
      '请写 2、4、6、9 或 12 位数字的区划编码。',
      'Write a division code of 2, 4, 6, 9 or 12 digits.',
      { under: text },
    );
  }
  if (text.length !== 12) return text;
  if (!text.endsWith('000')) return text;
  if (text.slice(6, 9) !== '000') return text.slice(0, 9);
  if (text.slice(4, 6) !== '00') return text.slice(0, 6);
  return text.slice(2, 4) === '00' ? text.slice(0, 2) : text.slice(0, 4);
};

export const invalid = (
  code: string,
  message: string,
  messageEn: string,
  remedy: string,
  remedyEn: string,
  parameters: Readonly<Record<string, unknown>>,
): DomainError => new DomainError('input', { code, message, messageEn, remedy, remedyEn, parameters });
