import { requireSound } from '../../bench/model/compare';
import { trace } from '../../src/audit/lineage/trace';
import { balances } from '../../src/balances/balances';
import { measuresJson } from '../../src/balances/measures';
import type { CommandAnswer } from '../../src/event-log/decider';
import { LinesHandler, LinesQuery } from '../../src/http/reading/lines.controller';
import type { Ledger } from '../../src/ledger/ledger';
import { codesOf, evidenceOf, reverse, verify } from '../audit/evidence/sample-ledger';
import { ask, COUNTY, line, PROVINCE, registerSmallWorld, request, VILLAGE } from '../support/small-ledger';
import { withTemporaryLedger } from '../support/temporary-ledger';

const BY_DEPARTMENT = { by: 'department', under: null, year: null } as const;
const home = { projectCode: 'ROAD-1', place: VILLAGE };

/** The channel is moved to another department. */
const own = (ledger: Ledger, departmentCode: string) =>
  ledger.desk.registerChannel(
    {
      channelCode: 'C-JT',
      name: '四好农村路',
      departmentCode,
      level: '省',
      kind: '行业',
      allowedPurposes: [],
      cashRequired: false,
    },
    '2024-01-01',
    request(),
  );

const appropriate = (ledger: Ledger, on: string, amount: string, parentDocumentNo: string | null = null) =>
  ask(
    ledger,
    'AppropriateFunds',
    on,
    { documentNo: '文1', lines: [{ ...line('文1', amount), parentDocumentNo }] },
    { division: PROVINCE },
  );

const transfer = async (ledger: Ledger, transferNo: string, on: string, amount: string): Promise<CommandAnswer> => {
  await ask(
    ledger,
    'TransferFunds',
    on,
    { transferNo, lines: [{ ...line('文1', amount), toDivision: COUNTY, integrated: false }] },
    { division: PROVINCE },
  );
  const stream = `pool-${COUNTY}-2024`;
  const taken = (await ledger.log.readStream(stream, 0, Number.MAX_SAFE_INTEGER)).at(-1);
  const { id = '' } = JSON.parse(taken?.canonical ?? '{}') as { readonly id?: string };
  return { stream, eventIds: [id] } as unknown as CommandAnswer;
};

/** Integrated in the county, for the road and paid. */
const spend = async (ledger: Ledger, amount: string): Promise<void> => {
  await ask(ledger, 'IntegrateFunds', '2024-03-20', {
    integrationNo: '整1',
    integrationRegime: 'BUNDLING_UNCHANGED',
    lines: [line('文1', amount)],
  });
  const lines = [{ ...line('文1', amount), documentNo: null, ...home }];
  await ask(ledger, 'AllocateFunds', '2024-03-21', { allocationNo: '安1', lineSelection: 'fifo', lines });
  await ask(ledger, 'RecordPayment', '2024-03-22', {
    voucherNo: '支1',
    payee: '民和县公路养护公司',
    requestedBy: null,
    approvedBy: null,
    lineSelection: 'fifo',
    lines,
  });
};

const departments = (ledger: Ledger, moment: { readonly at?: number } = {}) =>
  balances(ledger.readModel, { ...BY_DEPARTMENT, at: null, asOf: null, ...moment }).rows.map(({ key, measures }) => {
    const { appropriated, transferredIn, transferredOut, paid } = measuresJson(measures);
    return [key, appropriated, transferredIn, transferredOut, paid];
  });

/** As they are listed: pool, department, parent document, 下达日期, and what is paid. */
const listed = async (ledger: Ledger) => {
  const { rows } = await new LinesHandler(ledger).execute(new LinesQuery({}));
  return rows.map(({ division, departmentCode, parentDocumentNo, issuedOn, balances: { paid } }) =>
    [division, departmentCode, parentDocumentNo, issuedOn, paid].join(' '),
  );
};

const beginning = async (ledger: Ledger): Promise<void> => {
  await registerSmallWorld(ledger);
  await ledger.desk.registerDepartment(
    { departmentCode: 'SL', name: '水利厅', validFrom: null, validTo: null, mergedInto: null },
    '2024-01-01',
    request(),
  );
};

