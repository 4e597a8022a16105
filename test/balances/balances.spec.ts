import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { trace } from '../../src/audit/lineage/trace';
import { traceJson } from '../../src/audit/lineage/trace-answer';
import { balances, balancesJson } from '../../src/balances/balances';
import { parseBalancesRequest, type BalancesRequest } from '../../src/balances/balances-query';
import { ProjectionRunner } from '../../src/projecting/projection-runner';
import { ArrayLog } from '../projecting/array-log';
import { ledgerEvent, movement, quotaLine } from '../projecting/ledger-events';

const WATER = '青水〔2024〕1号/SL/WATER';
const VILLAGE = '630222103200';
const OTHER_VILLAGE = '630222103201';

/*
 * By hand, in 元. The province is given 1,000.00 for water (2 January) and integrates it; 600.00 goes to the county
 * 630222 (5 January), of which 100.00 is still in transit at the end; the county allocates 300.00 to the village and
 * 150.00 to the other (1 February), pays 120.00 (1 March) of which 20.00 comes back (5 March), holds 30.00 (10 March),
 * and recalls 50.00 from the other village (20 March). Cash of 200.00 arrives on 3 February.
 */
const EVENTS = [
  ledgerEvent('registry-divisions', 'DivisionRegistered', '2024-01-01', {
    divisionCode: '630222',
    name: '民和回族土族自治县',
    validFrom: null,
    validTo: null,
  }),
  ledgerEvent('registry-departments', 'DepartmentRegistered', '2024-01-01', {
    departmentCode: 'B-SL',
    name: '水利厅',
    validFrom: null,
    validTo: '2024-02-29',
    mergedInto: null,
  }),
  ledgerEvent('registry-departments', 'DepartmentChanged', '2024-03-01', {
    departmentCode: 'B-SL',
    name: '水务厅',
    validFrom: '2024-03-01',
    validTo: null,
    mergedInto: null,
  }),
  ledgerEvent('pool-63-2024', 'FundsAppropriated', '2024-01-02', {
    documentNo: '青水〔2024〕1号',
    lines: [quotaLine(WATER, 'B-SL')],
    movements: [movement(WATER, 'source:SL', 'pool:63:2024:received', '1000.00')],
  }),
  ledgerEvent('pool-63-2024', 'FundsIntegrated', '2024-01-03', {
    documentNo: '整1',
    integrationRegime: 'BUNDLING_UNCHANGED',
    movements: [movement(WATER, 'pool:63:2024:received', 'pool:63:2024:available', '1000.00')],
  }),
  ledgerEvent('pool-63-2024', 'TransferIssued', '2024-01-05', {
    documentNo: '下1',
    toDivision: '630222',
    toFiscalYear: 2024,
    integrated: true,
    sentLines: [],
    movements: [movement(WATER, 'pool:63:2024:available', 'transit:下1', '500.00')],
  }),
  ledgerEvent('pool-630222-2024', 'TransferReceived', '2024-01-05', {
    documentNo: '下1',
    fromDivision: '63',
    fromFiscalYear: 2024,
    integrated: true,
    transferEventId: '',
    lines: [quotaLine(WATER, 'B-SL')],
    movements: [movement(WATER, 'transit:下1', 'pool:630222:2024:available', '500.00')],
  }),
  ledgerEvent('pool-63-2024', 'TransferIssued', '2024-01-05', {
    documentNo: '下2',
    toDivision: '630222',
    toFiscalYear: 2024,
    integrated: true,
    sentLines: [],
    movements: [movement(WATER, 'pool:63:2024:available', 'transit:下2', '100.00')],
  }),
  ledgerEvent('pool-630222-2024', 'FundsAllocated', '2024-02-01', {
    documentNo: '安1',
    movements: [
      movement(WATER, 'pool:630222:2024:available', `project:M1:${VILLAGE}:available`, '300.00'),
      movement(WATER, 'pool:630222:2024:available', `project:M1:${OTHER_VILLAGE}:available`, '150.00'),
    ],
  }),
  ledgerEvent('pool-630222-2024', 'CashReceived', '2024-02-03', {
    documentNo: '到1',
    receipts: [{ quotaLine: WATER, amount: '200.00' }],
  }),
  ledgerEvent('pool-630222-2024', 'PaymentExecuted', '2024-03-01', {
    documentNo: '支1',
    payee: '某公司',
    requestedBy: null,
    approvedBy: null,
    movements: [movement(WATER, `project:M1:${VILLAGE}:available`, `project:M1:${VILLAGE}:paid`, '120.00')],
  }),
  ledgerEvent('pool-630222-2024', 'PaymentReturned', '2024-03-05', {
    documentNo: '退1',
    originalVoucherNo: '支1',
    payee: '某公司',
    movements: [movement(WATER, `project:M1:${VILLAGE}:paid`, `project:M1:${VILLAGE}:available`, '20.00')],
  }),
  ledgerEvent('pool-630222-2024', 'PaymentRequested', '2024-03-10', {
    documentNo: '支2',
    payee: '某公司',
    requestedBy: 'x',
    repaysVoucherNo: null,
    movements: [movement(WATER, `project:M1:${VILLAGE}:available`, `project:M1:${VILLAGE}:held`, '30.00')],
  }),
  ledgerEvent('pool-630222-2024', 'FundsRecalled', '2024-03-20', {
    documentNo: '收1',
    recalledTo: null,
    movements: [movement(WATER, `project:M1:${OTHER_VILLAGE}:available`, 'recalled:630222:2024', '50.00')],
  }),
];

