import { posix } from 'node:path';

import type { Cause } from '../platform/system-cause';
import { fileTypeUnknown, megabytes, workbookCorrupt, workbookTooLarge } from './file-refusals';
import type { RawRow, RawSheet } from './raw-sheet';
import { SafeXml } from './safe-xml';
import { type CellContext, SheetParser, unescapeText } from './sheet-parser';
import { type NumberMeaning, numberMeaning } from './xlsx-number-format';
import { XlsxPackage } from './xlsx-package';

/** Texts that cells share are kept in memory as a whole; a million payments share less than a tenth of this. */
const MAX_SHARED_STRINGS_BYTES = 256 * 1024 * 1024;

/**
 * Reads an .xlsx file sheet by sheet and row by row, whatever its size in a few megabytes beside the texts that its
 * cells share. Only what was saved is read: results of formulas, not formulas; texts, not their looks.
 */
export async function* readWorkbookFile(file: string): AsyncGenerator<RawSheet, void, undefined> {
  const workbook = await XlsxPackage.open(file);
  try {
    const { sheets, date1904, sharedStrings, styles } = await readWorkbookPart(file, workbook);
    const context = {
      file,
      date1904,
      sharedStrings: sharedStrings === null ? [] : await readSharedStrings(file, workbook, sharedStrings),
      meanings: styles === null ? [] : await readNumberMeanings(file, workbook, styles),
    };
    for (const sheet of sheets) {
      yield { name: sheet.name, hidden: sheet.hidden, rows: readRows(workbook, sheet.part, context) };
    }
  } finally {
    workbook.close();
  }
}

async function* readRows(
  workbook: XlsxPackage,
  part: string,
  context: CellContext,
): AsyncGenerator<readonly RawRow[], void, undefined> {
  const parser = new SheetParser(part, context);
  const xml = new SafeXml(context.file, part, parser);
  for await (const chunk of workbook.read(part)) {
    xml.write(chunk);
    const rows = parser.takeRows();
    if (rows.length > 0) yield rows;
  }
  xml.end();
  yield parser.takeRows();
}

interface SheetPart {
  readonly name: string;
  readonly hidden: boolean;
  readonly part: string;
}

interface WorkbookPart {
  readonly sheets: readonly SheetPart[];
  readonly date1904: boolean;
  readonly sharedStrings: string | null;
  readonly styles: string | null;
}

const NO_WORKBOOK = { zh: '压缩包里没有工作簿', en: 'it is a zip file without a workbook in it' };

const sheetWithoutContent = (name: string): Cause => ({
  zh: `表“${name}”没有内容`,
  en: `sheet ${name} has no content`,
});

const readWorkbookPart = async (file: string, workbook: XlsxPackage): Promise<WorkbookPart> => {
  if (!workbook.has('_rels/.rels')) throw workbookCorrupt(file, NO_WORKBOOK);
  const main = (await readRelations(file, workbook, '_rels/.rels')).find(({ type }) => type === 'officeDocument');
  if (main === undefined) throw workbookCorrupt(file, NO_WORKBOOK);
  if (!main.target.toLowerCase().endsWith('.xml')) throw fileTypeUnknown(file);

  const { dir, base } = posix.parse(main.target);
  const relations = await readRelations(file, workbook, posix.join(dir, '_rels', `${base}.rels`));
  const sheets: SheetPart[] = [];
  let date1904 = false;
  await SafeXml.readPart(file, main.target, workbook.read(main.target), {
    open: (name, attributes) => {
      if (name === 'workbookPr') date1904 = ['1', 'true'].includes(attributes['date1904'] ?? '');
      if (name !== 'sheet') return;
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1];
      const relation = relations.find((each) => each.id === id);
      if (relation === undefined) throw workbookCorrupt(file, sheetWithoutContent(attributes['name'] ?? ''));
      // Chart sheets and macro sheets have relations of other types and no ledger in them.
      if (relation.type !== 'worksheet') return;
      sheets.push({
        name: attributes['name'] ?? '',
        hidden: (attributes['state'] ?? 'visible') !== 'visible',
        part: relation.target,
      });
    },
    text: () => undefined,
    close: () => undefined,
  });
  const targetOf = (type: string): string | null => relations.find((each) => each.type === type)?.target ?? null;
  return { sheets, date1904, sharedStrings: targetOf('sharedStrings'), styles: targetOf('styles') };
};

interface Relation {
  readonly id: string;
  /** Last part of the type's address, which is the same in the transitional and the strict vocabulary. */
  readonly type: string;
  /** Full name of the part. */
  readonly target: string;
}

const readRelations = async (file: string, workbook: XlsxPackage, part: string): Promise<readonly Relation[]> => {
  const base = posix.dirname(posix.dirname(part));
  const relations: Relation[] = [];
  await SafeXml.readPart(file, part, workbook.read(part), {
    open: (name, { Id = '', Type = '', Target = '', TargetMode }) => {
      if (name !== 'Relationship' || TargetMode === 'External') return;
      const target = Target.startsWith('/') ? Target.slice(1) : posix.join(base, Target);
      relations.push({ id: Id, type: posix.basename(Type), target });
    },
    text: () => undefined,
    close: () => undefined,
  });
  return relations;
};

const readSharedStrings = async (file: string, workbook: XlsxPackage, part: string): Promise<readonly string[]> => {
  if (workbook.inflatedSize(part) > MAX_SHARED_STRINGS_BYTES) {
    const limit = megabytes(MAX_SHARED_STRINGS_BYTES);
    throw workbookTooLarge(file, { zh: `${part} 超过 ${limit}`, en: `${part} has more than ${limit}` });
  }
  const texts: string[] = [];
  let text = '';
  let inText = false;
  let inPhonetic = false;
  await SafeXml.readPart(file, part, workbook.read(part), {
    open: (name) => {
      if (name === 'si') text = '';
      else if (name === 'rPh') inPhonetic = true;
      else if (name === 't') inText = !inPhonetic;
    },
    text: (piece) => {
      if (inText) text += piece;
    },
    close: (name) => {
      if (name === 'si') texts.push(text);
      else if (name === 'rPh') inPhonetic = false;
      else if (name === 't') inText = false;
    },
  });
  return texts.map(unescapeText);
};

const readNumberMeanings = async (
  file: string,
  workbook: XlsxPackage,
  part: string,
): Promise<readonly NumberMeaning[]> => {
  const codes = new Map<number, string>();
  const meanings: NumberMeaning[] = [];
  let inCellFormats = false;
  await SafeXml.readPart(file, part, workbook.read(part), {
    open: (name, attributes) => {
      if (name === 'numFmt') codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      else if (name === 'cellXfs') inCellFormats = true;
      else if (name === 'xf' && inCellFormats) {
        const id = Number(attributes['numFmtId'] ?? '0');
        meanings.push(numberMeaning(id, codes.get(id)));
      }
    },
    text: () => undefined,
    close: (name) => {
      if (name === 'cellXfs') inCellFormats = false;
    },
  });
  return meanings;
};
