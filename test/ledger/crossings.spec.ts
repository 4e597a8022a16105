import { balances, balancesJson } from '../../src/balances/balances';
import { parseBalancesRequest } from '../../src/balances/balances-query';
import type { Ledger } from '../../src/ledger/ledger';
import type { PoolEvent } from '../../src/pool/pool-event';
import { readEvent } from '../../src/event-log/upcasting';
import { ask, COUNTY, line, PROVINCE, registerSmallWorld } from '../support/small-ledger';
import { withTemporaryLedger } from '../support/temporary-ledger';

const measuresOf = (ledger: Ledger): Record<string, Record<string, string>> =>
  Object.fromEntries(
    balancesJson(balances(ledger.readModel, parseBalancesRequest({ by: 'division' }))).rows.map((row) => [
      row.key,
      row.measures,
    ]),
  );

const appropriate = (ledger: Ledger): Promise<unknown> =>
  ask(
    ledger,
    'AppropriateFunds',
    '2024-01-10',
    { documentNo: '文1', lines: [{ ...line('文1', '100.00'), parentDocumentNo: null }] },
    { division: PROVINCE },
  );

const transfer = (ledger: Ledger, commandId?: string): Promise<unknown> =>
  ask(
    ledger,
    'TransferFunds',
    '2024-02-01',
    { transferNo: '下1', lines: [{ ...line('文1', '40.00'), toDivision: COUNTY, integrated: false }] },
    { division: PROVINCE, ...(commandId === undefined ? {} : { commandId }) },
  );

/** The log takes the first half and fails at the second, as when the process ends in between. */
const cutOffBetweenHalves = async (ledger: Ledger, act: () => Promise<unknown>): Promise<void> => {
  const append = ledger.log.append.bind(ledger.log);
  const failing = jest
    .spyOn(ledger.log, 'append')
    .mockImplementationOnce(append)
    .mockRejectedValueOnce(new Error('the power failed'));
  await expect(act()).rejects.toThrow('the power failed');
  failing.mockRestore();
};

const reopenFebruary = async (ledger: Ledger): Promise<void> => {
  const reopening = { approvalNo: '反1', period: '2024-02' };
  await ask(ledger, 'RequestReopening', '2024-03-02', { ...reopening, requestedBy: '张三', reason: '漏记' });
  await ask(ledger, 'ApproveReopening', '2024-03-02', { ...reopening, approvedBy: '李四' });
};

const lastEvent = async (ledger: Ledger, stream: string) => {
  const events = (await ledger.log.readStream(stream, 0, 100)).map(readEvent);
  return events.at(-1);
};

const typesOf = async (ledger: Ledger, division: string): Promise<readonly string[]> =>
  (await ledger.log.readStream(`pool-${division}-2024`, 0, 100)).map((stored) => readEvent(stored).type);

/** Reverses the newest event of a pool, or the newest of a type. */
const reverse = async (ledger: Ledger, division: string, reversalNo: string, type?: string): Promise<unknown> => {
  const events = (await ledger.log.readStream(`pool-${division}-2024`, 0, 100)).map(readEvent);
  const original = events.filter((event) => type === undefined || event.type === type).at(-1);
  if (original === undefined) throw new Error('nothing to reverse');
  return ask(
    ledger,
    'ReverseEntry',
    '2024-02-05',
    { reversalNo, reason: '下达有误', original: original as typeof original & PoolEvent, followsTaker: false },
    { division },
  );
};

