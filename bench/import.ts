import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readLedgers } from '../src/importing/read-ledgers';
import { Ledger } from '../src/ledger/ledger';
import { keepHeapSmall } from '../src/platform/keep-heap-small';
import { benchmarkLine, type BenchmarkLine } from './report';
import { generatePaymentsWorkbook } from './support/payments-workbook';

export interface ImportBenchmarkOptions {
  /** Payment rows of the workbook. */
  readonly events?: number;
}

const DEFAULT_ROWS = 100_000;

interface Measured {
  readonly seconds: number;
  readonly peakMegabytes: number;
  readonly rows: number;
}

/** Each side runs in a process of its own, so that neither's memory counts for the other. */
const inOwnProcess = (part: 'import' | 'read', workbook: string, directory: string): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const child = fork(__filename, [part, workbook, directory]);
    child.once('message', (measured) => resolve(measured as Measured));
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`measuring ${part} ended with ${code}`));
    });
  });

const measure = async (part: string, workbook: string, directory: string): Promise<Measured> => {
  keepHeapSmall();
  const startedAt = process.hrtime.bigint();
  let rows = 0;
  if (part === 'read') {
    for await (const item of readLedgers([workbook])) rows += 'code' in item ? 0 : 1;
  } else {
    const ledger = await Ledger.open({ dataDir: directory, eventLog: `sqlite:${join(directory, 'log.sqlite')}` });
    const report = await ledger.importFiles([workbook], { actor: { id: 'bench', role: 'bench', division: '' } });
    await ledger.catchUp();
    await ledger.close();
    rows = report.stored;
  }
  return {
    seconds: Number(process.hrtime.bigint() - startedAt) / 1e9,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    rows,
  };
};

/** A workbook of payments, taken in whole with read model, against only reading and understanding its cells. */
export async function* importBenchmark({
  events = DEFAULT_ROWS,
}: ImportBenchmarkOptions): AsyncGenerator<BenchmarkLine> {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-import-'));
  try {
    const workbook = join(directory, 'payments.xlsx');
    await generatePaymentsWorkbook(workbook, events);
    const read = await inOwnProcess('read', workbook, directory);
    const imported = await inOwnProcess('import', workbook, directory);
    yield benchmarkLine('import', 'rows/s', imported.rows / imported.seconds, read.rows / read.seconds, {
      rows: imported.rows,
      seconds: Math.round(imported.seconds * 10) / 10,
      peakMegabytes: Math.round(imported.peakMegabytes),
      wanted: 'under 30 s and 600 MB',
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const [part, workbook, directory] = process.argv.slice(2);
if (process.send !== undefined && part !== undefined && workbook !== undefined && directory !== undefined) {
  void measure(part, workbook, directory).then((measured) => process.send?.(measured));
}
