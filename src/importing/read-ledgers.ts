import type { LedgerRow } from './ledger-row';
import type { RowRefusal } from './row-refusal';

/**
 * Reads offices' own ledgers, .xlsx and .csv, row by row, in the order of the files, their sheets and their rows.
 * Everything that cannot be understood comes out as a refusal — of a cell, a row, a sheet or a whole file — and
 * reading goes on, so that one run names all mistakes. All bad cells of a row are named, and no row comes of it.
 */
export async function* readLedgers(files: readonly string[]): AsyncGenerator<LedgerRow | RowRefusal, void, undefined> {
  for (const file of files) throw new Error(`not yet built: ${file}`);
}
