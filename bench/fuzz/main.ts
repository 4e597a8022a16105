import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Writable } from 'node:stream';

import { startServer } from '../../src/http/server';
import { issueToken, openKeys } from '../../src/identity/tokens';
import { Ledger } from '../../src/ledger/ledger';
import { createLogger } from '../../src/platform/logging';
import { playDemonstration } from '../../src/scenarios/demonstration';
import { findingsOf } from '../support/findings-of';
import type { ApiDocument } from './contract';
import { Fuzz, type FuzzReport } from './fuzz-service';

const DAY_SECONDS = 86_400;

export interface FuzzedService extends FuzzReport {
  /** Codes of what `verify` and `replay` find afterwards. */
  readonly afterwards: readonly string[];
}

/** A service of its own over the demonstration, on loopback and in a directory that is removed afterwards. */
export const fuzzService = async (
  options: Readonly<{ requests: number; seed: number; onProgress?: (done: number, total: number) => void }>,
): Promise<FuzzedService> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'yichi-fuzz-'));
  try {
    const ledger = await Ledger.open({ dataDir, eventLog: `sqlite:${join(dataDir, 'log.sqlite')}` });
    try {
      await playDemonstration(ledger, () => undefined);
      await ledger.catchUp();
      const report = await fuzzed(ledger, dataDir, options);
      await ledger.catchUp();
      return { ...report, afterwards: (await findingsOf(ledger)).map(({ code }) => code) };
    } finally {
      await ledger.close();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
};

const fuzzed = async (
  ledger: Ledger,
  dataDir: string,
  options: Parameters<typeof fuzzService>[0],
): Promise<FuzzReport> => {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const server = await startServer(
    ledger,
    { dataDir, host: '127.0.0.1', port: 0 },
    { logger: createLogger('error', nowhere) },
  );
  try {
    const token = await issueToken(await openKeys(dataDir), { id: 'fuzz', role: 'finance', division: '' }, DAY_SECONDS);
    const document = (await (await fetch(`${server.url}/api-json`)).json()) as ApiDocument;
    return await new Fuzz(document, { ...options, url: server.url, token }).run();
  } finally {
    await server.stop();
  }
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: { requests: { type: 'string' }, seed: { type: 'string' } } });
  const [requests, seed] = [Number(values.requests ?? '10000'), Number(values.seed ?? '1')];
  if (!Number.isSafeInteger(requests) || requests < 1 || !Number.isSafeInteger(seed)) {
    process.stderr.write('npm run fuzz -- [--requests N] [--seed N]\n');
    return 2;
  }
  const began = performance.now();
  const { statuses, findings, afterwards } = await fuzzService({
    requests,
    seed,
    onProgress: (done, total) => {
      if (process.stderr.isTTY || done === total) process.stderr.write(`\r${done}/${total}`);
    },
  });
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stderr.write('\n');
  for (const finding of findings) process.stdout.write(`${JSON.stringify(finding)}\n`);
  process.stdout.write(
    `${JSON.stringify({ requests, seed, seconds, statuses, findings: findings.length, afterwards })}\n`,
  );
  return findings.length === 0 && afterwards.length === 0 ? 0 : 5;
};

if (require.main === module) {
  void main().then((code) => {
    process.exitCode = code;
  });
}
