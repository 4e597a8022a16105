import type { ReadSnapshot, SnapshotSource } from '../projecting/read-database';
import { balancesFromFacts } from './balances-from-facts';
import { balancesFromProjection, officialProjection } from './balances-from-projections';
import { type Bookmark, type BookmarkJson, bookmarkJson } from '../audit/bookmarks/bookmark';
import type { BalancesQuery, Dimension } from './balances-query';
import { prefixRange } from './facts';
import { addMeasures, type Measures, type MeasuresJson, measuresJson, noMeasures } from './measures';
import { factLimit } from './moment';
import { nameOf } from './names';
import { invalid } from './parsing';

export interface BalanceRow {
  readonly key: string;
  readonly name: string;
  /** In fen. */
  readonly measures: Measures;
}

export interface Balances {
  readonly by: Dimension;
  readonly asOf: string | null;
  /** Position that the figures belong to: the one asked for, or the newest. */
  readonly position: number;
  /** Sorted by key; only keys that money has moved at. */
  readonly rows: readonly BalanceRow[];
  readonly total: Measures;
  /** The bookmark that named the moment. */
  readonly bookmark?: Bookmark;
}

/** The answer as other programs read it; interface.md, section 3. */
export interface BalancesJson {
  readonly by: Dimension;
  readonly asOf: string | null;
  readonly position: string;
  readonly unit: '元';
  readonly rows: readonly { readonly key: string; readonly name: string; readonly measures: MeasuresJson }[];
  readonly total: MeasuresJson;
  /** Only where the answer was read at one. */
  readonly bookmark?: BookmarkJson;
}

/**
 * Balances by any dimension, restricted as asked, at any moment. The four official projections answer what they can;
 * the rest comes from the facts, with the same figures.
 *
 * @throws DomainError(input) POSITION_NOT_REACHED, BEFORE_FIRST_EVENT, DATE_BEFORE_FIRST_EVENT, DIVISION_UNKNOWN
 */
export const balances = (source: SnapshotSource, query: BalancesQuery): Balances =>
  source.read((snapshot) => {
    const limit = factLimit(snapshot, query);
    if (query.under !== null) requireDivision(snapshot, query.under);
    const projection = officialProjection(query);
    const cells =
      projection === null ? balancesFromFacts(snapshot, query) : balancesFromProjection(snapshot, projection, query);
    const total = noMeasures();
    const rows = [...cells]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, measures]) => {
        addMeasures(total, measures);
        return { key, name: nameOf(snapshot, query.by, key, query.asOf, limit.position), measures };
      });
    return {
      by: query.by,
      asOf: query.asOf,
      position: limit.position,
      rows,
      total,
      ...(query.bookmark === undefined ? {} : { bookmark: query.bookmark }),
    };
  });

export const balancesJson = ({ by, asOf, position, rows, total, bookmark }: Balances): BalancesJson => ({
  by,
  asOf,
  position: String(position),
  unit: '元',
  rows: rows.map(({ key, name, measures }) => ({ key, name, measures: measuresJson(measures) })),
  total: measuresJson(total),
  ...(bookmark === undefined ? {} : { bookmark: bookmarkJson(bookmark) }),
});

/** A division is known when it is registered, or when a pool or a place lies in it. */
export const requireDivision = (snapshot: ReadSnapshot, division: string): void => {
  const range = prefixRange(division);
  const known =
    snapshot.first('SELECT 1 FROM division WHERE code = ?', division) ??
    snapshot.first('SELECT 1 FROM account WHERE place >= ? AND place < ? LIMIT 1', ...range) ??
    snapshot.first('SELECT 1 FROM stream WHERE division >= ? AND division < ? LIMIT 1', ...range);
  if (known === undefined) {
    throw invalid(
      'DIVISION_UNKNOWN',
      `区划 ${division} 未登记，也没有资金。`,
      `Division ${division} is not registered and has no money.`,
      '请核对区划编码，或先导入区划台账。',
      'Check the code, or import the divisions first.',
      { under: division },
    );
  }
};
