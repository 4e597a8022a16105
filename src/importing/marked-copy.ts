import { open, unlink } from 'node:fs/promises';
import { extname, parse } from 'node:path';

import { type Cell, stream, Workbook, type Worksheet } from 'exceljs';

import { writeNewFile, writingFailed } from './write-new-file';
import { assertNever, DomainError } from '../platform/domain-error';
import { readCsvFile } from './csv-reader';
import { columnLetters, type RawCell, rawCellText, type RawSheet } from './raw-sheet';
import type { RowRefusal } from './row-refusal';
import { readWorkbookFile } from './workbook-reader';
import { XlsxPackage } from './xlsx-package';

/** The sheet that lists all errors; importing passes over it, so that a corrected copy can be imported itself. */
const ERRORS_SHEET = '导入错误';
/** What every note of ours begins with, so that the next copy takes it away again. */
const NOTE_PREFIX = '导入错误：';
const RED = 'FFFFC7CE';

/**
 * With looks and formulas a workbook takes some thirty times its unpacked size in memory; beyond this its values alone
 * are copied, row by row.
 */
const MAX_BYTES_WITH_LOOKS = 12 * 1024 * 1024;
/** Spreadsheet programs take minutes to open more notes than this; the cells beyond are red and in the list. */
const MAX_NOTES = 2_000;
/** So many copies of one file may lie side by side. */
const MAX_COPIES = 99;

/**
 * Writes a copy of a refused file with the refused cells in red, cause and remedy in a note on each, and a sheet that
 * lists everything. The file itself is only read; a copy that is there already is kept, and the new one is numbered.
 *
 * @param refusals those of this file
 * @param target where the copy should go, with .xlsx at the end
 * @returns where it went
 * @throws DomainError FILE_EXISTS, FILE_NOT_WRITTEN
 */
export const writeMarkedCopy = async (
  file: string,
  refusals: readonly RowRefusal[],
  target: string,
): Promise<string> => {
  const path = await reserve(target);
  try {
    if (await isSmallWorkbook(file)) {
      try {
        await copyWithLooks(file, refusals, path);
        return path;
      } catch {
        // Some workbooks hold what exceljs cannot load; their values can still be copied.
      }
    }
    await copyValues(file, refusals, path);
    return path;
  } catch (error) {
    await unlink(path);
    throw error instanceof DomainError ? error : writingFailed(path, error);
  }
};

/** Makes the file, empty, so that nothing of anybody else's can be written over. */
const reserve = async (target: string): Promise<string> => {
  const { dir, name, ext } = parse(target);
  const withoutExtension = dir === '' ? name : `${dir}/${name}`;
  for (let copy = 1; ; copy += 1) {
    const path = copy === 1 ? target : `${withoutExtension} (${copy})${ext}`;
    try {
      await writeNewFile(path, new Uint8Array());
      return path;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'FILE_EXISTS' || copy >= MAX_COPIES) throw error;
    }
  }
};

