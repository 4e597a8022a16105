import { type Cell, type Column, Workbook, type Worksheet } from 'exceljs';
import stringWidth from 'string-width';

import { EXAMPLE_MARK, exampleRows } from '../importing/example-rows';
import { type ColumnDefinition, LEDGER_DEFINITIONS, type LedgerDefinition } from '../importing/ledger-definitions';
import { columnLetters } from '../importing/raw-sheet';
import { NOTES_SHEET, writeNotesSheet } from './template-notes';
import { writeNewFile } from '../importing/write-new-file';

/** Rows below the header that validation lists and formats reach; whoever has more copies them on. */
const PREPARED_ROWS = 5_000;
const NOTE_TITLE = '备注';
const MIN_WIDTH = 10;
const MAX_WIDTH = 34;

const FORMATS = {
  text: '@',
  date: 'yyyy-mm-dd',
  amount: '#,##0.00####',
  year: '0',
} as const;

/** Printed, a sheet is as wide as a page. */
const LANDSCAPE = { orientation: 'landscape', fitToPage: true, fitToWidth: 1, fitToHeight: 0 } as const;
const HEADER_REQUIRED = { fill: 'FF1F4E79', font: 'FFFFFFFF' } as const;
const HEADER_OPTIONAL = { fill: 'FFDDEBF7', font: 'FF1F4E79' } as const;
const EXAMPLE_FONT = { color: { argb: 'FF7F7F7F' }, italic: true } as const;

/**
 * Writes the empty workbook that `yichi import` reads: a sheet of notes, then one sheet for each ledger with its header
 * row, lists of what may be chosen, a note on every header and example rows, which importing passes over.
 * @throws DomainError FILE_EXISTS, FILE_NOT_WRITTEN
 */
export const writeTemplate = async (path: string): Promise<void> => {
  await writeNewFile(path, await templateContent());
};

/** The template as the bytes of an .xlsx file. */
export const templateContent = async (): Promise<Uint8Array> => {
  const workbook = new Workbook();
  workbook.creator = 'Yichi 一池';
  writeNotesSheet(workbook.addWorksheet(NOTES_SHEET));
  for (const definition of LEDGER_DEFINITIONS) writeLedgerSheet(workbook.addWorksheet(definition.title), definition);
  return new Uint8Array(await workbook.xlsx.writeBuffer());
};

const writeLedgerSheet = (sheet: Worksheet, definition: LedgerDefinition): void => {
  sheet.views = [{ state: 'frozen', xSplit: 1, ySplit: 1 }];
  Object.assign(sheet.pageSetup, LANDSCAPE);
  const examples = exampleRows(definition.kind);
  const fields = [...definition.columns];
  fields.forEach(([field, column], index) => {
    const values = examples.map((example) => example[field] ?? '');
    prepareColumn(sheet.getColumn(index + 1), column, values);
    writeHeader(sheet.getCell(1, index + 1), column);
    values.forEach((value, row) => writeExample(sheet.getCell(row + 2, index + 1), column, value));
    if (column.choices !== undefined) addChoices(sheet, columnLetters(index), column, column.choices);
  });
  const noteColumn = fields.length + 1;
  sheet.getColumn(noteColumn).width = 24;
  styleHeader(sheet.getCell(1, noteColumn), false).value = NOTE_TITLE;
  sheet.getCell(1, noteColumn).note =
    `随意填写，不导入。写着“${EXAMPLE_MARK}”的示例行会被跳过。\nFree for your notes, not imported. Example rows marked ${EXAMPLE_MARK} are passed over.`;
  examples.forEach((_, row) => {
    const cell = sheet.getCell(row + 2, noteColumn);
    cell.value = EXAMPLE_MARK;
    cell.font = EXAMPLE_FONT;
  });
};

const prepareColumn = (target: Partial<Column>, column: ColumnDefinition, values: readonly string[]): void => {
  const widest = Math.max(stringWidth(column.title) + 2, ...values.map((value) => stringWidth(value)));
  target.width = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, widest + 2));
  target.numFmt = formatOf(column);
};

/** Codes are text, so that no program drops their zeros or rounds their digits. */
const formatOf = (column: ColumnDefinition): string => {
  switch (column.type) {
    case 'date':
      return FORMATS.date;
    case 'amount':
      return FORMATS.amount;
    case 'year':
      return FORMATS.year;
    default:
      return FORMATS.text;
  }
};

const writeHeader = (cell: Cell, column: ColumnDefinition): void => {
  styleHeader(cell, column.required).value = column.title;
  const demand = column.required ? '必填' : '可空';
  const demandEn = column.required ? 'required' : 'may be empty';
  cell.note = `${column.title}（${demand}）：${column.hint}。\n${column.titleEn} (${demandEn}): ${column.hintEn}.`;
};

const styleHeader = (cell: Cell, required: boolean): Cell => {
  const { fill, font } = required ? HEADER_REQUIRED : HEADER_OPTIONAL;
  cell.numFmt = FORMATS.text;
  cell.fill = { type: 'pattern', pattern: 'solid', fgColor: { argb: fill } };
  cell.font = { bold: true, color: { argb: font } };
  cell.alignment = { vertical: 'middle', horizontal: 'center' };
  return cell;
};

const writeExample = (cell: Cell, column: ColumnDefinition, value: string): void => {
  cell.numFmt = formatOf(column);
  cell.font = EXAMPLE_FONT;
  if (value === '') return;
  switch (column.type) {
    case 'date':
      cell.value = new Date(`${value}T00:00:00Z`);
      return;
    case 'amount':
    case 'year':
      cell.value = Number(value);
      return;
    default:
      cell.value = value;
  }
};

const addChoices = (sheet: Worksheet, letters: string, column: ColumnDefinition, choices: readonly string[]): void => {
  const range = `${letters}2:${letters}${PREPARED_ROWS + 1}`;
  validationsOf(sheet).add(range, {
    type: 'list',
    allowBlank: true,
    formulae: [`"${choices.join(',')}"`],
    showErrorMessage: true,
    errorStyle: 'stop',
    errorTitle: column.title,
    error: `只能是：${choices.join('、')}`,
  });
};

/** Validation of a whole range at once, which exceljs has and its types leave out. */
const validationsOf = (sheet: Worksheet): { add: (range: string, validation: object) => void } =>
  (sheet as unknown as { dataValidations: { add: (range: string, validation: object) => void } }).dataValidations;
