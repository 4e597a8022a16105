import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LedgerEvent } from '../../src/event-log/event';
import { MemoryEventLog } from '../../src/event-log/memory/memory-event-log';
import { balances, balancesJson } from '../../src/balances/balances';
import { parseBalancesRequest } from '../../src/balances/balances-query';
import { fenFromYuan } from '../../src/money/fen';
import { type ImportReport, Ledger } from '../../src/ledger/ledger';
import { CutLog, CutOff } from '../support/cut-log';
import { ask, request } from '../support/small-ledger';
import { TESTER } from '../support/temporary-ledger';

/** The county has money of its own before the province transfers to it, and the year is carried over. */
const FILES = {
  divisions: '区划编码,名称\n63,青海省\n630222,民和县\n630222103200,官中村\n630224,化隆县\n630224101204,舍仁村\n',
  departments: '部门编码,名称\nJT,交通厅\n',
  purposes: '用途编码,名称\nROAD,道路\n',
  channels: '渠道编码,名称,主管部门编码,级次,类型\nC1,公路,JT,省,行业\n',
  projects:
    '项目编号,项目名称,区划,用途编码,建设地点,入库日期\nP1,通村路,630222,ROAD,630222103200,2023-01-01\nP2,通村路,630224,ROAD,630224101204,2023-01-01\n',
  appropriations:
    '指标文号,下达日期,区划,年度,渠道编码,用途编码,金额,单位\n县1,2024-01-05,630222,2024,C1,ROAD,7,元\n省1,2024-01-10,63,2024,C1,ROAD,100,元\n',
  integrations:
    '整合文号,日期,区划,年度,整合方式,指标文号,渠道编码,用途编码,金额,单位\n整1,2024-01-20,63,2024,用途渠道不变,省1,C1,ROAD,100,元\n整2,2024-01-20,630222,2024,用途渠道不变,县1,C1,ROAD,7,元\n',
  transfers:
    '下达文号,日期,下达区划,接收区划,年度,指标文号,渠道编码,用途编码,金额,单位\n下1,2024-02-01,63,630222,2024,省1,C1,ROAD,40,元\n下1,2024-02-01,63,630224,2024,省1,C1,ROAD,30,元\n',
  allocations:
    '安排文号,日期,区划,年度,项目编号,建设地点,指标文号,渠道编码,用途编码,金额,单位\n安1,2024-03-01,630222,2024,P1,630222103200,省1,C1,ROAD,25,元\n安2,2024-03-01,630224,2024,P2,630224101204,,C1,ROAD,30,元\n',
  payments:
    '支付凭证号,日期,区划,年度,项目编号,建设地点,指标文号,渠道编码,用途编码,收款人,金额,单位\n支1,2024-04-01,630222,2024,P1,630222103200,,C1,ROAD,某公司,20,元\n支2,2024-04-02,630224,2024,P2,630224101204,,C1,ROAD,某公司,10,元\n',
  carryOvers: '结转文号,日期,区划,年度,转入年度\n结1,2024-12-31,630222,2024,2025\n',
};

const MONDAY = new Date('2025-03-03T02:00:00.000Z');
const TUESDAY = new Date('2025-03-04T02:00:00.000Z');

let directory: string;
let ledgers: Ledger[];
let now: Date;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-cut-'));
  ledgers = [];
  now = MONDAY;
});
afterEach(async () => {
  for (const ledger of ledgers) await ledger.close();
  rmSync(directory, { recursive: true, force: true });
});

const files = (changes: Readonly<Record<string, string>> = {}): readonly string[] =>
  Object.entries({ ...FILES, ...changes }).map(([name, text]) => {
    const file = join(directory, `${name}.csv`);
    writeFileSync(file, text);
    return file;
  });

/** A process of its own on a log that others may hold as well. */
const process = async (inner = new MemoryEventLog()): Promise<{ ledger: Ledger; log: CutLog }> => {
  const log = new CutLog(inner);
  const ledger = await Ledger.on(log, { dataDir: mkdtempSync(join(directory, 'node-')) }, () => now);
  ledgers.push(ledger);
  return { ledger, log };
};

const importAll = (ledger: Ledger, changes?: Readonly<Record<string, string>>): Promise<ImportReport> =>
  ledger.importFiles(files(changes), { actor: TESTER });

