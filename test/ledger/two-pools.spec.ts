import { randomUUID } from 'node:crypto';

import { FinishingSchedule } from '../../src/ledger/finishing-schedule';
import type { Ledger } from '../../src/ledger/ledger';
import { COUNTY, line, PROVINCE } from '../support/small-ledger';
import { withTemporaryLedger } from '../support/temporary-ledger';
import {
  ask,
  betweenHalves,
  closeMonth,
  closeYear,
  cutOff,
  eventsOf,
  fundTheProvince,
  GIVER,
  measures,
  NEXT_YEAR,
  OTHER_COUNTY,
  OTHER_TAKER,
  type PoolName,
  reopen,
  reverse,
  TAKER,
  typesOf,
} from './support/two-pools';

interface Attempt {
  readonly on: string;
  readonly commandId?: string;
}

/** A command over two pools, what comes before it, and what it looks like once both have recorded it. */
interface TwoPoolCommand {
  readonly before: (ledger: Ledger) => Promise<unknown>;
  readonly act: (ledger: Ledger, attempt: Attempt) => Promise<{ readonly unchanged: boolean }>;
  readonly on: string;
  readonly otherDate: string;
  /** The pool that records its half second. */
  readonly second: PoolName;
  readonly month: string;
  readonly done: Record<string, Record<string, string>>;
}

const parcel = (toDivision: string, amount: string) => ({ ...line('文1', amount), toDivision, integrated: false });

const transfer = (ledger: Ledger, { on, commandId }: Attempt, ...parcels: readonly object[]) =>
  ask(
    ledger,
    'TransferFunds',
    GIVER,
    on,
    { transferNo: '下1', lines: parcels.length > 0 ? parcels : [parcel(COUNTY, '40.00')] },
    commandId,
  );

const carryOver = (ledger: Ledger, { on, commandId }: Attempt) =>
  ask(ledger, 'CarryOverFunds', GIVER, on, { carryOverNo: '结1', toFiscalYear: 2025 }, commandId);

const nothing = (): Promise<void> => Promise.resolve();

const transferredAndBack = async (ledger: Ledger): Promise<void> => {
  await transfer(ledger, { on: '2024-02-01' });
  await reverse(ledger, TAKER, 'TransferReceived', { on: '2024-02-05', reversalNo: '红1' });
};

const carriedOverAndBack = async (ledger: Ledger): Promise<void> => {
  await carryOver(ledger, { on: '2024-12-01' });
  await reverse(ledger, GIVER, 'FundsCarriedOver', { on: '2024-12-05', reversalNo: '红1' });
};

/** Takes the first reversal of a pool back. */
const restore = async (ledger: Ledger, pool: PoolName, { on, commandId }: Attempt) => {
  const original = (await eventsOf(ledger, pool)).find(({ type }) => type === 'EntryReversed');
  return ask(
    ledger,
    'ReverseEntry',
    pool,
    on,
    { reversalNo: '红2', reason: '原分录无误', original, followsTaker: false },
    commandId,
  );
};

