import { trace } from '../src/audit/lineage/trace';
import { balances } from '../src/balances/balances';
import { parseBalancesRequest } from '../src/balances/balances-query';
import type { SnapshotSource } from '../src/projecting/read-database';
import { benchmarkLine, type BenchmarkLine } from './report';
import { type BenchmarkLedger, type LedgerBenchmarkOptions, withBenchmarkLedger } from './support/benchmark-ledger';
import { BENCH_YEAR, benchCounties, benchVillage } from './support/generate-ledger';
import { percentile, questionTimes, rounded } from './support/question-times';

/** A hundredth of them decides the p99. */
const QUESTIONS = 1_000;
const WARM_UP_QUESTIONS = 50;

/** What people feel as at once; the figure is the 99th percentile, and a ratio above 1 is within its limit. */
const LIMIT_MS = { query: 2, 'query-county-as-of': 50, 'query-trace-payment': 20 } as const;

/**
 * Milliseconds for the balance of one village, for all villages of a county as of any date, and for tracing one
 * payment to its sources, in process.
 */
export const queryBenchmark = (options: LedgerBenchmarkOptions = {}): AsyncIterable<BenchmarkLine> =>
  withBenchmarkLedger(options, measure);

async function* measure(ledger: BenchmarkLedger): AsyncGenerator<BenchmarkLine> {
  const { events, readModel } = ledger;
  await ledger.buildTables();
  const counties = benchCounties(events);
  const vouchers = somePayments(readModel);
  const questions: Readonly<Record<keyof typeof LIMIT_MS, (index: number) => unknown>> = {
    query: (index) =>
      balances(
        readModel,
        parseBalancesRequest({ by: 'village', under: benchVillage(pick(counties, index), index % 60) }),
      ),
    'query-county-as-of': (index) =>
      balances(readModel, parseBalancesRequest({ by: 'village', under: pick(counties, index), asOf: dateOf(index) })),
    'query-trace-payment': (index) => trace(readModel, { id: pick(vouchers, index), kind: 'payment' }),
  };
  for (const [name, ask] of Object.entries(questions)) {
    ledger.tell(name);
    const times = await questionTimes(QUESTIONS, WARM_UP_QUESTIONS, ask);
    const limit = LIMIT_MS[name as keyof typeof LIMIT_MS];
    const p99 = percentile(times, 99);
    yield {
      ...benchmarkLine(name, 'ms (p99)', p99, limit, { p50: rounded(percentile(times, 50)), events }),
      ratio: rounded(limit / p99),
    };
  }
}

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
