import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { trace } from '../src/audit/lineage/trace';
import { balances } from '../src/balances/balances';
import { parseBalancesRequest } from '../src/balances/balances-query';
import { SqliteEventLog } from '../src/event-log/sqlite/sqlite-event-log';
import { ProjectionRunner } from '../src/projecting/projection-runner';
import type { SnapshotSource } from '../src/projecting/read-database';
import { benchmarkLine, type BenchmarkLine } from './report';
import { BENCH_YEAR, benchCounties, benchVillage, generateLedger } from './support/generate-ledger';
import { writeLedger } from './support/write-ledger';

export interface QueryBenchmarkOptions {
  readonly events?: number;
  /** Directory on the disk that is to be measured; a temporary one when it is not given. */
  readonly directory?: string;
  readonly onProgress?: (message: string) => void;
}

const DEFAULT_EVENTS = 1_000_000;

/** A hundredth of them decides the p99. */
const QUESTIONS = 1_000;
const WARM_UP_QUESTIONS = 50;

/** What people feel as at once; the figure is the 99th percentile, and a ratio above 1 is within its limit. */
const LIMIT_MS = { query: 2, 'query-county-as-of': 50, 'query-trace-payment': 20 } as const;

/**
 * Milliseconds for the balance of one village, for all villages of a county as of any date, and for tracing one
 * payment to its sources, in process.
 */
export async function* queryBenchmark(options: QueryBenchmarkOptions = {}): AsyncGenerator<BenchmarkLine> {
  const events = options.events ?? DEFAULT_EVENTS;
  const directory = mkdtempSync(join(options.directory ?? tmpdir(), 'yichi-query-'));
  const log = new SqliteEventLog({ file: join(directory, 'log.sqlite') });
  const runner = new ProjectionRunner({ dataDirectory: directory, log });
  try {
    options.onProgress?.(`writing ${events} events`);
    await writeLedger(log, generateLedger({ events }));
    options.onProgress?.('building the read database');
    await runner.catchUp();
    const counties = benchCounties(events);
    const vouchers = somePayments(runner);
    const questions: Readonly<Record<keyof typeof LIMIT_MS, (index: number) => unknown>> = {
      query: (index) =>
        balances(
          runner,
          parseBalancesRequest({ by: 'village', under: benchVillage(pick(counties, index), index % 60) }),
        ),
      'query-county-as-of': (index) =>
        balances(runner, parseBalancesRequest({ by: 'village', under: pick(counties, index), asOf: dateOf(index) })),
      'query-trace-payment': (index) => trace(runner, { id: pick(vouchers, index), kind: 'payment' }),
    };
    for (const [name, ask] of Object.entries(questions)) {
      options.onProgress?.(name);
      const times = measure(ask);
      const limit = LIMIT_MS[name as keyof typeof LIMIT_MS];
      const p99 = percentile(times, 99);
      yield {
        ...benchmarkLine(name, 'ms (p99)', p99, limit, { p50: round(percentile(times, 50)), events }),
        ratio: round(limit / p99),
      };
    }
  } finally {
    runner.close();
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const measure = (ask: (index: number) => unknown): number[] => {
  const times: number[] = [];
  for (let index = 0; index < QUESTIONS + WARM_UP_QUESTIONS; index += 1) {
    const start = performance.now();
    ask(index);
    if (index >= WARM_UP_QUESTIONS) times.push(performance.now() - start);
  }
  return times.sort((left, right) => left - right);
};

const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;

/** Spread over counties, villages and days, so that no question is answered from what the last one left behind. */
const pick = <Item>(items: readonly Item[], index: number): Item => items[(index * 7919) % items.length] as Item;

const dateOf = (index: number): string =>
  new Date(Date.UTC(BENCH_YEAR, 0, 1 + ((index * 31) % 366))).toISOString().slice(0, 10);

const somePayments = (source: SnapshotSource): string[] =>
  source.read((snapshot) =>
    snapshot
      .all<readonly [string]>(
        `SELECT document_no FROM event
          WHERE type = (SELECT id FROM event_type WHERE name = 'PaymentExecuted')
            AND position % 97 = 0 LIMIT 5000`,
      )
      .map(([voucher]) => voucher),
  );

const round = (value: number): number => Number(value.toPrecision(4));
