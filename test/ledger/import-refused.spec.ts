import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RowRefusal } from '../../src/importing/row-refusal';
import type { Ledger } from '../../src/ledger/ledger';
import { DomainError } from '../../src/platform/domain-error';
import { TESTER, withTemporaryLedger } from '../support/temporary-ledger';

const LEDGERS = {
  divisions: '区划编码,名称\n63,青海省\n630222,民和县\n630222103200,官中村\n630224101204,舍仁村\n',
  departments: '部门编码,名称\nJT,交通厅\n',
  purposes: '用途编码,名称,上级用途\nINFRA,基础设施,\nROAD,道路,INFRA\nTOILET,厕所,\n',
  channels: '渠道编码,名称,主管部门编码,级次,类型\nC1,公路,JT,省,行业\n',
  projects: '项目编号,项目名称,区划,用途编码,建设地点,入库日期\nP1,通村路,630222,ROAD,630222103200,2023-01-01\n',
  appropriations:
    '指标文号,下达日期,区划,年度,渠道编码,用途编码,金额,单位\n文1,2024-01-10,630222,2024,C1,ROAD,100,元\n文2,2024-01-10,630222,2024,C1,TOILET,50,元\n',
  integrations:
    '整合文号,日期,区划,年度,整合方式,指标文号,渠道编码,用途编码,金额,单位\n整1,2024-01-20,630222,2024,用途渠道不变,文1,C1,ROAD,100,元\n整1,2024-01-20,630222,2024,用途渠道不变,文2,C1,TOILET,50,元\n',
  allocations:
    '安排文号,日期,区划,年度,项目编号,建设地点,指标文号,渠道编码,用途编码,金额,单位\n安1,2024-02-01,630222,2024,P1,630222103200,文1,C1,ROAD,80,元\n',
};
type LedgerName = keyof typeof LEDGERS;

const PAYMENTS = '支付凭证号,日期,区划,年度,项目编号,建设地点,指标文号,渠道编码,用途编码,收款人,金额,单位\n';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-import-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const file = join(directory, `${name}.csv`);
  writeFileSync(file, text);
  return file;
};

/** Imports the sound ledgers with some of them replaced (or added), and tells what was refused. */
const refusalsOf = async (ledger: Ledger, changes: Partial<Record<LedgerName | 'more', string>>) => {
  const files = Object.entries({ ...LEDGERS, ...changes }).map(([name, text]) => write(name, text));
  try {
    await ledger.importFiles(files, { actor: TESTER });
    return [];
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'IMPORT_REFUSED') throw error;
    return error.parameters['rows'] as readonly RowRefusal[];
  }
};

const refusedFor = (
  changes: Partial<Record<LedgerName | 'more', string>>,
  expected: readonly object[],
): Promise<void> =>
  withTemporaryLedger(async (ledger) => {
    const refusals = await refusalsOf(ledger, changes);
    expect(refusals).toMatchObject(expected);
    expect(refusals).toHaveLength(expected.length);
    for (const { message, messageEn, remedy, remedyEn } of refusals) {
      for (const text of [message, messageEn, remedy, remedyEn]) expect(text.length).toBeGreaterThan(3);
    }
    expect(await ledger.log.head()).toBe(0);
  });