const COMMANDS: Record<string, TwoPoolCommand> = {
  'a transfer': {
    before: nothing,
    act: transfer,
    on: '2024-02-01',
    otherDate: '2024-02-02',
    second: TAKER,
    month: '2024-02',
    done: { [PROVINCE]: { transferredOut: '40.00', inTransit: '0.00' }, [COUNTY]: { transferredIn: '40.00' } },
  },
  'a transfer to several takers, of whom the last refuses': {
    before: nothing,
    act: (ledger, attempt) => transfer(ledger, attempt, parcel(COUNTY, '40.00'), parcel(OTHER_COUNTY, '10.00')),
    on: '2024-02-01',
    otherDate: '2024-02-02',
    second: OTHER_TAKER,
    month: '2024-02',
    done: {
      [PROVINCE]: { transferredOut: '50.00', inTransit: '0.00' },
      [COUNTY]: { transferredIn: '40.00' },
      [OTHER_COUNTY]: { transferredIn: '10.00' },
    },
  },
  'a carry-over': {
    before: nothing,
    act: carryOver,
    on: '2024-12-31',
    otherDate: '2024-12-30',
    second: NEXT_YEAR,
    month: '2024-12',
    done: { [PROVINCE]: { carriedOver: '100.00', unintegrated: '100.00', inTransit: '0.00' } },
  },
  'a reversal of a transfer, named by its taker': {
    before: (ledger) => transfer(ledger, { on: '2024-02-01' }),
    act: (ledger, attempt) => reverse(ledger, TAKER, 'TransferReceived', { ...attempt, reversalNo: '红1' }),
    on: '2024-02-05',
    otherDate: '2024-02-06',
    second: GIVER,
    month: '2024-02',
    done: { [PROVINCE]: { transferredOut: '0.00', unintegrated: '100.00' }, [COUNTY]: { transferredIn: '0.00' } },
  },
  'a reversal of a transfer, named by its giver': {
    before: (ledger) => transfer(ledger, { on: '2024-02-01' }),
    act: (ledger, attempt) => reverse(ledger, GIVER, 'TransferIssued', { ...attempt, reversalNo: '红1' }),
    on: '2024-02-05',
    otherDate: '2024-02-06',
    second: GIVER,
    month: '2024-02',
    done: { [PROVINCE]: { transferredOut: '0.00', unintegrated: '100.00' }, [COUNTY]: { transferredIn: '0.00' } },
  },
  'a reversal of a transfer that is on its way': {
    before: (ledger) => cutOff(ledger, () => transfer(ledger, { on: '2024-02-01' })),
    act: (ledger, attempt) => reverse(ledger, GIVER, 'TransferIssued', { ...attempt, reversalNo: '红1' }),
    on: '2024-02-05',
    otherDate: '2024-02-06',
    second: GIVER,
    month: '2024-02',
    done: { [PROVINCE]: { transferredOut: '0.00', unintegrated: '100.00', inTransit: '0.00' } },
  },
  'a reversal of a carry-over, named by the later year': {
    before: (ledger) => carryOver(ledger, { on: '2024-12-01' }),
    act: (ledger, attempt) => reverse(ledger, NEXT_YEAR, 'CarryOverReceived', { ...attempt, reversalNo: '红1' }),
    on: '2024-12-05',
    otherDate: '2024-12-06',
    second: GIVER,
    month: '2024-12',
    done: { [PROVINCE]: { carriedOver: '0.00', unintegrated: '100.00', inTransit: '0.00' } },
  },
  'a reversal of a carry-over, named by the year that it left': {
    before: (ledger) => carryOver(ledger, { on: '2024-12-01' }),
    act: (ledger, attempt) => reverse(ledger, GIVER, 'FundsCarriedOver', { ...attempt, reversalNo: '红1' }),
    on: '2024-12-05',
    otherDate: '2024-12-06',
    second: GIVER,
    month: '2024-12',
    done: { [PROVINCE]: { carriedOver: '0.00', unintegrated: '100.00', inTransit: '0.00' } },
  },
};

const transferAgain = (named: Parameters<typeof restore>[1]): TwoPoolCommand => ({
  before: transferredAndBack,
  act: (ledger, attempt) => restore(ledger, named, attempt),
  on: '2024-02-07',
  otherDate: '2024-02-08',
  second: TAKER,
  month: '2024-02',
  done: { [PROVINCE]: { transferredOut: '40.00', inTransit: '0.00' }, [COUNTY]: { transferredIn: '40.00' } },
});

/** What went back in both pools stands again in both; either pool's reversal is named. */
const AGAIN: Record<string, TwoPoolCommand> = {
  'a reversal of the reversal of a transfer, named by its taker': transferAgain(TAKER),
  'a reversal of the reversal of a transfer, named by its giver': transferAgain(GIVER),
  'a reversal of the reversal of a carry-over, named by the later year': {
    before: carriedOverAndBack,
    act: (ledger, attempt) => restore(ledger, NEXT_YEAR, attempt),
    on: '2024-12-07',
    otherDate: '2024-12-08',
    second: NEXT_YEAR,
    month: '2024-12',
    done: { [PROVINCE]: { carriedOver: '100.00', unintegrated: '100.00', inTransit: '0.00' } },
  },
  'a reversal of the reversal of a carry-over, named by the year that it left': {
    before: carriedOverAndBack,
    act: (ledger, attempt) => restore(ledger, GIVER, attempt),
    on: '2024-12-07',
    otherDate: '2024-12-08',
    second: NEXT_YEAR,
    month: '2024-12',
    done: { [PROVINCE]: { carriedOver: '100.00', unintegrated: '100.00', inTransit: '0.00' } },
  },
};

