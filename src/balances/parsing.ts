import { DomainError } from '../platform/domain-error';
import type { Dimension } from './balances-query';

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

/** Levels above the one that a code is written at, from the lowest. */
const LEVELS_ABOVE = [9, 6, 4, 2] as const;

/** Any of the five levels; a code padded with zeros is brought to the length of its level: `630000` is `63`. */
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
  return withoutPadding(text);
};

/** Zeros are cut off in whole levels only, so that a county 630110 and a township 630222100 keep their own. */
const withoutPadding = (code: string): string =>
  LEVELS_ABOVE.reduce((cut, level) => (/^0+$/.test(cut.slice(level)) ? cut.slice(0, level) : cut), code);

/**
 * A key as the ledger has it: a division's in the length of its level, any other as it is.
 * @param by null: not said, so that digits of a division's length are one
 */
export const parseKey = (by: Dimension | null, key: string): string =>
  (by === null || DIVISION_DIMENSIONS.includes(by)) && DIVISION.test(key) ? withoutPadding(key) : key;

const DIVISION_DIMENSIONS: readonly Dimension[] = ['division', 'county', 'village'];

export const invalid = (
  code: string,
  message: string,
  messageEn: string,
  remedy: string,
  remedyEn: string,
  parameters: Readonly<Record<string, unknown>>,
): DomainError => new DomainError('input', { code, message, messageEn, remedy, remedyEn, parameters });
