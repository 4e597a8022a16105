import {
  type AmountReading,
  type AmountUnit,
  isAmountUnit,
  parseAmountNumber,
  parseAmountText,
  unknownUnit,
} from '../money/amount-text';
import { assertNever, type Refusal } from '../platform/domain-error';
import { CellProblem } from './cells/cell-problem';
import { readChoice, readYesNo } from './cells/choice-cell';
import { readCode, readCodes } from './cells/code-cell';
import { readDate, readYear } from './cells/date-cell';
import { readDivision, readPlace, readPlaces } from './cells/division-cell';
import { plainText, readName, readText } from './cells/text-cell';
import { exampleRows, isExampleMark } from './example-rows';
import type { RecognisedColumn, RecognisedHeader } from './header-row';
import type { ColumnDefinition } from './ledger-definitions';
import type { LedgerRow, LedgerSheet } from './ledger-row';
import { columnLetters, type RawCell, rawCellText, type RawRow } from './raw-sheet';
import { refuseField, refuseRow, type RowRefusal } from './row-refusal';
import { type SharedText } from './shared-text';

type Value = string | number | boolean | readonly string[] | null;
type Values = Record<string, Value>;

/** What a row of a sheet came to. */
export type RowReading =
  | { readonly kind: 'row'; readonly row: LedgerRow }
  | { readonly kind: 'refused'; readonly refusals: readonly RowRefusal[] }
  | { readonly kind: 'empty' }
  /** The template's own example, left as it was. */
  | { readonly kind: 'example' };

/** Reads the rows of one sheet into typed rows of its ledger. */
export class LedgerRowReader {
  readonly source: LedgerSheet;
  readonly #header: RecognisedHeader;
  readonly #known: ReadonlySet<number>;
  readonly #shared: SharedText;
  readonly #unitColumn: RecognisedColumn | undefined;
  readonly #absent: readonly (readonly [field: string, definition: ColumnDefinition])[];

  constructor(file: string, sheet: string, header: RecognisedHeader, shared: SharedText) {
    this.#header = header;
    this.#shared = shared;
    this.#known = new Set([...header.columns.map((column) => column.index), ...header.noteColumns]);
    this.#unitColumn = header.columns.find((column) => column.field === 'unit');
    const present = new Set(header.columns.map((column) => column.field));
    this.#absent = [...header.definition.columns].filter(([field]) => field !== 'unit' && !present.has(field));
    this.source = {
      file,
      sheet,
      ledger: header.definition.kind,
      columns: new Map(
        header.columns.map((column) => [column.field, { header: column.header, letters: column.letters }]),
      ),
    };
  }

