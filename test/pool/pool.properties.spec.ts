import fc from 'fast-check';

import { fenFromYuan } from '../../src/money/fen';
import { type Pool, poolKind } from '../../src/pool/pool';
import type { Movement } from '../../src/pool/account';
import {
  allocated,
  appropriated,
  command,
  integrated,
  OTHER_VILLAGE,
  paymentLine,
  PoolInHand,
  recorded,
  requested,
  VILLAGE,
} from './support/pool-specification';

const DAYS = ['2024-01-05', '2024-02-10', '2024-03-15', '2024-04-20', '2024-05-25'] as const;
const DOCUMENTS = ['文1', '文2', '文3'] as const;

const money = fc.integer({ min: 1, max: 50_000 }).map((amount) => (amount / 100).toFixed(2));
const day = fc.constantFrom(...DAYS);
const documentNo = fc.constantFrom(...DOCUMENTS);
const village = fc.constantFrom(VILLAGE, OTHER_VILLAGE);

/** Commands of every kind, on any day, without caring whether they can be accepted. */
const anyCommand = (serial: number) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(documentNo, money, day).map(([no, amount, on]) => appropriated(no, 'ROAD', amount, on)),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(documentNo, money, day).map(([no, amount, on]) => integrated(no, 'ROAD', amount, on)),
    },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.option(documentNo), money, day, village)
        .map(([no, amount, on, place]) =>
          allocated('ROAD-1', no, 'ROAD', amount, on, { place, allocationNo: `安${serial}` }),
        ),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.option(documentNo), money, day, village)
        .map(([no, amount, on, place]) =>
          recorded(`支${serial}`, paymentLine('ROAD-1', no, 'ROAD', amount, place), on),
        ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.option(documentNo), money, day, village)
        .map(([no, amount, on, place]) =>
          requested(`申${serial}`, paymentLine('ROAD-1', no, 'ROAD', amount, place), on),
        ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(20), day)
        .map(([voucher, on]) => command('CancelPayment', { effectiveOn: on, voucherNo: `申${voucher}`, reason: '撤' })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.nat(20), day).map(([voucher, on]) =>
        command('ReturnPayment', {
          effectiveOn: on,
          voucherNo: `退${serial}`,
          originalVoucherNo: `支${voucher}`,
          payee: '某施工队',
          lines: [],
        }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(documentNo, money, day, fc.boolean()).map(([no, amount, on, fromPool]) =>
        command('RecallFunds', {
          effectiveOn: on,
          recallNo: `收${serial}`,
          recalledTo: null,
          lines: [
            {
              documentNo: no,
              channelCode: 'C-ANY',
              purposeCode: 'ROAD',
              amount: fenFromYuan(amount),
              from: fromPool ? null : { projectCode: 'ROAD-1', place: VILLAGE },
            },
          ],
        }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(documentNo, money, day).map(([no, amount, on]) =>
        command('ReallocateFunds', {
          effectiveOn: on,
          reallocationNo: `调${serial}`,
          lines: [
            {
              documentNo: no,
              channelCode: 'C-ANY',
              purposeCode: 'ROAD',
              amount: fenFromYuan(amount),
              fromProject: 'ROAD-1',
              fromPlace: VILLAGE,
              to: serial % 2 === 0 ? null : { projectCode: 'ROAD-1', place: OTHER_VILLAGE },
            },
          ],
        }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .constant('2024-05-25')
        .map((on) => command('CarryOverFunds', { effectiveOn: on, carryOverNo: `结${serial}`, toFiscalYear: 2025 })),
    },
  );

const history = fc.tuple(...Array.from({ length: 25 }, (_, serial) => anyCommand(serial)));

const movementsOf = (data: object): readonly Movement[] =>
  'movements' in data ? (data.movements as readonly Movement[]) : [];

/** The model: balances by line, account and day, by adding up movements and nothing else. */
const balancesOn = (hand: PoolInHand, on: string): Map<string, number> => {
  const balances = new Map<string, number>();
  for (const event of hand.events) {
    if (event.effectiveOn > on) continue;
    for (const movement of movementsOf(event.data)) {
      const amount = Math.round(Number(movement.amount) * 100);
      for (const [account, sign] of [
        [movement.from, -1],
        [movement.to, 1],
      ] as const) {
        const key = `${movement.quotaLine}|${account}`;
        balances.set(key, (balances.get(key) ?? 0) + sign * amount);
      }
    }
  }
  return balances;
};

/** Every history starts from a pool in which each document has money to spend early on. */
const started = (): PoolInHand => {
  const hand = new PoolInHand();
  for (const no of DOCUMENTS) {
    hand.apply(appropriated(no, 'ROAD', '600.00', '2024-01-02'));
    hand.apply(integrated(no, 'ROAD', '500.00', '2024-01-03'));
    hand.apply(allocated('ROAD-1', no, 'ROAD', '200.00', '2024-01-04'));
  }
  return hand;
};

const played = (commands: readonly Parameters<PoolInHand['try']>[0][]): PoolInHand => {
  const hand = started();
  for (const each of commands) hand.try(each);
  return hand;
};

const property = (check: (hand: PoolInHand) => void): void =>
  fc.assert(
    fc.property(history, (commands) => check(played(commands))),
    { numRuns: 300 },
  );

describe('whatever is asked of a pool', () => {
  it('no account of any line is ever negative, on any business date', () =>
    property((hand) => {
      for (const on of DAYS) {
        for (const [key, balance] of balancesOn(hand, on)) {
          if (!key.includes('|source:')) expect({ key, on, ok: balance >= 0 }).toEqual({ key, on, ok: true });
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
          event.type === 'FundsAppropriated' ? movementsOf(event.data).map((movement) => movement.quotaLine) : [],
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
        if (hand.try(next) !== null) expect(balancesOn(hand, '9999-12-31')).toEqual(before);
      }),
      { numRuns: 200 },
    ));

  it('the histories are not trivial: all kinds of events occur', () => {
    const types = new Set<string>();
    property((hand) => hand.events.forEach((event) => types.add(event.type)));
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
    ]) {
      expect(types).toContain(type);
    }
  });
});
