import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RowRefusal } from '../../src/importing/row-refusal';
import type { Ledger } from '../../src/ledger/ledger';
import { DomainError } from '../../src/platform/domain-error';
import { loadScenario, runScenario } from '../../src/scenarios/run-scenario';
import { CHIEF, LINE, registerWorld, Service } from '../http/support/service';
import { COUNTY, PROVINCE } from '../support/small-ledger';
import { TESTER, withTemporaryLedger } from '../support/temporary-ledger';
import {
  ask,
  closeMonth,
  cutOff,
  fundTheProvince,
  GIVER,
  measures,
  NEXT_YEAR,
  reopen,
  TAKER,
} from './support/two-pools';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-two-pools-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

describe('an import', () => {
  const TRANSFERS =
    '下达文号,日期,下达区划,接收区划,年度,指标文号,渠道编码,用途编码,已整合,金额,单位\n' +
    '下1,2024-02-01,63,630222,2024,文1,C-JT,ROAD,否,40,元\n' +
    '下1,2024-02-01,63,630224,2024,文1,C-JT,ROAD,否,10,元\n';
  const CARRY_OVERS = '结转文号,日期,区划,年度,转入年度\n结1,2024-12-31,63,2024,2025\n';

  const refusalsOf = async (ledger: Ledger, files: readonly string[]): Promise<readonly RowRefusal[]> => {
    const refusal = await ledger.importFiles(files, { actor: TESTER }).then(
      () => null,
      (error: unknown) => error,
    );
    if (!(refusal instanceof DomainError) || refusal.code !== 'IMPORT_REFUSED') throw new Error(String(refusal));
    return refusal.parameters['rows'] as readonly RowRefusal[];
  };

  it.each([
    ['transfers.csv', TRANSFERS, TAKER, '2024-02', { stored: 2, unchanged: 0 }],
    ['carry-overs.csv', CARRY_OVERS, NEXT_YEAR, '2024-12', { stored: 1, unchanged: 0 }],
  ] as const)('of %s that the other pool refuses stores nothing, and says so', (name, text, pool, month, report) =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      await closeMonth(ledger, pool, month);
      const head = await ledger.log.head();
      const files = [file(name, text)];
      for (const refusals of [await refusalsOf(ledger, files), await refusalsOf(ledger, files)]) {
        expect(refusals).toMatchObject([{ code: 'NOT_TAKEN_IN' }]);
        expect(refusals[0]?.message).toMatch(/池不予入账：.*已结账.*两个池均未记账。$/);
        expect(refusals[0]?.remedy).not.toMatch(/在途/);
      }
      expect(await ledger.log.head()).toBe(head);

      await reopen(ledger, pool, month);
      expect(await ledger.importFiles(files, { actor: TESTER })).toMatchObject(report);
      const again = await ledger.importFiles(files, { actor: TESTER });
      expect(again).toMatchObject({ stored: 0, unchanged: report.stored });
      expect((await measures(ledger))[PROVINCE]).toMatchObject({ inTransit: '0.00' });
      expect(await ledger.unfinished()).toEqual([]);
    }),
  );

  it('of a half that is on its way and refused now stores nothing and says that it is on its way', () =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      const files = [file('carry-overs.csv', CARRY_OVERS)];
      await cutOff(ledger, () =>
        ask(ledger, 'CarryOverFunds', GIVER, '2024-12-31', { carryOverNo: '结1', toFiscalYear: 2025 }),
      );
      await closeMonth(ledger, NEXT_YEAR, '2024-12');
      const head = await ledger.log.head();
      const [refusal] = await refusalsOf(ledger, files);
      expect(refusal).toMatchObject({ code: 'NOT_TAKEN_IN' });
      expect(refusal?.message).toMatch(/款项在途，由系统自动办结。$/);
      expect(await ledger.log.head()).toBe(head);

      await reopen(ledger, NEXT_YEAR, '2024-12');
      expect(await ledger.importFiles(files, { actor: TESTER })).toMatchObject({ stored: 1, unchanged: 0 });
      expect((await measures(ledger))[PROVINCE]).toMatchObject({ inTransit: '0.00', unintegrated: '100.00' });
    }));
});

