import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CheckpointDesk } from '../src/audit/checkpoints/checkpoint-desk';
import { proveConsistency } from '../src/audit/checkpoints/prove';
import { proveEvent } from '../src/audit/checkpoints/prove-event';
import { SqliteEventLog } from '../src/event-log/sqlite/sqlite-event-log';
import { leafHash } from '../src/event-log/tree/merkle-hash';
import { completeSubtrees } from '../src/event-log/tree/merkle-tree';
import { consistencyRanges, inclusionRanges } from '../src/event-log/tree/merkle-proof';
import { tilesFor } from '../src/event-log/tree/tree-store';
import type { LeafRange } from '../src/event-log/tree/merkle-tree';
import { benchmarkLine, type BenchmarkLine } from './report';
import { generateLedger } from './support/generate-ledger';
import { writeLedger } from './support/write-ledger';

export interface ProofBenchmarkOptions {
  readonly events?: number;
  /** Directory on the disk that is to be measured; a temporary one when it is not given. */
  readonly directory?: string;
  readonly onProgress?: (message: string) => void;
}

const DEFAULT_EVENTS = 1_000_000;

/** A hundredth of them decides the p99. */
const PROOFS = 2_000;
const WARM_UP_PROOFS = 100;
const WANTED_MS = 5;

/**
 * Milliseconds, as the 99th percentile, of proving any one event by its id, and of proving that the log began with any
 * earlier size, against reading the same event and tiles and hashing the event once.
 */
export async function* proofBenchmark(options: ProofBenchmarkOptions = {}): AsyncGenerator<BenchmarkLine> {
  const events = options.events ?? DEFAULT_EVENTS;
  const directory = mkdtempSync(join(options.directory ?? tmpdir(), 'yichi-proof-'));
  const log = new SqliteEventLog({ file: join(directory, 'log.sqlite') });
  try {
    options.onProgress?.(`writing ${events} events`);
    await writeLedger(log, generateLedger({ events }));
    const checkpoints = new CheckpointDesk({ dataDirectory: directory, engine: log.engine, tree: () => log.tree });
    await checkpoints.make();
    const ids = await someIds(log, events);
    const ledger = { log, checkpoints, readModel: { read: () => notAsked() } };

    options.onProgress?.('proving');
    const proving = await percentileOf((index) => proveEvent(ledger, ids[index % ids.length]?.id ?? ''));
    const reading = await percentileOf(async (index) => {
      const leaf = ids[index % ids.length]?.leaf ?? 0;
      const [event] = await log.tree.readLeaves(leaf, 1);
      leafHash(event?.bytes ?? '');
      await readTiles(log, events, inclusionRanges(leaf, events));
    });
    yield benchmarkLine('proof', 'ms (p99)', proving, reading, { events, wanted: WANTED_MS });

    const growing = await percentileOf((index) => proveConsistency(log.tree, sizeAt(index, events), events));
    const readingSizes = await percentileOf((index) =>
      readTiles(log, events, consistencyRanges(sizeAt(index, events), events)),
    );
    yield benchmarkLine('proof-consistency', 'ms (p99)', growing, readingSizes, { events, wanted: WANTED_MS });
  } finally {
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Spread over the whole log, and the same ones in every run. */
const STRIDE = 7_919_999;
const sizeAt = (index: number, events: number): number => 1 + ((index * STRIDE) % events);

const someIds = async (log: SqliteEventLog, events: number) => {
  const ids: { readonly id: string; readonly leaf: number }[] = [];
  for (let index = 0; index < PROOFS; index += 1) {
    const leaf = sizeAt(index, events) - 1;
    const [event] = await log.tree.readLeaves(leaf, 1);
    ids.push({ id: event?.id ?? '', leaf });
  }
  return ids;
};

const readTiles = async (log: SqliteEventLog, size: number, ranges: readonly LeafRange[]): Promise<void> => {
  for (const tile of tilesFor(size, ranges.flatMap(completeSubtrees))) await log.tree.readTile(tile);
};

const percentileOf = async (work: (index: number) => Promise<unknown>): Promise<number> => {
  for (let index = 0; index < WARM_UP_PROOFS; index += 1) await work(index);
  const times: number[] = [];
  for (let index = 0; index < PROOFS; index += 1) {
    const start = performance.now();
    await work(index);
    times.push(performance.now() - start);
  }
  times.sort((left, right) => left - right);
  return times[Math.ceil(times.length * 0.99) - 1] ?? Number.NaN;
};

const notAsked = (): never => {
  throw new Error('this log knows its events by their ids');
};
