import { readFileFindings } from '../src/audit/checkpoints/read-file-findings';
import { verifyLedger } from '../src/audit/checkpoints/verify-ledger';
import { parseVerifierKey } from '../src/audit/proofs/verifier';
import { compareWithLive } from '../src/audit/replay/live-comparison';
import type { LogTree } from '../src/event-log/tree/log-tree';
import { leafHash } from '../src/event-log/tree/merkle-hash';
import { benchmarkLine, type BenchmarkLine, median } from './report';
import { type BenchmarkLedger, type LedgerBenchmarkOptions, withBenchmarkLedger } from './support/benchmark-ledger';

const PAGE = 4096;
const ROUNDS = 3;

/** What a whole verification may take with a million events. */
const WANTED_SECONDS = 60;

/**
 * Events per second of verifying a log (bytes, tree, checkpoint, order, actors, conservation) against reading the same
 * bytes and hashing them once; and the seconds of a whole verification with the tables that are derived from it.
 */
export const verifyBenchmark = (options: LedgerBenchmarkOptions = {}): AsyncIterable<BenchmarkLine> =>
  withBenchmarkLedger(options, measure);

async function* measure(ledger: BenchmarkLedger): AsyncGenerator<BenchmarkLine> {
  const { events, log, readModel, checkpoints } = ledger;
  const trust = { checkpoints: await checkpoints.files(), keys: [parseVerifierKey(await checkpoints.verifierKey())] };

  ledger.tell('verifying');
  const verifying: number[] = [];
  const hashing: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    hashing.push(await ratePerSecond(events, () => readAndHash(log.tree, events)));
    verifying.push(await ratePerSecond(events, () => requireSound(verifyLedger(log, trust))));
  }
  yield benchmarkLine('verify', 'events/s', median(verifying), median(hashing), { events, wanted: 50_000 });

  await ledger.buildTables();
  const checkFile = () => readFileFindings(readModel.file);
  const start = performance.now();
  await requireSound(
    verifyLedger(log, { ...trust, compareTables: () => compareWithLive({ log, live: readModel, checkFile }) }),
  );
  const seconds = (performance.now() - start) / 1000;
  yield benchmarkLine('verify-with-tables', 's', seconds, WANTED_SECONDS, { events, wanted: WANTED_SECONDS });
}

const requireSound = async (verifying: ReturnType<typeof verifyLedger>): Promise<void> => {
  const { ok, findings } = await verifying;
  if (!ok) throw new Error(`the log of the benchmark is broken: ${findings[0]?.messageEn}`);
};

/** The fastest way to the bytes that the log knows. */
const readAndHash = async (tree: LogTree, events: number): Promise<void> => {
  const readPacked = tree.packedReader?.();
  for (let from = 0; from < events; from += PAGE) {
    const leaves = await readPacked?.(from, Math.min(PAGE, events - from));
    if (leaves === null || leaves === undefined) throw new Error('the log of the benchmark cannot be read in pieces');
    for (let place = 0; place < leaves.size; place += 1) leafHash(leaves.leaf(place).bytes);
  }
};

const ratePerSecond = async (events: number, work: () => Promise<void>): Promise<number> => {
  const start = performance.now();
  await work();
  return (events * 1000) / (performance.now() - start);
};
