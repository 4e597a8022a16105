import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EventLog } from '../src/event-log/event-log';
import { SqliteEventLog } from '../src/event-log/sqlite/sqlite-event-log';
import { ReadModelBuild } from '../src/projecting/projection-runner';
import { benchmarkLine, type BenchmarkLine, median } from './report';
import { generateLedger } from './support/generate-ledger';
import { writeLedger } from './support/write-ledger';

export interface ReplayBenchmarkOptions {
  readonly events?: number;
  /** Directory on the disk that is to be measured; a temporary one when it is not given. */
  readonly directory?: string;
  readonly onProgress?: (message: string) => void;
}

const DEFAULT_EVENTS = 1_000_000;

/** Cost per event must not grow with the log: the same is measured on a log of this size. */
const SMALL_EVENTS = 10_000;

const BATCH_EVENTS = 4096;

/** A small log is over in a moment, and so is measured several times. */
const SMALL_ROUNDS = 9;

/**
 * Events per second from the log into the read database, against reading and JSON-parsing the same events: the four
 * official projections alone, and with the fact table, its indexes and the registry as well, which is a whole rebuild.
 */
export async function* replayBenchmark(options: ReplayBenchmarkOptions = {}): AsyncGenerator<BenchmarkLine> {
  const events = options.events ?? DEFAULT_EVENTS;
  const directory = mkdtempSync(join(options.directory ?? tmpdir(), 'yichi-replay-'));
  try {
    const small = await measure(Math.min(SMALL_EVENTS, events), SMALL_ROUNDS, directory, options);
    const large = await measure(events, 1, directory, options);
    const lines = (name: string, size: number, figures: Figures): BenchmarkLine[] => [
      benchmarkLine(`${name}-projections`, 'events/s', figures.projections, figures.limit, { events: size }),
      benchmarkLine(name, 'events/s', figures.rebuild, figures.limit, {
        events: size,
        bytesPerEvent: figures.bytesPerEvent,
        readDatabaseMiB: figures.readDatabaseMiB,
        microsecondsPerEvent: Number((1e6 / figures.rebuild).toFixed(2)),
      }),
    ];
    yield* lines('replay-small', Math.min(SMALL_EVENTS, events), small);
    yield* lines('replay', events, large);
    yield benchmarkLine('replay-flatness', 'of the small log’s rate', large.rebuild / small.rebuild, 1, { events });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Figures {
  readonly limit: number;
  readonly projections: number;
  readonly rebuild: number;
  readonly bytesPerEvent: number;
  readonly readDatabaseMiB: number;
}

const measure = async (
  events: number,
  rounds: number,
  directory: string,
  options: ReplayBenchmarkOptions,
): Promise<Figures> => {
  options.onProgress?.(`writing ${events} events`);
  const log = new SqliteEventLog({ file: join(directory, `log-${events}-${rounds}.sqlite`) });
  try {
    await writeLedger(log, generateLedger({ events }));
    const limits: number[] = [];
    const projections: number[] = [];
    const rebuilds: number[] = [];
    let bytes = 0;
    let size = 0;
    for (let round = 0; round < rounds; round += 1) {
      options.onProgress?.(`replaying ${events} events`);
      const reading = await timed(async () => {
        bytes = await readAndParse(log);
      });
      projections.push(events / (await timed(() => build(log, join(directory, 'projections.sqlite'), false))));
      const file = join(directory, 'rebuild.sqlite');
      rebuilds.push(events / (await timed(() => build(log, file, true))));
      size = statSync(file).size;
      const readingAgain = await timed(() => readAndParse(log));
      limits.push((2 * events) / (reading + readingAgain));
      for (const name of ['projections.sqlite', 'rebuild.sqlite']) rmSync(join(directory, name));
    }
    return {
      limit: median(limits),
      projections: median(projections),
      rebuild: median(rebuilds),
      bytesPerEvent: Math.round(bytes / events),
      readDatabaseMiB: Math.round(size / 2 ** 20),
    };
  } finally {
    await log.close();
  }
};

const readAndParse = async (log: EventLog): Promise<number> => {
  let bytes = 0;
  for (let after = 0; ;) {
    const events = await log.readAll(after, BATCH_EVENTS);
    for (const { canonical } of events) {
      bytes += canonical.length;
      JSON.parse(canonical);
    }
    const last = events.at(-1);
    if (last === undefined) return bytes;
    after = last.position;
  }
};

const build = async (log: EventLog, file: string, withFacts: boolean): Promise<void> => {
  const model = new ReadModelBuild(file, 'bench', withFacts);
  for (;;) {
    const events = await log.readAll(model.position, BATCH_EVENTS);
    if (events.length === 0) break;
    model.take(events);
  }
  model.finish();
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};