describe('an import is all or nothing, and names every refused cell', () => {
  it('takes the sound ledgers', () =>
    withTemporaryLedger(async (ledger) => expect(await refusalsOf(ledger, {})).toEqual([])));

  it('an overdraft, with the line and what it is short of', () =>
    refusedFor({ more: `${PAYMENTS}支1,2024-03-01,630222,2024,P1,630222103200,文1,C1,ROAD,某队,80.01,元\n` }, [
      {
        row: 2,
        column: '金额',
        value: '80.01',
        code: 'OVERDRAFT',
        parameters: { quotaLine: '文1/C1/ROAD', available: '80.00', short: '0.01' },
      },
    ]));

  it('money for another purpose, and money of another channel', () =>
    refusedFor(
      {
        allocations: `${LEDGERS.allocations}安2,2024-02-01,630222,2024,P1,630222103200,文2,C1,TOILET,1,元\n安3,2024-02-01,630222,2024,P1,630222103200,文1,C1,TOILET,1,元\n`,
      },
      [
        { row: 3, column: '用途编码', code: 'PURPOSE_CHANGED', parameters: { asked: 'ROAD', allowed: ['TOILET'] } },
        { row: 4, column: '渠道编码', code: 'CHANNEL_CHANGED' },
      ],
    ));

  it('unknown channel, purpose, division, project, each at its cell', () =>
    refusedFor(
      {
        appropriations: `${LEDGERS.appropriations}文3,2024-01-10,630222,2024,C9,ROAD,1,元\n文4,2024-01-10,630222,2024,C1,SKY,1,元\n文5,2024-01-10,640000,2024,C1,ROAD,1,元\n`,
        more: `${PAYMENTS}支1,2024-03-01,630222,2024,P9,630222103200,文1,C1,ROAD,某队,1,元\n`,
      },
      [
        { row: 4, column: '渠道编码', value: 'C9', code: 'UNKNOWN_CHANNEL' },
        { row: 5, column: '用途编码', value: 'SKY', code: 'UNKNOWN_PURPOSE' },
        { row: 6, column: '区划', value: '640000', code: 'UNKNOWN_DIVISION' },
        { row: 2, column: '项目编号', value: 'P9', code: 'UNKNOWN_PROJECT' },
      ],
    ));

  it('in the words of the office: cells as they are typed, pools by division and year, the entry’s own number', () =>
    withTemporaryLedger(async (ledger) => {
      expect(
        await refusalsOf(ledger, {
          more: `${PAYMENTS}支1,2024-03-01,630222,2024,P1,630222103200,,C1,ROAD,某队,1,元\n`,
        }),
      ).toEqual([]);
      const refusals = await refusalsOf(ledger, {
        appropriations: `${LEDGERS.appropriations}文5,2024-01-10,640000000000,2024,C1,ROAD,1,元\n`,
        more: [
          PAYMENTS,
          '支1,2024-03-01,630222,2024,P1,630222103200,,C1,ROAD,某队,2,元\n',
          '支2,2024-03-02,630222,2024,P1,630222103200,,C9,ROAD,某队,1,元\n',
          '支3,2024-03-02,640000,2024,P1,630222103200,,C1,ROAD,某队,1,元\n',
          '支4,2024-03-02,630222,2024,P1,630222103200,,C1,ROAD,某队,"１,２00",万元\n',
        ].join(''),
      });
      expect(refusals).toMatchObject([
        { row: 4, column: '区划', value: '640000000000', code: 'UNKNOWN_DIVISION' },
        { row: 2, column: '支付凭证号', value: '支1', code: 'DUPLICATE_DOCUMENT' },
        { row: 3, column: '渠道编码', value: 'C9', code: 'UNKNOWN_QUOTA_LINE' },
        { row: 4, column: '区划', value: '640000', code: 'UNKNOWN_DIVISION' },
        { row: 5, column: '金额', value: '１,２00', code: 'OVERDRAFT' },
      ]);
      expect(refusals[0]?.message).toContain('没有区划 640000，');
      expect(refusals[2]?.message).toContain('630222 的 2024 年池中没有渠道 C9、用途 ROAD 的指标');
      expect(refusals[2]?.messageEn).toContain('The 2024 pool of 630222 has no quota line of channel C9');
    }));

  it('a village outside the county', () =>
    refusedFor(
      {
        allocations: `${LEDGERS.allocations}安2,2024-02-01,630222,2024,P1,630224101204,文1,C1,ROAD,1,元\n`,
      },
      [{ row: 3, column: '建设地点', value: '630224101204', code: 'PLACE_OUTSIDE_DIVISION' }],
    ));

  it('one document number with other content', () =>
    withTemporaryLedger(async (ledger) => {
      expect(await refusalsOf(ledger, {})).toEqual([]);
      const head = await ledger.log.head();
      const changed = LEDGERS.appropriations.replace(',100,元', ',101,元');
      expect(await refusalsOf(ledger, { appropriations: changed })).toMatchObject([
        { row: 2, column: '指标文号', value: '文1', code: 'DUPLICATE_DOCUMENT' },
      ]);
      expect(await ledger.log.head()).toBe(head);
    }));

  it('cells that cannot be read and rules that are broken are told in one run', () =>
    refusedFor(
      {
        appropriations: `${LEDGERS.appropriations}文3,2024-02-30,630222,2024,C1,ROAD,1e3,元\n`,
        more: `${PAYMENTS}支1,2024-03-01,630222,2024,P1,630222103200,文1,C1,ROAD,某队,81,元\n`,
      },
      [
        { row: 4, column: '下达日期', value: '2024-02-30' },
        { row: 4, column: '金额', value: '1e3' },
        { row: 2, column: '金额', code: 'OVERDRAFT' },
      ],
    ));

  it('a payment on a day before its money', () =>
    refusedFor({ more: `${PAYMENTS}支1,2024-01-31,630222,2024,P1,630222103200,文1,C1,ROAD,某队,1,元\n` }, [
      { row: 2, code: 'OVERDRAFT', parameters: { on: '2024-01-31' } },
    ]));
});
