import type { ReadSnapshot } from '../projecting/read-database';
import type { BalancesQuery } from './balances-query';
import { Figures } from './figures';
import { type MutableMeasures, noMeasures } from './measures';
import { factLimit } from './moment';

/** Balances summed from the facts: any dimension, any restriction, any moment. */
export const balancesFromFacts = (snapshot: ReadSnapshot, query: BalancesQuery): Map<string, MutableMeasures> => {
  const cells = new Map<string, MutableMeasures>();
  new Figures(snapshot, query).book(factLimit(snapshot, query), (key) => {
    let cell = cells.get(key);
    if (cell === undefined) {
      cell = noMeasures();
      cells.set(key, cell);
    }
    return cell;
  });
  return cells;
};
