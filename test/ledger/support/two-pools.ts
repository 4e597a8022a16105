import { randomUUID } from 'node:crypto';

import { balances, balancesJson } from '../../../src/balances/balances';
import { parseBalancesRequest } from '../../../src/balances/balances-query';
import type { CommandAnswer } from '../../../src/event-log/decider';
import type { LedgerEvent } from '../../../src/event-log/event';
import { readEvent } from '../../../src/event-log/upcasting';
import type { Ledger } from '../../../src/ledger/ledger';
import type { PoolCommandName, PoolCommands } from '../../../src/ledger/pool-decisions';
import { fenFromYuan } from '../../../src/money/fen';
import type { PoolEvent } from '../../../src/pool/pool-event';
import { COUNTY, line, PROVINCE, registerSmallWorld, request } from '../../support/small-ledger';

export const OTHER_COUNTY = '630224';

/** A pool as `<division>-<year>`. */
export type PoolName = `${string}-${number}`;

export const GIVER: PoolName = `${PROVINCE}-2024`;
export const TAKER: PoolName = `${COUNTY}-2024`;
export const OTHER_TAKER: PoolName = `${OTHER_COUNTY}-2024`;
export const NEXT_YEAR: PoolName = `${PROVINCE}-2025`;

export const ask = <Name extends PoolCommandName>(
  ledger: Ledger,
  name: Name,
  pool: PoolName,
  effectiveOn: string,
  content: object,
  commandId: string = randomUUID(),
): Promise<CommandAnswer> => {
  const [division = '', year = ''] = pool.split('-');
  const command = { ...content, division, fiscalYear: Number(year), effectiveOn };
  return ledger.desk.pool(name, command as unknown as PoolCommands[Name], request(commandId));
};

/** The small world with a second county, and 100.00 元 in the province’s pool of 2024. */
export const fundTheProvince = async (ledger: Ledger): Promise<void> => {
  await registerSmallWorld(ledger);
  await ledger.desk.registerDivision(
    { divisionCode: OTHER_COUNTY, name: '化隆县', validFrom: null, validTo: null },
    '2024-01-01',
    request(),
  );
  await ask(ledger, 'AppropriateFunds', GIVER, '2024-01-10', {
    documentNo: '文1',
    lines: [{ ...line('文1', '100.00'), parentDocumentNo: null }],
  });
};

export const eventsOf = async (ledger: Ledger, pool: PoolName) =>
  (await ledger.log.readStream(`pool-${pool}`, 0, 1000)).map(
    (stored) => readEvent(stored) as LedgerEvent<PoolEvent['type'], PoolEvent['data']>,
  );

export const typesOf = async (ledger: Ledger, pool: PoolName): Promise<readonly string[]> =>
  (await eventsOf(ledger, pool)).map(({ type }) => type);

export const newest = async (ledger: Ledger, pool: PoolName, type: PoolEvent['type']) => {
  const event = (await eventsOf(ledger, pool)).findLast((each) => each.type === type);
  if (event === undefined) throw new Error(`no ${type} in ${pool}`);
  return event;
};

export const reverse = async (
  ledger: Ledger,
  pool: PoolName,
  type: PoolEvent['type'],
  { on, reversalNo, commandId }: { readonly on: string; readonly reversalNo: string; readonly commandId?: string },
): Promise<CommandAnswer> => {
  const original = await newest(ledger, pool, type);
  return ask(
    ledger,
    'ReverseEntry',
    pool,
    on,
    { reversalNo, reason: '有误', original, followsTaker: false },
    commandId,
  );
};

let closings = 0;

/** Closes months up to this one, `YYYY-MM`. */
export const closeMonth = (ledger: Ledger, pool: PoolName, month: string): Promise<unknown> => {
  closings += 1;
  return ask(ledger, 'CloseMonth', pool, `${month}-31`.replace('02-31', '02-29'), {
    closingNo: `月结${closings}`,
    month,
  });
};

/** Closes December and the year of a pool that holds nothing. */
export const closeYear = async (ledger: Ledger, pool: PoolName): Promise<void> => {
  const [, year = ''] = pool.split('-');
  await closeMonth(ledger, pool, `${year}-12`);
  closings += 1;
  await ask(ledger, 'CloseYear', pool, `${year}-12-31`, { closingNo: `年结${closings}` });
};

export const reopen = async (ledger: Ledger, pool: PoolName, period: string): Promise<void> => {
  closings += 1;
  const reopening = { approvalNo: `反${closings}`, period };
  await ask(ledger, 'RequestReopening', pool, '2025-01-02', { ...reopening, requestedBy: '张三', reason: '漏记' });
  await ask(ledger, 'ApproveReopening', pool, '2025-01-02', { ...reopening, approvedBy: '李四' });
};

/** Measures of every division, all years together; the identity that holds at every moment is asserted of each. */
export const measures = async (ledger: Ledger): Promise<Record<string, Record<string, string>>> => {
  await ledger.catchUp();
  const { rows } = balancesJson(balances(ledger.readModel, parseBalancesRequest({ by: 'division' })));
  for (const { measures: row } of rows) {
    const sum = (...names: readonly (keyof typeof row)[]): number =>
      names.reduce((total, name) => total + fenFromYuan(row[name]), 0);
    expect(sum('transferredOut', 'unintegrated', 'available', 'paid', 'unspent', 'recalled')).toBe(
      sum('appropriated', 'transferredIn'),
    );
  }
  return Object.fromEntries(rows.map(({ key, measures: row }) => [key, row]));
};

type Append = Ledger['log']['append'];

/** What happens instead of the append that comes after the first, or right before it. */
export const betweenHalves = async <Result>(
  ledger: Ledger,
  happens: (append: Append) => Promise<void>,
  act: () => Promise<Result>,
): Promise<Result> => {
  const append = ledger.log.append.bind(ledger.log);
  const spy = jest.spyOn(ledger.log, 'append').mockImplementationOnce(async (first) => {
    const appended = await append(first);
    await happens(append);
    return appended;
  });
  try {
    return await act();
  } finally {
    spy.mockRestore();
  }
};

/** The process ends between the halves, as far as the log can tell: nothing more of it is stored. */
export const cutOff = async (ledger: Ledger, act: () => Promise<unknown>): Promise<void> => {
  const append = ledger.log.append.bind(ledger.log);
  const spy = jest
    .spyOn(ledger.log, 'append')
    .mockImplementationOnce(append)
    .mockRejectedValue(new Error('the power failed'));
  try {
    await expect(act()).rejects.toThrow('the power failed');
  } finally {
    spy.mockRestore();
  }
};
