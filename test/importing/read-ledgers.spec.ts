import { readFileSync } from 'node:fs';

import fc from 'fast-check';

import { exampleRows } from '../../src/importing/example-rows';
import { ledgerDefinition } from '../../src/importing/ledger-definitions';
import { LEDGER_KINDS, type LedgerKind } from '../../src/importing/ledger-row';
import { MAX_REFUSALS, readLedgers } from '../../src/importing/read-ledgers';
import { refuseField, refuseRow } from '../../src/importing/row-refusal';
import { marksOf, readAll, temporaryDirectory } from './support/files';

const file = temporaryDirectory();

const csv = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\n');

/** The example rows of a ledger as a CSV file, with some cells replaced and some columns left out. */
const ledger = (
  kind: LedgerKind,
  cells: Readonly<Record<string, string>> = {},
  options: { readonly without?: readonly string[]; readonly english?: boolean } = {},
): string => {
  const columns = [...ledgerDefinition(kind).columns].filter(([field]) => !options.without?.includes(field));
  const rows = exampleRows(kind).map((example) => columns.map(([field]) => cells[field] ?? example[field] ?? ''));
  const header = columns.map(([, column]) => (options.english === true ? column.titleEn : column.title));
  return file(`${kind}.csv`, csv([header, ...rows]));
};

const first = async (...parameters: Parameters<typeof ledger>) => (await readAll(ledger(...parameters))).rows[0];

describe('typed rows', () => {
  it.each(LEDGER_KINDS)('%s: the same from Chinese and English headers, with every field of its type', async (kind) => {
    const chinese = await readAll(ledger(kind));
    const english = await readAll(ledger(kind, {}, { english: true }));
    expect([...chinese.refusals, ...english.refusals]).toEqual([]);
    const plain = (rows: typeof chinese.rows) => rows.map(({ source: _, ...fields }) => fields);
    expect(plain(english.rows)).toEqual(plain(chinese.rows));
    const fields = [...ledgerDefinition(kind).columns.keys()].filter((field) => field !== 'unit');
    for (const row of chinese.rows) {
      expect(new Set(Object.keys(row))).toEqual(new Set(['ledger', 'source', 'row', ...fields]));
    }
  });

  it('of payments', async () => {
    expect(await first('payments')).toMatchObject({
      ledger: 'payments',
      row: 2,
      voucherNo: '支2024-0001',
      effectiveOn: '2024-06-12',
      division: '630222',
      fiscalYear: 2024,
      projectCode: 'MH-2024-001',
      place: '630222103200',
      documentNo: '青财农〔2024〕15号',
      amount: 40_500_000,
      status: '已支付',
      originalVoucherNo: null,
      requestedBy: '张三',
    });
  });

  it('say what an empty cell or an absent column means', async () => {
    expect(await first('transfers', { integrated: '' })).toMatchObject({ integrated: true });
    expect(await first('transfers', {}, { without: ['integrated'] })).toMatchObject({ integrated: true });
    expect(await first('transfers', { integrated: 'no' })).toMatchObject({ integrated: false });
    expect(await first('payments', {}, { without: ['status', 'documentNo', 'approvedBy'] })).toMatchObject({
      status: '已支付',
      documentNo: null,
      approvedBy: null,
    });
    expect(await first('channels', { cashRequired: '', allowedPurposes: '' })).toMatchObject({
      cashRequired: false,
      allowedPurposes: null,
    });
    expect(await first('channels', { allowedPurposes: 'A;B' })).toMatchObject({ allowedPurposes: ['A', 'B'] });
  });

  it('say the regime that 整合方式 means', async () => {
    const regimes = { 用途渠道不变: 'BUNDLING_UNCHANGED', 试点: 'PILOT_INTEGRATION', 长效机制: 'LONG_TERM_MECHANISM' };
    for (const [regime, meaning] of Object.entries(regimes)) {
      expect(await first('integrations', { regime })).toMatchObject({ regime: meaning });
    }
  });

  it('name where money is recalled to by code or by name', async () => {
    expect(await first('recalls', { recalledTo: '630000000000' })).toMatchObject({ recalledTo: '63' });
    expect(await first('recalls', { recalledTo: '省财政厅' })).toMatchObject({ recalledTo: '省财政厅' });
    expect(marksOf(await readAll(ledger('recalls', { recalledTo: '6302220' })))).toEqual(['L2 DIVISION_CODE_INVALID']);
  });

  it('know the column and cell of each field, for whoever refuses them later', async () => {
    const row = await first('payments', {}, { without: ['approvedBy'] });
    if (row?.ledger !== 'payments') throw new Error('no payment was read');
    const refusal = { code: 'X', message: '坏', messageEn: 'bad', remedy: '改', remedyEn: 'mend' };
    expect(refuseField(row, 'amount', refusal)).toMatchObject({
      sheet: 'payments',
      row: 2,
      column: '金额',
      cell: 'K2',
      value: '405000.00',
      code: 'X',
    });
    expect(refuseField(row, 'approvedBy', refusal)).toMatchObject({ column: null, cell: null, value: '' });
    expect(refuseRow(row, refusal)).toMatchObject({ row: 2, column: null, cell: null, value: null });
  });
});

