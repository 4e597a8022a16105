import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { trace } from '../../src/audit/lineage/trace';
import { traceJson } from '../../src/audit/lineage/trace-answer';
import { balances, balancesJson } from '../../src/balances/balances';
import { parseBalancesRequest } from '../../src/balances/balances-query';
import { renderTrace } from '../../src/cli/trace-text';
import { Ledger } from '../../src/ledger/ledger';
import type { PoolEvent } from '../../src/pool/pool-event';
import { failuresOf } from '../support/run-cli-here';
import { COUNTY, line, PROVINCE, registerSmallWorld, VILLAGE } from '../support/small-ledger';
import { ask, eventsOf, GIVER, NEXT_YEAR, type PoolName, TAKER } from './support/two-pools';

/*
 * A year of every kind of entry in two divisions, all of it taken back, all of it restored: every reader says the same as
 * before, and none has anything to say against the ledger.
 */

const HOME = { projectCode: 'ROAD-1', place: VILLAGE };
const BY = ['department', 'division', 'county', 'village', 'project', 'channel', 'line', 'document'] as const;
const NUMBERS = ['文1', '下1', '整2', '安1', '支1', '支2', '支3', '到1', '收1', '结1', 'ROAD-1'] as const;
/** Giving halves go back with their takers, and closings not at all. */
const FOLLOWING: readonly PoolEvent['type'][] = ['TransferIssued', 'FundsCarriedOver', 'EntryReversed'];

const playTheYear = async (ledger: Ledger): Promise<void> => {
  await registerSmallWorld(ledger);
  await ask(ledger, 'AppropriateFunds', GIVER, '2024-01-10', {
    documentNo: '文1',
    lines: [{ ...line('文1', '1000.00'), parentDocumentNo: null }],
  });
  await ask(ledger, 'TransferFunds', GIVER, '2024-01-15', {
    transferNo: '下1',
    lines: [{ ...line('文1', '800.00'), toDivision: COUNTY, integrated: false }],
  });
  const own = (amount: string) => ({ lineSelection: 'fifo', lines: [{ ...line('文1', amount), ...HOME }] });
  await ask(ledger, 'IntegrateFunds', TAKER, '2024-01-20', {
    integrationNo: '整2',
    integrationRegime: 'PILOT_INTEGRATION',
    lines: [line('文1', '700.00')],
  });
  await ask(ledger, 'RecordCash', TAKER, '2024-01-25', { receiptNo: '到1', lines: [line('文1', '90.00')] });
  await ask(ledger, 'AllocateFunds', TAKER, '2024-02-01', { allocationNo: '安1', ...own('500.00') });
  const request = { payee: '养护公司', requestedBy: '张三', repaysVoucherNo: null };
  await ask(ledger, 'RequestPayment', TAKER, '2024-03-01', { voucherNo: '支1', ...request, ...own('200.00') });
  await ask(ledger, 'ApprovePayment', TAKER, '2024-03-02', { voucherNo: '支1', approvedBy: '李四' });
  await ask(ledger, 'ExecutePayment', TAKER, '2024-03-03', { voucherNo: '支1' });
  await ask(ledger, 'ReturnPayment', TAKER, '2024-03-10', {
    voucherNo: '退1',
    originalVoucherNo: '支1',
    payee: '养护公司',
    lines: [{ ...line('文1', '50.00'), ...HOME }],
  });
  const made = { payee: '养护公司', requestedBy: null, approvedBy: null };
  await ask(ledger, 'RecordPayment', TAKER, '2024-04-01', { voucherNo: '支2', ...made, ...own('30.00') });
  await ask(ledger, 'RequestPayment', TAKER, '2024-05-01', { voucherNo: '支3', ...request, ...own('10.00') });
  await ask(ledger, 'CancelPayment', TAKER, '2024-05-02', { voucherNo: '支3', reason: '撤' });
  await ask(ledger, 'ReallocateFunds', TAKER, '2024-06-01', {
    reallocationNo: '调1',
    lines: [{ ...line('文1', '15.00'), fromProject: 'ROAD-1', fromPlace: VILLAGE, to: null }],
  });
  await ask(ledger, 'RecallFunds', TAKER, '2024-07-01', {
    recallNo: '收1',
    recalledTo: null,
    lines: [{ ...line('文1', '5.00'), from: HOME }],
  });
  await ask(ledger, 'CarryOverFunds', GIVER, '2024-12-01', { carryOverNo: '结1', toFiscalYear: 2025 });
};