const leaves = async (log: CutLog): Promise<readonly string[]> =>
  (await log.readAll(0, 10_000)).map(({ canonical }) => canonical);

const withoutClock = (texts: readonly string[]): readonly string[] =>
  texts.map((text) => text.replace(/"recordedAt":"[^"]*"/, ''));

const whole = async () => {
  const { ledger, log } = await process();
  const report = await importAll(ledger);
  return { report, log, ledger, events: await leaves(log) };
};

const balancesOf = async (ledger: Ledger): Promise<unknown> => {
  await ledger.catchUp();
  const { position: _position, ...rest } = balancesJson(
    balances(ledger.readModel, parseBalancesRequest({ by: 'division' })),
  );
  return rest;
};

it('is written stream by stream, registries first, and no event before its cause', async () => {
  const { log, events, ledger } = await whole();
  expect(log.appended).toEqual([
    'import-journal',
    'registry-divisions',
    'registry-departments',
    'registry-purposes',
    'registry-channels',
    'project-P1',
    'project-P2',
    // The county's own money comes first; what the province sent waits until the province has sent it.
    'pool-630222-2024',
    'pool-63-2024',
    'pool-630224-2024',
    'pool-630222-2024',
    'pool-630222-2025',
    'import-journal',
  ]);
  const seen = new Set<string>();
  for (const { id, causationId } of events.map((text) => JSON.parse(text) as LedgerEvent)) {
    if (causationId !== null) expect(seen.has(causationId)).toBe(true);
    seen.add(id);
  }
  expect(await ledger.unfinishedImports()).toEqual([]);
});

it('has the balances that the same files have on the embedded log', async () => {
  const { ledger } = await whole();
  const embedded = await Ledger.on(new MemoryEventLog(), { dataDir: mkdtempSync(join(directory, 'embedded-')) });
  ledgers.push(embedded);
  await importAll(embedded);
  expect(await balancesOf(ledger)).toEqual(await balancesOf(embedded));
});

it('cut off before any append and run again, ends in the same log', async () => {
  const {
    log: { appended },
    events,
    report,
  } = await whole();
  for (let appends = 0; appends < appended.length; appends += 1) {
    const inner = new MemoryEventLog();
    const first = await process(inner);
    first.log.appendsLeft = appends;
    await expect(importAll(first.ledger)).rejects.toBeInstanceOf(CutOff);
    const second = await process(inner);
    const unfinished = await second.ledger.unfinishedImports();
    expect(unfinished.map(({ importId }) => importId)).toEqual(appends === 0 ? [] : [report.id]);
    const finished = await importAll(second.ledger);
    expect(finished.id).toBe(report.id);
    expect(finished.stored + finished.unchanged).toBe(report.stored);
    expect(await leaves(second.log)).toEqual(events);
    expect(await second.ledger.unfinishedImports()).toEqual([]);
  }
});

it('cut off twice and finished on another day by another node, differs only in when it was recorded', async () => {
  const {
    log: { appended },
    events,
  } = await whole();
  for (let appends = 1; appends < appended.length - 3; appends += 2) {
    const inner = new MemoryEventLog();
    now = MONDAY;
    const first = await process(inner);
    first.log.appendsLeft = appends;
    await expect(importAll(first.ledger)).rejects.toBeInstanceOf(CutOff);
    now = TUESDAY;
    const second = await process(inner);
    second.log.appendsLeft = 2;
    await expect(importAll(second.ledger)).rejects.toBeInstanceOf(CutOff);
    const third = await process(inner);
    await importAll(third.ledger);
    const ended = await leaves(third.log);
    expect(withoutClock(ended)).toEqual(withoutClock(events));
    // When it was recorded is when it was: nothing is dated back.
    expect(new Set(ended.map((text) => (JSON.parse(text) as LedgerEvent).recordedAt))).toEqual(
      new Set([MONDAY, TUESDAY].slice(appends === 1 ? 1 : 0).map((date) => date.toISOString())),
    );
  }
});

it('names itself unfinished in doctor’s words: files, rows, who and when', async () => {
  const { ledger, log } = await process();
  log.appendsLeft = 3;
  await expect(importAll(ledger)).rejects.toBeInstanceOf(CutOff);
  expect(await ledger.unfinishedImports()).toMatchObject([
    {
      files: Object.keys(FILES).map((name) => `${name}.csv`),
      rows: 21,
      beganAt: MONDAY.toISOString(),
      today: '2025-03-03',
      by: TESTER,
    },
  ]);
});

it('again in full changes nothing, and after a reversal does not bring back what was reversed', async () => {
  const { ledger, log, report } = await whole();
  const before = await leaves(log);
  expect(await importAll(ledger)).toMatchObject({ stored: 0, unchanged: report.stored });
  expect(await leaves(log)).toEqual(before);
  const original = before
    .map((text) => JSON.parse(text) as LedgerEvent)
    .find(({ type, basis }) => type.startsWith('Payment') && basis === '支2');
  await ledger.desk.pool(
    'ReverseEntry',
    {
      division: '630224',
      fiscalYear: 2024,
      effectiveOn: '2024-05-01',
      reversalNo: '冲1',
      reason: '重报',
      original: original as never,
      followsTaker: false,
    },
    request(),
  );
  const again = await importAll(ledger);
  expect(again).toMatchObject({ stored: 0, unchanged: report.stored });
  expect(again.id).not.toBe(report.id);
});

it('writes nothing when any row is refused', async () => {
  const { ledger, log } = await process();
  const payments = FILES.payments.replace('某公司,20', '某公司,26');
  await expect(importAll(ledger, { payments })).rejects.toMatchObject({
    code: 'IMPORT_REFUSED',
    message: expect.stringContaining('整批未入账'),
  });
  expect(log.appended).toEqual([]);
});

it('that can no longer be finished says so, and corrected files take its place', async () => {
  const inner = new MemoryEventLog();
  const first = await process(inner);
  // Everything but the second county's pool and what follows it.
  first.log.appendsLeft = 9;
  await expect(importAll(first.ledger)).rejects.toBeInstanceOf(CutOff);
  const { ledger } = await process(inner);
  const [unfinished] = await ledger.unfinishedImports();
  // Meanwhile somebody enters another payment under a number that is still to come.
  const line = { documentNo: '县2', channelCode: 'C1', purposeCode: 'ROAD', amount: fenFromYuan('1.00') };
  const placed = { ...line, projectCode: 'P2', place: '630224101204' };
  const there = { division: '630224' };
  await ask(
    ledger,
    'AppropriateFunds',
    '2024-01-02',
    { documentNo: '县2', lines: [{ ...line, parentDocumentNo: null }] },
    there,
  );
  await ask(
    ledger,
    'IntegrateFunds',
    '2024-01-02',
    { integrationNo: '整9', integrationRegime: 'BUNDLING_UNCHANGED', lines: [line] },
    there,
  );
  await ask(
    ledger,
    'AllocateFunds',
    '2024-01-02',
    { allocationNo: '安9', lineSelection: 'fifo', lines: [placed] },
    there,
  );
  await ask(
    ledger,
    'RecordPayment',
    '2024-01-03',
    { voucherNo: '支2', payee: '别人', lineSelection: 'fifo', requestedBy: null, approvedBy: null, lines: [placed] },
    there,
  );
  await expect(importAll(ledger)).rejects.toMatchObject({
    code: 'IMPORT_REFUSED',
    message: expect.stringContaining('曾被中断'),
    remedy: expect.stringContaining(`--instead-of ${unfinished?.importId}`),
    parameters: { rows: [{ code: 'DUPLICATE_DOCUMENT' }] },
  });
  expect(await ledger.unfinishedImports()).toHaveLength(1);
  const corrected = files({ payments: FILES.payments.replace('支2', '支3') });
  await ledger.importFiles(corrected, { actor: TESTER, insteadOf: unfinished?.importId ?? '' });
  expect(await ledger.unfinishedImports()).toEqual([]);
  expect(JSON.stringify(await balancesOf(ledger))).toContain('"paid":"11.00"');
});

it('knows no unfinished import where there is none', async () => {
  const { ledger } = await process();
  await expect(
    ledger.importFiles(files(), { actor: TESTER, insteadOf: 'f0e1d2c3-0000-5000-8000-000000000000' }),
  ).rejects.toMatchObject({ kind: 'input', code: 'IMPORT_NOT_UNFINISHED' });
});
