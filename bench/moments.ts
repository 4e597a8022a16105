import { diff } from '../src/audit/diff/diff';
import { history } from '../src/audit/history/history';
import { provenance } from '../src/audit/provenance/provenance';
import { balances } from '../src/balances/balances';
import type { BalancesScope } from '../src/balances/balances-query';
import type { ProjectionRunner } from '../src/projecting/projection-runner';
import { benchmarkLine, type BenchmarkLine } from './report';
import { type BenchmarkLedger, type LedgerBenchmarkOptions, withBenchmarkLedger } from './support/benchmark-ledger';
import { BENCH_YEAR, benchCounties, benchVillage } from './support/generate-ledger';
import { percentile, questionTimes, rounded } from './support/question-times';

interface Question {
  readonly limitMs: number;
  readonly rounds: number;
  readonly ask: (index: number) => unknown;
}

const WARM_UP = 3;

/**
 * Milliseconds for questions about the past at any business date and position, in process: villages of a county, all
 * pools together, two moments compared, and one balance through time.
 */
export const momentsBenchmark = (options: LedgerBenchmarkOptions = {}): AsyncIterable<BenchmarkLine> =>
  withBenchmarkLedger(options, measure);

async function* measure(ledger: BenchmarkLedger): AsyncGenerator<BenchmarkLine> {
  const { events, readModel } = ledger;
  await ledger.buildTables();
  for (const [name, { ask, limitMs, rounds }] of Object.entries(questions(readModel, events))) {
    ledger.tell(name);
    const times = await questionTimes(rounds, WARM_UP, ask);
    const p99 = percentile(times, 99);
    yield {
      ...benchmarkLine(name, 'ms (p99)', p99, limitMs, { p50: rounded(percentile(times, 50)), rounds, events }),
      ratio: rounded(limitMs / p99),
    };
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

/** Of an index, between 0 and 1, spread evenly (the golden ratio's multiples). */
const fraction = (index: number): number => (index * 0.618033988749895) % 1;

const dateOf = (day: number): string => new Date(Date.UTC(BENCH_YEAR, 0, 1 + day)).toISOString().slice(0, 10);
