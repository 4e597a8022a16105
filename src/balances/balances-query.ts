import { type Moment, type MomentRequest, readMoment } from './moment-request';
import { invalid, parseDivision, parseYear } from './parsing';

export { type Moment, parsePosition } from './moment-request';
export { invalid, parseDate, parseYear } from './parsing';

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

/** Digits of a county's code. */
export const COUNTY_LENGTH = 6;

/** What of the ledger a question is about, as texts of a person or a program. Absent or null: not restricted. */
export interface ScopeRequest {
  readonly by: string;
  readonly under?: string | null | undefined;
  readonly year?: string | null | undefined;
}

export interface BalancesRequest extends ScopeRequest, MomentRequest {}

/** What of the ledger a question is about. */
export interface BalancesScope {
  readonly by: Dimension;
  readonly under: string | null;
  readonly year: number | null;
}

export interface BalancesQuery extends BalancesScope, Moment {}

/** @throws DomainError(input) for anything that is not exactly understood */
export const parseScope = ({ by, under, year }: ScopeRequest): BalancesScope => ({
  by: parseDimension(by),
  under: under === undefined || under === null ? null : parseDivision(under),
  year: year === undefined || year === null ? null : parseYear(year),
});

/**
 * A whole question whose moment is named by position and date; bookmarks are looked up by their desk.
 *
 * @throws DomainError(input) for anything that is not exactly understood
 */
export const parseBalancesRequest = (request: BalancesRequest): BalancesQuery => {
  const { bookmark, ...moment } = readMoment(request);
  if (bookmark !== null) throw new Error(`the bookmark ${bookmark} has not been looked up`);
  return { ...parseScope(request), ...moment };
};

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