describe('a scenario', () => {
  const scenario = (expectRejected: string): string => `
scenario: two-pools
title: 两个池
unit: 元
defaults: { division: 63, year: 2024 }
registry:
  divisions: [{ code: 63, name: 青海省 }, { code: 630222, name: 民和县 }]
  departments: [{ code: JT, name: 交通厅 }]
  purposes: [{ code: ROAD, name: 道路 }]
  channels: [{ code: C, name: 公路, department: JT, level: 省, kind: 行业 }]
lines: { L: 文1/C/ROAD }
steps:
  - { id: quota, on: 2024-01-10, do: appropriate, number: 文1, line: L, amount: 100 }
  - { id: close, on: 2024-02-29, do: closeMonth, division: 630222, number: 月结, month: 2024-02 }
  - { id: issue, on: 2024-02-01, do: transfer, number: 下1, to: 630222, line: L, integrated: false, amount: 40${expectRejected} }
expectations:
  - moment: T
    asOf: 2024-12-31
    tables:
      - by: division
        rows:
          63: { transferredOut: 0, unintegrated: 100, inTransit: 0 }
`;

  it('that expects the refusal finds it, and nothing is in transit; one that does not ends there', () =>
    withTemporaryLedger(async (ledger) => {
      const expecting = await loadScenario(
        file('a.yaml', scenario(', expectRejected: { code: NOT_TAKEN_IN, parameters: { cause: PERIOD_CLOSED } }')),
      );
      const report = await runScenario(ledger, expecting, { actor: TESTER });
      expect(report).toMatchObject({ failure: null, ok: true });
      expect(report.expectations).toHaveLength(3);
      const head = await ledger.log.head();
      const plain = await loadScenario(file('b.yaml', scenario('')));
      for (const attempt of [1, 2]) {
        const refused = await runScenario(ledger, plain, { actor: TESTER, runId: String(attempt) });
        expect(refused).toMatchObject({ ok: false, failure: { refusal: { code: 'NOT_TAKEN_IN' } } });
      }
      expect(await ledger.log.head()).toBe(head);
    }));
});

describe('over HTTP', () => {
  it('what the other pool refuses is 422 whatever is tried, until it takes it, and then 201 once', async () => {
    const service = await Service.start();
    try {
      await registerWorld(service);
      const pool = { division: PROVINCE, fiscalYear: 2024 };
      const named = { ...LINE, documentNo: '文1' };
      await service.stored('appropriations', {
        ...pool,
        effectiveOn: '2024-01-10',
        documentNo: '文1',
        lines: [{ ...LINE, amount: '100.00' }],
      });
      const county = { division: COUNTY, fiscalYear: 2024 };
      await service.stored('month-closings', {
        ...county,
        effectiveOn: '2024-02-29',
        closingNo: '月结1',
        month: '2024-02',
      });
      const transfer = (effectiveOn: string, key?: string) =>
        service.post(
          'transfers',
          {
            ...pool,
            effectiveOn,
            transferNo: '下1',
            lines: [{ ...named, toDivision: COUNTY, integrated: false, amount: '40.00' }],
          },
          key === undefined ? {} : { key },
        );
      const key = '0b2c1f3e-58b7-4b8d-9f0e-6a1d2b3c4d5e';
      const head = await service.ledger.log.head();
      for (const answer of [
        await transfer('2024-02-01', key),
        await transfer('2024-02-01', key),
        await transfer('2024-02-01'),
        await transfer('2024-02-02'),
      ]) {
        expect(answer).toMatchObject({
          status: 422,
          body: { code: 'NOT_TAKEN_IN', parameters: { cause: 'PERIOD_CLOSED', outcome: 'nothing-stored' } },
        });
      }
      expect(await service.ledger.log.head()).toBe(head);
      expect(await service.request('/health/ready')).toMatchObject({ body: { crossings: { unfinished: 0 } } });

      const reopening = { ...county, effectiveOn: '2024-03-02', approvalNo: '反1', period: '2024-02' };
      await service.stored('reopening-requests', { ...reopening, reason: '漏记' });
      await service.stored('reopenings', reopening, { as: CHIEF });
      expect(await transfer('2024-02-01', key)).toMatchObject({ status: 201 });
      expect(await transfer('2024-02-01', key)).toMatchObject({ status: 200, body: { unchanged: true } });
      expect(await transfer('2024-02-01')).toMatchObject({ status: 200, body: { unchanged: true } });
    } finally {
      await service.close();
    }
  });
});
