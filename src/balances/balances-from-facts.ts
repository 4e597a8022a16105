import type { ReadSnapshot } from '../projecting/read-database';
import type { BalancesQuery } from './balances-query';
import { Figures } from './figures';
import { type MutableMeasures, noMeasures } from './measures';
import { factLimit } from './moment';

/** Balances summed from the facts: any dimension, any restriction, any moment. */
export const balancesFromFacts = (snapshot: ReadSnapshot, query: BalancesQuery): Map<string, MutableMeasures> => {
  const figures = new Figures(snapshot, query);
  const cells: MutableMeasures[] = [];
  figures.book(factLimit(snapshot, query), (key) => (cells[key] ??= noMeasures()));
  // A key gets its number when something is booked for it.
  return new Map(figures.keys.map((key, number) => [key, cells[number] as MutableMeasures]));
};
