import { DomainError } from '../platform/domain-error';

export const DIMENSIONS = [
  'department',
  'division',
  'county',
  'village',
  'project',
  'channel',
  'line',
  'document',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** A question about balances, as texts of a person or a program. Absent: not restricted. */
export interface BalancesRequest {
  readonly by: string;
  readonly under?: string | undefined;
  readonly year?: string | undefined;
  readonly asOf?: string | undefined;
  readonly at?: string | undefined;
}

/** Business date and position up to which a question looks. */
export interface Moment {
  /** Business date `YYYY-MM-DD`, inclusive; null: everything that is recorded. */
  readonly asOf: string | null;
  /** Position, inclusive; null: the newest. */
  readonly at: number | null;
}

export interface BalancesQuery extends Moment {
  readonly by: Dimension;
  readonly under: string | null;
  readonly year: number | null;
}

const YEAR = /^[12]\d{3}$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const POSITION = /^(?:0|[1-9]\d{0,15})$/;
const DIVISION = /^(?:\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$/;

/** @throws DomainError(input) for anything that is not exactly understood */
export const parseBalancesRequest = (request: BalancesRequest): BalancesQuery => ({
  by: parseDimension(request.by),
  under: request.under === undefined ? null : parseDivision(request.under),
  year: request.year === undefined ? null : parseYear(request.year),
  ...parseMoment(request),
});

export const parseMoment = (request: {
  readonly asOf?: string | undefined;
  readonly at?: string | undefined;
}): Moment => ({
  asOf: request.asOf === undefined ? null : parseDate(request.asOf),
  at: request.at === undefined ? null : parsePosition(request.at),
});

export const parseDimension = (text: string): Dimension => {
  const dimension = DIMENSIONS.find((name) => name === text);
  if (dimension === undefined) {
    throw invalid(
      'UNKNOWN_DIMENSION',
      `不能按“${text}”汇总。`,
      `Balances cannot be given by “${text}”.`,
      `请用其中之一：${DIMENSIONS.join('、')}。`,
      `Use one of: ${DIMENSIONS.join(', ')}.`,
      { by: text },
    );
  }
  return dimension;
};

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

export const parsePosition = (text: string): number => {
  const position = Number(text);
  if (!POSITION.test(text) || !Number.isSafeInteger(position)) {
    throw invalid(
      'POSITION_INVALID',
      `“${text}”不是日志位置。`,
      `“${text}” is not a position in the log.`,
      '请写某个答复里给出的 position。',
      'Write the `position` that an answer gave.',
      { at: text },
    );
  }
  return position;
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
