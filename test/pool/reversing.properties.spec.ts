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

const stateOf = (hand: PoolInHand) => ({
  money: nonZero(balancesOn(hand, END)),
  sides: sidesOf(hand),
  payments: Object.fromEntries(paymentsOf(hand).map((payment) => [payment.voucherNo, payment])),
  crossings: [...hand.pool.crossings.values()].map(({ documentNo }) => documentNo).sort(),
});

const hasGone = (hand: PoolInHand, given: Parameters<PoolInHand['try']>[0]): boolean => hand.try(given) === null;

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

  it('never twice; and all that was taken back stands again, when the reversals are taken back, oldest last', () =>
    fc.assert(
      fc.property(straight, (moves) => {
        const hand = played(moves);
        const before = stateOf(hand);
        reverseAll(hand);
        const reversals = hand.events.filter(({ type }) => type === 'EntryReversed');
        for (const event of hand.events) {
          if (hand.pool.reversed.has(event.id)) {
            expect(hand.try(reversalOf(event, `再红-${event.id}`, END))).toBe('REVERSED_ALREADY');
          }
        }
        for (const event of [...reversals].reverse()) {
          expect(hand.try(reversalOf(event, `复-${event.id}`, END))).toBeNull();
        }
        expect(stateOf(hand)).toEqual(before);
        expect([...hand.pool.reversed.keys()].sort()).toEqual(reversals.map(({ id }) => id).sort());
      }),
      { numRuns: 60 },
    ));

  it('reversed and restored on its own day is never reversed: whatever comes next is answered alike', () =>
    fc.assert(
      fc.property(
        straight,
        fc.array(fc.nat(200), { minLength: 1, maxLength: 6 }),
        fc.array(anyCommand(98), { maxLength: 10 }),
        (moves, which, next) => {
          const plain = played(moves);
          const undone = played(moves);
          for (const [index, each] of which.entries()) {
            const event = undone.events[each % plain.events.length];
            if (event === undefined) continue;
            if (hasGone(undone, reversalOf(event, `红${index}`, event.effectiveOn))) {
              const reversal = undone.events.at(-1);
              if (reversal === undefined) throw new Error('nothing is recorded');
              expect(undone.try(reversalOf(reversal, `复${index}`, event.effectiveOn))).toBeNull();
            }
          }
          expect(stateOf(undone)).toEqual(stateOf(plain));
          for (const move of next.filter(({ name }) => name !== 'reverse')) {
            expect(play(undone, move)).toBe(play(plain, move));
          }
          expect(stateOf(undone)).toEqual(stateOf(plain));
        },
      ),
      { numRuns: 150 },
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
