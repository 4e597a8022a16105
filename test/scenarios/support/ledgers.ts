import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Ledger } from '../../../src/ledger/ledger';

export const ACTOR = { id: 'tester', role: 'tester', division: '' } as const;

const folders: string[] = [];
const ledgers: Ledger[] = [];

export const scratchFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'yichi-scenario-'));
  folders.push(folder);
  return folder;
};

export const emptyLedger = async (eventLog?: string): Promise<Ledger> => {
  const dataDir = scratchFolder();
  const ledger = await Ledger.open({ dataDir, eventLog: eventLog ?? `sqlite:${join(dataDir, 'log.sqlite')}` });
  ledgers.push(ledger);
  return ledger;
};

export const writeScratchFile = (name: string, text: string | Uint8Array, folder = scratchFolder()): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

export const cleanUp = async (): Promise<void> => {
  for (const ledger of ledgers.splice(0)) await ledger.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
};
