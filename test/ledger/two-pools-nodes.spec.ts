import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { EventStoreDbEventLog } from '../../src/event-log/eventstoredb/eventstoredb-event-log';
import { MemoryEventLog } from '../../src/event-log/memory/memory-event-log';
import { Ledger } from '../../src/ledger/ledger';
import { fenFromYuan } from '../../src/money/fen';
import { DomainError } from '../../src/platform/domain-error';
import { CutLog, CutOff } from '../support/cut-log';
import { StandInServer } from '../support/eventstoredb/stand-in-server';
import { COUNTY, line, PROVINCE } from '../support/small-ledger';
import {
  ask,
  closeMonth,
  cutOff,
  eventsOf,
  fundTheProvince,
  GIVER,
  measures,
  NEXT_YEAR,
  OTHER_COUNTY,
  OTHER_TAKER,
  type PoolName,
  reopen,
  TAKER,
  typesOf,
} from './support/two-pools';

let directory: string;
let open: { close(): Promise<void> }[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-nodes-'));
  open = [];
});
afterEach(async () => {
  for (const each of open.reverse()) await each.close();
  rmSync(directory, { recursive: true, force: true });
});

const transfer = (ledger: Ledger, transferNo: string, toDivision: string, amount: string) =>
  ask(ledger, 'TransferFunds', GIVER, '2024-10-01', {
    transferNo,
    lines: [{ ...line('文1', amount), toDivision, integrated: false }],
  });

describe('two nodes on one server', () => {
  let server: StandInServer;
  const node = async (): Promise<Ledger> => {
    const log = new EventStoreDbEventLog(server.connectionString, {
      patience: { deadlineMs: 500, patienceMs: 120_000, awayAfterMs: 120_000, firstPauseMs: 2, longestPauseMs: 100 },
    });
    const ledger = await Ledger.on(log, { dataDir: mkdtempSync(join(directory, 'node-')) });
    open.push(ledger);
    return ledger;
  };

  beforeEach(async () => {
    server = await StandInServer.start();
    open.push({ close: () => server.stop() });
  });

  it('what one of them left by half the other finishes, and the first one’s caller is told so', async () => {
    const [one, two] = [await node(), await node()];
    await fundTheProvince(one);
    await cutOff(one, () => transfer(one, '下1', COUNTY, '40.00'));
    expect(await measures(two)).toMatchObject({ [PROVINCE]: { inTransit: '40.00', transferredOut: '40.00' } });
    expect(await two.unfinished()).toMatchObject([{ documentNo: '下1' }]);
    expect(await two.finishCrossings()).toEqual([]);
    expect(await transfer(one, '下1', COUNTY, '40.00')).toMatchObject({ unchanged: true });
    expect(await measures(one)).toMatchObject({
      [PROVINCE]: { inTransit: '0.00' },
      [COUNTY]: { transferredIn: '40.00' },
    });
    expect(await one.unfinished()).toEqual([]);
  });

  it('both finish or take back the same half at once, and it happens once', async () => {
    const [one, two] = [await node(), await node()];
    await fundTheProvince(one);
    await cutOff(one, () => transfer(one, '下1', COUNTY, '40.00'));
    await cutOff(one, () => transfer(one, '下2', OTHER_COUNTY, '10.00'));
    await closeMonth(two, OTHER_TAKER, '2024-10');
    await measures(one);
    await measures(two);
    await Promise.all([one.finishCrossings(), two.finishCrossings()]);
    expect(await typesOf(two, TAKER)).toEqual(['TransferReceived']);
    expect(await typesOf(two, OTHER_TAKER)).toEqual(['MonthClosed', 'TakingDeclined']);
    expect(await typesOf(two, GIVER)).toEqual([
      'FundsAppropriated',
      'TransferIssued',
      'TransferIssued',
      'EntryReversed',
    ]);
    expect(await measures(two)).toMatchObject({
      [PROVINCE]: { unintegrated: '60.00', transferredOut: '40.00', inTransit: '0.00' },
    });
    expect(await two.unfinished()).toEqual([]);
  });
});

