import { proveConsistency } from '../src/audit/checkpoints/prove';
import { proveEvent } from '../src/audit/checkpoints/prove-event';
import type { SqliteEventLog } from '../src/event-log/sqlite/sqlite-event-log';
import { leafHash } from '../src/event-log/tree/merkle-hash';
import { completeSubtrees, type LeafRange } from '../src/event-log/tree/merkle-tree';
import { consistencyRanges, inclusionRanges } from '../src/event-log/tree/merkle-proof';
import { tilesFor } from '../src/event-log/tree/tree-store';
import { benchmarkLine, type BenchmarkLine } from './report';
import { type BenchmarkLedger, type LedgerBenchmarkOptions, withBenchmarkLedger } from './support/benchmark-ledger';
import { percentile, questionTimes, rounded } from './support/question-times';

/** A hundredth of them decides the p99. */
const PROOFS = 2_000;
const WARM_UP_PROOFS = 100;
const WANTED_MS = 5;

/**
 * Milliseconds, as the 99th percentile, of proving any one event by its id, and of proving that the log began with any
 * earlier size, against reading the same event and tiles and hashing the event once.
 */
export const proofBenchmark = (options: LedgerBenchmarkOptions = {}): AsyncIterable<BenchmarkLine> =>
  withBenchmarkLedger(options, measure);

async function* measure(ledger: BenchmarkLedger): AsyncGenerator<BenchmarkLine> {
  const { events, log, checkpoints } = ledger;
  const ids = await someIds(log, events);
  const proofs = { log, checkpoints, readModel: { read: () => notAsked() } };
  const line = async (
    name: string,
    prove: (index: number) => Promise<unknown>,
    read: (index: number) => Promise<unknown>,
  ): Promise<BenchmarkLine> => {
    ledger.tell(name);
    const times = await questionTimes(PROOFS, WARM_UP_PROOFS, prove);
    const reading = await questionTimes(PROOFS, WARM_UP_PROOFS, read);
    return benchmarkLine(name, 'ms (p99)', percentile(times, 99), percentile(reading, 99), {
      p50: rounded(percentile(times, 50)),
      events,
      wanted: WANTED_MS,
    });
  };
  yield await line(
    'proof',
    (index) => proveEvent(proofs, ids[index % ids.length]?.id ?? ''),
    async (index) => {
      const leaf = ids[index % ids.length]?.leaf ?? 0;
      const [event] = await log.tree.readLeaves(leaf, 1);
      leafHash(event?.bytes ?? '');
      await readTiles(log, events, inclusionRanges(leaf, events));
    },
  );
  yield await line(
    'proof-consistency',
    (index) => proveConsistency(log.tree, sizeAt(index, events), events),
    (index) => readTiles(log, events, consistencyRanges(sizeAt(index, events), events)),
  );
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

const notAsked = (): never => {
  throw new Error('this log knows its events by their ids');
};
