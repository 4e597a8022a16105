import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tmpdir } from 'node:os';

import type { LedgerEvent } from '../../src/event-log/event';
import { readEvent } from '../../src/event-log/upcasting';
import { Ledger } from '../../src/ledger/ledger';
import type { PoolEvent } from '../../src/pool/pool-event';
import { runCliHere } from '../support/run-cli-here';
import { ask } from '../support/small-ledger';
import { TESTER, withTemporaryLedger } from '../support/temporary-ledger';
import { writeWorkbook } from '../importing/support/files';

type Table = readonly (readonly string[])[];

const POOL = ['630222', '2024'];
const LINE = ['文1', 'C1', 'LU'];
const AT = ['MH-2', '630222103200'];
const WORLD: Readonly<Record<string, Table>> = {
  区划: [
    ['区划编码', '名称'],
    ['63', '青海省'],
    ['630222', '民和县'],
    ['630222103200', '官中村'],
  ],
  部门: [
    ['部门编码', '名称'],
    ['JT', '交通厅'],
  ],
  用途: [
    ['用途编码', '名称'],
    ['LU', '道路'],
  ],
  渠道: [
    ['渠道编码', '名称', '主管部门编码', '级次', '类型'],
    ['C1', '公路', 'JT', '省', '行业'],
  ],
  项目: [
    ['项目编号', '项目名称', '区划', '用途编码', '建设地点', '入库日期'],
    ['MH-2', '通村路', '630222', 'LU', '630222103200', '2023-01-01'],
  ],
  指标: [
    ['指标文号', '下达日期', '区划', '年度', '渠道编码', '用途编码', '金额', '单位'],
    ['文1', '2024-01-10', ...POOL, 'C1', 'LU', '1000', '元'],
  ],
  整合: [
    ['整合文号', '日期', '区划', '年度', '整合方式', '指标文号', '渠道编码', '用途编码', '金额', '单位'],
    ['整1', '2024-01-20', ...POOL, '用途渠道不变', ...LINE, '1000', '元'],
  ],
  安排: [
    ['安排文号', '日期', '区划', '年度', '项目编号', '建设地点', '指标文号', '渠道编码', '用途编码', '金额', '单位'],
    ['安1', '2024-02-01', ...POOL, ...AT, ...LINE, '500', '元'],
  ],
};

const PAYMENT =
  '支付凭证号,日期,区划,年度,项目编号,建设地点,指标文号,渠道编码,用途编码,收款人,金额,单位,行号,重记'.split(',');

interface Told {
  readonly date?: string;
  readonly payee?: string;
  readonly lineNo?: string;
  readonly rebooks?: string;
}

const payment = (voucherNo: string, amount: string, told: Told = {}): readonly string[] => [
  voucherNo,
  told.date ?? '2024-03-01',
  ...POOL,
  ...AT,
  ...LINE,
  told.payee ?? '路桥公司',
  amount,
  '元',
  told.lineNo ?? '',
  told.rebooks ?? '',
];

const payments = (...rows: Table): Table => [PAYMENT, ...rows];

interface Json {
  readonly import: {
    readonly stored: number;
    readonly unchanged: number;
    readonly remarks?: readonly Readonly<Record<string, string>>[];
  };
  readonly error: { readonly code: string; readonly rows: readonly Readonly<Record<string, string | number>>[] };
}

let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-places-'));
  await writeWorkbook(join(directory, '总账.xlsx'), WORLD);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** How an office hands in one table. */
const HANDED_IN: Readonly<Record<string, (name: string, rows: Table) => Promise<string>>> = {
  csv: (name, rows) => {
    const file = join(directory, `${name}.csv`);
    writeFileSync(file, rows.map((row) => row.join(',')).join('\n'));
    return Promise.resolve(file);
  },
  xlsx: (name, rows) => writeWorkbook(join(directory, `${name}.xlsx`), { 支付台账: rows }),
};

const data = (): string[] => ['--data', join(directory, 'data'), '--lang', 'zh'];

const importing = (...files: readonly string[]) => runCliHere('import', ...files, ...data());

const importingJson = async (...files: readonly string[]): Promise<Json> =>
  JSON.parse((await runCliHere('import', ...files, ...data(), '--json')).stdout) as Json;

const world = (): string => join(directory, '总账.xlsx');

const paid = async (): Promise<string> => {
  const { stdout } = await runCliHere('balances', '--by', 'project', ...data(), '--json');
  const answer = JSON.parse(stdout) as { total: { paid: string } };
  return answer.total.paid;
};