const commands = Object.entries({ ...COMMANDS, ...AGAIN });
const forward = commands.filter(([, { second }]) => second !== GIVER);
const backward = commands.filter(([, { second }]) => second === GIVER);

/** Tried with the same id, another, another date: each time the same refusal, and the log is as it was. */
const isRefusedWhateverIsTried = async (
  ledger: Ledger,
  { act, on, otherDate, second }: TwoPoolCommand,
  cause: string,
): Promise<string> => {
  const head = await ledger.log.head();
  const before = await measures(ledger);
  const commandId = randomUUID();
  for (const attempt of [{ on, commandId }, { on, commandId }, { on }, { on: otherDate }]) {
    await expect(act(ledger, attempt)).rejects.toMatchObject({
      kind: 'rule',
      code: 'NOT_TAKEN_IN',
      parameters: { cause, pool: `pool-${second}`, outcome: 'nothing-stored' },
    });
  }
  expect(await ledger.log.head()).toBe(head);
  expect(await measures(ledger)).toEqual(before);
  return commandId;
};

const isDoneOnce = async (ledger: Ledger, { act, on, done }: TwoPoolCommand, commandId: string): Promise<void> => {
  expect(await act(ledger, { on, commandId })).toMatchObject({ unchanged: false });
  const head = await ledger.log.head();
  expect(await act(ledger, { on, commandId })).toMatchObject({ unchanged: true });
  expect(await ledger.log.head()).toBe(head);
  expect(await measures(ledger)).toMatchObject(done);
  expect(await ledger.unfinished()).toEqual([]);
};

describe.each(commands)('%s', (_name, command) => {
  it('is recorded by neither pool when the other one has closed the month, and by both once it is open', () =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      await command.before(ledger);
      await closeMonth(ledger, command.second, command.month);
      const commandId = await isRefusedWhateverIsTried(ledger, command, 'PERIOD_CLOSED');
      await reopen(ledger, command.second, command.month);
      await isDoneOnce(ledger, command, commandId);
    }));

  it('that was cut off between the pools is finished by the same command, which says so', () =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      await command.before(ledger);
      const commandId = randomUUID();
      await cutOff(ledger, () => command.act(ledger, { on: command.on, commandId }));
      await measures(ledger);
      expect(await ledger.unfinished()).not.toEqual([]);
      await isDoneOnce(ledger, command, commandId);
    }));

  it('that was cut off is finished by the same document under another id', () =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      await command.before(ledger);
      await cutOff(ledger, () => command.act(ledger, { on: command.on }));
      await isDoneOnce(ledger, command, randomUUID());
    }));

  it('that was cut off is finished by whoever looks', () =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      await command.before(ledger);
      await cutOff(ledger, () => command.act(ledger, { on: command.on }));
      await measures(ledger);
      expect(await ledger.finishCrossings()).toEqual([]);
      expect(await measures(ledger)).toMatchObject(command.done);
      expect(await ledger.unfinished()).toEqual([]);
      const head = await ledger.log.head();
      expect(await ledger.finishCrossings()).toEqual([]);
      expect(await ledger.log.head()).toBe(head);
    }));
});

