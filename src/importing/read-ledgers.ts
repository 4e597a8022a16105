import type { Refusal } from '../platform/domain-error';
import { fileEmpty } from './file-refusals';
import { type HeaderProblem, recogniseHeader } from './header-row';
import { LedgerRowReader } from './ledger-row-reader';
import type { LedgerRow } from './ledger-row';
import { asFileRefusal, rawReaderOf } from './raw-reader';
import { columnLetters, type RawCell, rawCellText, type RawRow, type RawSheet } from './raw-sheet';
import type { RowRefusal } from './row-refusal';
import { SharedText } from './shared-text';

/** More mistakes than anybody mends one by one; what is wrong with so many rows is wrong with a whole column. */
export const MAX_REFUSALS = 50_000;

/** Sheets that are for people: the template's notes, and the list of errors in a marked copy. */
const SHEETS_FOR_PEOPLE = ['说明', 'notes', '导入错误'];

/**
 * Reads offices' own ledgers, .xlsx and .csv, row by row, in the order of the files, their sheets and their rows.
 * Everything that cannot be understood comes out as a refusal — of a cell, a row, a sheet or a whole file — and
 * reading goes on, so that one run names all mistakes. All bad cells of a row are named, and no row comes of it.
 */
export async function* readLedgers(files: readonly string[]): AsyncGenerator<LedgerRow | RowRefusal, void, undefined> {
  const shared = new SharedText();
  let refused = 0;
  for (const file of files) {
    for await (const item of readFileItems(file, shared)) {
      yield item;
      if ('code' in item && (refused += 1) >= MAX_REFUSALS) {
        yield refuseFile(file, TOO_MANY_REFUSALS);
        return;
      }
    }
  }
}

async function* readFileItems(
  file: string,
  shared: SharedText,
): AsyncGenerator<LedgerRow | RowRefusal, void, undefined> {
  let ledgers = 0;
  try {
    const read = await rawReaderOf(file);
    for await (const sheet of read(file)) {
      for await (const item of readSheet(file, sheet, shared)) {
        if (item.kind === 'ledger') ledgers += 1;
        else yield item.content;
      }
    }
  } catch (error) {
    yield refuseFile(file, asFileRefusal(file, error).toRefusal());
    return;
  }
  if (ledgers === 0) yield refuseFile(file, fileEmpty(file).toRefusal());
}

type SheetItem =
  /** The sheet has content that was or should have been a ledger. */
  { readonly kind: 'ledger' } | { readonly kind: 'item'; readonly content: LedgerRow | RowRefusal };

async function* readSheet(
  file: string,
  sheet: RawSheet,
  shared: SharedText,
): AsyncGenerator<SheetItem, void, undefined> {
  let reader: LedgerRowReader | null = null;
  for await (const batch of sheet.rows) {
    for (const raw of batch) {
      if (reader !== null) {
        const reading = reader.read(raw);
        if (reading.kind === 'row') yield { kind: 'item', content: reading.row };
        if (reading.kind === 'refused') for (const content of reading.refusals) yield { kind: 'item', content };
        continue;
      }
      if (isBlank(raw)) continue;
      if (raw.problem !== undefined) {
        yield { kind: 'ledger' };
        yield { kind: 'item', content: refuseHeader(file, sheet.name, raw, { index: null, refusal: raw.problem }) };
        return;
      }
      const header = recogniseHeader(raw.cells);
      if (!header.recognised && (sheet.hidden || isForPeople(sheet.name))) return;
      yield { kind: 'ledger' };
      const problems = header.recognised
        ? sheet.hidden
          ? [{ index: null, refusal: ledgerHidden(sheet.name) }]
          : []
        : header.problems;
      if (!header.recognised || problems.length > 0) {
        for (const problem of problems) {
          yield { kind: 'item', content: refuseHeader(file, sheet.name, raw, problem) };
        }
        return;
      }
      reader = new LedgerRowReader(file, sheet.name, header.header, shared);
    }
  }
}

const isBlank = (raw: RawRow): boolean =>
  raw.problem === undefined && raw.cells.every((cell) => rawCellText(cell).trim() === '');

const isForPeople = (sheet: string): boolean => SHEETS_FOR_PEOPLE.includes(sheet.trim().toLowerCase());

const refuseFile = (file: string, refusal: Refusal): RowRefusal => ({
  ...refusal,
  file,
  sheet: null,
  row: null,
  column: null,
  cell: null,
  value: null,
});

const refuseHeader = (file: string, sheet: string, raw: RawRow, { index, refusal }: HeaderProblem): RowRefusal => {
  const cell: RawCell | undefined = index === null ? undefined : raw.cells[index];
  return {
    ...refusal,
    file,
    sheet,
    row: raw.row,
    column: index === null ? null : rawCellText(cell),
    cell: index === null ? null : `${columnLetters(index)}${raw.row}`,
    value: index === null ? null : rawCellText(cell),
  };
};

const ledgerHidden = (sheet: string): Refusal => ({
  code: 'SHEET_HIDDEN',
  message: `“${sheet}”是隐藏的台账，没有导入。`,
  messageEn: `"${sheet}" is a ledger on a hidden sheet and was not read.`,
  remedy: '要导入就取消隐藏，不要就删除这张表。',
  remedyEn: 'Unhide the sheet to import it, or delete it.',
  parameters: { sheet },
});

const TOO_MANY_REFUSALS: Refusal = {
  code: 'TOO_MANY_REFUSALS',
  message: `错误已有 ${MAX_REFUSALS} 处，后面没有再读。`,
  messageEn: `There are ${MAX_REFUSALS} mistakes already; reading ended here.`,
  remedy: '多半是某一列整列有误，改正后再导入。',
  remedyEn: 'Most likely a whole column is wrong; correct it and import again.',
  parameters: { limit: MAX_REFUSALS },
};
