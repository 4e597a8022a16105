import { readFileSync } from 'node:fs';

import { Workbook, type Worksheet } from 'exceljs';

import { generatePaymentsWorkbook } from '../../bench/support/payments-workbook';
import { writeTemplate } from '../../src/exporting/template';
import { exampleRows } from '../../src/importing/example-rows';
import { LEDGER_DEFINITIONS } from '../../src/importing/ledger-definitions';
import { LEDGER_KINDS } from '../../src/importing/ledger-row';
import { readAll, temporaryDirectory } from './support/files';

const file = temporaryDirectory();

const newTemplate = async (name: string): Promise<{ readonly path: string; readonly workbook: Workbook }> => {
  const path = file(name);
  await writeTemplate(path);
  const workbook = new Workbook();
  await workbook.xlsx.readFile(path);
  return { path, workbook };
};

let once: Promise<Workbook> | null = null;
/** One template for all tests that only look at it. */
const unchanged = (): Promise<Workbook> => (once ??= newTemplate('unchanged.xlsx').then(({ workbook }) => workbook));

/** Validations of a whole sheet, which exceljs's types leave out. */
const validationsOf = (
  sheet: Worksheet | undefined,
): Readonly<Record<string, { readonly formulae: readonly string[] }>> =>
  (sheet as unknown as { dataValidations: { model: Record<string, { formulae: string[] }> } }).dataValidations.model;

describe('the template', () => {
  it('has a sheet of notes and one for each ledger, in order', async () => {
    const workbook = await unchanged();
    expect(workbook.worksheets.map(({ name }) => name)).toEqual([
      '说明',
      ...LEDGER_DEFINITIONS.map(({ title }) => title),
    ]);
  });

  it('imports as it is to nothing at all', async () => {
    await unchanged();
    expect(await readAll(file('unchanged.xlsx'))).toEqual({ rows: [], refusals: [] });
  });

  it('imports to one small ledger when the marks are cleared', async () => {
    const { path, workbook } = await newTemplate('examples.xlsx');
    for (const sheet of workbook.worksheets) {
      sheet.eachRow((row) => row.eachCell((cell) => (cell.value === '示例' ? (cell.value = null) : undefined)));
    }
    await workbook.xlsx.writeFile(path);
    const { rows, refusals } = await readAll(path);
    expect(refusals).toEqual([]);
    expect(rows).toHaveLength(LEDGER_KINDS.flatMap((kind) => exampleRows(kind)).length);
    expect(new Set(rows.map((row) => row.ledger))).toEqual(new Set(LEDGER_KINDS));

    const divisions = new Set(rows.flatMap((row) => (row.ledger === 'divisions' ? [row.divisionCode] : [])));
    const purposes = new Set(rows.flatMap((row) => (row.ledger === 'purposes' ? [row.purposeCode] : [])));
    const projects = new Set(rows.flatMap((row) => (row.ledger === 'projects' ? [row.projectCode] : [])));
    for (const row of rows) {
      if ('division' in row) expect(divisions).toContain(row.division);
      if ('purposeCode' in row) expect(purposes).toContain(row.purposeCode);
      if ('place' in row && row.place !== null) expect(divisions).toContain(row.place);
      if ('projectCode' in row && row.projectCode !== null) expect(projects).toContain(row.projectCode);
    }
    const sum = (kind: string): number =>
      rows.reduce((total, row) => total + (row.ledger === kind && 'amount' in row ? row.amount : 0), 0);
    expect(sum('appropriations')).toBe(sum('integrations'));
    expect(sum('integrations')).toBe(sum('transfers'));
    expect(sum('payments')).toBeLessThanOrEqual(sum('cash-receipts'));
    expect(sum('payments') + sum('recalls') + sum('reallocations')).toBeLessThan(sum('allocations'));
  });

  it('imports what is filled in below the examples', async () => {
    const { path, workbook } = await newTemplate('filled.xlsx');
    const sheet = workbook.getWorksheet('支付台账');
    const example = sheet?.getRow(2);
    example?.eachCell((cell, column) => {
      const target = sheet?.getRow(3).getCell(column);
      if (target !== undefined && cell.value !== '示例') target.value = column === 1 ? '支2024-0002' : cell.value;
    });
    await workbook.xlsx.writeFile(path);
    const { rows, refusals } = await readAll(path);
    expect(refusals).toEqual([]);
    expect(rows).toMatchObject([{ ledger: 'payments', row: 3, voucherNo: '支2024-0002', amount: 40_500_000 }]);
  });

  it('keeps codes as text, and amounts and dates as what they are', async () => {
    const workbook = await unchanged();
    for (const { title, columns, kind } of LEDGER_DEFINITIONS) {
      const sheet = workbook.getWorksheet(title);
      [...columns].forEach(([field, { type }], index) => {
        const expected = { date: 'yyyy-mm-dd', amount: '#,##0.00####', year: '0' }[type as string] ?? '@';
        expect([field, sheet?.getColumn(index + 1).numFmt]).toEqual([field, expected]);
        const value = sheet?.getCell(2, index + 1).value;
        if (exampleRows(kind)[0]?.[field] === undefined) expect(value).toBeNull();
        else if (type === 'date') expect(Object.prototype.toString.call(value)).toBe('[object Date]');
        else expect(typeof value).toBe(type === 'amount' || type === 'year' ? 'number' : 'string');
      });
    }
  });

  it('offers lists, explains every header in both languages and keeps it in sight', async () => {
    const workbook = await unchanged();
    for (const { title, columns } of LEDGER_DEFINITIONS) {
      const sheet = workbook.getWorksheet(title);
      expect(sheet?.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 });
      const lists = Object.values(validationsOf(sheet)).map(({ formulae }) => formulae[0]);
      const expected = [...columns.values()].flatMap(({ choices }) =>
        choices === undefined ? [] : [`"${choices.join(',')}"`],
      );
      expect(new Set(lists)).toEqual(new Set(expected));
      [...columns.values()].forEach((column, index) => {
        const cell = sheet?.getCell(1, index + 1);
        expect(cell?.value).toBe(column.title);
        expect(JSON.stringify(cell?.note)).toContain(column.titleEn);
      });
    }
  });

  it('is never written over a file that is there', async () => {
    const path = file('mine.xlsx', 'mine');
    await expect(writeTemplate(path)).rejects.toMatchObject({ code: 'FILE_EXISTS', kind: 'input' });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    await expect(writeTemplate(file('nowhere/t.xlsx'))).rejects.toMatchObject({ code: 'FILE_NOT_WRITTEN' });
  });
});

describe('the benchmark’s workbook', () => {
  it('is read whole, the same each time', async () => {
    const read = async (name: string) => {
      await generatePaymentsWorkbook(file(name), 120);
      const { rows, refusals } = await readAll(file(name));
      expect(refusals).toEqual([]);
      return rows.map(({ source: _, ...fields }) => fields);
    };
    const rows = await read('one.xlsx');
    expect(rows.filter((row) => row.ledger === 'payments')).toHaveLength(120);
    expect(rows.filter((row) => row.ledger === 'payments' && row.status === '退回')).toHaveLength(2);
    expect(await read('two.xlsx')).toEqual(rows);
  });
});
