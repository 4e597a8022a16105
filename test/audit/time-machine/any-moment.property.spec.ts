import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { diff } from '../../../src/audit/diff/diff';
import { history } from '../../../src/audit/history/history';
import { provenance } from '../../../src/audit/provenance/provenance';
import { compareWithLive, DIMENSION_OF } from '../../../src/audit/replay/live-comparison';
import { OfficialFold } from '../../../src/audit/replay/official-fold';
import { balances } from '../../../src/balances/balances';
import type { BalancesScope, Dimension } from '../../../src/balances/balances-query';
import { MEASURES, type Measures, noMeasures } from '../../../src/balances/measures';
import type { Moment } from '../../../src/balances/moment-request';
import { readEvent } from '../../../src/event-log/upcasting';
import { PROJECTION_NAMES } from '../../../src/projecting/projection-loader';
import { addSums, type FenSum, sumOfSums } from '../../../src/money/fen-sum';
import { ProjectionRunner } from '../../../src/projecting/projection-runner';
import { ArrayLog } from '../../projecting/array-log';
import { DATES, LedgerModel, modelKey } from '../../projections/ledger-model';

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

type Cells = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** Comparable, and without keys whose figures are all zero, which a change of moments may leave behind. */
const plain = (cells: Cells): Record<string, unknown> =>
  Object.fromEntries(
    [...cells]
      .filter(([, cell]) => MEASURES.some((measure) => cell[measure] !== 0))
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, cell]) => [`=${key}`, MEASURES.map((measure) => `${measure} ${cell[measure]}`)]),
  );

const plus = (left: Measures, right: Measures): Record<string, FenSum> =>
  Object.fromEntries(MEASURES.map((measure) => [measure, addSums(left[measure], right[measure])]));

const scopeOf = (by: Dimension): BalancesScope => ({ by, under: null, year: null });

const steps = fc.array(fc.array(fc.nat({ max: 10_000 }), { minLength: 6, maxLength: 10 }), {
  minLength: 20,
  maxLength: 120,
});

/** Each takes a minute alone, and many times that on a machine that has much else to do. */
jest.setTimeout(900_000);

