import { type EvidenceBundle, exportEvidence } from '../src/audit/evidence/evidence-bundle';
import type { Coverage } from '../src/audit/evidence/gather-events';
import { loadVerifier, verifierScript } from '../src/audit/evidence/verifier-file';
import { benchmarkLine, type BenchmarkLine, median } from './report';
import { type BenchmarkLedger, type LedgerBenchmarkOptions, withBenchmarkLedger } from './support/benchmark-ledger';
import { benchCounties } from './support/generate-ledger';

/** Each in a county of its own, so that nothing is found in a memory that an earlier one has left. */
const BUNDLES = 7;

/** What an auditor waits for without wondering. */
const LIMIT_SECONDS = { evidence: 2, 'evidence-whole': 4, 'evidence-verify': 10 } as const;

/**
 * Seconds for the evidence of one project: of its own events; with the whole stream of its county's pool, which is what
 * completeness takes (its leaves lie in every tile of the tree, because all counties work at once: the worst case); and
 * for verifying that.
 */
export const evidenceBenchmark = (options: LedgerBenchmarkOptions = {}): AsyncIterable<BenchmarkLine> =>
  withBenchmarkLedger(options, measure);

async function* measure(ledger: BenchmarkLedger): AsyncGenerator<BenchmarkLine> {
  const { events, log, readModel, checkpoints } = ledger;
  await ledger.buildTables();
  const counties = benchCounties(events);
  const evidence = (index: number, coverage: Coverage): Promise<EvidenceBundle> => {
    const county = counties[(index * 13) % counties.length] ?? '';
    const scope = `project:P${county}-${index}`;
    return exportEvidence({ log, readModel, checkpoints }, { scope, moment: { at: null, asOf: null }, coverage });
  };
  const verifier = loadVerifier(verifierScript());
  const seconds = { evidence: [] as number[], 'evidence-whole': [] as number[], 'evidence-verify': [] as number[] };
  let last: EvidenceBundle | null = null;
  for (let index = 0; index < BUNDLES; index += 1) {
    await timed(seconds.evidence, () => evidence(index, 'extract'));
    const bundle = await timed(seconds['evidence-whole'], () => evidence(index, 'whole'));
    const { ok } = await timed(seconds['evidence-verify'], () => verifier.verifyArchive(bundle.archive));
    if (!ok) throw new Error(`the evidence of ${bundle.scope.id} is not verified`);
    last = bundle;
  }
  for (const [name, times] of Object.entries(seconds)) {
    yield benchmarkLine(name, 's (median)', median(times), LIMIT_SECONDS[name as keyof typeof LIMIT_SECONDS], {
      slowest: Number(Math.max(...times).toFixed(3)),
      events,
      ...(name === 'evidence' ? {} : { bundled: last?.events ?? 0, bytes: last?.archive.length ?? 0 }),
      wanted: 'ratio at most 1',
    });
  }
}

const timed = async <Result>(times: number[], work: () => Promise<Result>): Promise<Result> => {
  const start = performance.now();
  const result = await work();
  times.push((performance.now() - start) / 1000);
  return result;
};
