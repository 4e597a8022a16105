import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Workbook } from 'exceljs';

import type { LedgerRow } from '../../../src/importing/ledger-row';
import { readLedgers } from '../../../src/importing/read-ledgers';
import type { RowRefusal } from '../../../src/importing/row-refusal';

/** A directory of its own for each test file, removed at the end. */
export const temporaryDirectory = (): ((name: string, content?: string | Uint8Array) => string) => {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-importing-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return (name, content) => {
    const path = join(directory, name);
    if (content !== undefined) writeFileSync(path, content);
    return path;
  };
};

export interface Items {
  readonly rows: readonly LedgerRow[];
  readonly refusals: readonly RowRefusal[];
}

export const readAll = async (...files: readonly string[]): Promise<Items> => {
  const rows: LedgerRow[] = [];
  const refusals: RowRefusal[] = [];
  for await (const item of readLedgers(files)) {
    if ('code' in item) refusals.push(item);
    else rows.push(item);
  }
  return { rows, refusals };
};

/** `cell code` of each refusal, which is what most tests ask for. */
export const marksOf = ({ refusals }: Items): readonly string[] =>
  refusals.map((refusal) => `${refusal.cell ?? refusal.row ?? refusal.sheet ?? 'file'} ${refusal.code}`);

/** A workbook with one sheet for each entry, its rows as given. */
export const writeWorkbook = async (
  path: string,
  sheets: Readonly<Record<string, readonly (readonly unknown[])[]>>,
  adjust: (workbook: Workbook) => void = () => undefined,
): Promise<string> => {
  const workbook = new Workbook();
  for (const [name, rows] of Object.entries(sheets)) {
    const sheet = workbook.addWorksheet(name);
    for (const row of rows) sheet.addRow([...row]);
  }
  adjust(workbook);
  await workbook.xlsx.writeFile(path);
  return path;
};