describe('a row that contradicts itself', () => {
  it.each<[LedgerKind, Readonly<Record<string, string>>, string]>([
    ['payments', { status: '退回' }, 'N2 ORIGINAL_VOUCHER_MISSING'],
    ['reallocations', { toProject: 'P1', toPlace: '' }, 'K2 PROJECT_AND_PLACE_INCOMPLETE'],
    ['reallocations', { toPlace: '630222103200' }, 'J2 PROJECT_AND_PLACE_INCOMPLETE'],
    ['recalls', { place: '' }, 'F2 PROJECT_AND_PLACE_INCOMPLETE'],
    ['recalls', { projectCode: '' }, 'E2 PROJECT_AND_PLACE_INCOMPLETE'],
    ['departments', { validFrom: '2024-02-01', validTo: '2024-01-31' }, 'D2 VALIDITY_BACKWARDS'],
  ])('%s %j', async (kind, cells, mark) => {
    expect(marksOf(await readAll(ledger(kind, cells)))).toEqual([mark]);
  });

  it('by a returned payment without the column for its original', async () => {
    const items = await readAll(ledger('payments', { status: '退回' }, { without: ['originalVoucherNo'] }));
    expect(marksOf(items)).toEqual(['2 ORIGINAL_VOUCHER_MISSING']);
  });
});

describe('a bad cell', () => {
  it.each<[LedgerKind, string, string, string]>([
    ['payments', 'amount', '１，２３.４', 'AMOUNT_SEPARATORS'],
    ['payments', 'amount', 'Infinity', 'AMOUNT_NOT_A_NUMBER'],
    ['payments', 'amount', '0x10', 'AMOUNT_NOT_A_NUMBER'],
    ['payments', 'amount', '-3', 'AMOUNT_NEGATIVE'],
    ['payments', 'amount', '0.0000001', 'AMOUNT_TOO_PRECISE'],
    ['payments', 'unit', '千元', 'UNIT_UNKNOWN'],
    ['payments', 'unit', '', 'CELL_REQUIRED'],
    ['payments', 'place', '6302', 'PLACE_TOO_HIGH'],
    ['payments', 'status', '已付', 'CHOICE_UNKNOWN'],
    ['payments', 'payee', ' ', 'CELL_REQUIRED'],
    ['integrations', 'regime', '统筹', 'CHOICE_UNKNOWN'],
    ['channels', 'level', '国家', 'CHOICE_UNKNOWN'],
    ['channels', 'kind', 'sector', 'CHOICE_UNKNOWN'],
    ['transfers', 'integrated', '是的', 'CHOICE_UNKNOWN'],
    ['projects', 'places', '630222103200、630222103201', 'DIVISION_CODE_INVALID'],
    ['projects', 'startedOn', '2024-5-6', 'DATE_INVALID'],
    ['carry-overs', 'toFiscalYear', '25', 'YEAR_INVALID'],
  ])('%s.%s = %j is refused as %s', async (kind, field, value, code) => {
    const items = await readAll(ledger(kind, { [field]: value }));
    const column = ledgerDefinition(kind).columns.get(field)?.title;
    expect(items.refusals).toMatchObject([{ code, column, row: 2, value }]);
    expect(items.rows).toEqual([]);
  });

  it('is named together with all others of its row, from left to right', async () => {
    const items = await readAll(ledger('payments', { unit: '万', amount: '1e3', effectiveOn: '', payee: '' }));
    expect(marksOf(items)).toEqual([
      'B2 CELL_REQUIRED',
      'J2 CELL_REQUIRED',
      'K2 AMOUNT_NOT_A_NUMBER',
      'L2 UNIT_UNKNOWN',
    ]);
  });
});

