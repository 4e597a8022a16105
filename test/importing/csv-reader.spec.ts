import { encode } from 'iconv-lite';

import { csvRows, MAX_CSV_BYTES } from '../../src/importing/csv-reader';
import { marksOf, readAll, temporaryDirectory } from './support/files';

const file = temporaryDirectory();

const PURPOSES = '用途编码,名称,上级用途\r\nRURAL,乡村建设,\r\nWATER,供水,RURAL\r\n';

const names = async (path: string): Promise<readonly string[]> =>
  (await readAll(path)).rows.map((row) => (row.ledger === 'purposes' ? row.name : '?'));

describe('a CSV file', () => {
  it.each([
    ['utf8', PURPOSES],
    ['utf8', `\ufeff${PURPOSES}`],
    ['gb18030', PURPOSES],
    ['utf16le', `\ufeff${PURPOSES}`],
    ['utf16-be', `\ufeff${PURPOSES}`],
    ['utf16le', `\ufeff${PURPOSES.replaceAll(',', '\t')}`],
    ['utf8', PURPOSES.replaceAll('\r\n', '\n')],
    ['utf8', PURPOSES.replaceAll('\r\n', '\r')],
    ['utf8', PURPOSES.trimEnd()],
  ])('is read in %s: %j', async (encoding, text) => {
    const path = file('用途.csv', encode(text, encoding, { addBOM: false }));
    expect(await names(path)).toEqual(['乡村建设', '供水']);
  });

  it('is read with characters that only GB18030 has', async () => {
    expect(await names(file('生僻.csv', encode('用途编码,名称\nA,𠮷田㐂村\n', 'gb18030')))).toEqual(['𠮷田㐂村']);
  });

  it.each([
    [
      'cut off inside a character',
      Buffer.from(PURPOSES).subarray(0, Buffer.from(PURPOSES).indexOf('供') + 1),
      'TEXT_DAMAGED',
    ],
    ['UTF-8 with a broken byte', Buffer.concat([Buffer.from(PURPOSES), Buffer.from([0xe4, 0x41])]), 'TEXT_DAMAGED'],
    ['marked UTF-8 with a broken byte', Buffer.from([0xef, 0xbb, 0xbf, 0x41, 0xff]), 'TEXT_DAMAGED'],
    ['GB18030 cut off inside a character', encode(PURPOSES, 'gb18030').subarray(0, 5), 'ENCODING_UNKNOWN'],
    ['UTF-16 without its mark', Buffer.from(PURPOSES, 'utf16le'), 'ENCODING_UNKNOWN'],
    [
      'a few characters that are both',
      Buffer.concat([Buffer.from('name,unit\nA,'), Buffer.from([0xd4, 0xaa])]),
      'ENCODING_AMBIGUOUS',
    ],
    ['binary', Buffer.from([0, 1, 2, 3, 0, 255]), 'ENCODING_UNKNOWN'],
    ['nothing but white space', Buffer.from(' \r\n\r\n'), 'FILE_EMPTY'],
    ['nothing', Buffer.alloc(0), 'FILE_EMPTY'],
    ['a workbook', Buffer.from('PK\u0003\u0004 and so on', 'latin1'), 'FILE_EXTENSION_WRONG'],
  ])('is refused when it is %s', async (_, bytes, code) => {
    expect(marksOf(await readAll(file('坏.csv', bytes)))).toEqual([`file ${code}`]);
  });

  it('is refused above its limit without being read', async () => {
    const path = file('大.csv', PURPOSES);
    const { truncate } = await import('node:fs/promises');
    await truncate(path, MAX_CSV_BYTES + 1);
    expect(marksOf(await readAll(path))).toEqual(['file FILE_TOO_LARGE']);
  });

  it('numbers rows as a spreadsheet shows them, with line breaks in quotes and empty lines', async () => {
    const text = '\n用途编码,名称,备注\nA,一,"多\n行"\n\n,,\n"B",二,"引""号"\nB C,三,\n';
    const items = await readAll(file('行.csv', text));
    expect(items.rows.map((row) => row.row)).toEqual([3, 6]);
    expect(marksOf(items)).toEqual(['A7 CODE_INVALID']);
  });

  it.each([
    ['a quote that is never closed', 'A,一\nB,"二\nC,三\n', 'CSV_QUOTING'],
    ['text behind a closed quote', 'A,一\nB,"二"三\n', 'CSV_QUOTING'],
    ['a quote inside bare text', 'A,一\nB,二"三\n', 'CSV_QUOTING'],
    ['a row that was cut off', 'A,一\nB', 'ROW_INCOMPLETE'],
  ])('is refused at %s', async (_, text, code) => {
    const items = await readAll(file('引号.csv', `用途编码,名称\n${text}`));
    expect(items.rows.map((row) => row.row)).toEqual([2]);
    expect(marksOf(items)).toEqual([`3 ${code}`]);
  });

  it('is refused where a cell stands beyond the header', async () => {
    const items = await readAll(file('多列.csv', '用途编码,名称\nA,一,什么\nB,二,\n'));
    expect(marksOf(items)).toEqual(['C2 CELL_WITHOUT_HEADER']);
    expect(items.rows).toHaveLength(1);
  });

  it('of any length is read without a warning about listeners', async () => {
    const warnings: Error[] = [];
    const keep = (warning: Error): void => void warnings.push(warning);
    process.on('warning', keep);
    let rows = 0;
    // Two dozen pieces, each of which waits until the one before has been parsed.
    for await (const batch of csvRows(`用途编码,${'名'.repeat(2000)}\n`.repeat(3000))) rows += batch.length;
    await new Promise(setImmediate);
    process.off('warning', keep);
    expect({ rows, warnings }).toEqual({ rows: 3000, warnings: [] });
  });

  it.each([';', '；', '，', '|'])('with %s between its columns is told so', async (separator) => {
    const { refusals } = await readAll(file('分号.csv', `用途编码${separator}名称\nA${separator}一\n`));
    expect(refusals).toMatchObject([{ row: 1, code: 'SHEET_NOT_RECOGNISED' }]);
    expect(refusals[0]?.message).toContain('不是英文逗号');
    expect(refusals[0]?.messageEn).toContain('not separated by commas');
  });

  it('with a row of any length is told so, and not only of quotes', async () => {
    const { refusals } = await readAll(file('长.csv', `用途编码,名称\nA,${'一'.repeat(300_000)}\nB,二\n`));
    expect(refusals).toMatchObject([{ row: 2, code: 'CSV_QUOTING' }]);
    expect(refusals[0]?.message).toContain('超过 262144 个字符');
  });
});