describe.each(forward)('%s', (_name, command) => {
  it('is recorded by neither pool when the other one has closed the year', () =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      await command.before(ledger);
      await closeYear(ledger, command.second);
      await isRefusedWhateverIsTried(ledger, command, 'YEAR_CLOSED');
    }));

  it.each([
    ['raced by a closing', 'taken back at once'],
    ['cut off before a closing', 'taken back by whoever looks'],
  ])('%s is %s, and answers so from then on', (how) =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      await command.before(ledger);
      const before = await measures(ledger);
      const commandId = randomUUID();
      const act = () => command.act(ledger, { on: command.on, commandId });
      const refused = {
        code: 'NOT_TAKEN_IN',
        parameters: { cause: 'PERIOD_CLOSED', pool: `pool-${command.second}`, outcome: 'taken-back' },
      };
      const close = async (): Promise<void> => void (await closeMonth(ledger, command.second, command.month));
      if (how === 'raced by a closing') {
        await expect(betweenHalves(ledger, close, act)).rejects.toMatchObject(refused);
      } else {
        await cutOff(ledger, act);
        await close();
        await measures(ledger);
        expect(await ledger.finishCrossings()).toMatchObject([{ why: refused }]);
      }
      const after = await measures(ledger);
      expect(after[PROVINCE]).toEqual(before[PROVINCE]);
      expect(await ledger.unfinished()).toEqual([]);
      const head = await ledger.log.head();
      await expect(act()).rejects.toMatchObject({ code: 'NOT_TAKEN_IN', parameters: { outcome: 'taken-back' } });
      expect(await ledger.finishCrossings()).toEqual([]);
      expect(await ledger.log.head()).toBe(head);

      await reopen(ledger, command.second, command.month);
      await expect(act()).rejects.toMatchObject({ code: 'NOT_TAKEN_IN', parameters: { outcome: 'taken-back' } });
      expect(await ledger.log.head()).toBe(head + 2);
      await isDoneOnce(ledger, command, randomUUID());
    }),
  );

  it('that cannot arrive comes back on the first open day where its own month is closed as well', () =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      await command.before(ledger);
      await cutOff(ledger, () => command.act(ledger, { on: command.on }));
      await closeMonth(ledger, command.second, command.month);
      await closeMonth(ledger, GIVER, command.month);
      await measures(ledger);
      expect(await ledger.finishCrossings()).toMatchObject([{ why: { parameters: { outcome: 'taken-back' } } }]);
      expect(await measures(ledger)).toMatchObject({ [PROVINCE]: { unintegrated: '100.00', inTransit: '0.00' } });
      const back = (await eventsOf(ledger, GIVER)).at(-1);
      expect(back).toMatchObject({ type: 'EntryReversed', data: { refusal: { code: 'PERIOD_CLOSED' } } });
      expect(back?.effectiveOn).toBe(command.month === '2024-12' ? '2025-01-01' : '2024-03-01');
    }));
});

describe.each(backward)('%s', (_name, command) => {
  it('is recorded by neither pool when the giver has closed the year, which nothing on its way allows', () =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      await command.before(ledger);
      if (!(await typesOf(ledger, GIVER)).includes('FundsCarriedOver')) await carryOver(ledger, { on: '2024-12-31' });
      await ledger.catchUp();
      const isOnItsWay = (await ledger.unfinished()).length > 0;
      if (isOnItsWay) await expect(closeYear(ledger, GIVER)).rejects.toMatchObject({ code: 'NOT_TAKEN_IN_YET' });
      else {
        await closeYear(ledger, GIVER);
        await isRefusedWhateverIsTried(ledger, command, 'YEAR_CLOSED');
      }
    }));

  it('is recorded by neither pool when the giver has used its number', () =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      await command.before(ledger);
      await ask(ledger, 'AppropriateFunds', GIVER, command.on, {
        documentNo: '文9',
        lines: [{ ...line('文9', '1.00'), parentDocumentNo: null }],
      });
      await reverse(ledger, GIVER, 'FundsAppropriated', { on: command.on, reversalNo: '红1' });
      const head = await ledger.log.head();
      await expect(command.act(ledger, { on: command.on })).rejects.toMatchObject({
        code: 'NOT_TAKEN_IN',
        parameters: { cause: 'DUPLICATE_DOCUMENT', outcome: 'nothing-stored' },
      });
      expect(await ledger.log.head()).toBe(head);
    }));

  it('raced by another reversal of its number comes back under a number of its own', () =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      await command.before(ledger);
      await ask(ledger, 'AppropriateFunds', GIVER, command.on, {
        documentNo: '文9',
        lines: [{ ...line('文9', '1.00'), parentDocumentNo: null }],
      });
      const useNumber = async (): Promise<void> =>
        void (await reverse(ledger, GIVER, 'FundsAppropriated', { on: command.on, reversalNo: '红1' }));
      const commandId = randomUUID();
      const act = () => command.act(ledger, { on: command.on, commandId });
      expect(await betweenHalves(ledger, useNumber, act)).toMatchObject({ unchanged: false });
      expect(await measures(ledger)).toMatchObject(command.done);
      expect((await eventsOf(ledger, GIVER)).at(-1)).toMatchObject({
        type: 'EntryReversed',
        data: { documentNo: expect.stringMatching(/^退-[0-9a-f]{8}$/) as string },
      });
      expect(await act()).toMatchObject({ unchanged: true });
      expect(await ledger.unfinished()).toEqual([]);
    }));

  it('raced by the giver’s closing comes back on the first open day', () =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      await command.before(ledger);
      const commandId = randomUUID();
      const close = async (): Promise<void> => void (await closeMonth(ledger, GIVER, command.month));
      const act = () => command.act(ledger, { on: command.on, commandId });
      expect(await betweenHalves(ledger, close, act)).toMatchObject({ unchanged: false });
      expect(await measures(ledger)).toMatchObject(command.done);
      const back = (await eventsOf(ledger, GIVER)).at(-1);
      expect(back?.type).toBe('EntryReversed');
      expect(back?.effectiveOn).toBe(command.month === '2024-12' ? '2025-01-01' : '2024-03-01');
      expect(await ledger.unfinished()).toEqual([]);
      const head = await ledger.log.head();
      expect(await act()).toMatchObject({ unchanged: true });
      expect(await ledger.log.head()).toBe(head);
    }));
});

