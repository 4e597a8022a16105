import { type AmountUnit, isAmountUnit, unknownUnit } from '../money/amount-text';
import type { Refusal } from '../platform/domain-error';
import { quoted } from './cells/cell-problem';
import { type ColumnDefinition, LEDGER_DEFINITIONS, type LedgerDefinition } from './ledger-definitions';
import type { SheetColumn } from './ledger-row';
import { columnLetters, type RawCell, rawCellText } from './raw-sheet';

/** A column of a sheet whose cells mean something. */
export interface RecognisedColumn extends SheetColumn {
  readonly field: string;
  readonly index: number;
  readonly definition: ColumnDefinition;
}

/** A header row that is one ledger's. */
export interface RecognisedHeader {
  readonly definition: LedgerDefinition;
  /** In the order of the definition. */
  readonly columns: readonly RecognisedColumn[];
  /** The unit that the amount's header names, as in 金额（万元）. */
  readonly headerUnit: AmountUnit | null;
  /** Columns of notes, which are not read. */
  readonly noteColumns: readonly number[];
}

/** Why a header row is no ledger's, and the cell when one is to blame. */
export interface HeaderProblem {
  readonly refusal: Refusal;
  readonly index: number | null;
}

export type HeaderReading =
  | { readonly recognised: true; readonly header: RecognisedHeader }
  | { readonly recognised: false; readonly problems: readonly HeaderProblem[] };

/** Recognises a ledger by its header row: all required columns are there, and none that the ledger does not know. */
export const recogniseHeader = (cells: readonly (RawCell | undefined)[]): HeaderReading => {
  const headers = cells.flatMap((cell, index) => {
    const text = rawCellText(cell).trim();
    return text === '' ? [] : [{ index, text, key: headerKey(text) }];
  });
  const fits = LEDGER_DEFINITIONS.map((definition) => fit(definition, headers));
  const best = fits.reduce((left, right) => (score(right) > score(left) ? right : left));
  const problems = problemsOf(best);
  if (problems.length > 0) return { recognised: false, problems };
  return {
    recognised: true,
    header: {
      definition: best.definition,
      columns: [...best.definition.columns.keys()].flatMap((field) => best.columns.get(field) ?? []),
      headerUnit: best.headerUnit,
      noteColumns: best.noteColumns,
    },
  };
};

interface Header {
  readonly index: number;
  readonly text: string;
  readonly key: string;
}

interface Fit {
  readonly definition: LedgerDefinition;
  readonly columns: Map<string, RecognisedColumn>;
  readonly missing: readonly ColumnDefinition[];
  readonly unknown: readonly Header[];
  readonly twice: readonly Header[];
  readonly wrongUnits: readonly { readonly header: Header; readonly unit: string }[];
  readonly headerUnit: AmountUnit | null;
  readonly noteColumns: readonly number[];
}

const AMOUNT_WITH_UNIT = /^(金额|amount)\((.*)\)$/;
const NOTE = /^(?:备注|note)/;

/** What stands between columns of a CSV file that was not written with commas. */
const OTHER_SEPARATOR = /[;；，、|]/;

/** Headers are compared without white space and case, brackets of either width alike. */
const headerKey = (text: string): string =>
  text.normalize('NFC').replace(/\s+/g, '').replaceAll('（', '(').replaceAll('）', ')').toLowerCase();

const fit = (definition: LedgerDefinition, headers: readonly Header[]): Fit => {
  const fieldByKey = new Map<string, string>();
  for (const [field, column] of definition.columns) {
    fieldByKey.set(headerKey(column.title), field);
    fieldByKey.set(headerKey(column.titleEn), field);
  }
  const columns = new Map<string, RecognisedColumn>();
  const unknown: Header[] = [];
  const twice: Header[] = [];
  const wrongUnits: { header: Header; unit: string }[] = [];
  const noteColumns: number[] = [];
  let headerUnit: AmountUnit | null = null;
  for (const header of headers) {
    const [, amount, unit] = AMOUNT_WITH_UNIT.exec(header.key) ?? [];
    const field = fieldByKey.get(amount ?? header.key);
    const column = field === undefined ? undefined : definition.columns.get(field);
    if (field === undefined || column === undefined) {
      if (NOTE.test(header.key)) noteColumns.push(header.index);
      else unknown.push(header);
      continue;
    }
    if (columns.has(field)) twice.push(header);
    if (unit !== undefined && isAmountUnit(unit)) headerUnit = unit;
    else if (unit !== undefined) wrongUnits.push({ header, unit });
    columns.set(field, {
      field,
      index: header.index,
      header: header.text,
      letters: columnLetters(header.index),
      definition: column,
    });
  }
  const unitIsNamed = headerUnit !== null || wrongUnits.length > 0;
  const missing = [...definition.columns]
    .filter(([field, column]) => column.required && !columns.has(field) && !(field === 'unit' && unitIsNamed))
    .map(([, column]) => column);
  return { definition, columns, missing, unknown, twice, wrongUnits, headerUnit, noteColumns };
};

