import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RowRefusal } from '../../src/importing/row-refusal';
import type { ImportReport, Ledger } from '../../src/ledger/ledger';
import { DomainError } from '../../src/platform/domain-error';
import { request } from '../support/small-ledger';
import { TESTER, withTemporaryLedger } from '../support/temporary-ledger';

const PROJECTS = '项目编号,项目名称,区划,用途编码,建设地点,入库日期,开工日期\n';
const MH_2 = 'MH-2,通村路,630222,LU,630222103200,2023-01-01,\n';
const REGISTERS = {
  divisions: '区划编码,名称\n63,青海省\n630222,民和县\n630222103200,官中村\n630222103201,另村\n',
  departments: '部门编码,名称\nJT,交通厅\n',
  purposes: '用途编码,名称\nLU,道路\nGS,供水\n',
  channels: '渠道编码,名称,主管部门编码,级次,类型,允许用途,须到账\nC1,涉农,JT,省,行业,,否\n',
  projects: `${PROJECTS}${MH_2}`,
};
const MONEY = {
  appropriations:
    '指标文号,下达日期,区划,年度,渠道编码,用途编码,金额,单位\n文1,2024-01-10,630222,2024,C1,LU,18000000,元\n文1,2024-01-10,630222,2024,C1,GS,3000000,元\n',
  integrations:
    '整合文号,日期,区划,年度,整合方式,指标文号,渠道编码,用途编码,金额,单位\n整1,2024-01-20,630222,2024,用途渠道不变,文1,C1,LU,18000000,元\n整1,2024-01-20,630222,2024,用途渠道不变,文1,C1,GS,3000000,元\n',
};
const allocation = (purpose: string, amount: string, no = '安1'): string =>
  `安排文号,日期,区划,年度,项目编号,建设地点,指标文号,渠道编码,用途编码,金额,单位\n${no},2024-02-01,630222,2024,MH-2,630222103200,文1,C1,${purpose},${amount},元\n`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-changes-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const importing = (ledger: Ledger, files: Readonly<Record<string, string>>, dryRun = false): Promise<ImportReport> =>
  ledger.importFiles(
    Object.entries(files).map(([name, text]) => {
      const file = join(directory, `${name}.csv`);
      writeFileSync(file, text);
      return file;
    }),
    { actor: TESTER, dryRun },
  );

const refusalsOf = async (ledger: Ledger, files: Readonly<Record<string, string>>): Promise<readonly RowRefusal[]> => {
  try {
    await importing(ledger, files);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'IMPORT_REFUSED') throw error;
    return error.parameters['rows'] as readonly RowRefusal[];
  }
};

const projects = (row: string): Readonly<Record<string, string>> => ({ projects: `${PROJECTS}${row}` });

