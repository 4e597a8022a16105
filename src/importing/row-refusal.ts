import { fen, yuanFromFen } from '../money/fen';
import type { Refusal } from '../platform/domain-error';
import type { LedgerRow } from './ledger-row';

/** Why a cell, a row, a sheet or a file was refused, and where it stands. */
export interface RowRefusal extends Refusal {
  /** The path as it was given. */
  readonly file: string;
  /** Null when the whole file is refused. */
  readonly sheet: string | null;
  /** As the spreadsheet shows it; null when the whole sheet is refused. */
  readonly row: number | null;
  /** The header as the office wrote it; null when the whole row is refused. */
  readonly column: string | null;
  /** The cell's address, such as `H12`; null when the whole row is refused or the sheet lacks the column. */
  readonly cell: string | null;
  /** What the cell holds; null when no single cell is meant, `""` when it is empty. */
  readonly value: string | null;
}

/** Everything that reading yields is a row or a refusal; only a refusal has a code. */
export const isRowRefusal = (item: LedgerRow | RowRefusal): item is RowRefusal => 'code' in item;

/** A refusal of a whole row. */
export const refuseRow = (row: LedgerRow, refusal: Refusal): RowRefusal => ({
  ...refusal,
  file: row.source.file,
  sheet: row.source.sheet,
  row: row.row,
  column: null,
  cell: null,
  value: null,
});

/**
 * A refusal that points at the cell of one field of a row, by the field's name in the row.
 * @param value what the cell is said to hold; the understood value when absent
 */
export const refuseField = <Item extends LedgerRow>(
  row: Item,
  field: Exclude<keyof Item, 'ledger' | 'source' | 'row'> & string,
  refusal: Refusal,
  value?: string,
): RowRefusal => {
  const column = row.source.columns.get(field);
  const held: unknown = row[field];
  return {
    ...refusal,
    file: row.source.file,
    sheet: row.source.sheet,
    row: row.row,
    column: column?.header ?? null,
    cell: column === undefined ? null : `${column.letters}${row.row}`,
    value: value ?? textOf(field, held),
  };
};

const textOf = (field: string, value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (field === 'amount' && typeof value === 'number') return yuanFromFen(fen(value));
  return Array.isArray(value) ? value.join(';') : String(value);
};
