import type { Refusal } from '../platform/domain-error';

/** A number whose cell is formatted as a date. */
export interface DateCell {
  readonly kind: 'date';
  /** YYYY-MM-DD, or null when the number is no day of the calendar. */
  readonly day: string | null;
  readonly hasTime: boolean;
}

/** A number that the spreadsheet shows with leading zeros, so many digits wide. */
export interface PaddedNumberCell {
  readonly kind: 'padded';
  readonly value: number;
  readonly digits: number;
}

/** An error such as `#REF!`, or a formula whose result the file does not hold. */
export interface BadCell {
  readonly kind: 'error' | 'uncalculated';
  readonly text: string;
}

/** What a cell holds before anybody knows which column it is in. Formulas have become their results, rich text plain. */
export type RawCell = string | number | boolean | DateCell | PaddedNumberCell | BadCell;

export interface RawRow {
  /** As the spreadsheet shows it, from 1. */
  readonly row: number;
  /** By column from 0; empty cells are undefined. */
  readonly cells: readonly (RawCell | undefined)[];
  /** The row as such cannot be read. */
  readonly problem?: Refusal;
}

/** A sheet of a file. Its rows can be read once, in order, and before the next sheet is asked for. */
export interface RawSheet {
  readonly name: string;
  readonly hidden: boolean;
  /** In batches, so that waiting costs little. */
  readonly rows: AsyncIterable<readonly RawRow[]>;
}

/**
 * The port to spreadsheet files: one reader for each format.
 * @throws DomainError of kind `input` when the file is not what its name says, is damaged or is beyond the limits
 */
export type RawFileReader = (file: string) => AsyncIterable<RawSheet>;

/** 0 → `A`, 26 → `AA`. */
export const columnLetters = (index: number): string => {
  let letters = '';
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
};

/** The cell as a report quotes it. */
export const rawCellText = (cell: RawCell | undefined): string => {
  if (cell === undefined) return '';
  if (typeof cell !== 'object') return typeof cell === 'boolean' ? (cell ? 'TRUE' : 'FALSE') : String(cell);
  switch (cell.kind) {
    case 'date':
      return cell.day ?? '';
    case 'padded':
      return String(cell.value).padStart(cell.digits, '0');
    case 'error':
    case 'uncalculated':
      return cell.text;
  }
};
