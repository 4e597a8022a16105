import { fen } from '../money/fen';
import { PROJECTION_NAMES, type ProjectionName } from '../projecting/projection-loader';
import type { ReadSnapshot } from '../projecting/read-database';
import { readModelDamaged } from '../projecting/read-model-failure';
import { type BalancesQuery, COUNTY_LENGTH } from './balances-query';
import { prefixRange } from './facts';
import { addMeasures, MEASURES, type MutableMeasures, noMeasures, type PoolMeasures } from './measures';

/**
 * Which official projection answers a question, or null when only the facts can. A projection knows its key and its
 * pool: it cannot look into the past, and a giver's money in transit is partly in the takers' states, so that figures
 * of some pools alone are right only where nothing is in transit, at places and projects.
 */
export const officialProjection = ({ by, under, year, asOf, at }: BalancesQuery): ProjectionName | null => {
  if (asOf !== null || at !== null) return null;
  switch (by) {
    case 'village':
      return 'village-balance';
    case 'project':
      return under === null ? 'project-balance' : null;
    case 'county':
    case 'division':
      return year === null && !isBelowCounty(under) ? 'county-balance' : null;
    case 'department':
      return under === null && year === null ? 'department-balance' : null;
    default:
      return null;
  }
};

/** Money for a township or a village lies in pools of the divisions above it, whose keys do not begin with its code. */
const isBelowCounty = (under: string | null): boolean => under !== null && under.length > COUNTY_LENGTH;

/** Sums the entries of a projection over the pools that are asked for. */
export const balancesFromProjection = (
  snapshot: ReadSnapshot,
  name: ProjectionName,
  query: BalancesQuery,
): Map<string, MutableMeasures> => {
  const cells = new Map<string, MutableMeasures>();
  const range = query.under === null ? null : prefixRange(query.under);
  const rows = snapshot.all<readonly [string, string]>(
    `SELECT entry.key, entry.value FROM entry
      WHERE entry.projection = ? AND entry.section = 'cells'
        ${range === null ? '' : 'AND entry.key >= ? AND entry.key < ?'}
        ${query.year === null ? '' : 'AND entry.pool IN (SELECT id FROM stream WHERE fiscal_year = ?)'}`,
    PROJECTION_NAMES.indexOf(name),
    ...(range ?? []),
    ...(query.year === null ? [] : [query.year]),
  );
  for (const [key, value] of rows) {
    if (query.by === 'county' && key.length !== COUNTY_LENGTH) continue;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, readCell(value));
    else addMeasures(cell, readCell(value));
  }
  return cells;
};

const readCell = (value: string): MutableMeasures => {
  try {
    const stored = JSON.parse(value) as PoolMeasures;
    const cell = noMeasures();
    for (const measure of MEASURES) cell[measure] = fen(stored[measure]);
    return cell;
  } catch (error) {
    throw readModelDamaged(`余额 ${value} 读不出来`, `the balance ${value} cannot be read`, error);
  }
};
