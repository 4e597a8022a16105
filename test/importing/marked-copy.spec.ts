import { existsSync, readFileSync } from 'node:fs';

import { type Cell, Workbook } from 'exceljs';

import { writeMarkedCopy } from '../../src/importing/marked-copy';
import type { RowRefusal } from '../../src/importing/row-refusal';
import { readAll, temporaryDirectory, writeWorkbook } from './support/files';

const file = temporaryDirectory();

const HEADER = ['用途编码', '名称', '上级用途'];

const open = async (path: string): Promise<Workbook> => {
  const workbook = new Workbook();
  await workbook.xlsx.readFile(path);
  return workbook;
};

const cellOf = (workbook: Workbook, sheet: string, address: string): Cell => {
  const found = workbook.getWorksheet(sheet);
  if (found === undefined) throw new Error(`no sheet ${sheet}`);
  return found.getCell(address);
};

const fillOf = (cell: Cell): string | undefined =>
  cell.fill !== undefined && cell.fill.type === 'pattern' ? cell.fill.fgColor?.argb : undefined;

const noteOf = (cell: Cell): string => {
  const note: Cell['note'] | undefined = cell.note;
  if (note === undefined) return '';
  return typeof note === 'string' ? note : (note.texts ?? []).map(({ text }) => text).join('');
};

const copyOf = async (path: string, refusals: readonly RowRefusal[], name: string) => {
  const target = await writeMarkedCopy(path, refusals, file(name));
  return { target, workbook: await open(target) };
};

