import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Actor } from '../../src/event-log/event';
import { Ledger } from '../../src/ledger/ledger';

export const TESTER: Actor = { id: 'tester', role: 'test', division: '' };

/** A ledger in a directory of its own, on the embedded engine, that is gone afterwards. */
export const withTemporaryLedger = async <Result>(
  work: (ledger: Ledger, directory: string) => Promise<Result>,
  now?: () => Date,
): Promise<Result> => {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-'));
  const ledger = await Ledger.open({ dataDir: directory, eventLog: `sqlite:${join(directory, 'log.sqlite')}` }, now);
  try {
    return await work(ledger, directory);
  } finally {
    await ledger.close();
    rmSync(directory, { recursive: true, force: true });
  }
};
