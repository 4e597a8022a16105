import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { diff } from '../src/audit/diff/diff';
import { history } from '../src/audit/history/history';
import { provenance } from '../src/audit/provenance/provenance';
import { balances } from '../src/balances/balances';
import type { BalancesScope } from '../src/balances/balances-query';
import { SqliteEventLog } from '../src/event-log/sqlite/sqlite-event-log';
import { ProjectionRunner } from '../src/projecting/projection-runner';
import { benchmarkLine, type BenchmarkLine } from './report';
import { BENCH_YEAR, benchCounties, benchVillage, generateLedger } from './support/generate-ledger';
import { writeLedger } from './support/write-ledger';

export interface MomentsBenchmarkOptions {
  readonly events?: number;
  readonly onProgress?: (message: string) => void;
}

const DEFAULT_EVENTS = 1_000_000;

/** Where a ledger that was made for an earlier run is kept; without it a temporary one is made. */
const KEPT_LEDGER = 'YICHI_BENCH_LEDGER';

interface Question {
  readonly limitMs: number;
  readonly rounds: number;
  readonly ask: (index: number) => unknown;
}

/**
 * Milliseconds for questions about the past at any business date and position, in process: villages of a county, all
 * pools together, two moments compared, and one balance through time.
 */
export async function* momentsBenchmark(options: MomentsBenchmarkOptions = {}): AsyncGenerator<BenchmarkLine> {
  const events = options.events ?? DEFAULT_EVENTS;
  const kept = process.env[KEPT_LEDGER];
  const directory = kept ?? mkdtempSync(join(tmpdir(), 'yichi-moments-'));
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'log.sqlite');
  const isMade = existsSync(file);
  const log = new SqliteEventLog({ file });
  const runner = new ProjectionRunner({ dataDirectory: directory, log });
  try {
    options.onProgress?.(`writing ${events} events`);
    if (!isMade) await writeLedger(log, generateLedger({ events }));
    options.onProgress?.('building the read database');
    await runner.catchUp();
    for (const [name, question] of Object.entries(questions(runner, events))) {
      options.onProgress?.(name);
      const times = measure(question);
      const p99 = percentile(times, 99);
      yield {
        ...benchmarkLine(name, 'ms (p99)', p99, question.limitMs, {
          p50: round(percentile(times, 50)),
          rounds: question.rounds,
          events,
        }),
        ratio: round(question.limitMs / p99),
      };
    }
  } finally {
    runner.close();
    await log.close();
    if (kept === undefined) rmSync(directory, { recursive: true, force: true });
  }
}

const questions = (runner: ProjectionRunner, events: number): Readonly<Record<string, Question>> => {
  const counties = benchCounties(events);
  const county = (index: number): string => counties[(index * 7919) % counties.length] ?? '';
  // Random, but the same in every run; the first tenth of the log is before the first payment.
  const positionAt = (index: number): number => Math.floor(events * (0.1 + 0.9 * fraction(index * 31 + 7)));
  const moment = (index: number) => ({ at: positionAt(index), asOf: dateOf(Math.floor(366 * fraction(index))) });
  const scope = (by: BalancesScope['by'], under: string | null = null): BalancesScope => ({ by, under, year: null });
  const yearApart = { from: { at: null, asOf: dateOf(3) }, to: { at: null, asOf: dateOf(365) } };
  return {
    'as-of-villages-of-county': {
      limitMs: 50,
      rounds: 400,
      ask: (index) => balances(runner, { ...scope('village', county(index)), ...moment(index) }),
    },
    'as-of-all-villages': {
      limitMs: 1000,
      rounds: 15,
      ask: (index) => balances(runner, { ...scope('village'), ...moment(index) }),
    },
    'as-of-departments': {
      limitMs: 1000,
      rounds: 15,
      ask: (index) => balances(runner, { ...scope('department'), ...moment(index) }),
    },
    'diff-county-a-year-apart': {
      limitMs: 1000,
      rounds: 30,
      ask: (index) => diff(runner, { scope: scope('village', county(index)), ...yearApart }),
    },
    'diff-all-counties-a-year-apart': {
      limitMs: 1000,
      rounds: 10,
      ask: () => diff(runner, { scope: scope('county'), ...yearApart }),
    },
    'diff-all-villages-a-year-apart': {
      limitMs: 1000,
      rounds: 10,
      ask: () => diff(runner, { scope: scope('village'), ...yearApart }),
    },
    'history-of-a-village': {
      limitMs: 50,
      rounds: 100,
      ask: (index) =>
        history(runner, {
          scope: scope('village'),
          key: benchVillage(county(index), index % 60),
          moment: { at: null, asOf: null },
        }),
    },
    'provenance-of-a-county': {
      limitMs: 100,
      rounds: 100,
      ask: (index) =>
        provenance(runner, {
          scope: scope('county'),
          key: county(index),
          measure: 'paid',
          moment: { at: null, asOf: dateOf(60 + Math.floor(300 * fraction(index))) },
          after: 0,
          limit: 100,
        }),
    },
  };
};

const WARM_UP = 3;

const measure = ({ rounds, ask }: Question): number[] => {
  const times: number[] = [];
  for (let index = 0; index < rounds + WARM_UP; index += 1) {
    const start = performance.now();
    ask(index);
    if (index >= WARM_UP) times.push(performance.now() - start);
  }
  return times.sort((left, right) => left - right);
};

const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;

/** Of an index, between 0 and 1, spread evenly (the golden ratio's multiples). */
const fraction = (index: number): number => (index * 0.618033988749895) % 1;

const dateOf = (day: number): string => new Date(Date.UTC(BENCH_YEAR, 0, 1 + day)).toISOString().slice(0, 10);

const round = (value: number): number => Number(value.toPrecision(4));
