import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CommandRunner } from '../src/event-log/command-runner';
import type { CommandAnswer } from '../src/event-log/decider';
import type { StoredEvent } from '../src/event-log/event';
import { uuidBytes } from '../src/event-log/event-id';
import type { EventLog } from '../src/event-log/event-log';
import { openLogFile } from '../src/event-log/sqlite/open-log-file';
import { SqliteEventLog } from '../src/event-log/sqlite/sqlite-event-log';
import { benchmarkLine, type BenchmarkLine, median } from './report';
import { countyPools } from './support/county-pools';

export interface AppendBenchmarkOptions {
  /** Events of the main figure; the others take fewer. */
  readonly events?: number;
  /** Directory on the disk that is to be measured; a temporary one when it is not given. */
  readonly directory?: string;
  readonly onProgress?: (message: string) => void;
  /** What the callers do; given another it measures another kind of command. */
  readonly workload?: AppendWorkload;
}

/** Prepares a ledger and returns the n-th command, each of which stores one event. */
export type AppendWorkload = (commands: CommandRunner) => Promise<(index: number) => Promise<CommandAnswer>>;

/** Payment requests in 100 counties, checked in full: registries, project, purpose, overdraft on every date. */
const paymentRequests: AppendWorkload = (commands) =>
  countyPools(commands, { pools: 100, projectsPerPool: 5, villagesPerProject: 4 });

interface Measurement {
  readonly name: string;
  readonly callers: number;
  /** Rows of one transaction of the raw inserts that set the limit. */
  readonly rowsPerTransaction: number;
  readonly share: number;
}

const MEASUREMENTS: readonly Measurement[] = [
  { name: 'append', callers: 256, rowsPerTransaction: 256, share: 1 },
  { name: 'append-16-callers', callers: 16, rowsPerTransaction: 16, share: 0.4 },
  { name: 'append-1-caller', callers: 1, rowsPerTransaction: 1, share: 0.08 },
];

const DEFAULT_EVENTS = 100_000;

/** Both sides are measured in turn, round by round, so that a busy neighbour slows both. */
const ROUNDS = 10;

/** Rounds that are not counted: the first ones compile code and grow files. */
const WARM_UP_ROUNDS = 2;

/**
 * Appends per second of concurrent callers with full validation and durable commits, against raw inserts of the same
 * bytes into the same table of another file with the same settings, which is as fast as this disk and SQLite can be.
 */
export async function* appendBenchmark(options: AppendBenchmarkOptions = {}): AsyncGenerator<BenchmarkLine> {
  const directory = mkdtempSync(join(options.directory ?? tmpdir(), 'yichi-append-'));
  try {
    for (const measurement of MEASUREMENTS) {
      options.onProgress?.(`${measurement.name}: ${measurement.callers} callers`);
      yield await measure(measurement, directory, options);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const measure = async (
  { name, callers, rowsPerTransaction, share }: Measurement,
  directory: string,
  options: AppendBenchmarkOptions,
): Promise<BenchmarkLine> => {
  const events = Math.max(callers * ROUNDS, Math.round((options.events ?? DEFAULT_EVENTS) * share));
  const perRound = Math.ceil(events / ROUNDS);
  const log = new SqliteEventLog({ file: join(directory, `${name}.db`) });
  const raw = rawInserts(join(directory, `${name}-raw.db`));
  try {
    const command = await (options.workload ?? paymentRequests)(new CommandRunner(log, { now: () => new Date() }));
    let copied = await copyNew(log, 0, raw, rowsPerTransaction);
    const figures: number[] = [];
    const limits: number[] = [];
    let bytes = 0;
    for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round += 1) {
      const seconds = await timed(() => runCallers(command, callers, round * perRound, perRound));
      const rows = await readAfter(log, copied.position);
      copied = { position: rows.at(-1)?.position ?? copied.position };
      const rawSeconds = raw.insert(rows, rowsPerTransaction);
      if (round < WARM_UP_ROUNDS) continue;
      figures.push(perRound / seconds);
      limits.push(rows.length / rawSeconds);
      bytes = rows.reduce((sum, row) => sum + Buffer.byteLength(row.canonical), 0) / rows.length;
    }
    return benchmarkLine(name, 'events/s', median(figures), median(limits), {
      callers,
      events: perRound * ROUNDS,
      bytesPerEvent: Math.round(bytes),
      rowsPerTransaction,
    });
  } finally {
    raw.close();
    await log.close();
  }
};

/** Each caller asks for its next command when the last one is answered. */
export const runCallers = async (
  command: (index: number) => Promise<CommandAnswer>,
  callers: number,
  first: number,
  count: number,
): Promise<void> => {
  let next = first;
  const end = first + count;
  const caller = async (): Promise<void> => {
    while (next < end) {
      const index = next;
      next += 1;
      const answer = await command(index);
      if (answer.unchanged || answer.eventIds.length !== 1) throw new Error(`command ${index} did not store one event`);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
};

export const timed = async (action: () => Promise<void>): Promise<number> => {
  const start = process.hrtime.bigint();
  await action();
  return Number(process.hrtime.bigint() - start) / 1e9;
};

const PAGE = 5000;

const readAfter = async (log: EventLog, after: number): Promise<readonly StoredEvent[]> => {
  const rows: StoredEvent[] = [];
  for (;;) {
    const page = await log.readAll(rows.at(-1)?.position ?? after, PAGE);
    rows.push(...page);
    if (page.length < PAGE) return rows;
  }
};

interface RawInserts {
  /** Seconds that inserting the rows took. */
  insert(rows: readonly StoredEvent[], rowsPerTransaction: number): number;
  close(): void;
}

/** The limit's file starts with what the workload has prepared, so that both tables are of one size. */
const copyNew = async (
  log: EventLog,
  after: number,
  raw: RawInserts,
  rowsPerTransaction: number,
): Promise<{ readonly position: number }> => {
  const rows = await readAfter(log, after);
  raw.insert(rows, Math.max(rowsPerTransaction, PAGE));
  return { position: rows.at(-1)?.position ?? after };
};

const rawInserts = (file: string): RawInserts => {
  const database = openLogFile(file);
  const addStream = database.prepare('INSERT INTO stream (stream_id, name) VALUES (?, ?)');
  const addEvent = database.prepare(
    'INSERT INTO event (position, stream_id, revision, id, canonical) VALUES (?, ?, ?, ?, ?)',
  );
  const streams = new Map<string, number>();
  type RawRow = readonly [number, number, number, Buffer, string];
  const insertAll = database.transaction((rows: readonly RawRow[]) => {
    for (const row of rows) addEvent.run(row[0], row[1], row[2], row[3], row[4]);
  });
  const rawRow = ({ position, stream, revision, canonical }: StoredEvent): RawRow => {
    let streamId = streams.get(stream);
    if (streamId === undefined) {
      streamId = streams.size + 1;
      streams.set(stream, streamId);
      addStream.run(streamId, stream);
    }
    const { id } = JSON.parse(canonical) as { id: string };
    return [position, streamId, revision, uuidBytes(id), canonical];
  };
  return {
    insert: (rows, rowsPerTransaction) => {
      const ready = rows.map(rawRow);
      const batches: RawRow[][] = [];
      for (let from = 0; from < ready.length; from += rowsPerTransaction) {
        batches.push(ready.slice(from, from + rowsPerTransaction));
      }
      const start = process.hrtime.bigint();
      for (const batch of batches) insertAll.immediate(batch);
      return Number(process.hrtime.bigint() - start) / 1e9;
    },
    close: () => void database.close(),
  };
};
