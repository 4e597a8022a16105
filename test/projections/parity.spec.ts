import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { balances } from '../../src/balances/balances';
import { balancesFromFacts } from '../../src/balances/balances-from-facts';
import { balancesFromProjection, officialProjection } from '../../src/balances/balances-from-projections';
import type { BalancesQuery, Dimension } from '../../src/balances/balances-query';
import { MEASURES, type Measures } from '../../src/balances/measures';
import { addSums, sumOfSums } from '../../src/money/fen-sum';
import { ProjectionRunner } from '../../src/projecting/projection-runner';
import { ArrayLog } from '../projecting/array-log';
import { DATES, LedgerModel, modelKey } from './ledger-model';

const DIMENSIONS: readonly Dimension[] = [
  'department',
  'division',
  'county',
  'village',
  'project',
  'channel',
  'line',
  'document',
];

const plain = (cells: ReadonlyMap<string, Readonly<Record<string, unknown>>>): Record<string, unknown> =>
  Object.fromEntries(
    [...cells]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, cell]) => [`=${key}`, MEASURES.map((measure) => `${measure} ${cell[measure]}`)]),
  );

const ask = (by: Dimension, more: Partial<BalancesQuery> = {}): BalancesQuery => ({
  by,
  under: null,
  year: null,
  asOf: null,
  at: null,
  ...more,
});

/** Of every scope but places and projects, at every moment: also while something is on its way to another pool. */
const expectIdentity = (measures: Measures): void => {
  const { appropriated, transferredIn, transferredOut, unintegrated, available, paid, unspent, recalled } = measures;
  expect(addSums(appropriated, transferredIn)).toBe(
    sumOfSums([transferredOut, unintegrated, available, paid, unspent, recalled]),
  );
};

const expectUnanswerable = (runner: ProjectionRunner, query: BalancesQuery): void => {
  expect(() => balances(runner, query)).toThrow(
    expect.objectContaining({ kind: 'input', code: expect.stringMatching(/BEFORE_FIRST_EVENT$/) }) as Error,
  );
};

/** Long enough that every kind of entry occurs; each number is one choice of the model. */
const history = fc.array(fc.array(fc.nat({ max: 10_000 }), { minLength: 6, maxLength: 10 }), {
  minLength: 30,
  maxLength: 160,
});

describe('official projections, fact table and a model of accounts', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yichi-parity-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('agree at the end, at any position, on any business date, and at both', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(history, fc.nat(), fc.nat(), async (steps, anyPosition, anyDate) => {
        run += 1;
        const model = new LedgerModel();
        for (const choices of steps) model.step(choices);
        const log = new ArrayLog();
        for (const entry of model.entries) log.add(entry.event);
        const runner = new ProjectionRunner({ dataDirectory: join(folder, String(run)), log });
        try {
          const head = await runner.catchUp();
          expect(head).toBe(model.entries.length);
          const at = anyPosition % (head + 1);
          const asOf = DATES[anyDate % DATES.length] ?? null;
          for (const by of DIMENSIONS) {
            const expected = plain(model.balances(modelKey(by), head, null));
            const query = ask(by);
            expect(plain(runner.read((snapshot) => balancesFromFacts(snapshot, query)))).toEqual(expected);
            const official = officialProjection(query);
            if (official !== null) {
              expect(plain(runner.read((snapshot) => balancesFromProjection(snapshot, official, query)))).toEqual(
                expected,
              );
            }
            for (const moment of [{ at }, { asOf }, { at, asOf }]) {
              if (!model.isAnswerable(moment.at ?? head, moment.asOf ?? null)) {
                expectUnanswerable(runner, ask(by, moment));
                continue;
              }
              const answer = balances(runner, ask(by, moment));
              expect(answer.position).toBe(moment.at ?? head);
              if (by === 'division') for (const row of answer.rows) expectIdentity(row.measures);
              expect(plain(new Map(answer.rows.map(({ key, measures }) => [key, measures])))).toEqual(
                plain(model.balances(modelKey(by), moment.at ?? head, moment.asOf ?? null)),
              );
            }
          }
        } finally {
          runner.close();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are compared over histories with every kind of entry', () => {
    const kinds = new Set<string>();
    for (const steps of fc.sample(history, { seed: 20240501, numRuns: 60 })) {
      const model = new LedgerModel();
      for (const choices of steps) model.step(choices);
      for (const { event } of model.entries) {
        kinds.add(event.type);
        if (event.type === 'EntryReversed') {
          kinds.add(`reversed ${(event.data as { reversedType: string }).reversedType}`);
        }
      }
    }
    expect([...kinds].sort()).toEqual(expect.arrayContaining(['CarryOverReceived', 'reversed TransferReceived']));
  });

  it('agree when restricted to a year or to what is under a division', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.constantFrom(2023, 2024),
        fc.constantFrom(...DATES, null),
        async (steps, year, asOf) => {
          run += 1;
          const model = new LedgerModel();
          for (const choices of steps) model.step(choices);
          const log = new ArrayLog();
          for (const entry of model.entries) log.add(entry.event);
          const runner = new ProjectionRunner({ dataDirectory: join(folder, `r${run}`), log });
          try {
            const head = await runner.catchUp();
            if (asOf !== null && !model.isAnswerable(head, asOf)) {
              for (const by of DIMENSIONS) expectUnanswerable(runner, ask(by, { year, asOf }));
              return;
            }
            const rows = (query: BalancesQuery): Map<string, Measures> =>
              new Map(balances(runner, query).rows.map(({ key, measures }) => [key, measures]));
            for (const by of DIMENSIONS) {
              const key = modelKey(by);
              expect(plain(rows(ask(by, { year, asOf })))).toEqual(
                plain(model.balances((effect) => (effect.year === year ? key(effect) : null), head, asOf)),
              );
            }
            if (head === 0) return;
            for (const by of ['department', 'line', 'division'] as const) {
              const key = modelKey(by);
              expect(plain(rows(ask(by, { under: '63', asOf })))).toEqual(plain(model.balances(key, head, asOf)));
            }
            const counties = model.entries.some(({ effects }) => effects.some(({ division }) => division === '630222'));
            if (!counties) return;
            for (const by of DIMENSIONS) {
              const key = modelKey(by);
              const ofPlaces = by === 'village' || by === 'project';
              expect(plain(rows(ask(by, { under: '630222', asOf })))).toEqual(
                plain(
                  model.balances(
                    (effect) =>
                      (ofPlaces ? effect.place : effect.division)?.startsWith('630222') ? key(effect) : null,
                    head,
                    asOf,
                  ),
                ),
              );
            }
          } finally {
            runner.close();
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