it('a refusal of the first pool is its own, and nobody’s half is stored', () =>
  withTemporaryLedger(async (ledger) => {
    await fundTheProvince(ledger);
    const head = await ledger.log.head();
    await expect(transfer(ledger, { on: '2024-02-01' }, parcel(COUNTY, '100.01'))).rejects.toMatchObject({
      code: 'OVERDRAFT',
    });
    await expect(transfer(ledger, { on: '2024-02-01' }, parcel('630299', '1.00'))).rejects.toMatchObject({
      code: 'UNKNOWN_DIVISION',
    });
    expect(await ledger.log.head()).toBe(head);
  }));

it('a transfer to several that is taken back leaves none of them with a part of it', () =>
  withTemporaryLedger(async (ledger) => {
    await fundTheProvince(ledger);
    const act = () => transfer(ledger, { on: '2024-02-01' }, parcel(COUNTY, '40.00'), parcel(OTHER_COUNTY, '10.00'));
    const close = async (): Promise<void> => void (await closeMonth(ledger, OTHER_TAKER, '2024-02'));
    await expect(betweenHalves(ledger, close, act)).rejects.toMatchObject({ code: 'NOT_TAKEN_IN' });
    expect(await typesOf(ledger, TAKER)).toEqual(['TransferReceived', 'EntryReversed']);
    expect(await typesOf(ledger, OTHER_TAKER)).toEqual(['MonthClosed', 'TakingDeclined']);
    expect(await measures(ledger)).toMatchObject({
      [PROVINCE]: { unintegrated: '100.00', transferredOut: '0.00', inTransit: '0.00' },
      [COUNTY]: { transferredIn: '0.00', unintegrated: '0.00' },
    });
  }));

it('a transfer of which one taker’s part went back is not issued anew to the others', () =>
  withTemporaryLedger(async (ledger) => {
    await fundTheProvince(ledger);
    const act = () => transfer(ledger, { on: '2024-02-01' }, parcel(COUNTY, '40.00'), parcel(OTHER_COUNTY, '10.00'));
    await act();
    await reverse(ledger, OTHER_TAKER, 'TransferReceived', { on: '2024-02-05', reversalNo: '红1' });
    expect(await act()).toMatchObject({ unchanged: true });
    expect(await measures(ledger)).toMatchObject({ [PROVINCE]: { transferredOut: '40.00', unintegrated: '60.00' } });
  }));