  read(raw: RawRow): RowReading {
    if (raw.problem !== undefined) return { kind: 'refused', refusals: [this.#refuse(raw, null, raw.problem)] };
    if (this.#header.columns.every((column) => isEmpty(raw.cells[column.index])) && !this.#hasStray(raw)) {
      return { kind: 'empty' };
    }
    const refusals = this.#strayCells(raw);
    const values = this.#readCells(raw, refusals);
    const marked = this.#header.noteColumns.some((index) => isExampleMark(rawCellText(raw.cells[index])));
    if (marked && refusals.length === 0 && this.#isExample(values)) return { kind: 'example' };
    if (marked) refusals.push(this.#refuse(raw, null, EXAMPLE_CHANGED));
    if (refusals.length > 0) return { kind: 'refused', refusals: refusals.sort(byColumn) };

    // The definition's columns are checked at compile time to be the fields of the ledger's row type.
    const row = { ledger: this.source.ledger, source: this.source, row: raw.row, ...values } as unknown as LedgerRow;
    const inconsistent = inconsistencies(row);
    return inconsistent.length > 0 ? { kind: 'refused', refusals: inconsistent } : { kind: 'row', row };
  }

  #readCells(raw: RawRow, refusals: RowRefusal[]): Values {
    const unit = this.#readUnit(raw, refusals);
    const values: Values = {};
    for (const column of this.#header.columns) {
      if (column.field === 'unit') continue;
      const cell = raw.cells[column.index];
      if (cell === undefined || isEmpty(cell)) {
        if (column.definition.required) refusals.push(this.#refuse(raw, column, required(column.definition)));
        values[column.field] = column.definition.whenEmpty ?? null;
        continue;
      }
      const value = column.definition.type === 'amount' ? readAmount(cell, unit) : readCell(cell, column.definition);
      if (value instanceof CellProblem) refusals.push(this.#refuse(raw, column, value.refusal));
      else values[column.field] = typeof value === 'string' ? this.#shared.share(value) : value;
    }
    for (const [field, definition] of this.#absent) values[field] = definition.whenEmpty ?? null;
    return values;
  }

  /** The row's unit: of its cell or of the header; of both only when they agree. Null when it could not be read. */
  #readUnit(raw: RawRow, refusals: RowRefusal[]): AmountUnit | null {
    const { headerUnit } = this.#header;
    const column = this.#unitColumn;
    if (column === undefined) return headerUnit;
    const cell = raw.cells[column.index];
    if (cell === undefined || isEmpty(cell)) {
      if (headerUnit === null) refusals.push(this.#refuse(raw, column, required(column.definition)));
      return headerUnit;
    }
    const text = plainText(cell);
    if (text instanceof CellProblem) refusals.push(this.#refuse(raw, column, text.refusal));
    else if (!isAmountUnit(text)) refusals.push(this.#refuse(raw, column, unknownUnit(text)));
    else if (headerUnit !== null && headerUnit !== text) {
      refusals.push(this.#refuse(raw, column, unitsDiffer(headerUnit, text)));
    } else return text;
    return null;
  }

  #hasStray(raw: RawRow): boolean {
    return raw.cells.some((cell, index) => !isEmpty(cell) && !this.#known.has(index));
  }

  #strayCells(raw: RawRow): RowRefusal[] {
    const refusals: RowRefusal[] = [];
    raw.cells.forEach((cell, index) => {
      if (isEmpty(cell) || this.#known.has(index)) return;
      const { file, sheet } = this.source;
      const address = `${columnLetters(index)}${raw.row}`;
      refusals.push({
        ...WITHOUT_HEADER,
        file,
        sheet,
        row: raw.row,
        column: '',
        cell: address,
        value: rawCellText(cell),
      });
    });
    return refusals;
  }

  #isExample(values: Values): boolean {
    return exampleRows(this.source.ledger).some((example) =>
      [...this.#header.definition.columns].every(([field, definition]) => {
        if (field === 'unit') return true;
        const cell = example[field];
        if (cell === undefined) return values[field] === (definition.whenEmpty ?? null);
        const unit = example.unit !== undefined && isAmountUnit(example.unit) ? example.unit : null;
        const value = definition.type === 'amount' ? readAmount(cell, unit) : readCell(cell, definition);
        return JSON.stringify(values[field]) === JSON.stringify(value);
      }),
    );
  }

  #refuse(raw: RawRow, column: RecognisedColumn | null, refusal: Refusal): RowRefusal {
    return {
      ...refusal,
      file: this.source.file,
      sheet: this.source.sheet,
      row: raw.row,
      column: column?.header ?? null,
      cell: column === null ? null : `${column.letters}${raw.row}`,
      value: column === null ? null : rawCellText(raw.cells[column.index]),
    };
  }
}

/** As the eye goes along the row; what concerns the whole row comes first. */
const byColumn = (left: RowRefusal, right: RowRefusal): number => {
  const [one, other] = [left.cell ?? '', right.cell ?? ''];
  return one.length - other.length || (one < other ? -1 : Number(one > other));
};

const isEmpty = (cell: RawCell | undefined): boolean =>
  cell === undefined || (typeof cell === 'string' && cell.trim() === '');

const readCell = (cell: RawCell, definition: ColumnDefinition): Exclude<Value, null> | CellProblem => {
  switch (definition.type) {
    case 'code':
      return readCode(cell);
    case 'codes':
      return readCodes(cell);
    case 'name':
      return readName(cell);
    case 'text':
      return readText(cell);
    case 'division':
      return readDivision(cell);
    case 'division-or-name':
      return readDivisionOrName(cell);
    case 'place':
      return readPlace(cell);
    case 'places':
      return readPlaces(cell);
    case 'date':
      return readDate(cell);
    case 'year':
      return readYear(cell);
    case 'yes-no':
      return readYesNo(cell);
    case 'choice': {
      const word = readChoice(cell, definition.choices ?? []);
      return word instanceof CellProblem ? word : (definition.meanings?.[word] ?? word);
    }
    case 'amount':
    case 'unit':
      throw new Error('amounts and units are read together');
    default:
      return assertNever(definition.type);
  }
};

const readAmount = (cell: RawCell, unit: AmountUnit | null): number | CellProblem => {
  // Without a unit the amount is still checked, so that both mistakes are named at once.
  const assumed = unit ?? '亿元';
  let reading: AmountReading;
  if (typeof cell === 'number') reading = parseAmountNumber(cell, assumed);
  else if (typeof cell === 'object' && cell.kind === 'padded') reading = parseAmountNumber(cell.value, assumed);
  else {
    const text = plainText(cell);
    if (text instanceof CellProblem) return text;
    reading = parseAmountText(text, assumed);
  }
  if (reading.ok) return reading.amount;
  const dependsOnUnit = ['AMOUNT_TOO_PRECISE', 'AMOUNT_TOO_LARGE'].includes(reading.refusal.code);
  return unit === null && dependsOnUnit ? 0 : new CellProblem(reading.refusal);
};

/** All digits: a division's code; anything else is a name. */
const readDivisionOrName = (cell: RawCell): string | CellProblem => {
  const isNumeric = typeof cell !== 'string' || /^\s*[\d０-９]+\s*$/.test(cell);
  return isNumeric ? readDivision(cell) : readName(cell);
};

/** What no single cell is wrong about, but two together are. */
const inconsistencies = (row: LedgerRow): readonly RowRefusal[] => {
  switch (row.ledger) {
    case 'payments':
      return row.status === '退回' && row.originalVoucherNo === null
        ? [pointAt(row, 'originalVoucherNo', ORIGINAL_VOUCHER_MISSING)]
        : [];
    case 'reallocations':
      if (row.toProject === null && row.toPlace !== null) return [pointAt(row, 'toProject', PAIR_INCOMPLETE)];
      if (row.toProject !== null && row.toPlace === null) return [pointAt(row, 'toPlace', PAIR_INCOMPLETE)];
      return [];
    case 'recalls':
      if (row.projectCode === null && row.place !== null) return [pointAt(row, 'projectCode', PAIR_INCOMPLETE)];
      if (row.projectCode !== null && row.place === null) return [pointAt(row, 'place', PAIR_INCOMPLETE)];
      return [];
    case 'divisions':
    case 'departments':
      return row.validFrom !== null && row.validTo !== null && row.validTo < row.validFrom
        ? [refuseField(row, 'validTo', VALIDITY_BACKWARDS)]
        : [];
    case 'purposes':
    case 'channels':
    case 'appropriations':
    case 'integrations':
    case 'transfers':
    case 'cash-receipts':
    case 'projects':
    case 'allocations':
    case 'carry-overs':
      return [];
    default:
      return assertNever(row);
  }
};

/** Points at the field's cell; where the sheet lacks the column, at the whole row. */
const pointAt = <Item extends LedgerRow>(
  row: Item,
  field: Exclude<keyof Item, 'ledger' | 'source' | 'row'> & string,
  refusal: Refusal,
): RowRefusal => (row.source.columns.has(field) ? refuseField(row, field, refusal) : refuseRow(row, refusal));

const required = (definition: ColumnDefinition): Refusal => ({
  code: 'CELL_REQUIRED',
  message: `“${definition.title}”不能空着。`,
  messageEn: `"${definition.titleEn}" must not be empty.`,
  remedy: `填写：${definition.hint}。合并的单元格要先拆分，每行都填。`,
  remedyEn: `Enter it: ${definition.hintEn}. Split merged cells first and fill in every row.`,
  parameters: { column: definition.title },
});

const unitsDiffer = (header: AmountUnit, cell: AmountUnit): Refusal => ({
  code: 'UNITS_DIFFER',
  message: `表头写的单位是“${header}”，这一行写的是“${cell}”。`,
  messageEn: `The header says "${header}" and this row says "${cell}".`,
  remedy: '只在一处写单位，或使两处一致。',
  remedyEn: 'Name the unit in one place only, or the same in both.',
  parameters: { header, cell },
});

const WITHOUT_HEADER: Refusal = {
  code: 'CELL_WITHOUT_HEADER',
  message: '这一格有内容，但这一列没有表头。',
  messageEn: 'The cell holds something, but its column has no header.',
  remedy: '给这一列加上表头（自己的列以“备注”开头），或清空这一格。',
  remedyEn: 'Give the column a header (one that begins with "note" for a column of your own), or clear the cell.',
};

const EXAMPLE_CHANGED: Refusal = {
  code: 'EXAMPLE_CHANGED',
  message: '这一行的备注是“示例”，但内容已不是模板的示例。',
  messageEn: 'The row is marked 示例 (example), but it is not the template’s example any more.',
  remedy: '要导入这一行，请清空备注中的“示例”；不要导入，请删除这一行。',
  remedyEn: 'Clear the mark 示例 to import the row, or delete the row.',
};

const ORIGINAL_VOUCHER_MISSING: Refusal = {
  code: 'ORIGINAL_VOUCHER_MISSING',
  message: '退回没有写明退的是哪一张凭证。',
  messageEn: 'A returned payment must name the voucher that came back.',
  remedy: '在“原凭证号”填写被退回的支付凭证号。',
  remedyEn: 'Enter the returned voucher’s number in originalVoucherNo.',
};

const PAIR_INCOMPLETE: Refusal = {
  code: 'PROJECT_AND_PLACE_INCOMPLETE',
  message: '项目和地点只填了一个。',
  messageEn: 'Only one of project and place is given.',
  remedy: '两个都填；或两个都空着，表示池内资金。',
  remedyEn: 'Enter both; or leave both empty, which means money in the pool.',
};

const VALIDITY_BACKWARDS: Refusal = {
  code: 'VALIDITY_BACKWARDS',
  message: '停用日期早于启用日期。',
  messageEn: 'The last day of validity is before the first.',
  remedy: '检查两个日期。',
  remedyEn: 'Check both dates.',
};