describe('a marked copy', () => {
  it('of a workbook keeps it and shows cause and remedy in the refused cells', async () => {
    const path = await writeWorkbook(
      file('账.xlsx'),
      { 用途: [HEADER, ['A B', '一'], ['C', ''], ['D', '四']] },
      (workbook) => {
        const sheet = workbook.getWorksheet('用途');
        sheet?.eachRow((row) => (row.font = { bold: true }));
        if (sheet !== undefined) sheet.getColumn(2).width = 33;
      },
    );
    const before = readFileSync(path);
    const { refusals } = await readAll(path);
    const { workbook } = await copyOf(path, refusals, '账.错误.xlsx');

    expect(readFileSync(path)).toEqual(before);
    const bad = cellOf(workbook, '用途', 'A2');
    expect(bad.value).toBe('A B');
    expect(fillOf(bad)).toBe('FFFFC7CE');
    expect(bad.font.bold).toBe(true);
    expect(noteOf(bad)).toContain('“A B”不能作编码或编号。');
    expect(noteOf(bad)).toContain(refusals[0]?.remedy);
    expect(fillOf(cellOf(workbook, '用途', 'B3'))).toBe('FFFFC7CE');
    for (const good of ['A1', 'B2', 'A3', 'A4', 'B4']) {
      expect([fillOf(cellOf(workbook, '用途', good)), noteOf(cellOf(workbook, '用途', good))]).toEqual([undefined, '']);
    }
    expect(workbook.getWorksheet('用途')?.getColumn(2).width).toBe(33);

    const list = workbook.getWorksheet('导入错误');
    expect(list?.rowCount).toBe(3);
    expect([1, 2, 3, 5, 10].map((column) => list?.getCell(2, column).value)).toEqual([
      '用途',
      2,
      '用途编码',
      'A B',
      'CODE_INVALID',
    ]);
    expect(list?.getCell(2, 4).value).toMatchObject({ text: 'A2', hyperlink: "#'用途'!A2" });
  });

  it('can be corrected and imported itself, and loses its marks in the next copy', async () => {
    const path = await writeWorkbook(file('改.xlsx'), { 用途: [HEADER, ['A B', '一'], ['C D', '二']] });
    const { workbook, target } = await copyOf(path, (await readAll(path)).refusals, '改.错误.xlsx');
    cellOf(workbook, '用途', 'A2').value = 'AB';
    await workbook.xlsx.writeFile(target);

    const again = await readAll(target);
    expect([again.rows.length, again.refusals.map(({ cell }) => cell)]).toEqual([1, ['A3']]);
    const next = (await copyOf(target, again.refusals, '改.错误.错误.xlsx')).workbook;
    expect([fillOf(cellOf(next, '用途', 'A2')), noteOf(cellOf(next, '用途', 'A2'))]).toEqual([undefined, '']);
    expect(noteOf(cellOf(next, '用途', 'A3')).match(/导入错误/g)).toHaveLength(1);
    expect(next.worksheets.map(({ name }) => name)).toEqual(['用途', '导入错误']);
    expect(next.getWorksheet('导入错误')?.rowCount).toBe(2);
  });

  it('of a CSV file is a workbook with the same rows in the same places', async () => {
    const path = file('a[1].csv', '\n用途编码,名称,备注\nA B,一,"多\n行"\n=1+1,二,@x\n');
    const { refusals } = await readAll(path);
    const { workbook } = await copyOf(path, refusals, 'csv.错误.xlsx');
    expect(workbook.worksheets.map(({ name }) => name)).toEqual(['a_1_', '导入错误']);
    expect(cellOf(workbook, 'a_1_', 'C3').value).toBe('多\n行');
    expect(cellOf(workbook, 'a_1_', 'A4').value).toBe('=1+1');
    expect(cellOf(workbook, 'a_1_', 'A4').formula).toBeUndefined();
    expect(noteOf(cellOf(workbook, 'a_1_', 'A3'))).toContain('A B');
    expect(fillOf(cellOf(workbook, 'a_1_', 'B3'))).toBeUndefined();
    expect(cellOf(workbook, '导入错误', 'D2').value).toMatchObject({ hyperlink: "#'a_1_'!A3" });
  });

  it('of a large workbook is copied row by row, with its dates and numbers', async () => {
    const long = (start: number): string => Array.from({ length: 5000 }, (_, index) => start * 7 + index).join('');
    const rows = Array.from({ length: 700 }, (_, index) => [`A${index}`, '一', null, long(index)]);
    const path = await writeWorkbook(file('大.xlsx'), {
      用途: [[...HEADER, '备注'], ...rows, ['A B', 12.5, null, new Date(Date.UTC(2024, 2, 5))]],
    });
    const { workbook } = await copyOf(path, (await readAll(path)).refusals, '大.错误.xlsx');
    expect(workbook.getWorksheet('用途')?.rowCount).toBe(702);
    expect(noteOf(cellOf(workbook, '用途', 'A702'))).toContain('A B');
    expect(cellOf(workbook, '用途', 'B702').value).toBe(12.5);
    expect(cellOf(workbook, '用途', 'D702').value).toEqual(new Date(Date.UTC(2024, 2, 5)));
  });

  it('notes what concerns a whole row or sheet on its first cell', async () => {
    const path = await writeWorkbook(file('行.xlsx'), { 用途: [HEADER, ['A', '一']], 合计: [['合计']] });
    const { refusals } = await readAll(path);
    const [sheetRefusal] = refusals;
    if (sheetRefusal === undefined) throw new Error('nothing was refused');
    const rowRefusal: RowRefusal = { ...sheetRefusal, sheet: '用途', row: 2, message: '池余额不足' };
    const { workbook } = await copyOf(path, [...refusals, rowRefusal], '行.错误.xlsx');
    expect(noteOf(cellOf(workbook, '合计', 'A1'))).toContain('表头');
    expect(noteOf(cellOf(workbook, '用途', 'A2'))).toContain('池余额不足');
  });

  it('of a file that cannot be read is the list alone', async () => {
    const path = file('坏.xlsx', 'PK\u0003\u0004');
    const { workbook } = await copyOf(path, (await readAll(path)).refusals, '坏.错误.xlsx');
    expect(workbook.worksheets.map(({ name }) => name)).toEqual(['导入错误']);
    expect(cellOf(workbook, '导入错误', 'J2').value).toBe('WORKBOOK_CORRUPT');
  });

  it('never takes the place of another file', async () => {
    const path = await writeWorkbook(file('原.xlsx'), { 用途: [HEADER, ['A B', '一']] });
    const { refusals } = await readAll(path);
    const before = readFileSync(path);
    expect(await writeMarkedCopy(path, refusals, path)).toBe(file('原 (2).xlsx'));
    expect(await writeMarkedCopy(path, refusals, path)).toBe(file('原 (3).xlsx'));
    expect(readFileSync(path)).toEqual(before);
  });

  it('leaves nothing behind when it cannot be written', async () => {
    const path = await writeWorkbook(file('源.xlsx'), { 用途: [HEADER, ['A B', '一']] });
    const target = file('无此目录/源.xlsx');
    await expect(writeMarkedCopy(path, [], target)).rejects.toMatchObject({ code: 'FILE_NOT_WRITTEN' });
    expect(existsSync(target)).toBe(false);
  });
});
