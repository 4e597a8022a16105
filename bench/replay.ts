import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EventLog } from '../src/event-log/event-log';
import { ReadModelBuild } from '../src/projecting/read-model-build';
import { benchmarkLine, type BenchmarkLine, median } from './report';
import { BenchmarkLedger, type LedgerBenchmarkOptions } from './support/benchmark-ledger';

/** Cost per event must not grow with the log: the same is measured on a log of this size. */
const SMALL_EVENTS = 10_000;

const BATCH_EVENTS = 4096;

/** A small log is over in a moment, and so is measured several times. */
const SMALL_ROUNDS = 9;

/**
 * Events per second from the log into the read database, against reading and JSON-parsing the same events: the four
 * official projections alone, and with the fact table, its indexes and the registry as well, which is a whole rebuild.
 * The flatness line compares the ratio of the whole with that of a log of ten thousand events.
 */
export async function* replayBenchmark(options: LedgerBenchmarkOptions = {}): AsyncGenerator<BenchmarkLine> {
  const large = await measure(options, 1);
  const small = await measure({ ...options, events: Math.min(SMALL_EVENTS, large.events) }, SMALL_ROUNDS);
  const lines = (name: string, { events, projections, rebuild, ...sizes }: Figures): BenchmarkLine[] => [
    benchmarkLine(`${name}-projections`, 'events/s', projections.rate, projections.limit, { events }),
    benchmarkLine(name, 'events/s', rebuild.rate, rebuild.limit, {
      events,
      ...sizes,
      microsecondsPerEvent: Number((1e6 / rebuild.rate).toFixed(2)),
    }),
  ];
  yield* lines('replay-small', small);
  yield* lines('replay', large);
  // What the machine did meanwhile is taken out by comparing both with their own limits.
  yield benchmarkLine(
    'replay-flatness',
    'of the limit',
    large.rebuild.rate / large.rebuild.limit,
    small.rebuild.rate / small.rebuild.limit,
    { events: large.events },
  );
}

interface Figures {
  readonly events: number;
  readonly projections: Comparison;
  readonly rebuild: Comparison;
  readonly bytesPerEvent: number;
  readonly readDatabaseMiB: number;
}

/** Events per second, and what reading and parsing alone made of the same events in the same moments. */
interface Comparison {
  readonly rate: number;
  readonly limit: number;
  readonly bytes: number;
}

const measure = async (options: LedgerBenchmarkOptions, rounds: number): Promise<Figures> => {
  const ledger = await BenchmarkLedger.open(options);
  const directory = mkdtempSync(join(options.directory ?? tmpdir(), 'yichi-replay-'));
  try {
    const { events, log } = ledger;
    const file = join(directory, 'read.sqlite');
    const projections: Comparison[] = [];
    const rebuilds: Comparison[] = [];
    let size = 0;
    ledger.tell(`replaying ${events} events`);
    for (let round = 0; round < rounds; round += 1) {
      projections.push(await compare(log, file, false));
      rmSync(file);
      rebuilds.push(await compare(log, file, true));
      size = statSync(file).size;
      rmSync(file);
    }
    return {
      events,
      projections: middle(projections),
      rebuild: middle(rebuilds),
      bytesPerEvent: Math.round((rebuilds[0]?.bytes ?? 0) / events),
      readDatabaseMiB: Math.round(size / 2 ** 20),
    };
  } finally {
    await ledger.close();
    rmSync(directory, { recursive: true, force: true });
  }
};

const middle = (comparisons: readonly Comparison[]): Comparison => ({
  rate: median(comparisons.map(({ rate }) => rate)),
  limit: median(comparisons.map(({ limit }) => limit)),
  bytes: 0,
});

/** Both are measured in turn, batch by batch, so that a busy neighbour slows both. */
const compare = async (log: EventLog, file: string, withFacts: boolean): Promise<Comparison> => {
  const model = new ReadModelBuild(file, 'bench', withFacts);
  let events = 0;
  let bytes = 0;
  let readingMs = 0;
  let buildingMs = 0;
  for (;;) {
    const start = performance.now();
    const batch = await log.readAll(model.position, BATCH_EVENTS);
    for (const { canonical } of batch) JSON.parse(canonical);
    const parsed = performance.now();
    readingMs += parsed - start;
    if (batch.length === 0) break;
    model.take(await log.readAll(model.position, BATCH_EVENTS));
    buildingMs += performance.now() - parsed;
    events += batch.length;
    for (const { canonical } of batch) bytes += canonical.length;
  }
  const start = performance.now();
  model.finish();
  buildingMs += performance.now() - start;
  return { rate: (events * 1000) / buildingMs, limit: (events * 1000) / readingMs, bytes };
};