/** One step of a history, on one of two nodes; `cut` is how many appends the node's log still takes. */
const step = fc.record({
  node: fc.nat({ max: 1 }),
  kind: fc.constantFrom('transfer', 'transfer', 'carry-over', 'reverse', 'reverse', 'close', 'reopen', 'finish'),
  taker: fc.nat({ max: 1 }),
  amount: fc.integer({ min: 1, max: 4000 }),
  which: fc.nat({ max: 20 }),
  cut: fc.constantFrom(0, 1, 1, 2, Infinity, Infinity, Infinity),
  together: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const POOLS: readonly PoolName[] = [GIVER, TAKER, OTHER_TAKER, NEXT_YEAR];
const CROSSING_TYPES = ['TransferIssued', 'TransferReceived', 'FundsCarriedOver', 'CarryOverReceived'];

/** What is asked for may be refused or cut off; anything else that goes wrong is a defect. */
const tried = async (act: Promise<unknown>): Promise<void> => {
  await act.catch((error: unknown) => {
    if (!(error instanceof DomainError) && !(error instanceof CutOff)) throw error;
  });
};

const take = async (ledger: Ledger, { kind, taker, amount, which }: Step, number: number): Promise<void> => {
  switch (kind) {
    case 'transfer':
      return tried(transfer(ledger, `下${which}`, taker === 0 ? COUNTY : OTHER_COUNTY, (amount / 100).toFixed(2)));
    case 'carry-over':
      return tried(
        ask(ledger, 'CarryOverFunds', GIVER, '2024-10-20', { carryOverNo: `结${which}`, toFiscalYear: 2025 }),
      );
    case 'reverse': {
      const events = (await Promise.all(POOLS.map((pool) => eventsOf(ledger, pool)))).flat();
      const crossing = events.filter(({ type }) => CROSSING_TYPES.includes(type));
      const original = crossing[which % Math.max(1, crossing.length)];
      if (original === undefined) return;
      const content = { reversalNo: `红${number}`, reason: '有误', original, followsTaker: false };
      return tried(
        ask(ledger, 'ReverseEntry', original.stream.slice('pool-'.length) as PoolName, '2024-10-25', content),
      );
    }
    case 'close':
      return tried(closeMonth(ledger, POOLS[which % POOLS.length] ?? GIVER, '2024-10'));
    case 'reopen':
      return tried(reopen(ledger, POOLS[which % POOLS.length] ?? GIVER, '2024-10'));
    case 'finish':
      await ledger.catchUp();
      return tried(ledger.finishCrossings());
  }
};

it('whatever two nodes do, are cut off at and finish, no fen is lost and nothing stays on its way', async () => {
  const met = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
      const inner = new MemoryEventLog();
      const logs = [new CutLog(inner), new CutLog(inner)] as const;
      const nodes: Ledger[] = [];
      for (const log of logs) nodes.push(await Ledger.on(log, { dataDir: mkdtempSync(join(directory, 'node-')) }));
      const [first, second] = nodes as [Ledger, Ledger];
      try {
        await fundTheProvince(first);
        let waiting: Promise<void> = Promise.resolve();
        for (const [number, each] of steps.entries()) {
          logs[each.node === 0 ? 0 : 1].appendsLeft = each.cut;
          const done = take(each.node === 0 ? first : second, each, number);
          if (each.together) waiting = Promise.all([waiting, done]).then(() => undefined);
          else await Promise.all([waiting, done]);
        }
        await waiting;
        for (const log of logs) log.appendsLeft = Infinity;
        await measures(second);
        for (const { event } of await second.unfinished()) met.add(`half ${event.type}`);
        await second.finishCrossings();
        const rows = await measures(second);
        expect(await second.unfinished()).toEqual([]);
        const total = Object.values(rows).reduce((sum, row) => sum + fenFromYuan(row['unintegrated'] ?? '0.00'), 0);
        expect(total).toBe(10_000);
        for (const row of Object.values(rows)) expect(row['inTransit']).toBe('0.00');
        expect(await measures(first)).toEqual(rows);
        for (const { type, data } of (await Promise.all(POOLS.map((pool) => eventsOf(first, pool)))).flat()) {
          met.add('refusal' in data ? `${type} by itself` : type);
        }
      } finally {
        for (const ledger of nodes) await ledger.close();
        await inner.close();
      }
    }),
    { numRuns: 40, seed: 20240501 },
  );
  // The histories are always the same, and all of this is in them.
  expect([...met]).toEqual(
    expect.arrayContaining([
      'half TransferIssued',
      'half FundsCarriedOver',
      'half EntryReversed',
      'TakingDeclined by itself',
      'EntryReversed by itself',
      'TakingDeclined',
      'EntryReversed',
    ]),
  );
}, 300_000);
