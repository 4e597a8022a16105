import { readFileSync } from 'node:fs';

import { dayOfSerial, numberMeaning } from '../../src/importing/xlsx-number-format';
import { MAX_ENTRIES, MAX_INFLATED_BYTES, MAX_WORKBOOK_BYTES } from '../../src/importing/xlsx-package';
import { marksOf, readAll, temporaryDirectory, writeWorkbook } from './support/files';
import { workbookParts, zip } from './support/zip';

const file = temporaryDirectory();

const HEADER = ['到账凭证号', '日期', '区划', '年度', '指标文号', '渠道编码', '用途编码', '金额', '单位'];
const ROW = ['到1', '2024-03-05', '630222', '2024', '青1号', 'SL', 'WATER', '12.50', '元'];

/** A row of ROW with some cells replaced. */
const row = (cells: Readonly<Record<number, unknown>>): readonly unknown[] =>
  ROW.map((value, index) => (index in cells ? cells[index] : value));

const receipts = (path: string, rows: readonly (readonly unknown[])[], adjust?: Parameters<typeof writeWorkbook>[2]) =>
  writeWorkbook(path, { 到位: [HEADER, ...rows] }, adjust);

/** The Chinese sentence says in Chinese what the English one says in the words of the format. */
const expectBothLanguages = ({ refusals }: Awaited<ReturnType<typeof readAll>>): void => {
  for (const { message, messageEn } of refusals) {
    expect(message.replace(/“[^”]*”/g, '')).not.toMatch(/[A-Za-z]{2,} [A-Za-z]/);
    expect(message).toMatch(/：.*\p{Script=Han}.*。$/u);
    expect(messageEn).toMatch(/: .*[a-z0-9].*\.$/s);
    expect(messageEn.replace(/"[^"]*"|“[^”]*”/g, '')).not.toMatch(/\p{Script=Han}/u);
  }
};

describe('cells of a workbook', () => {
  it('are read whatever their kind: text, numbers, dates, results of formulas, rich text', async () => {
    const path = await receipts(
      file('kinds.xlsx'),
      [
        row({}),
        row({ 1: new Date(Date.UTC(2024, 2, 5)), 2: 630222000000, 3: 2024, 7: 12.5 }),
        row({ 0: { richText: [{ text: '到' }, { text: '1', font: { bold: true } }] } }),
        row({ 7: { formula: '10+2.5', result: 12.5 }, 0: { formula: '"到"&1', result: '到1' } }),
        row({ 1: { formula: 'TODAY()', result: new Date(Date.UTC(2024, 2, 5)) } }),
        row({ 0: { text: '到1', hyperlink: 'https://example.org' } }),
      ],
      (workbook) => workbook.worksheets[0]?.eachRow((each) => (each.getCell(2).numFmt = 'yyyy"年"m"月"d"日"')),
    );
    const { rows, refusals } = await readAll(path);
    expect(refusals).toEqual([]);
    expect(rows.map(({ row: number }) => number)).toEqual([2, 3, 4, 5, 6, 7]);
    for (const each of rows) {
      expect(each).toMatchObject({
        receiptNo: '到1',
        effectiveOn: '2024-03-05',
        division: '630222',
        fiscalYear: 2024,
        amount: 1250,
      });
    }
  });

  it('are refused one by one, each with its address, value and remedy', async () => {
    const path = await receipts(file('bad-cells.xlsx'), [
      row({ 0: null, 1: 45292, 7: { error: '#REF!' } }),
      row({ 0: { formula: 'A1', result: undefined }, 8: '万' }),
      row({ 1: new Date(Date.UTC(2024, 2, 5, 9, 30)), 7: new Date(Date.UTC(2024, 2, 5)), 3: true }),
      row({ 7: '1e3' }),
      row({ 7: -5 }),
      row({ 7: 0 }),
      row({ 7: 0.001 }),
      row({}),
    ]);
    const items = await readAll(path);
    expect(marksOf(items)).toEqual([
      'A2 CELL_REQUIRED',
      'B2 DATE_IS_A_NUMBER',
      'H2 CELL_ERROR',
      'A3 CELL_NOT_CALCULATED',
      'I3 UNIT_UNKNOWN',
      'B4 DATE_HAS_TIME',
      'D4 YEAR_INVALID',
      'H4 CELL_IS_A_DATE',
      'H5 AMOUNT_NOT_A_NUMBER',
      'H6 AMOUNT_NEGATIVE',
      'H7 AMOUNT_ZERO',
      'H8 AMOUNT_TOO_PRECISE',
    ]);
    expect(items.rows).toHaveLength(1);
    expect(items.refusals[2]).toMatchObject({ file: path, sheet: '到位', row: 2, column: '金额', value: '#REF!' });
    expect(items.refusals[4]).toMatchObject({ value: '万', remedy: '把单位改为 元、万元、亿元 之一。' });
  });

  it('count dates from 1904 where the workbook says so', async () => {
    const path = await receipts(
      file('1904.xlsx'),
      [row({ 1: new Date(Date.UTC(2024, 2, 5)) })],
      (workbook) => (workbook.properties.date1904 = true),
    );
    expect((await readAll(path)).rows[0]).toMatchObject({ effectiveOn: '2024-03-05' });
  });

  it('take leading zeros from the number format', async () => {
    const path = await receipts(file('padded.xlsx'), [row({ 0: 42 })], (workbook) => {
      const cell = workbook.worksheets[0]?.getCell('A2');
      if (cell !== undefined) cell.numFmt = '000000';
    });
    expect((await readAll(path)).rows[0]).toMatchObject({ receiptNo: '000042' });
  });

  it('stand where they stand: empty rows and columns do not move them', async () => {
    const path = await writeWorkbook(file('gaps.xlsx'), {
      到位: [[], [], [null, ...HEADER], [], [null, ...ROW], [null, null, '', ' '], [null, ...row({ 7: 'x' })]],
    });
    const items = await readAll(path);
    expect(items.rows.map((each) => each.row)).toEqual([5]);
    expect(marksOf(items)).toEqual(['I7 AMOUNT_NOT_A_NUMBER']);
  });

  it('that are merged are asked for row by row', async () => {
    const path = await writeWorkbook(
      file('合并.xlsx'),
      {
        用途: [
          ['用途编码', '名称'],
          ['A', '一'],
          ['B', '二'],
        ],
      },
      (workbook) => workbook.getWorksheet('用途')?.mergeCells('B2:B3'),
    );
    const { refusals } = await readAll(path);
    expect(refusals).toMatchObject([{ cell: 'B3', code: 'CELL_REQUIRED' }]);
    expect(refusals[0]?.remedy).toContain('合并的单元格要先拆分');
  });

  it('without a header are refused', async () => {
    const path = await receipts(file('stray.xlsx'), [[...ROW, null, '合计']]);
    expect(marksOf(await readAll(path))).toEqual(['K2 CELL_WITHOUT_HEADER']);
  });

  it('need no unit of their own when the header names it, and must not contradict it', async () => {
    const header = HEADER.map((title) => (title === '金额' ? '金额（万元）' : title));
    const path = await writeWorkbook(file('unit.xlsx'), {
      到位: [header, row({ 8: null }), row({ 8: '万元' }), row({ 8: '元' })],
    });
    const items = await readAll(path);
    expect(items.rows.map((each) => 'amount' in each && each.amount)).toEqual([12_500_000, 12_500_000]);
    expect(marksOf(items)).toEqual(['I4 UNITS_DIFFER']);
  });
});

describe('sheets of a workbook', () => {
  it('are each a ledger; empty ones and those for people are passed over', async () => {
    const path = await writeWorkbook(file('sheets.xlsx'), {
      说明: [['怎么填']],
      Notes: [['how to']],
      导入错误: [['表', '行']],
      空: [],
      任意名: [HEADER, ROW],
      用途: [
        ['用途编码', '名称'],
        ['A', '一'],
      ],
    });
    const { rows, refusals } = await readAll(path);
    expect(refusals).toEqual([]);
    expect(rows.map((each) => [each.source.sheet, each.ledger])).toEqual([
      ['任意名', 'cash-receipts'],
      ['用途', 'purposes'],
    ]);
  });

  it('that are no ledger are refused, and the others are still read', async () => {
    const path = await writeWorkbook(file('unknown.xlsx'), { 汇总: [['项目', '合计']], 到位: [HEADER, ROW] });
    const items = await readAll(path);
    expect(items.refusals).toMatchObject([{ code: 'SHEET_NOT_RECOGNISED', sheet: '汇总', row: 1, cell: null }]);
    expect(items.rows).toHaveLength(1);
  });

  it('that are hidden are not read unseen', async () => {
    const path = await writeWorkbook(
      file('hidden.xlsx'),
      { 到位: [HEADER, ROW], 字典: [['是'], ['否']], 藏: [HEADER, ROW] },
      (workbook) => workbook.worksheets.slice(1).forEach((sheet) => (sheet.state = 'hidden')),
    );
    const items = await readAll(path);
    expect(marksOf(items)).toEqual(['1 SHEET_HIDDEN']);
    expect(items.rows).toHaveLength(1);
  });

  it('without any content are refused as an empty file', async () => {
    const path = await writeWorkbook(file('empty.xlsx'), { Sheet1: [] });
    expect(marksOf(await readAll(path))).toEqual(['file FILE_EMPTY']);
  });
});

describe('what other programs write', () => {
  const letters = (cells: string): string => cells.replaceAll('#', '"');
  const data = (amount: string): string =>
    letters(
      `<row r=#1#>${HEADER.map((title, index) => `<c r=#${'ABCDEFGHI'[index]}1# t=#inlineStr#><is><t>${title}</t></is></c>`).join('')}</row>` +
        `<row r=#2#>${ROW.map((value, index) =>
          index === 7 ? amount : `<c r=#${'ABCDEFGHI'[index]}2# t=#str#><v>${value}</v></c>`,
        ).join('')}</row>`,
    );
  const write = (name: string, content: Parameters<typeof workbookParts>[0]): string =>
    file(name, zip(workbookParts(content)));

  it('is read without addresses, with prefixes, phonetic hints, CDATA and exponents', async () => {
    const path = write('bare.xlsx', {
      data: data('<c r="H2"><v>1.25E1</v></c>').replace(/ r="[A-I]?\d"/g, ''),
    });
    expect((await readAll(path)).rows).toMatchObject([{ amount: 1250, row: 2 }]);

    const shared = write('phonetic.xlsx', {
      data: data('<c r="H2"><v>12.5</v></c>').replace('t="str"><v>到1</v>', 't="s"><v>0</v>'),
      sharedStrings:
        '<sst><si><r><t><![CDATA[到]]></t></r><r><t>1</t></r><rPh sb="0" eb="1"><t>dao</t></rPh></si></sst>',
    });
    expect((await readAll(shared)).rows).toMatchObject([{ receiptNo: '到1' }]);

    const prefixed = zip(
      workbookParts({ data: data('<c r="H2"><v>12.5</v></c>') }).map((part) =>
        part.name.includes('sheet1')
          ? { ...part, content: String(part.content).replace(/<(\/?)(\w)/g, '<$1x:$2') }
          : part,
      ),
    );
    expect((await readAll(file('prefixed.xlsx', prefixed))).rows).toHaveLength(1);
  });

  it('is read with dates as ISO text', async () => {
    const path = write('iso.xlsx', {
      data: data('<c r="H2"><v>12.5</v></c>').replace('t="str"><v>2024-03-05</v>', 't="d"><v>2024-03-05T00:00:00</v>'),
    });
    expect((await readAll(path)).rows).toMatchObject([{ effectiveOn: '2024-03-05' }]);
  });

  it.each([
    ['a number that is none', data('<c r="H2"><v>0x10</v></c>')],
    ['a shared text that is missing', data('<c r="H2" t="s"><v>7</v></c>')],
    ['a cell of another row', data('<c r="H9"><v>1</v></c>')],
    ['a cell type that does not exist', data('<c r="H2" t="zz"><v>1</v></c>')],
    ['rows out of order', `${data('<c r="H2"><v>1</v></c>')}<row r="1"/>`],
    ['XML that ends early', data('<c r="H2"><v>1')],
    ['an entity of its own', data('<c r="H2"><v>&lol;</v></c>')],
    ['a text that fills memory', data(`<c r="H2"><v>${'1'.repeat(3_000_000)}</v></c>`)],
  ])('is refused as damaged with %s', async (_, sheet) => {
    const items = await readAll(write('damaged.xlsx', { data: sheet }));
    expect(marksOf(items).at(-1)).toBe('file WORKBOOK_CORRUPT');
    expectBothLanguages(items);
  });

  it('is refused with a document type, which could define entities', async () => {
    const path = write('doctype.xlsx', {
      data: data('<c r="H2"><v>&lol;</v></c>'),
      prolog: '<!DOCTYPE x [<!ENTITY lol "12"><!ENTITY file SYSTEM "file:///etc/passwd">]>',
    });
    expect(marksOf(await readAll(path))).toEqual(['file WORKBOOK_UNSAFE']);
  });
});

describe('a file that is not what it seems', () => {
  const good = async (): Promise<Buffer> => readFileSync(await receipts(file('good.xlsx'), [row({})]));

  it('is not there, is a folder, or is of another kind', async () => {
    expect(marksOf(await readAll(file('none.xlsx')))).toEqual(['file FILE_NOT_FOUND']);
    const folder = await readAll(file('.'));
    expect(marksOf(folder)).toEqual(['file FILE_UNREADABLE']);
    expect(folder.refusals[0]?.message).toMatch(/打不开：它是目录，不是文件。$/);
    expect(marksOf(await readAll(file('台账.ods', 'x')))).toEqual(['file FILE_TYPE_UNKNOWN']);
    expect(marksOf(await readAll(file('台账', 'x')))).toEqual(['file FILE_TYPE_UNKNOWN']);
  });

  it('does not keep the others from being read', async () => {
    const items = await readAll(file('none.csv'), await receipts(file('next.XLSX'), [row({})]));
    expect([items.rows.length, marksOf(items)]).toEqual([1, ['file FILE_NOT_FOUND']]);
  });

  it('is text, an older format or protected by a password', async () => {
    expect(marksOf(await readAll(file('text.xlsx', '用途编码,名称\n')))).toEqual(['file FILE_EXTENSION_WRONG']);
    expect(marksOf(await readAll(file('old.xlsx', compoundFile('Workbook'))))).toEqual(['file WORKBOOK_OLD_FORMAT']);
    expect(marksOf(await readAll(file('locked.xlsx', compoundFile('EncryptedPackage'))))).toEqual([
      'file WORKBOOK_ENCRYPTED',
    ]);
    const parts = workbookParts({ data: '' }).map((part) => ({ ...part, encrypted: true }));
    expect(marksOf(await readAll(file('zipped.xlsx', zip(parts))))).toEqual(['file WORKBOOK_ENCRYPTED']);
  });

  it('is cut off at any place', async () => {
    const bytes = await good();
    for (const share of [0.01, 0.3, 0.6, 0.9, 0.999]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * share));
      const items = await readAll(file('cut.xlsx', cut));
      expect(marksOf(items)).toEqual(['file WORKBOOK_CORRUPT']);
      expectBothLanguages(items);
    }
  });

  it('is a zip file of something else, or one with a wrong checksum or a part twice', async () => {
    const parts = workbookParts({ data: '' });
    for (const wrong of [
      [{ name: 'word/document.xml', content: '<x/>' }],
      parts.map((part) => ({ ...part, checksum: 1 })),
      [...parts, ...parts.slice(-1)],
      parts.slice(0, -1),
    ]) {
      const items = await readAll(file('wrong.xlsx', zip(wrong)));
      expect(marksOf(items)).toEqual(['file WORKBOOK_CORRUPT']);
      expectBothLanguages(items);
    }
  });

  it('is a zip bomb: by its ratio, its sum, its number of parts, or a lie about its size', async () => {
    const parts = workbookParts({ data: '' });
    const zeros = Buffer.alloc(16 * 1024 * 1024);
    const bombs = {
      ratio: [...parts, { name: 'xl/media/a', content: zeros }],
      sum: [...parts, { name: 'xl/media/a', content: 'x', claimedSize: MAX_INFLATED_BYTES }],
      parts: Array.from({ length: MAX_ENTRIES + 1 }, (_, index) => ({ name: `p${index}`, content: '' })),
    };
    for (const [name, content] of Object.entries(bombs)) {
      const items = await readAll(file(`${name}.xlsx`, zip(content)));
      expect(marksOf(items)).toEqual(['file WORKBOOK_TOO_LARGE']);
      expectBothLanguages(items);
    }
    const lie = [...parts, { name: 'xl/media/a', content: zeros, claimedSize: 100 }];
    expect(marksOf(await readAll(file('lie.xlsx', zip(lie))))).toEqual(['file WORKBOOK_CORRUPT']);
  });

  it('is larger than any ledger', async () => {
    const path = await receipts(file('large.xlsx'), [row({})]);
    const { truncate } = await import('node:fs/promises');
    await truncate(path, MAX_WORKBOOK_BYTES + 1);
    expect(marksOf(await readAll(path))).toEqual(['file FILE_TOO_LARGE']);
  });

  it('damaged in any byte is read as it was or refused, and never a defect', async () => {
    const bytes = await good();
    const whole = (await readAll(file('whole.xlsx', bytes))).rows.map(({ source: _, ...fields }) => fields);
    for (let position = 0; position < bytes.length; position += 37) {
      const damaged = Buffer.from(bytes);
      damaged[position] = (damaged[position] ?? 0) ^ 0x55;
      const { rows, refusals } = await readAll(file('flipped.xlsx', damaged));
      if (refusals.length === 0) expect(rows.map(({ source: _, ...fields }) => fields)).toEqual(whole);
    }
  });
});

describe('number formats', () => {
  it.each([
    [14, undefined, 'date'],
    [57, undefined, 'date'],
    [4, undefined, 'plain'],
    [164, 'yyyy"年"m"月"d"日"', 'date'],
    [164, '[$-804]yyyy/m/d;@', 'date'],
    [164, '[h]:mm', 'date'],
    [164, '#,##0.00', 'plain'],
    [164, '#,##0.00"元";[Red]-#,##0.00"元"', 'plain'],
    [164, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 'plain'],
    [164, 'General', 'plain'],
    [164, '"day "0', 'plain'],
    [164, '0.00E+00', 'plain'],
    [164, '000000', 'padded'],
    [164, '0', 'plain'],
    [164, '@', 'plain'],
  ] as const)('%d %s is %s', (id, code, kind) => {
    expect(numberMeaning(id, code).kind).toBe(kind);
  });

  it('turn numbers into days, but for the one that never was', () => {
    expect(dayOfSerial(45356, false)).toBe('2024-03-05');
    expect(dayOfSerial(45356.75, false)).toBe('2024-03-05');
    expect(dayOfSerial(61, false)).toBe('1900-03-01');
    expect(dayOfSerial(60, false)).toBeNull();
    expect(dayOfSerial(-1, false)).toBeNull();
    expect(dayOfSerial(43894, true)).toBe('2024-03-05');
    expect(dayOfSerial(3e9, false)).toBeNull();
  });
});

/** An OLE compound file with one named stream in its directory, which is all that is looked at. */
const compoundFile = (stream: string): Buffer => {
  const bytes = Buffer.alloc(2048);
  Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]).copy(bytes);
  bytes.writeUInt16LE(9, 0x1e);
  bytes.writeUInt32LE(1, 0x30);
  bytes.write(stream, 1024 + 128, 'utf16le');
  return bytes;
};