const zero = {
  appropriated: '0.00',
  transferredIn: '0.00',
  transferredOut: '0.00',
  unintegrated: '0.00',
  available: '0.00',
  inTransit: '0.00',
  allocated: '0.00',
  held: '0.00',
  paid: '0.00',
  recalled: '0.00',
  cashReceived: '0.00',
  unspent: '0.00',
  carriedOver: '0.00',
};

describe('answers from the read database', () => {
  let folder: string;
  let runner: ProjectionRunner;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yichi-balances-'));
    const log = new ArrayLog();
    for (const event of EVENTS) log.add(event);
    runner = new ProjectionRunner({ dataDirectory: folder, log });
    await runner.catchUp();
  });
  afterAll(() => {
    runner.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = (request: BalancesRequest) => balancesJson(balances(runner, parseBalancesRequest(request)));

  it('give a county exactly as other programs expect it', () => {
    expect(ask({ by: 'county' })).toEqual({
      by: 'county',
      asOf: null,
      position: String(EVENTS.length),
      unit: '元',
      rows: [
        {
          key: '630222',
          name: '民和回族土族自治县',
          measures: {
            ...zero,
            transferredIn: '500.00',
            available: '50.00',
            allocated: '450.00',
            held: '30.00',
            paid: '100.00',
            recalled: '50.00',
            cashReceived: '200.00',
            unspent: '300.00',
          },
        },
      ],
      total: expect.objectContaining({ transferredIn: '500.00', unspent: '300.00' }) as unknown,
    });
  });

  it('keep what is in transit at the giver', () => {
    const { rows } = ask({ by: 'division' });
    expect(rows.map(({ key }) => key)).toEqual(['63', '630222']);
    expect(rows[0]?.measures).toEqual({
      ...zero,
      appropriated: '1000.00',
      transferredOut: '600.00',
      available: '400.00',
      inTransit: '100.00',
    });
    expect(ask({ by: 'division', year: '2024' }).rows).toEqual(rows);
  });

  it('give villages only what was allocated to them, at any business date and position', () => {
    const village = { ...zero, allocated: '300.00', held: '30.00', paid: '100.00', unspent: '200.00' };
    const other = { ...zero, allocated: '150.00', recalled: '50.00', unspent: '100.00' };
    expect(ask({ by: 'village' }).rows.map(({ measures }) => measures)).toEqual([village, other]);
    expect(ask({ by: 'village', under: VILLAGE }).rows).toEqual([{ key: VILLAGE, name: VILLAGE, measures: village }]);
    expect(ask({ by: 'village', under: VILLAGE, asOf: '2024-03-01' }).rows[0]?.measures).toEqual({
      ...zero,
      allocated: '300.00',
      paid: '120.00',
      unspent: '180.00',
    });
    expect(ask({ by: 'village', under: '630222', asOf: '2024-01-31' }).rows).toEqual([]);
    const early = ask({ by: 'village', under: '630222', at: '9' });
    expect(early.position).toBe('9');
    expect(early.rows.map(({ measures }) => measures.unspent)).toEqual(['300.00', '150.00']);
  });

  it('show what a department has put into one village', () => {
    expect(ask({ by: 'department', under: VILLAGE }).rows).toEqual([
      {
        key: 'B-SL',
        name: '水务厅',
        measures: { ...zero, allocated: '300.00', held: '30.00', paid: '100.00', unspent: '200.00' },
      },
    ]);
  });

  it.each(['county', 'division'] as const)('show what a %s has put into one village, today as on any date', (by) => {
    const measures = { ...zero, allocated: '300.00', held: '30.00', paid: '100.00', unspent: '200.00' };
    const rows = [{ key: '630222', name: '民和回族土族自治县', measures }];
    expect(ask({ by, under: VILLAGE }).rows).toEqual(rows);
    expect(ask({ by, under: VILLAGE, asOf: '2024-12-31' }).rows).toEqual(rows);
  });

  it('call a department by its name of the day', () => {
    const nameOn = (asOf: string) => ask({ by: 'department', asOf }).rows[0]?.name;
    expect([nameOn('2024-02-29'), nameOn('2024-03-01')]).toEqual(['水利厅', '水务厅']);
  });

  it.each([
    [{ by: 'street' }, 'UNKNOWN_DIMENSION'],
    [{ by: 'county', asOf: '2024-02-30' }, 'DATE_INVALID'],
    [{ by: 'county', asOf: '2024-6-30' }, 'DATE_INVALID'],
    [{ by: 'county', asOf: '' }, 'DATE_INVALID'],
    [{ by: 'county', at: '15' }, 'POSITION_NOT_REACHED'],
    [{ by: 'county', at: '-1' }, 'POSITION_INVALID'],
    [{ by: 'county', at: '1e1' }, 'POSITION_INVALID'],
    [{ by: 'county', at: '99999999999999999' }, 'POSITION_INVALID'],
    [{ by: 'county', year: '24' }, 'YEAR_INVALID'],
    [{ by: 'county', under: '63022' }, 'DIVISION_INVALID'],
    [{ by: 'county', under: '37' }, 'DIVISION_UNKNOWN'],
  ])('refuse %j instead of giving an empty answer', (request, code) => {
    expect(() => ask(request)).toThrow(expect.objectContaining({ kind: 'input', code }) as Error);
  });

  it('take a division code padded to twelve digits', () => {
    expect(ask({ by: 'village', under: '630222000000' }).rows).toEqual(ask({ by: 'village', under: '630222' }).rows);
    expect(parseBalancesRequest({ by: 'county', under: '630222103000' }).under).toBe('630222103');
    expect(parseBalancesRequest({ by: 'county', under: '630000000000' }).under).toBe('63');
  });

  describe('tracing', () => {
    const source = { documentNo: '青水〔2024〕1号', channelCode: 'SL', departmentCode: 'B-SL', purposeCode: 'WATER' };
    const use = { division: '630222', projectCode: 'M1', place: VILLAGE, voucherNo: null };
    const ofPool = { projectCode: null, place: null, voucherNo: null };

    it('follows an appropriation to every village and voucher', () => {
      const answer = traceJson(trace(runner, { id: '青水〔2024〕1号' }));
      expect(answer.of).toEqual({ kind: 'appropriation', id: '青水〔2024〕1号' });
      expect(answer.sources).toEqual([{ ...source, amount: '1000.00' }]);
      expect(answer.uses).toHaveLength(8);
      expect(answer.uses).toEqual(
        expect.arrayContaining([
          { division: '63', ...ofPool, state: 'available', amount: '400.00' },
          { division: '63', ...ofPool, state: 'inTransit', amount: '100.00' },
          { division: '630222', ...ofPool, state: 'available', amount: '50.00' },
          { ...use, state: 'unspent', amount: '170.00' },
          { ...use, voucherNo: '支2', state: 'held', amount: '30.00' },
          { ...use, voucherNo: '支1', state: 'paid', amount: '100.00' },
          { ...use, place: OTHER_VILLAGE, state: 'unspent', amount: '100.00' },
          { ...use, place: OTHER_VILLAGE, state: 'recalled', amount: '50.00' },
        ]),
      );
      expect(answer.position).toBe(String(EVENTS.length));
    });

    it('shows a payment at its voucher, and what came back where it is', () => {
      // Of the 300.00, 120.00 went to the voucher; 180.00 stayed, then 20.00 came back behind it, and 30.00 of the
      // older 180.00 is held: the 20.00 is unspent.
      const answer = traceJson(trace(runner, { id: '支1' }));
      expect(answer.of.kind).toBe('payment');
      expect(answer.sources).toEqual([{ ...source, amount: '120.00' }]);
      expect(answer.uses).toEqual([
        { ...use, voucherNo: '支1', state: 'paid', amount: '100.00' },
        { ...use, state: 'unspent', amount: '20.00' },
      ]);
      expect(answer.events).toEqual([EVENTS[10]?.id, EVENTS[11]?.id]);
    });

    it('follows a transfer and an allocation first in, first out', () => {
      expect(traceJson(trace(runner, { id: '下1' })).uses).toContainEqual({
        division: '630222',
        ...ofPool,
        state: 'available',
        amount: '50.00',
      });
      expect(traceJson(trace(runner, { id: '下2' })).uses).toEqual([
        { division: '63', ...ofPool, state: 'inTransit', amount: '100.00' },
      ]);
      const allocation = traceJson(trace(runner, { id: '安1' }));
      expect(allocation.of.kind).toBe('allocation');
      expect(allocation.sources).toEqual([{ ...source, amount: '450.00' }]);
    });

    it('shows what a project has, paid and gave back', () => {
      const answer = traceJson(trace(runner, { id: 'M1' }));
      expect(answer.of.kind).toBe('project');
      expect(answer.sources).toEqual([{ ...source, amount: '450.00' }]);
      expect(answer.uses.map(({ state, amount }) => [state, amount])).toEqual(
        expect.arrayContaining([
          ['paid', '100.00'],
          ['held', '30.00'],
          ['recalled', '50.00'],
        ]),
      );
    });

    it('traces an event and a number of any other document', () => {
      const event = trace(runner, { id: EVENTS[4]?.id ?? '' });
      expect([event.of.kind, event.sources[0]?.amount]).toEqual(['event', 100_000]);
      const recall = traceJson(trace(runner, { id: '收1' }));
      expect(recall.uses).toEqual([{ ...use, place: OTHER_VILLAGE, state: 'recalled', amount: '50.00' }]);
    });

    it('does not know what is not there', () => {
      const notFound = expect.objectContaining({ kind: 'not-found', code: 'TRACE_NOT_FOUND' }) as Error;
      expect(() => trace(runner, { id: 'nothing' })).toThrow(notFound);
      expect(() => trace(runner, { id: '支1', kind: 'allocation' })).toThrow(notFound);
    });
  });
});