describe('an import that changes registers', () => {
  it('does not turn a project with road money into one of water, nor by half', () =>
    withTemporaryLedger(async (ledger) => {
      await importing(ledger, { ...REGISTERS, ...MONEY, allocations: allocation('LU', '18000000') });
      const head = await ledger.log.head();
      const asWater = MH_2.replace('LU', 'GS');
      expect(await refusalsOf(ledger, projects(asWater))).toMatchObject([
        { code: 'REGISTER_IN_USE', row: 2, column: '用途编码', cell: 'D2', value: 'GS' },
      ]);
      const together = { ...projects(asWater), more: allocation('GS', '3000000', '安2') };
      expect((await refusalsOf(ledger, together)).map(({ code }) => code)).toEqual([
        'REGISTER_IN_USE',
        'PURPOSE_CHANGED',
      ]);
      expect(await ledger.log.head()).toBe(head);
    }));

  it('judges money by the registers of the same import, whose rows come first', () =>
    withTemporaryLedger(async (ledger) => {
      await importing(ledger, { ...REGISTERS, ...MONEY });
      const report = await importing(ledger, {
        ...projects(MH_2.replace('LU', 'GS')),
        more: allocation('GS', '3000000'),
      });
      expect(report).toMatchObject({
        stored: 2,
        changed: [{ ledger: 'projects', key: 'MH-2', field: 'purposeCode', from: 'LU', to: 'GS' }],
      });
      expect(await refusalsOf(ledger, { ...projects(MH_2), more: allocation('LU', '1', '安2') })).toMatchObject([
        { code: 'ROW_STALE' },
        { code: 'PURPOSE_CHANGED' },
      ]);
    }));

  it('tells new, changed and unchanged rows apart, in a dry run as well', () =>
    withTemporaryLedger(async (ledger) => {
      expect((await importing(ledger, REGISTERS)).changed).toEqual([]);
      const next = {
        divisions: REGISTERS.divisions.replace('另村', '新村'),
        channels: REGISTERS.channels.replace(',,否', ',LU;GS,是'),
        projects: `${PROJECTS}${MH_2.replace('通村路', '通村公路').replace(',\n', ',2024-03-01\n')}MH-3,水厂,630222,GS,630222103200,2023-01-01,\n`,
      };
      const changed = [
        { ledger: 'divisions', key: '630222103201', field: 'name', from: '另村', to: '新村' },
        { ledger: 'channels', key: 'C1', field: 'allowedPurposes', from: null, to: 'LU;GS' },
        { ledger: 'channels', key: 'C1', field: 'cashRequired', from: '否', to: '是' },
        { ledger: 'projects', key: 'MH-2', field: 'projectName', from: '通村路', to: '通村公路' },
        { ledger: 'projects', key: 'MH-2', field: 'startedOn', from: null, to: '2024-03-01' },
      ];
      const counts = { stored: 4, unchanged: 3, changed };
      expect(await importing(ledger, next, true)).toMatchObject({ dryRun: true, ...counts });
      expect(await importing(ledger, next)).toMatchObject({ dryRun: false, ...counts });
      expect(await importing(ledger, next)).toMatchObject({ stored: 0, unchanged: 7, changed: [] });
    }));

  it.each([
    ['divisions', REGISTERS.divisions, REGISTERS.divisions.replace('另村', '新村'), '630222103201', '较晚的启用日期'],
    ['departments', REGISTERS.departments, REGISTERS.departments.replace('交通厅', '交通局'), 'JT', '较晚的启用日期'],
    ['purposes', REGISTERS.purposes, REGISTERS.purposes.replace('供水', '饮水'), 'GS', 'POST /purposes'],
    ['channels', REGISTERS.channels, REGISTERS.channels.replace('涉农', '支农'), 'C1', 'POST /channels'],
    ['projects', REGISTERS.projects, REGISTERS.projects.replace('通村路', '通村公路'), 'MH-2', 'POST /projects'],
  ])('refuses a row of %s from before a change as stale, and says what to do', (name, old, next, code, remedy) =>
    withTemporaryLedger(async (ledger) => {
      await importing(ledger, REGISTERS);
      await importing(ledger, { [name]: next });
      expect(await refusalsOf(ledger, { [name]: old })).toMatchObject([
        { code: 'ROW_STALE', value: code, remedy: expect.stringContaining(remedy) as string },
      ]);
      expect(await importing(ledger, { [name]: next })).toMatchObject({ stored: 0 });
    }),
  );

  it('takes a way back that is entered by itself, and then calls the other one stale', () =>
    withTemporaryLedger(async (ledger) => {
      await importing(ledger, REGISTERS);
      const next = REGISTERS.purposes.replace('供水', '饮水');
      await importing(ledger, { purposes: next });
      await ledger.desk.registerPurpose(
        { purposeCode: 'GS', name: '供水', parentPurpose: null },
        '2024-01-01',
        request(),
      );
      expect(await importing(ledger, { purposes: REGISTERS.purposes })).toMatchObject({ stored: 0, unchanged: 2 });
      expect(await refusalsOf(ledger, { purposes: next })).toMatchObject([{ code: 'ROW_STALE' }]);
    }));

  it('does not say two things of one entry at once', () =>
    withTemporaryLedger(async (ledger) => {
      await importing(ledger, REGISTERS);
      const twice = { projects: `${PROJECTS}${MH_2}${MH_2.replace('通村路', '通村公路')}` };
      expect(await refusalsOf(ledger, twice)).toMatchObject([
        {
          code: 'ROWS_DISAGREE',
          row: 3,
          value: 'MH-2',
          message: expect.stringContaining('projects.csv [projects] 2') as string,
        },
      ]);
      expect(await importing(ledger, { projects: `${PROJECTS}${MH_2}${MH_2}` })).toMatchObject({ unchanged: 2 });
    }));
});