describe.each(Object.keys(HANDED_IN))('a document in two places, handed in as %s', (kind) => {
  const handIn = (name: string, rows: Table): Promise<string> => HANDED_IN[kind]?.(name, rows) ?? Promise.resolve('');
  const sheet = kind === 'csv' ? '甲' : '支付台账';

  it('is one document where its rows are equal, in whatever order; the report says so', async () => {
    const first = await handIn('甲', payments(payment('支1', '60'), payment('支1', '40')));
    const again = await handIn('乙', payments(payment('支1', '40'), payment('支1', '60'), payment('支2', '7')));
    const dry = await runCliHere('import', world(), first, again, ...data(), '--dry-run');
    expect(dry.stdout).toContain('可入账 13 行，已在账 2 行');
    const { status, stdout } = await importing(world(), first, again);
    expect(status).toBe(0);
    expect(stdout).toContain('入账 13 行，已在账 2 行，拒绝 0 行');
    expect(stdout).toContain(
      `支1：${again} [${sheet.replace('甲', '乙')}] 2 行与 ${first} [${sheet}] 2 行是同一份凭证，只记一次。`,
    );
    expect(await paid()).toBe('107.00');
    expect(await importingJson(first, again)).toMatchObject({
      import: {
        stored: 0,
        unchanged: 5,
        remarks: [{ kind: 'repeated', ledger: 'payments', documentNo: '支1' }],
      },
    });
  });

  it('is so in a copy of the same bytes, and in a file that is named twice', async () => {
    const first = await handIn('甲', payments(payment('支1', '60'), payment('支2', '40')));
    const copy = join(directory, `副本-${basename(first)}`);
    copyFileSync(first, copy);
    const report = await importingJson(world(), first, first, copy);
    expect(report.import).toMatchObject({ stored: 12, unchanged: 4 });
    expect(report.import.remarks?.map(({ documentNo, first: one, again }) => [documentNo, one, again])).toEqual([
      ['支1', expect.stringContaining(first), expect.stringContaining(first)],
      ['支1', expect.stringContaining(first), expect.stringContaining(copy)],
      ['支2', expect.stringContaining(first), expect.stringContaining(first)],
      ['支2', expect.stringContaining(first), expect.stringContaining(copy)],
    ]);
    expect(await paid()).toBe('100.00');
  });

  it.each([
    ['another amount', [payment('支1', '60'), payment('支1', '41')]],
    ['a row less', [payment('支1', '60')]],
    ['another payee', [payment('支1', '60', { payee: '别家' }), payment('支1', '40', { payee: '别家' })]],
    ['another date', [payment('支1', '60', { date: '2024-03-02' }), payment('支1', '40', { date: '2024-03-02' })]],
    ['another 行号', [payment('支1', '60'), payment('支1', '40', { lineNo: '2' })]],
  ])('is refused with %s, naming both places, and nothing of the import is stored', async (_, other) => {
    const first = await handIn('甲', payments(payment('支1', '60'), payment('支1', '40')));
    const again = await handIn('乙', payments(payment('支9', '1'), ...other));
    const { status, stdout, stderr } = await importing(world(), first, again);
    const [one, two] = [`${first} [${sheet}] 2`, `${again} [${sheet.replace('甲', '乙')}] 3`];
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain('DOCUMENT_IN_TWO_PLACES');
    expect(stderr).toContain(`文号 支1 在两处，内容不同：${one} 行，${two} 行。`);
    expect((await importingJson(world(), first, again)).error).toMatchObject({
      code: 'IMPORT_REFUSED',
      rows: [{ code: 'DOCUMENT_IN_TWO_PLACES', file: again, row: 3, parameters: { first: one, again: two } }],
    });
    expect((await importingJson(world())).import).toMatchObject({ stored: 10, unchanged: 0 });
  });

  it('asks about two equal rows in one place by the rows of its sheet, and takes them apart by 行号', async () => {
    const twice = await handIn('甲', payments(payment('支2', '1'), payment('支1', '60'), payment('支1', '60')));
    const refused = await importing(world(), twice);
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain('ROW_TWICE');
    expect(refused.stderr).toContain('第 3 行与第 4 行是同一凭证的两行，说的是同一笔。');
    expect(refused.stderr).toContain('用“行号”（lineNo）区分');
    expect((await importingJson(world(), twice)).error.rows).toMatchObject([
      { code: 'ROW_TWICE', row: 4, value: '60' },
    ]);
    const numbered = await handIn(
      '甲',
      payments(payment('支1', '60', { lineNo: '1' }), payment('支1', '60', { lineNo: '2' })),
    );
    expect((await importing(world(), numbered)).status).toBe(0);
    expect(await paid()).toBe('120.00');
    expect(await importingJson(numbered)).toMatchObject({ import: { stored: 0, unchanged: 2 } });
  });

  it('says of what was reversed that it is, and books it again only by 重记, once', async () => {
    const first = await handIn('甲', payments(payment('支1', '60')));
    expect((await importing(world(), first)).status).toBe(0);
    await reversed('红1');
    const { stdout } = await importing(first);
    expect(stdout).toContain('没有新内容：1 行均已在账');
    expect(stdout).toContain('支1：已在账，冲销于 2024-03-05（红1）；确要再记，在“重记”列填 红1。');
    expect(await importingJson(first)).toMatchObject({
      import: {
        stored: 0,
        unchanged: 1,
        remarks: [{ kind: 'reversed', documentNo: '支1', reversalNo: '红1', effectiveOn: '2024-03-05' }],
      },
    });
    const wrong = await handIn('乙', payments(payment('支1', '60', { rebooks: '红9' })));
    expect((await importingJson(wrong)).error.rows).toMatchObject([{ code: 'REBOOKS_UNKNOWN', value: '红9' }]);
    const again = await handIn('乙', payments(payment('支1', '60', { rebooks: '红1' })));
    expect(await importingJson(again)).toMatchObject({ import: { stored: 1, unchanged: 0 } });
    expect(await paid()).toBe('60.00');
    expect(await importingJson(again)).toMatchObject({ import: { stored: 0, unchanged: 1 } });
    const different = await importingJson(first, again);
    expect(different.error.rows).toMatchObject([{ code: 'DOCUMENT_IN_TWO_PLACES' }]);
    expect(await paid()).toBe('60.00');
  });
});

