import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CheckpointDesk } from '../src/audit/checkpoints/checkpoint-desk';
import { type EvidenceBundle, exportEvidence } from '../src/audit/evidence/evidence-bundle';
import type { Coverage } from '../src/audit/evidence/gather-events';
import { loadVerifier, verifierScript } from '../src/audit/evidence/verifier-file';
import { SqliteEventLog } from '../src/event-log/sqlite/sqlite-event-log';
import { ProjectionRunner } from '../src/projecting/projection-runner';
import { benchmarkLine, type BenchmarkLine, median } from './report';
import { benchCounties, generateLedger } from './support/generate-ledger';
import { writeLedger } from './support/write-ledger';

export interface EvidenceBenchmarkOptions {
  readonly events?: number;
  /** Directory on the disk that is to be measured; a temporary one when it is not given. */
  readonly directory?: string;
}

const DEFAULT_EVENTS = 1_000_000;

/** Each in a county of its own, so that nothing is found in a memory that an earlier one has left. */
const BUNDLES = 7;

/** What an auditor waits for without wondering. */
const LIMIT_SECONDS = { evidence: 2, 'evidence-whole': 4, 'evidence-verify': 10 } as const;

/**
 * Seconds for the evidence of one project: of its own events; with the whole stream of its county's pool, which is what
 * completeness takes (its leaves lie in every tile of the tree, because all counties work at once: the worst case); and
 * for verifying that.
 */
export async function* evidenceBenchmark(options: EvidenceBenchmarkOptions = {}): AsyncGenerator<BenchmarkLine> {
  const events = options.events ?? DEFAULT_EVENTS;
  const directory = mkdtempSync(join(options.directory ?? tmpdir(), 'yichi-evidence-'));
  const log = new SqliteEventLog({ file: join(directory, 'log.sqlite') });
  const readModel = new ProjectionRunner({ dataDirectory: directory, log });
  try {
    await writeLedger(log, generateLedger({ events }));
    await readModel.catchUp();
    const checkpoints = new CheckpointDesk({ dataDirectory: directory, engine: log.engine, tree: () => log.tree });
    await checkpoints.make();
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
  } finally {
    readModel.close();
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const timed = async <Result>(times: number[], work: () => Promise<Result>): Promise<Result> => {
  const start = performance.now();
  const result = await work();
  times.push((performance.now() - start) / 1000);
  return result;
};