describe('a line that is issued anew after nothing of it stood any more', () => {
  it('is of the department that its channel has by then, wherever its money goes, and what was before stays as it was', () =>
    withTemporaryLedger(async (ledger) => {
      await beginning(ledger);
      const wrong = await appropriate(ledger, '2024-01-10', '100.00');
      await reverse(ledger, '红-下1', '2024-02-02', await transfer(ledger, '下1', '2024-02-01', '70.00'));
      const before = await ledger.catchUp();
      await reverse(ledger, '红-文1', '2024-02-03', wrong);
      await own(ledger, 'SL');
      await appropriate(ledger, '2024-03-01', '90.00', '部1');
      await transfer(ledger, '下2', '2024-03-02', '60.00');
      await spend(ledger, '50.00');
      await ledger.catchUp();

      expect(departments(ledger)).toEqual([
        ['JT', '0.00', '0.00', '0.00', '0.00'],
        ['SL', '90.00', '60.00', '60.00', '50.00'],
      ]);
      expect(await listed(ledger)).toEqual(['63 SL 部1 2024-03-01 0.00', '630222 SL 部1 2024-03-01 50.00']);
      expect(departments(ledger, { at: before })).toEqual([['JT', '100.00', '0.00', '0.00', '0.00']]);
      const { sources } = trace(ledger.readModel, { id: '支1', moment: { at: null, asOf: null } });
      expect(sources.map(({ departmentCode }) => departmentCode)).toEqual(['SL']);
      await requireSound(ledger);
      for (const scope of ['payment:支1', 'project:ROAD-1', 'document:文1', `division:${COUNTY}`]) {
        const { archive } = await evidenceOf(ledger, scope);
        expect([scope, codesOf((await verify(ledger, archive)).findings)]).toEqual([scope, []]);
      }
    }));

  it('is what it was again where the first entry stands again, in both pools', () =>
    withTemporaryLedger(async (ledger) => {
      await beginning(ledger);
      const first = await appropriate(ledger, '2024-01-10', '100.00');
      const given = await transfer(ledger, '下1', '2024-02-01', '70.00');
      const back = await reverse(ledger, '红-下1', '2024-02-02', given);
      const firstReversed = await reverse(ledger, '红-文1', '2024-02-03', first);
      await own(ledger, 'SL');
      const second = await appropriate(ledger, '2024-03-01', '90.00', '部1');
      const givenAgain = await transfer(ledger, '下2', '2024-03-02', '60.00');
      await reverse(ledger, '红-下2', '2024-03-03', givenAgain);
      await reverse(ledger, '红-文1-2', '2024-03-04', second);
      await expect(reverse(ledger, '红-红-文1', '2024-03-05', firstReversed)).rejects.toMatchObject({
        code: 'CHANNEL_NOT_AS_ISSUED',
      });
      await own(ledger, 'JT');
      await reverse(ledger, '红-红-文1', '2024-03-05', firstReversed);
      await reverse(ledger, '红-红-下1', '2024-03-06', back);
      await spend(ledger, '50.00');
      await ledger.catchUp();

      expect(departments(ledger)).toEqual([
        ['JT', '100.00', '70.00', '70.00', '50.00'],
        ['SL', '0.00', '0.00', '0.00', '0.00'],
      ]);
      expect(await listed(ledger)).toEqual(['63 JT  2024-01-10 0.00', '630222 JT  2024-01-10 50.00']);
      await requireSound(ledger);
    }));

  it('takes a transfer that stands again along with what the giver has by then', () =>
    withTemporaryLedger(async (ledger) => {
      await beginning(ledger);
      const first = await appropriate(ledger, '2024-01-10', '100.00');
      const back = await reverse(ledger, '红-下1', '2024-02-02', await transfer(ledger, '下1', '2024-02-01', '70.00'));
      await reverse(ledger, '红-文1', '2024-02-03', first);
      await own(ledger, 'SL');
      await appropriate(ledger, '2024-03-01', '90.00', '部1');
      await reverse(ledger, '红-红-下1', '2024-03-06', back);
      await spend(ledger, '50.00');
      await ledger.catchUp();

      expect(departments(ledger)).toEqual([
        ['JT', '0.00', '0.00', '0.00', '0.00'],
        ['SL', '90.00', '70.00', '70.00', '50.00'],
      ]);
      expect(await listed(ledger)).toEqual(['63 SL 部1 2024-03-01 0.00', '630222 SL 部1 2024-03-01 50.00']);
      await requireSound(ledger);
    }));

  it('waits for cash that is there still under another department', () =>
    withTemporaryLedger(async (ledger) => {
      await beginning(ledger);
      const wrong = await appropriate(ledger, '2024-01-10', '100.00');
      const cash = await ask(
        ledger,
        'RecordCash',
        '2024-01-11',
        { receiptNo: '到1', lines: [line('文1', '30.00')] },
        { division: PROVINCE },
      );
      await reverse(ledger, '红-文1', '2024-02-03', wrong);
      await own(ledger, 'SL');
      await expect(appropriate(ledger, '2024-03-01', '90.00')).rejects.toMatchObject({ code: 'CHANNEL_NOT_AS_ISSUED' });
      await reverse(ledger, '红-到1', '2024-02-04', cash);
      await appropriate(ledger, '2024-03-01', '90.00');
      await ledger.catchUp();
      expect(departments(ledger).map(([key, appropriated]) => [key, appropriated])).toEqual([
        ['JT', '0.00'],
        ['SL', '90.00'],
      ]);
      await requireSound(ledger);
    }));

  it('is as old as its newest issue, first in, first out', () =>
    withTemporaryLedger(async (ledger) => {
      await beginning(ledger);
      const county = (name: string, on: string, amount: string) =>
        ask(ledger, 'AppropriateFunds', on, {
          documentNo: name,
          lines: [{ ...line(name, amount), parentDocumentNo: null }],
        });
      await reverse(ledger, '红-文1', '2024-01-17', await county('文1', '2024-01-05', '40.00'));
      await county('文7', '2024-02-02', '50.00');
      await county('文1', '2024-04-13', '40.01');
      await ask(ledger, 'IntegrateFunds', '2024-05-01', {
        integrationNo: '整1',
        integrationRegime: 'BUNDLING_UNCHANGED',
        lines: [line('文7', '50.00'), line('文1', '40.01')],
      });
      await ask(ledger, 'AllocateFunds', '2024-05-02', {
        allocationNo: '安1',
        lineSelection: 'fifo',
        lines: [{ ...line('文1', '60.00'), documentNo: null, ...home }],
      });
      await ledger.catchUp();
      const { rows } = balances(ledger.readModel, { by: 'line', under: null, year: null, at: null, asOf: null });
      expect(rows.map(({ key, measures }) => [key, measuresJson(measures).allocated])).toEqual([
        ['文1/C-JT/ROAD', '10.00'],
        ['文7/C-JT/ROAD', '50.00'],
      ]);
    }));
});