describe('what crosses pools', () => {
  it('a transfer arrives on the same business date, under the same line', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await appropriate(ledger);
      await transfer(ledger);
      const received = await lastEvent(ledger, `pool-${COUNTY}-2024`);
      expect(received).toMatchObject({
        type: 'TransferReceived',
        effectiveOn: '2024-02-01',
        data: { lines: [{ quotaLine: '文1/C-JT/ROAD', departmentCode: 'JT', issuedOn: '2024-01-10' }] },
      });
      await ledger.catchUp();
      expect(measuresOf(ledger)).toMatchObject({
        [PROVINCE]: { appropriated: '100.00', transferredOut: '40.00', unintegrated: '60.00', inTransit: '0.00' },
        [COUNTY]: { transferredIn: '40.00', unintegrated: '40.00' },
      });
    }));

  it('what the taker refuses is recorded by neither pool, whatever is tried again, until the taker takes it', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await appropriate(ledger);
      await ask(ledger, 'CloseMonth', '2024-03-01', { closingNo: '月结', month: '2024-02' });
      const head = await ledger.log.head();
      const commandId = '0b2c1f3e-58b7-4b8d-9f0e-6a1d2b3c4d5e';
      for (const id of [commandId, commandId, undefined]) {
        await expect(transfer(ledger, id)).rejects.toMatchObject({
          code: 'NOT_TAKEN_IN',
          message: '630222 的 2024 年池不予入账：2024-02-01 所在月份已结账（已结至 2024-02）。两个池均未记账。',
          parameters: { cause: 'PERIOD_CLOSED', outcome: 'nothing-stored', pool: `pool-${COUNTY}-2024` },
        });
      }
      expect(await ledger.log.head()).toBe(head);
      await ledger.catchUp();
      expect(await ledger.unfinished()).toEqual([]);

      await reopenFebruary(ledger);
      await expect(transfer(ledger, commandId)).resolves.toMatchObject({ unchanged: false });
      await expect(transfer(ledger, commandId)).resolves.toMatchObject({ unchanged: true });
      await expect(transfer(ledger)).resolves.toMatchObject({ unchanged: true });
      await ledger.catchUp();
      expect(measuresOf(ledger)).toMatchObject({
        [PROVINCE]: { transferredOut: '40.00', inTransit: '0.00' },
        [COUNTY]: { transferredIn: '40.00' },
      });
    }));

  it('an approval lets a transfer into a month that is closed at the taker only, and says so there', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await appropriate(ledger);
      await ask(ledger, 'CloseMonth', '2024-03-01', { closingNo: '月结', month: '2024-02' });
      const adjustment = { approvalNo: '调1', approvedBy: '局长', reason: '上级文件迟到' };
      await ask(
        ledger,
        'TransferFunds',
        '2024-02-01',
        { transferNo: '下1', lines: [{ ...line('文1', '40.00'), toDivision: COUNTY, integrated: false }], adjustment },
        { division: PROVINCE },
      );
      expect(await typesOf(ledger, PROVINCE)).toEqual(['FundsAppropriated', 'TransferIssued']);
      expect(await typesOf(ledger, COUNTY)).toEqual(['MonthClosed', 'TransferReceived', 'ClosedPeriodAdjusted']);
    }));

  it('what was not taken in goes back when a person says so, and can then never be taken in', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await appropriate(ledger);
      await cutOffBetweenHalves(ledger, () => transfer(ledger));
      await reverse(ledger, PROVINCE, '红1');
      expect(await typesOf(ledger, COUNTY)).toEqual(['TakingDeclined']);
      await ledger.catchUp();
      expect(measuresOf(ledger)).toMatchObject({
        [PROVINCE]: { transferredOut: '0.00', unintegrated: '100.00', inTransit: '0.00' },
      });
      expect(await ledger.unfinished()).toEqual([]);
      const head = await ledger.log.head();
      await reverse(ledger, PROVINCE, '红1', 'TransferIssued');
      await expect(reverse(ledger, PROVINCE, '红2', 'TransferIssued')).rejects.toMatchObject({
        code: 'REVERSED_ALREADY',
      });
      expect(await ledger.log.head()).toBe(head);
    }));

  it('a year is not closed while something of it is still on its way', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await appropriate(ledger);
      await cutOffBetweenHalves(ledger, () => transfer(ledger));
      const ofProvince = { division: PROVINCE } as const;
      await ask(ledger, 'CarryOverFunds', '2024-12-31', { carryOverNo: '结1', toFiscalYear: 2025 }, ofProvince);
      await ask(ledger, 'CloseMonth', '2024-12-31', { closingNo: '月结', month: '2024-12' }, ofProvince);
      const closeYear = (): Promise<unknown> =>
        ask(ledger, 'CloseYear', '2024-12-31', { closingNo: '年结' }, ofProvince);
      await expect(closeYear()).rejects.toMatchObject({ code: 'NOT_TAKEN_IN_YET', parameters: { documents: ['下1'] } });
      await ledger.catchUp();
      expect(await ledger.finishCrossings()).toEqual([]);
      await closeYear();
      const closed = await lastEvent(ledger, `pool-${PROVINCE}-2024`);
      expect(closed).toMatchObject({ type: 'YearClosed' });
      expect(closed?.metadata['seal']).toMatch(/ pool-630222-2024@\d+ pool-63-2025@\d+$/);
    }));

  it('a year is not closed while something given back by its taker has not come back', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await appropriate(ledger);
      await transfer(ledger);
      await cutOffBetweenHalves(ledger, () => reverse(ledger, COUNTY, '红1'));
      const ofProvince = { division: PROVINCE } as const;
      await ask(ledger, 'CarryOverFunds', '2024-12-31', { carryOverNo: '结1', toFiscalYear: 2025 }, ofProvince);
      await ask(ledger, 'CloseMonth', '2024-12-31', { closingNo: '月结', month: '2024-12' }, ofProvince);
      await expect(ask(ledger, 'CloseYear', '2024-12-31', { closingNo: '年结' }, ofProvince)).rejects.toMatchObject({
        code: 'NOT_TAKEN_IN_YET',
        parameters: { documents: ['下1'] },
      });
    }));

  it.each([PROVINCE, COUNTY])('a transfer goes back both ways, whichever half is reversed (%s)', (division) =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await appropriate(ledger);
      await transfer(ledger);
      await reverse(ledger, division, '红1');
      expect(await typesOf(ledger, COUNTY)).toEqual(['TransferReceived', 'EntryReversed']);
      expect(await typesOf(ledger, PROVINCE)).toEqual(['FundsAppropriated', 'TransferIssued', 'EntryReversed']);
      await ledger.catchUp();
      expect(await ledger.unfinished()).toEqual([]);
      expect(measuresOf(ledger)).toMatchObject({
        [PROVINCE]: { transferredOut: '0.00', unintegrated: '100.00', inTransit: '0.00' },
        [COUNTY]: { transferredIn: '0.00', unintegrated: '0.00' },
      });
    }),
  );

  it('a carry-over is the same line at the same place in the next year', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      await appropriate(ledger);
      await ask(
        ledger,
        'CarryOverFunds',
        '2024-12-31',
        { carryOverNo: '结1', toFiscalYear: 2025 },
        { division: PROVINCE },
      );
      await ledger.catchUp();
      const of = (year: string) =>
        balancesJson(balances(ledger.readModel, parseBalancesRequest({ by: 'division', year }))).rows[0]?.measures;
      expect(of('2024')).toMatchObject({ appropriated: '100.00', carriedOver: '100.00', unintegrated: '0.00' });
      expect(of('2025')).toMatchObject({ appropriated: '0.00', carriedOver: '0.00', unintegrated: '100.00' });
      expect(measuresOf(ledger)).toMatchObject({ [PROVINCE]: { unintegrated: '100.00', carriedOver: '100.00' } });
    }));
});
