import fc from 'fast-check';

import { type Pool, poolKind } from '../../src/pool/pool';
import { anyCommand, balancesOn, DAYS, history, movementsOf, play, played } from './support/any-history';
import type { PoolInHand } from './support/pool-specification';

const property = (check: (hand: PoolInHand) => void): void =>
  fc.assert(
    fc.property(history, (moves) => check(played(moves))),
    { numRuns: 150 },
  );

describe('whatever is asked of a pool', () => {
  it('no account of any line is ever negative, on any business date', () =>
    property((hand) => {
      for (const on of DAYS) {
        for (const [key, balance] of balancesOn(hand, on)) {
          // What a taken-in transfer leaves stands in its giver's pool.
          if (!/\|(source|transit:上)/.test(key)) expect({ key, on, ok: balance >= 0 }).toEqual({ key, on, ok: true });
        }
      }
    }));

  it('no fen appears or vanishes: every line’s accounts sum to what was appropriated, on every date', () =>
    property((hand) => {
      for (const on of DAYS) {
        const sums = new Map<string, number>();
        for (const [key, balance] of balancesOn(hand, on)) {
          const line = key.slice(0, key.indexOf('|'));
          sums.set(line, (sums.get(line) ?? 0) + balance);
        }
        for (const sum of sums.values()) expect(sum).toBe(0);
      }
    }));

  it('every movement’s line is one that was appropriated, and it keeps its channel and purpose', () =>
    property((hand) => {
      const known = new Set(
        hand.events.flatMap((event) =>
          event.type === 'FundsAppropriated' || event.type === 'TransferReceived'
            ? movementsOf(event.data).map((movement) => movement.quotaLine)
            : [],
        ),
      );
      for (const event of hand.events) {
        for (const movement of movementsOf(event.data)) expect(known).toContain(movement.quotaLine);
      }
    }));

  it('the book’s balances are the movements’ sums', () =>
    property((hand) => {
      for (const [key, balance] of balancesOn(hand, '9999-12-31')) {
        const [line = '', account = ''] = [key.slice(0, key.indexOf('|')), key.slice(key.indexOf('|') + 1)];
        expect(hand.pool.accounts.latest(line as never, account as never)).toBe(balance);
      }
    }));

  it('a fold of the stored events gives the same state again', () =>
    property((hand) => {
      let again: Pool = poolKind.initial(hand.stream);
      for (const event of hand.events) {
        again = poolKind.evolve(again, JSON.parse(JSON.stringify(event)) as typeof event);
      }
      expect(again).toEqual(hand.pool);
    }));

  it('a refused command changes nothing', () =>
    fc.assert(
      fc.property(history, anyCommand(99), (commands, next) => {
        const hand = played(commands);
        const before = structuredClone(balancesOn(hand, '9999-12-31'));
        if (play(hand, next) !== null) expect(balancesOn(hand, '9999-12-31')).toEqual(before);
      }),
      { numRuns: 120 },
    ));

  it('the histories are not trivial: all kinds of events occur', () => {
    const types = new Set<string>();
    // The same histories every time, and enough of them: a returned payment takes four commands in the right order.
    for (const commands of fc.sample(history, { seed: 20240501, numRuns: 1500 })) {
      for (const event of played(commands).events) types.add(event.type);
    }
    for (const type of [
      'FundsAppropriated',
      'FundsIntegrated',
      'FundsAllocated',
      'PaymentExecuted',
      'PaymentRequested',
      'PaymentReturned',
      'PaymentCancelled',
      'FundsRecalled',
      'FundsReallocated',
      'FundsCarriedOver',
      'CashReceived',
      'FundsRepurposed',
      'PaymentApproved',
      'TransferIssued',
      'TransferReceived',
      'EntryReversed',
    ]) {
      expect(types).toContain(type);
    }
  });
});
