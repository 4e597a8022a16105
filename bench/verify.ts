import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CheckpointDesk } from '../src/audit/checkpoints/checkpoint-desk';
import { verifyLedger } from '../src/audit/checkpoints/verify-ledger';
import { parseVerifierKey } from '../src/audit/proofs/verifier';
import { compareWithLive } from '../src/audit/replay/live-comparison';
import { SqliteEventLog } from '../src/event-log/sqlite/sqlite-event-log';
import { leafHash } from '../src/event-log/tree/merkle-hash';
import { ProjectionRunner } from '../src/projecting/projection-runner';
import { benchmarkLine, type BenchmarkLine, median } from './report';
import { generateLedger } from './support/generate-ledger';
import { writeLedger } from './support/write-ledger';

export interface VerifyBenchmarkOptions {
  readonly events?: number;
  /** Directory on the disk that is to be measured; a temporary one when it is not given. */
  readonly directory?: string;
  readonly onProgress?: (message: string) => void;
}

const DEFAULT_EVENTS = 1_000_000;
const PAGE = 4096;
const ROUNDS = 3;

/** What a whole verification may take with a million events. */
const WANTED_SECONDS = 60;

/**
 * Events per second of verifying a log (bytes, tree, checkpoint, order, actors, conservation) against reading the same
 * bytes and hashing them once; and the seconds of a whole verification with the tables that are derived from it.
 */
export async function* verifyBenchmark(options: VerifyBenchmarkOptions = {}): AsyncGenerator<BenchmarkLine> {
  const events = options.events ?? DEFAULT_EVENTS;
  const directory = mkdtempSync(join(options.directory ?? tmpdir(), 'yichi-verify-'));
  const log = new SqliteEventLog({ file: join(directory, 'log.sqlite') });
  const live = new ProjectionRunner({ dataDirectory: directory, log });
  try {
    options.onProgress?.(`writing ${events} events`);
    await writeLedger(log, generateLedger({ events }));
    const desk = new CheckpointDesk({ dataDirectory: directory, engine: log.engine, tree: () => log.tree });
    await desk.make();
    const trust = { checkpoints: await desk.files(), keys: [parseVerifierKey(await desk.verifierKey())] };

    options.onProgress?.('verifying');
    const verifying: number[] = [];
    const hashing: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      hashing.push(await ratePerSecond(events, () => readAndHash(log)));
      verifying.push(await ratePerSecond(events, () => requireSound(verifyLedger(log, trust))));
    }
    yield benchmarkLine('verify', 'events/s', median(verifying), median(hashing), { events, wanted: 50_000 });

    options.onProgress?.('building the tables');
    await live.catchUp();
    const start = performance.now();
    await requireSound(verifyLedger(log, { ...trust, compareTables: () => compareWithLive({ log, live }) }));
    const seconds = (performance.now() - start) / 1000;
    yield benchmarkLine('verify-with-tables', 's', seconds, WANTED_SECONDS, { events, wanted: WANTED_SECONDS });
  } finally {
    live.close();
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const requireSound = async (verifying: ReturnType<typeof verifyLedger>): Promise<void> => {
  const { ok, findings } = await verifying;
  if (!ok) throw new Error(`the log of the benchmark is broken: ${findings[0]?.messageEn}`);
};

const readAndHash = async ({ tree }: SqliteEventLog): Promise<void> => {
  for (let from = 0; ; from += PAGE) {
    const leaves = await tree.readLeaves(from, PAGE);
    for (const { bytes } of leaves) leafHash(bytes);
    if (leaves.length < PAGE) return;
  }
};

const ratePerSecond = async (events: number, work: () => Promise<void>): Promise<number> => {
  const start = performance.now();
  await work();
  return (events * 1000) / (performance.now() - start);
};