describe('any moment of random ledgers', () => {
  let folder: string;
  let run = 0;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yichi-moments-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A ledger whose tables were kept up event by event, and the model that made it. */
  const play = async (
    choices: readonly (readonly number[])[],
  ): Promise<{ model: LedgerModel; log: ArrayLog; live: ProjectionRunner }> => {
    run += 1;
    const model = new LedgerModel();
    for (const choice of choices) model.step(choice);
    const log = new ArrayLog();
    const live = new ProjectionRunner({ dataDirectory: join(folder, String(run)), log });
    const half = Math.floor(model.entries.length / 2);
    for (const entry of model.entries.slice(0, half)) log.add(entry.event);
    await live.catchUp();
    for (const entry of model.entries.slice(half)) {
      const stored = log.add(entry.event);
      live.take([stored], stored.position - 1);
    }
    return { model, log, live };
  };

  it('has the same answer in the live tables, in a rebuild, in a replay and in the model', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), fc.nat(), async (choices, anyPosition, anyDate) => {
        const { model, log, live } = await play(choices);
        const rebuilt = new ProjectionRunner({ dataDirectory: join(folder, `${run}-rebuilt`), log });
        try {
          await rebuilt.rebuild();
          const head = model.entries.length;
          if (head === 0) return;
          const at = 1 + (anyPosition % head);
          const asOf = DATES[anyDate % DATES.length] ?? '';
          for (const moment of [
            { at, asOf: null },
            { at: null, asOf },
            { at, asOf },
          ] satisfies Moment[]) {
            if (!model.isAnswerable(moment.at ?? head, moment.asOf)) continue;
            const replayed = new OfficialFold(moment.asOf);
            for (const stored of log.stored.slice(0, moment.at ?? head)) replayed.apply(readEvent(stored));
            for (const by of DIMENSIONS) {
              const expected = plain(model.balances(modelKey(by), moment.at ?? head, moment.asOf));
              for (const source of [live, rebuilt]) {
                const { rows } = balances(source, { ...scopeOf(by), ...moment });
                expect(plain(new Map(rows.map(({ key, measures }) => [key, measures])))).toEqual(expected);
              }
            }
            for (const [index, name] of PROJECTION_NAMES.entries()) {
              const by = DIMENSION_OF[name];
              expect([name, plain(replayed.cells(index))]).toEqual([
                name,
                plain(model.balances(modelKey(by), moment.at ?? head, moment.asOf)),
              ]);
            }
          }
          for (const source of [live, rebuilt]) {
            expect(await compareWithLive({ log, live: source })).toEqual([]);
          }
        } finally {
          live.close();
          rebuilt.close();
        }
      }),
      { numRuns: 25 },
    );
  });

  it('differs from any other by exactly what a diff says, and its events add up to it', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()),
        fc.constantFrom(...DIMENSIONS),
        async (choices, [p1, d1, p2, d2], by) => {
          const { model, live } = await play(choices);
          try {
            const head = model.entries.length;
            if (head === 0) return;
            const moment = (position: number, date: number): Moment => ({
              at: position % 3 === 0 ? null : 1 + (position % head),
              asOf: DATES[date % (DATES.length + 1)] ?? null,
            });
            const from = moment(p1, d1);
            const to = moment(p2, d2);
            if (![from, to].every(({ at, asOf }) => model.isAnswerable(at ?? head, asOf))) return;
            const cells = ({ at, asOf }: Moment): Cells => model.balances(modelKey(by), at ?? head, asOf);
            const answer = diff(live, { scope: scopeOf(by), from, to, eventsPerRow: 1000 });

            const brief = diff(live, { scope: scopeOf(by), from, to, eventsPerRow: 2 });
            expect(brief).toEqual({
              ...answer,
              rows: answer.rows.map((row) => ({ ...row, events: row.events.slice(0, 2) })),
            });

            const before = new Map(answer.rows.map((row) => [row.key, row]));
            for (const row of answer.rows) {
              expect(plus(row.from, row.change)).toEqual(row.to);
              const events = row.events.map(({ change }) => change);
              expect(events.reduce<Measures>((sum, change) => plus(sum, change) as Measures, row.from)).toEqual(row.to);
              expect(row.eventCount).toBe(row.events.length);
            }
            const changed = (): string[] => {
              const [left, right] = [plain(cells(from)), plain(cells(to))];
              const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
              return [...keys].filter((key) => JSON.stringify(left[key]) !== JSON.stringify(right[key])).sort();
            };
            expect([...before.keys()].map((key) => `=${key}`).sort()).toEqual(changed());
            for (const [key, row] of before) {
              const of = (moment: Moment, figures: Measures): void =>
                expect(figures).toEqual(cells(moment).get(key) ?? noMeasures());
              of(from, row.from);
              of(to, row.to);
            }
          } finally {
            live.close();
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is reached by the history of a balance, and its figures are the sums of their events', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), fc.constantFrom(...DIMENSIONS), async (choices, any, by) => {
        const { model, live } = await play(choices);
        try {
          const head = model.entries.length;
          const moment: Moment = { at: head === 0 ? null : 1 + (any % head), asOf: null };
          if (head === 0) return;
          const { rows } = balances(live, { ...scopeOf(by), ...moment });
          const row = rows[any % Math.max(1, rows.length)];
          if (row === undefined) return;
          const changes = model.balances(modelKey(by), moment.at ?? head, null).get(row.key);
          const through = history(live, { scope: scopeOf(by), key: row.key, moment });
          expect(through.rows.at(-1)?.balance).toEqual(changes);
          expect(through.rows).toHaveLength(through.eventCount);
          // On each of its dates, the balance of the last event of the day is the balance as of that day.
          for (const [index, step] of through.rows.entries()) {
            if (through.rows[index + 1]?.effectiveOn === step.effectiveOn) continue;
            const asOf = model.balances(modelKey(by), moment.at ?? head, step.effectiveOn).get(row.key);
            expect([step.effectiveOn, step.balance]).toEqual([step.effectiveOn, asOf]);
          }
          // Page by page the same.
          const paged = [];
          for (let after = null as (typeof through)['next']; ;) {
            const page = history(live, { scope: scopeOf(by), key: row.key, moment, after, limit: 3 });
            paged.push(...page.rows);
            if (page.next === null) break;
            after = page.next;
          }
          expect(paged).toEqual(through.rows);

          for (const measure of MEASURES) {
            const found = [];
            for (let after = 0; ;) {
              const page = provenance(live, { scope: scopeOf(by), key: row.key, measure, moment, after, limit: 2 });
              expect(page.figure).toBe(row.measures[measure]);
              found.push(...page.rows);
              if (page.next === null) {
                expect(found).toHaveLength(page.eventCount);
                break;
              }
              after = page.next;
            }
            expect(sumOfSums(found.map(({ contribution }) => contribution))).toBe(row.measures[measure]);
          }
        } finally {
          live.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});