const isSmallWorkbook = async (file: string): Promise<boolean> => {
  if (extname(file).toLowerCase() !== '.xlsx') return false;
  try {
    const workbook = await XlsxPackage.open(file);
    const bytes = workbook.parts.reduce((sum, part) => sum + workbook.inflatedSize(part), 0);
    workbook.close();
    return bytes <= MAX_BYTES_WITH_LOOKS;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
};

const copyWithLooks = async (file: string, refusals: readonly RowRefusal[], path: string): Promise<void> => {
  const workbook = new Workbook();
  await workbook.xlsx.readFile(file);
  const earlier = workbook.getWorksheet(ERRORS_SHEET);
  if (earlier !== undefined) workbook.removeWorksheet(earlier.id);
  for (const sheet of workbook.worksheets) clearEarlierMarks(sheet);
  for (const [sheetName, cells] of bySheetAndCell(refusals)) {
    const sheet = workbook.getWorksheet(sheetName);
    if (sheet === undefined) continue;
    for (const [address, note] of cells) mark(sheet.getCell(address), note);
  }
  listErrors(workbook.addWorksheet(ERRORS_SHEET), refusals, (sheet) => sheet);
  await workbook.xlsx.writeFile(path);
};

/** A corrected copy that is refused again must not show what was wrong before. */
const clearEarlierMarks = (sheet: Worksheet): void => {
  sheet.eachRow((row) => {
    row.eachCell({ includeEmpty: true }, (cell) => {
      if (!noteText(cell).startsWith(NOTE_PREFIX)) return;
      // exceljs writes no note when there is none; its types know only notes that are.
      Object.assign(cell, { note: undefined });
      const { fill: _, ...style } = cell.style;
      cell.style = style;
    });
  });
};

const noteText = (cell: Cell): string => {
  const note: Cell['note'] | undefined = cell.note;
  if (note === undefined) return '';
  return typeof note === 'string' ? note : (note.texts ?? []).map((piece) => piece.text).join('');
};

/** Cells that look alike share one style in memory, so the marked one gets its own. */
const mark = (cell: Cell, note: string): void => {
  const own = noteText(cell);
  cell.style = { ...cell.style, fill: { type: 'pattern', pattern: 'solid', fgColor: { argb: RED } } };
  if (note !== '') cell.note = own === '' ? note : `${note}\n\n${own}`;
};

/** Copies what the cells hold, row by row, whatever the file's size. Of a file that cannot be read the list remains. */
const copyValues = async (file: string, refusals: readonly RowRefusal[], path: string): Promise<void> => {
  const handle = await open(path, 'w');
  const output = handle.createWriteStream();
  const failed = new Promise<never>((_, reject) => output.once('error', reject));
  failed.catch(() => undefined);
  const writer = new stream.xlsx.WorkbookWriter({ stream: output, useStyles: true, useSharedStrings: false });
  const marks = bySheetAndCell(refusals);
  const names = new Map<string, string>();
  const read = extname(file).toLowerCase() === '.xlsx' ? readWorkbookFile : readCsvFile;
  try {
    for await (const sheet of read(file)) {
      if (sheet.name === ERRORS_SHEET) continue;
      const name = sheetName(sheet.name, [...names.values()]);
      names.set(sheet.name, name);
      await Promise.race([failed, copySheet(writer, sheet, name, marks.get(sheet.name) ?? new Map())]);
    }
  } catch (error) {
    // The list says what is wrong with the file; what could be read of it stands before the list.
    if (!(error instanceof DomainError)) throw error;
  }
  const list = writer.addWorksheet(ERRORS_SHEET);
  listErrors(list, refusals, (sheet) => names.get(sheet) ?? null);
  list.commit();
  await Promise.race([failed, writer.commit()]);
};

const copySheet = async (
  writer: stream.xlsx.WorkbookWriter,
  sheet: RawSheet,
  name: string,
  marks: ReadonlyMap<string, string>,
): Promise<void> => {
  const copy = writer.addWorksheet(name, sheet.hidden ? { state: 'hidden' } : {});
  const rows = new Map<number, string[]>();
  for (const address of marks.keys()) {
    const row = Number(address.replace(/^[A-Z]+/, ''));
    rows.set(row, [...(rows.get(row) ?? []), address]);
  }
  for await (const batch of sheet.rows) {
    for (const { row, cells } of batch) {
      const target = copy.getRow(row);
      cells.forEach((cell, index) => copyCell(target.getCell(index + 1), cell));
      for (const address of rows.get(row) ?? []) mark(copy.getCell(address), marks.get(address) ?? '');
      target.commit();
    }
  }
  copy.commit();
};

const copyCell = (target: Cell, cell: RawCell | undefined): void => {
  if (cell === undefined) return;
  if (typeof cell !== 'object') {
    target.value = cell;
    if (typeof cell === 'string') keepText(target, cell);
    return;
  }
  switch (cell.kind) {
    case 'date':
      target.value = cell.day === null ? null : new Date(`${cell.day}T00:00:00Z`);
      target.numFmt = 'yyyy-mm-dd';
      return;
    case 'padded':
      target.value = cell.value;
      target.numFmt = '0'.repeat(cell.digits);
      return;
    case 'error':
    case 'uncalculated':
      target.value = rawCellText(cell);
      return;
    default:
      assertNever(cell);
  }
};

/** A text that begins like a formula stays a text, also when somebody edits its cell. */
const keepText = (target: Cell, text: string): void => {
  if (/^[=+\-@\t\r]/.test(text)) target.numFmt = '@';
};

/** Spreadsheets take 31 characters without `\ / ? * [ ] :` as a sheet's name; a CSV file's name may be anything. */
const sheetName = (name: string, taken: readonly string[]): string => {
  const plain =
    name
      .replace(/[\\/?*[\]:]/g, '_')
      .replace(/^'|'$/g, '_')
      .slice(0, 28) || 'Sheet';
  let free = plain;
  for (let copy = 2; taken.includes(free) || free === ERRORS_SHEET; copy += 1) free = `${plain}${copy}`;
  return free;
};

/** Notes by sheet and address, empty where there are too many. What is wrong with a whole row or sheet is noted on its first cell. */
const bySheetAndCell = (refusals: readonly RowRefusal[]): ReadonlyMap<string, ReadonlyMap<string, string>> => {
  const sheets = new Map<string, Map<string, string>>();
  let notes = 0;
  for (const refusal of refusals) {
    if (refusal.sheet === null) continue;
    const cells = sheets.get(refusal.sheet) ?? new Map<string, string>();
    sheets.set(refusal.sheet, cells);
    const address = refusal.cell ?? `${columnLetters(0)}${refusal.row ?? 1}`;
    const text = `${refusal.message}\n${refusal.remedy}\n${refusal.messageEn} ${refusal.remedyEn}`;
    const before = cells.get(address);
    if (before === undefined) notes += 1;
    if (notes > MAX_NOTES) cells.set(address, before ?? '');
    else cells.set(address, before === undefined ? `${NOTE_PREFIX}${text}` : `${before}\n\n${text}`);
  }
  return sheets;
};

const LIST_COLUMNS = [
  { header: '表', width: 18 },
  { header: '行', width: 8 },
  { header: '列', width: 14 },
  { header: '单元格', width: 10 },
  { header: '内容', width: 24 },
  { header: '问题', width: 60 },
  { header: '怎么办', width: 60 },
  { header: 'Problem', width: 60 },
  { header: 'Remedy', width: 60 },
  { header: '代码', width: 26 },
] as const;

/** @param nameInCopy the sheet's name in the copy, null when it is not there */
const listErrors = (
  sheet: Worksheet,
  refusals: readonly RowRefusal[],
  nameInCopy: (sheet: string) => string | null,
): void => {
  sheet.columns = LIST_COLUMNS.map(({ header, width }) => ({ header, width, style: { numFmt: '@' } }));
  sheet.getRow(1).font = { bold: true };
  for (const [index, refusal] of refusals.entries()) {
    const name = refusal.sheet === null ? null : nameInCopy(refusal.sheet);
    const address = refusal.cell ?? (refusal.row === null ? null : `A${refusal.row}`);
    const text = refusal.cell ?? '';
    const row = sheet.addRow([
      refusal.sheet ?? '',
      refusal.row ?? '',
      refusal.column ?? '',
      name !== null && address !== null && text !== '' && index < MAX_NOTES
        ? { text, hyperlink: `#'${name.replaceAll("'", "''")}'!${address}` }
        : text,
      refusal.value ?? '',
      refusal.message,
      refusal.remedy,
      refusal.messageEn,
      refusal.remedyEn,
      refusal.code,
    ]);
    row.commit();
  }
};