/** An exact fit beats everything; otherwise the ledger that shares most with the sheet is the one that was meant. */
const score = (candidate: Fit): number =>
  problemsOf(candidate).length === 0
    ? Number.POSITIVE_INFINITY
    : candidate.columns.size - candidate.missing.length - candidate.unknown.length;

const problemsOf = (candidate: Fit): readonly HeaderProblem[] => [
  ...(candidate.missing.length > 0 || candidate.unknown.length > 0 ? [notRecognised(candidate)] : []),
  ...candidate.twice.map((header) => ({ index: header.index, refusal: columnTwice(header.text) })),
  ...candidate.wrongUnits.map(({ header, unit }) => ({ index: header.index, refusal: unknownUnit(unit) })),
];

const notRecognised = ({ definition, columns, missing, unknown }: Fit): HeaderProblem => {
  const known = LEDGER_DEFINITIONS.map((each) => each.title).join('、');
  const knownEn = LEDGER_DEFINITIONS.map((each) => each.titleEn).join(', ');
  if (columns.size === 0) {
    const isOneCell = unknown.length === 1 && OTHER_SEPARATOR.test(unknown[0]?.text ?? '');
    return {
      index: null,
      refusal: {
        code: 'SHEET_NOT_RECOGNISED',
        message: isOneCell
          ? '这张表的表头挤在一格里，列与列之间不是英文逗号。'
          : '这张表的表头不是任何一种台账的表头。',
        messageEn: isOneCell
          ? 'The whole header of this sheet is in one cell: its columns are not separated by commas.'
          : 'The header row of this sheet is not that of any ledger.',
        remedy: isOneCell
          ? '在表格软件中打开，另存为 .xlsx 或“CSV UTF-8（逗号分隔）”。'
          : `第一个非空行必须是表头；可导入的台账：${known}。用 yichi template 生成空白模板。`,
        remedyEn: isOneCell
          ? 'Open it in a spreadsheet program and save it as .xlsx or as CSV with commas.'
          : `The first row that is not empty must be the header; ledgers that can be imported: ${knownEn}. "yichi template" writes an empty workbook.`,
      },
    };
  }
  const absent = missing.map((column) => column.title);
  const foreign = unknown.map((header) => quoted(header.text));
  return {
    index: unknown[0]?.index ?? null,
    refusal: {
      code: 'SHEET_NOT_RECOGNISED',
      message: `这张表最像“${definition.title}”，但${[
        absent.length > 0 ? `缺少列：${absent.join('、')}` : '',
        foreign.length > 0 ? `有不认识的列：${foreign.join('、')}` : '',
      ]
        .filter((part) => part !== '')
        .join('；')}。`,
      messageEn: `This sheet is most like "${definition.titleEn}", but ${[
        absent.length > 0 ? `lacks ${missing.map((column) => `${column.title}/${column.titleEn}`).join(', ')}` : '',
        foreign.length > 0 ? `has unknown columns: ${foreign.join(', ')}` : '',
      ]
        .filter((part) => part !== '')
        .join('; ')}.`,
      remedy: '按模板改正表头；自己加的列，表头请以“备注”开头。',
      remedyEn: 'Correct the header row as in the template; begin the headers of columns of your own with "note".',
      parameters: { nearest: definition.kind, missing: absent, unknown: foreign },
    },
  };
};

const columnTwice = (text: string): Refusal => ({
  code: 'COLUMN_TWICE',
  message: `“${quoted(text)}”这一列出现了两次。`,
  messageEn: `The column "${quoted(text)}" is there twice.`,
  remedy: '删去一列，或把其中一列的表头改为以“备注”开头。',
  remedyEn: 'Delete one of them, or begin the header of one with "note".',
  parameters: { column: text },
});