describe('example rows', () => {
  const purposes = (...rows: readonly (readonly string[])[]): string =>
    file('example.csv', csv([['用途编码', '名称', '上级用途', '备注'], ...rows]));

  it('are passed over while they are the template’s', async () => {
    const path = purposes(
      ['GONGSHUI', '农村供水', '', '示例'],
      ['GONGSHUI', '农村供水', '', ' Example '],
      ['A', '一', '', ''],
    );
    const items = await readAll(path);
    expect([items.rows.length, items.refusals]).toEqual([1, []]);
  });

  it('are imported without their mark', async () => {
    expect((await readAll(purposes(['GONGSHUI', '农村供水', '', '']))).rows).toHaveLength(1);
  });

  it('that somebody wrote over are refused, so that no entry is lost for a forgotten mark', async () => {
    const path = purposes(
      ['GONGSHUI', '供水', '', '示例'],
      ['GONGSHUI', '农村供水', 'A', '示例'],
      ['A B', '', '', '示例'],
    );
    expect(marksOf(await readAll(path))).toEqual([
      '2 EXAMPLE_CHANGED',
      '3 EXAMPLE_CHANGED',
      '4 EXAMPLE_CHANGED',
      'A4 CODE_INVALID',
      'B4 CELL_REQUIRED',
    ]);
  });

  it('are not meant by a note that only begins so', async () => {
    expect((await readAll(purposes(['A', '一', '', '示例村项目']))).rows).toHaveLength(1);
  });
});

describe('reading', () => {
  it('ends when there are more mistakes than anybody mends', async () => {
    const rows = Array.from({ length: MAX_REFUSALS + 10 }, () => 'A B,一');
    const path = file('many.csv', `用途编码,名称\n${rows.join('\n')}\n`);
    let refusals = 0;
    let last = '';
    for await (const item of readLedgers([path, path])) {
      if ('code' in item) {
        refusals += 1;
        last = item.code;
      }
    }
    expect([refusals, last]).toEqual([MAX_REFUSALS + 1, 'TOO_MANY_REFUSALS']);
  });

  it('can be given up at any row', async () => {
    const path = file('given-up.csv', `用途编码,名称\n${'A,一\n'.repeat(50_000)}`);
    for await (const item of readLedgers([path])) {
      expect(item).toMatchObject({ row: 2 });
      break;
    }
  });

  it('takes any bytes for rows or refusals, and never fails', async () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(fc.constantFrom('用途编码', '名称', ',', '"', '\n', '\r', 'A', '一', ' ', '\ufeff', '\u0000', ';', '\t'))
        .map((pieces) => Buffer.from(`用途编码,名称\n${pieces.join('')}`)),
    );
    await fc.assert(
      fc.asyncProperty(anything, fc.constantFrom('csv', 'xlsx'), async (bytes, extension) => {
        const path = file(`anything.${extension}`, bytes);
        for (const refusal of (await readAll(path)).refusals) {
          expect([refusal.message, refusal.messageEn, refusal.remedy, refusal.remedyEn]).not.toContain('');
        }
      }),
    );
  });
});

describe('a file that is there twice', () => {
  it('is read twice: whether its documents are the same is judged document by document', async () => {
    const path = ledger('payments');
    const copy = file('payments - 副本.csv', readFileSync(path));
    const { rows, refusals } = await readAll(path, path, copy);
    expect(refusals).toEqual([]);
    expect(rows).toHaveLength(3 * exampleRows('payments').length);
    expect(new Set(rows.map(({ source }) => source)).size).toBe(3);
  });
});