it('a running service finishes what it has seen twice, and leaves what was just begun to whoever began it', () =>
  withTemporaryLedger(async (ledger) => {
    await fundTheProvince(ledger);
    const told: unknown[] = [];
    const tell = (what: unknown): void => void told.push(what);
    const schedule = new FinishingSchedule({ ledger, everyMs: 3_600_000, onRefused: tell, onFailure: tell });
    try {
      await cutOff(ledger, () => transfer(ledger, { on: '2024-02-01' }));
      await ledger.catchUp();
      await schedule.round();
      expect(await typesOf(ledger, TAKER)).toEqual([]);
      await schedule.round();
      expect(await typesOf(ledger, TAKER)).toEqual(['TransferReceived']);
      await ledger.catchUp();
      await schedule.round();
      expect(await ledger.unfinished()).toEqual([]);
      expect(told).toEqual([]);

      await cutOff(ledger, () => carryOver(ledger, { on: '2024-12-31' }));
      await closeMonth(ledger, NEXT_YEAR, '2024-12');
      await ledger.catchUp();
      await schedule.round();
      await schedule.round();
      expect(told).toMatchObject([{ documentNo: '结1', why: { parameters: { outcome: 'taken-back' } } }]);
    } finally {
      await schedule.stop();
    }
  }));

it('a pool that would hold more than any pool may takes none of two parcels that fit only one by one', () =>
  withTemporaryLedger(async (ledger) => {
    await fundTheProvince(ledger);
    const ask100 = (name: 'AppropriateFunds' | 'IntegrateFunds', pool: PoolName, content: object) =>
      ask(ledger, name, pool, '2024-01-10', content);
    await ask100('IntegrateFunds', GIVER, {
      integrationNo: '整1',
      integrationRegime: 'BUNDLING_UNCHANGED',
      lines: [line('文1', '50.00')],
    });
    await ask100('AppropriateFunds', TAKER, {
      documentNo: '县文',
      lines: [{ ...line('县文', '9999999999930.00'), parentDocumentNo: null }],
    });
    const head = await ledger.log.head();
    const both = [parcel(COUNTY, '40.00'), { ...parcel(COUNTY, '40.00'), integrated: true }];
    await expect(transfer(ledger, { on: '2024-02-01' }, ...both)).rejects.toMatchObject({
      code: 'NOT_TAKEN_IN',
      parameters: { cause: 'POOL_TOO_LARGE', outcome: 'nothing-stored' },
    });
    expect(await ledger.log.head()).toBe(head);
  }));

describe('an approval for two pools', () => {
  const adjustment = { approvalNo: '调批1号', approvedBy: '局长', reason: '上级文件迟到' };
  const issue = (ledger: Ledger, transferNo: string) =>
    ask(ledger, 'TransferFunds', GIVER, '2024-02-01', { transferNo, lines: [parcel(COUNTY, '1.00')], adjustment });
  const takeBack = async (ledger: Ledger, reversalNo: string, on: string) =>
    ask(ledger, 'ReverseEntry', TAKER, on, {
      reversalNo,
      reason: '有误',
      original: (await eventsOf(ledger, TAKER)).findLast(({ type }) => type !== 'ClosedPeriodAdjusted'),
      followsTaker: false,
      adjustment,
    });

  it('is refused where neither has the day closed, and taken where one of them has', () =>
    withTemporaryLedger(async (ledger) => {
      await fundTheProvince(ledger);
      const refused = { code: 'ADJUSTMENT_NOT_NEEDED', parameters: { on: '2024-02-01' } };
      const head = await ledger.log.head();
      await expect(issue(ledger, '下1')).rejects.toMatchObject(refused);
      expect(await ledger.log.head()).toBe(head);
      await transfer(ledger, { on: '2024-02-01' });
      await expect(takeBack(ledger, '红1', '2024-02-01')).rejects.toMatchObject(refused);

      await closeMonth(ledger, GIVER, '2024-02');
      expect(await takeBack(ledger, '红1', '2024-02-01')).toMatchObject({ unchanged: false });
      expect(await takeBack(ledger, '红2', '2024-02-01')).toMatchObject({ unchanged: false });
      expect(await issue(ledger, '下2')).toMatchObject({ unchanged: false });
      await ledger.catchUp();
      expect(await ledger.unfinished()).toEqual([]);
      await expect(takeBack(ledger, '红3', '2024-03-01')).rejects.toMatchObject({ code: 'ADJUSTMENT_NOT_NEEDED' });
    }));
});
