import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadDemonstration } from './support/demonstration-ledger';
import { benchmarkLine, type BenchmarkLine, median } from './report';

const RUNS = 15;

const CLI = join(__dirname, '..', '..', 'bin', 'yichi.js');

/** What no command can be faster than: Node and the embedded engine, and nothing done with them. */
const EMPTY_PROGRAM = "new (require('better-sqlite3'))(':memory:')";

const secondsOf = (args: readonly string[], directory: string): number => {
  const startedAt = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, YICHI_DATA: directory },
    cwd: join(__dirname, '..', '..'),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return Number(process.hrtime.bigint() - startedAt) / 1e9;
};

/** Whole processes of the command line on a small ledger, against an empty program that loads the engine. */
export async function* startBenchmark(): AsyncGenerator<BenchmarkLine> {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-start-'));
  try {
    await loadDemonstration(directory);
    const commands = {
      start: ['balances', '--by', 'county'],
      'start-balances-as-of': ['balances', '--by', 'village', '--as-of', '2024-06-30', '--json'],
      'start-trace': ['trace', 'M1', '--kind', 'project', '--json'],
      'start-export': ['export'],
      'start-doctor': ['doctor'],
      'start-help': ['--help'],
    };
    for (const [name, args] of Object.entries(commands)) {
      const command: number[] = [];
      const empty: number[] = [];
      for (let run = 0; run < RUNS; run += 1) {
        empty.push(secondsOf(['-e', EMPTY_PROGRAM], directory));
        command.push(secondsOf([CLI, ...args], directory));
      }
      yield benchmarkLine(name, 's', median(command), median(empty), { runs: RUNS, wanted: 'ratio at most 3' });
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
