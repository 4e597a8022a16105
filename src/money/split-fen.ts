import { Decimal } from 'decimal.js';

import { fen, type Fen, sumFen } from './fen';

/** Wide enough that a product of two safe integers is exact (decimal.js keeps 20 digits unless told). */
const Exact = Decimal.clone({ precision: 60 });

/**
 * Splits an amount over weights by largest remainder: parts sum to the whole, each part is within one fen of its
 * exact share, and of equal remainders the earlier weight gets the fen.
 *
 * @param whole what to split, in fen, not negative
 * @param weights not negative, at least one positive
 */
export const splitFen = (whole: Fen, weights: readonly Fen[]): Fen[] => {
  const totalWeight = sumFen(weights);
  if (whole < 0 || totalWeight <= 0 || weights.some((weight) => weight < 0)) {
    throw new RangeError('splitFen needs a whole that is not negative and weights with a positive sum');
  }
  const shares = weights.map((weight, index) => {
    const exact = new Exact(whole).times(weight).dividedBy(totalWeight);
    const floor = new Exact(whole).times(weight).dividedToIntegerBy(totalWeight);
    return { index, floor: floor.toNumber(), remainder: exact.minus(floor) };
  });
  let rest = whole - shares.reduce((sum, share) => sum + share.floor, 0);
  const byRemainder = [...shares].sort(
    (left, right) => right.remainder.comparedTo(left.remainder) || left.index - right.index,
  );
  const parts = shares.map((share) => share.floor);
  for (const share of byRemainder) {
    if (rest === 0) break;
    parts[share.index] = share.floor + 1;
    rest -= 1;
  }
  return parts.map(fen);
};
