import fc from 'fast-check';

import { anyCommand, balancesOn, DAYS, history, play, played, reversalOf } from './support/any-history';
import { paymentsOf, type PoolInHand } from './support/pool-specification';

const MONEY_FREE = ['EntryReversed', 'TakingDeclined'];
const END = '2024-12-31';

/**
 * A history without reversals of its own: where an old entry was taken back because a younger one had meanwhile brought
 * the money that it gave, going back in order would pass through days below zero.
 */
const straight = history.map((moves) => moves.filter(({ name }) => name !== 'reverse'));

/** Everything that is in force, newest first. */
const inForce = (hand: PoolInHand) =>
  [...hand.events].filter(({ id, type }) => !hand.pool.reversed.has(id) && !MONEY_FREE.includes(type)).reverse();

const reverseAll = (hand: PoolInHand): readonly (string | null)[] =>
  inForce(hand).map((event, index) => hand.try(reversalOf(event, `终红${index}`, END)));

const sidesOf = (hand: PoolInHand): Record<string, number> => {
  const sides: Record<string, number> = {};
  for (const line of hand.pool.lines.keys()) {
    for (const side of hand.pool.sides.accountsOf(line)) {
      const balance = hand.pool.sides.latest(line, side);
      if (balance !== 0) sides[`${line}|${side}`] = balance;
    }
  }
  return sides;
};

const nonZero = (balances: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...balances].filter(([, balance]) => balance !== 0));

describe('reversing 红字冲销, whatever has happened', () => {
  it('everything, newest first, leaves nothing: no money, no cash, no authority, no payment', () =>
    fc.assert(
      fc.property(straight, (moves) => {
        const hand = played(moves);
        const refused = reverseAll(hand).filter((code) => code !== null);
        expect(refused).toEqual([]);
        expect(nonZero(balancesOn(hand, END))).toEqual({});
        expect(sidesOf(hand)).toEqual({});
        expect([...hand.pool.payments.keys()]).toEqual([]);
        expect([...hand.pool.crossings.keys()]).toEqual([]);
      }),
      { numRuns: 150 },
    ));

  it('a reversal that is taken leaves the pool as if the entry had not been, and one that is refused leaves it alone', () =>
    fc.assert(
      fc.property(history, anyCommand(98), fc.constantFrom(...DAYS), (moves, next, on) => {
        const hand = played(moves);
        const before = {
          money: nonZero(balancesOn(hand, END)),
          sides: sidesOf(hand),
          payments: paymentsOf(hand),
        };
        const entries = hand.events.length;
        if (play(hand, next) !== null) return;
        const made = hand.events.slice(entries).filter(({ type }) => !MONEY_FREE.includes(type));
        const state = () => ({
          money: nonZero(balancesOn(hand, END)),
          sides: sidesOf(hand),
          payments: paymentsOf(hand),
        });
        for (const event of [...made].reverse()) {
          const present = state();
          if (hand.try(reversalOf(event, `红-${event.id}`, on)) !== null) {
            expect(state()).toEqual(present);
            expect(hand.try(reversalOf(event, `红-${event.id}`, END))).toBeNull();
          }
        }
        if (made.length > 0) expect(state()).toEqual(before);
      }),
      { numRuns: 100 },
    ));

  it('never twice, and never a reversal', () =>
    fc.assert(
      fc.property(straight, (moves) => {
        const hand = played(moves);
        reverseAll(hand);
        for (const event of hand.events) {
          expect(hand.try(reversalOf(event, `再红-${event.id}`, END))).toBe(
            hand.pool.reversed.has(event.id) ? 'REVERSED_ALREADY' : 'NOT_REVERSIBLE',
          );
        }
      }),
      { numRuns: 30 },
    ));

  it('no day is ever left below zero by reversals of any age on any date', () =>
    fc.assert(
      fc.property(
        history,
        fc.array(fc.tuple(fc.nat(200), fc.constantFrom(...DAYS)), { maxLength: 12 }),
        (moves, tries) => {
          const hand = played(moves);
          for (const [index, [which, on]] of tries.entries()) {
            const event = hand.events[which % hand.events.length];
            if (event !== undefined) hand.try(reversalOf(event, `散红${index}`, on));
          }
          for (const on of DAYS) {
            const below = [...balancesOn(hand, on)].filter(
              ([key, balance]) => balance < 0 && !/\|(source|transit:上)/.test(key),
            );
            expect(below).toEqual([]);
          }
        },
      ),
      { numRuns: 100 },
    ));
});