const reversed = async (reversalNo: string): Promise<void> => {
  const dataDir = join(directory, 'data');
  const ledger = await Ledger.open({ dataDir, eventLog: `sqlite:${join(dataDir, 'log.sqlite')}` });
  try {
    const events = await ledger.log.readStream('pool-630222-2024', 0, 100);
    const paid = events.map(readEvent).find(({ type }) => type === 'PaymentExecuted');
    const original = paid as LedgerEvent & PoolEvent;
    await ask(ledger, 'ReverseEntry', '2024-03-05', { reversalNo, original, reason: '录错', followsTaker: false });
  } finally {
    await ledger.close();
  }
};

it('is one document in two sheets of one workbook, and in a sheet and a table of text', async () => {
  const rows = payments(payment('支1', '60'), payment('支1', '40'));
  const book = await writeWorkbook(join(directory, '支付.xlsx'), { 三月: rows, 汇总: rows });
  const text = (await HANDED_IN['csv']?.('三月', rows)) ?? '';
  const report = await importingJson(world(), book, text);
  expect(report.import).toMatchObject({
    stored: 12,
    unchanged: 4,
    remarks: [
      { first: `${book} [三月] 2`, again: `${book} [汇总] 2` },
      { first: `${book} [三月] 2`, again: `${text} [三月] 2` },
    ],
  });
  expect(await paid()).toBe('100.00');
});

it('a year of every ledger beside a copy of itself is the year', () =>
  withTemporaryLedger(async (ledger) => {
    const example = join(__dirname, '..', 'fixtures', 'examples', '1');
    const files = readdirSync(example)
      .filter((name) => name.endsWith('.csv'))
      .map((name) => join(example, name));
    const copies = files.map((file) => {
      const copy = join(directory, `副本-${basename(file)}`);
      copyFileSync(file, copy);
      return copy;
    });
    const once = await ledger.importFiles(files, { actor: TESTER, dryRun: true });
    const both = await ledger.importFiles([...files, ...copies], { actor: TESTER });
    expect(both).toMatchObject({ stored: once.stored, unchanged: once.stored + 2 * once.unchanged });
    const kinds = new Set(both.remarks.map(({ ledger: kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'allocations',
      'appropriations',
      'carry-overs',
      'cash-receipts',
      'integrations',
      'payments',
      'reallocations',
      'recalls',
      'transfers',
    ]);
  }));
