import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';

import { type CsvError, parse } from 'csv-parse';

import type { Refusal } from '../platform/domain-error';
import { fileEmpty, fileTooLarge, wrongExtension } from './file-refusals';
import type { RawCell, RawRow, RawSheet } from './raw-sheet';
import { decodeText } from './text-decoding';

/** A CSV file is decoded as a whole; 64 MiB are some 400,000 payments, more than one sheet of a workbook is read in a year. */
export const MAX_CSV_BYTES = 64 * 1024 * 1024;
/** The longest row with every text at its limit is far shorter; a quote that is never closed ends here. */
const MAX_RECORD_LENGTH = 256 * 1024;
const ROWS_PER_BATCH = 500;
const CHARACTERS_PER_WRITE = 256 * 1024;

/** Reads a .csv file: one sheet with the name of the file. */
export async function* readCsvFile(file: string): AsyncGenerator<RawSheet, void, undefined> {
  const { size } = await stat(file);
  if (size > MAX_CSV_BYTES) throw fileTooLarge(file, size, MAX_CSV_BYTES);
  const bytes = await readFile(file);
  if (bytes.subarray(0, 4).equals(ZIP_MAGIC)) throw wrongExtension(file, 'xlsx');
  const text = decodeText(file, bytes);
  if (text.trim() === '') throw fileEmpty(file);
  yield { name: basename(file, extname(file)), hidden: false, rows: csvRows(text) };
}

const ZIP_MAGIC = Buffer.from('PK\u0003\u0004', 'latin1');

/**
 * Rows of a text, numbered as a spreadsheet shows them: a record with line breaks inside quotes is one row, an empty
 * line is one, too. A record that breaks the quoting ends the text, because everything after it is uncertain.
 */
export async function* csvRows(text: string): AsyncGenerator<readonly RawRow[], void, undefined> {
  let parsed = 0;
  let broken: { readonly after: number; readonly error: CsvError | undefined } | null = null;
  const parser = parse({
    delimiter: delimiterOf(text),
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: MAX_RECORD_LENGTH,
    // An error that ended the stream would also drop the rows before it that nobody has asked for yet.
    skip_records_with_error: true,
    on_record: (record: string[]) => {
      parsed += 1;
      return record;
    },
    on_skip: (error) => {
      broken ??= { after: parsed, error };
    },
  });
  const feeding = feed(parser, text);
  const isBroken = (row: number): boolean => broken !== null && row > broken.after;
  let row = 0;
  let width = 0;
  let batch: RawRow[] = [];
  for await (const record of parser as AsyncIterable<readonly string[]>) {
    if (isBroken(row + 1)) break;
    row += 1;
    if (width === 0) width = record.findLastIndex((cell) => cell.trim() !== '') + 1;
    const cells = record.map((cell): RawCell | undefined => (cell === '' ? undefined : cell));
    const isEmptyLine = record.length === 1 && record[0]?.trim() === '';
    const isShort = record.length < width && !isEmptyLine;
    batch.push(isShort ? { row, cells, problem: tooFewColumns(record.length, width) } : { row, cells });
    if (batch.length >= ROWS_PER_BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (isBroken(row + 1)) batch.push({ row: row + 1, cells: [], problem: quotingBroken(codeOf(broken)) });
  yield batch;
  await feeding;
}

const codeOf = (broken: { readonly error: CsvError | undefined } | null): string => broken?.error?.code ?? 'CSV_ERROR';

/** Hands the text over in pieces, so that parsed records do not pile up before they are asked for. */
const feed = async (parser: ReturnType<typeof parse>, text: string): Promise<void> => {
  // One listener for the whole text: each that is left behind counts, and a dozen of them are warned of on stderr.
  const closed = new Promise<void>((resolve) => void parser.once('close', resolve));
  for (let start = 0; start < text.length && !parser.destroyed; start += CHARACTERS_PER_WRITE) {
    if (!parser.write(text.slice(start, start + CHARACTERS_PER_WRITE))) {
      await Promise.race([closed, new Promise<void>((resolve) => void parser.once('drain', resolve))]);
    }
  }
  if (!parser.destroyed) parser.end();
};

/** Comma; a tab where the header has tabs and no comma, as in the “Unicode text” that spreadsheets save. */
const delimiterOf = (text: string): string => {
  const header = /^\s*(.*)$/m.exec(text)?.[1] ?? '';
  return header.includes('\t') && !header.includes(',') ? '\t' : ',';
};

const tooFewColumns = (found: number, expected: number): Refusal => ({
  code: 'ROW_INCOMPLETE',
  message: `这一行只有 ${found} 列，表头有 ${expected} 列；文件可能没有传完。`,
  messageEn: `The row has ${found} columns and the header ${expected}; the file may have been cut off.`,
  remedy: '重新导出或复制这个文件；空的格子也要保留逗号。',
  remedyEn: 'Export or copy the file again; commas stay even where cells are empty.',
  parameters: { found, expected },
});

const quotingBroken = (cause: string): Refusal => ({
  code: 'CSV_QUOTING',
  ...(cause === 'CSV_MAX_RECORD_SIZE'
    ? {
        message: `这一行超过 ${MAX_RECORD_LENGTH} 个字符，可能是引号不成对；后面的内容没有读。`,
        messageEn: `This row has more than ${MAX_RECORD_LENGTH} characters, perhaps for a quote that is never closed; nothing after it was read.`,
      }
    : {
        message: '从这一行起引号不成对，后面的内容没有读。',
        messageEn: `From this row on the quotes do not match, and nothing after it was read (${cause}).`,
      }),
  remedy: '含逗号、引号或换行的格子要用英文双引号括起来，里面的双引号写两个；最好在表格软件中重新另存。',
  remedyEn:
    'Cells with commas, quotes or line breaks stand in double quotes, quotes inside are doubled; best save the file again in a spreadsheet program.',
  parameters: { cause },
});
