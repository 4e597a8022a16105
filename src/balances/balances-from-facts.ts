import type { ReadSnapshot } from '../projecting/read-database';
import type { BalancesQuery } from './balances-query';
import { Figures } from './figures';
import { MeasureSums } from './measure-sums';
import type { MutableMeasures } from './measures';
import { factLimit } from './moment';

/** Balances summed from the facts: any dimension, any restriction, any moment. */
export const balancesFromFacts = (snapshot: ReadSnapshot, query: BalancesQuery): Map<string, MutableMeasures> => {
  const figures = new Figures(snapshot, query);
  const sums = new MeasureSums();
  const rows: number[] = [];
  figures.book(factLimit(snapshot, query), sums, (key) => (rows[key] ??= sums.newRows()));
  // A key gets its number when something is booked for it.
  return new Map(figures.keys.map((key, number) => [key, sums.measures(rows[number] as number)]));
};