type Event = Awaited<ReturnType<typeof eventsOf>>[number];

const reverse = (ledger: Ledger, original: Event, reversalNo: string, on = '2024-12-31') =>
  ask(ledger, 'ReverseEntry', original.stream.slice('pool-'.length) as PoolName, on, {
    reversalNo,
    reason: '更正',
    original,
    followsTaker: false,
  });

const found = async (ledger: Ledger, { stream, eventIds }: Awaited<ReturnType<typeof reverse>>): Promise<Event> =>
  (await ledger.findEvent(stream, eventIds[0] ?? '')) as Event;

/** What readers say of the money as it stands. */
const figures = async (ledger: Ledger) => {
  await ledger.catchUp();
  const rows = BY.map((by) => balancesJson(balances(ledger.readModel, parseBalancesRequest({ by }))).rows);
  const traces = NUMBERS.map((id) => {
    const { of, sources, uses } = traceJson(trace(ledger.readModel, { id }));
    return { of, sources, uses };
  });
  return { rows, traces };
};

it('all that was taken back stands again, and no reader has anything against it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-again-'));
  const open = () => Ledger.open({ dataDir: directory, eventLog: `sqlite:${join(directory, 'log.sqlite')}` });
  let ledger = await open();
  try {
    await playTheYear(ledger);
    const before = await figures(ledger);
    const entries = [
      ...(await eventsOf(ledger, NEXT_YEAR)),
      ...(await eventsOf(ledger, TAKER)).reverse(),
      ...(await eventsOf(ledger, GIVER)).reverse(),
    ].filter(({ type }) => !FOLLOWING.includes(type));
    expect(entries).toHaveLength(15);

    const reversals: Event[] = [];
    for (const [index, entry] of entries.entries()) {
      reversals.push(await found(ledger, await reverse(ledger, entry, `红${index}`)));
    }
    await ledger.catchUp();
    const nothing = balancesJson(balances(ledger.readModel, parseBalancesRequest({ by: 'division' })));
    expect(new Set(Object.values(nothing.total))).toEqual(new Set(['0.00']));

    const restorations: Event[] = [];
    for (const [index, reversal] of reversals.reverse().entries()) {
      restorations.push(await found(ledger, await reverse(ledger, reversal, `复${index}`)));
    }
    expect(await figures(ledger)).toEqual(before);
    expect(await ledger.unfinished()).toEqual([]);

    // What stands again is taken back by its own event or by the one that brought it back, as often as it takes.
    const last = restorations.at(-1);
    if (last === undefined) throw new Error('nothing stands again');
    const thirdTime = await found(ledger, await reverse(ledger, last, '再红'));
    await reverse(ledger, thirdTime, '再复');
    expect(await figures(ledger)).toEqual(before);

    // 支2 was reversed on the last day, and restored on it.
    const answer = trace(ledger.readModel, { id: '支2' });
    expect(traceJson(answer).reversed).toMatchObject([
      { type: 'EntryReversed', amount: '30.00', effectiveOn: '2024-12-31', reversedOn: '2024-12-31' },
    ]);
    const text = renderTrace(answer, 'zh', (_, code) => code);
    expect(text.split('\n')[0]).toBe('支付 支2  30.00 元');
    expect(text).toMatch(/红字冲销 红\d+ 2024-12-31 {2}30\.00 元 {2}2024-12-31 复\d+ 冲销/);
    await ledger.close();

    const scopes = [
      ...['支1', '支3'].map((id) => `payment:${id}`),
      ...['文1', '下1', '到1', '结1', '红3'].map((id) => `document:${id}`),
      'project:ROAD-1',
      `division:${PROVINCE}`,
      `division:${COUNTY}`,
    ];
    const commands = [
      ['verify'],
      ['replay'],
      ['rebuild'],
      ['history', 'ROAD-1', '--by', 'project'],
      ...scopes.flatMap((scope) => {
        const file = join(directory, `${scope.replace(':', '-')}.zip`);
        return [
          ['evidence', 'export', '--scope', scope, '--output', file],
          ['evidence', 'verify', file],
        ];
      }),
    ];
    expect(await failuresOf(commands, directory)).toEqual([]);
    ledger = await open();
    expect(await figures(ledger)).toEqual(before);
  } finally {
    await ledger.close();
    rmSync(directory, { recursive: true, force: true });
  }
}, 180_000);
