import fc from 'fast-check';

import { fen, sumFen } from '../../src/money/fen';
import { splitFen } from '../../src/money/split-fen';

const WEIGHTS = fc
  .array(fc.integer({ min: 0, max: 1_000_000_000_000 }), { minLength: 1, maxLength: 40 })
  .filter((weights) => weights.some((weight) => weight > 0));
const WHOLE = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe('splitting an amount', () => {
  it('gives parts that sum to the whole, each within one fen of its exact share', () => {
    fc.assert(
      fc.property(WHOLE, WEIGHTS, (whole, weights) => {
        const parts = splitFen(fen(whole), weights.map(fen));
        expect(sumFen(parts)).toBe(whole);
        const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
        parts.forEach((part, index) => {
          const distance = BigInt(part) * total - BigInt(whole) * BigInt(weights[index] ?? 0);
          expect(distance < total && distance > -total).toBe(true);
        });
      }),
    );
  });

  it('gives nothing to a weight of zero', () => {
    fc.assert(
      fc.property(WHOLE, WEIGHTS, (whole, weights) => {
        const parts = splitFen(fen(whole), weights.map(fen));
        expect(parts.filter((part, index) => weights[index] === 0 && part !== 0)).toEqual([]);
      }),
    );
  });

  it('gives the odd fen to the largest remainder, of equal ones to the earlier', () => {
    expect(splitFen(fen(100), [1, 1, 1].map(fen))).toEqual([34, 33, 33]);
    expect(splitFen(fen(101), [1, 1, 1].map(fen))).toEqual([34, 34, 33]);
    expect(splitFen(fen(10), [1, 2].map(fen))).toEqual([3, 7]);
  });

  it.each([
    [-1, [1]],
    [1, []],
    [1, [0, 0]],
    [1, [2, -1]],
  ])('refuses %d over %j', (whole, weights) => {
    expect(() => splitFen(fen(whole), weights.map(fen))).toThrow(RangeError);
  });
});
