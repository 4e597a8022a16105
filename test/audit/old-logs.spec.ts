import { randomUUID } from 'node:crypto';

import type { Ledger } from '../../src/ledger/ledger';
import { followUpCommandId } from '../../src/ledger/unfinished-crossings';
import type { Account, Movement } from '../../src/pool/account';
import { poolKind } from '../../src/pool/pool';
import type { PoolEvent } from '../../src/pool/pool-event';
import { poolStream } from '../../src/pool/pool-stream';
import type { QuotaLineId } from '../../src/pool/quota-line';
import { runCliHere } from '../support/run-cli-here';
import { COUNTY, PROVINCE, request, VILLAGE } from '../support/small-ledger';
import { withTemporaryLedger } from '../support/temporary-ledger';
import { evidenceOf, playTheRoad, verify } from './evidence/sample-ledger';

const quotaLine = '文1/C-JT/ROAD' as QuotaLineId;

const movement = (from: string, to: string, amount: string): Movement => ({
  quotaLine,
  from: from as Account,
  to: to as Account,
  amount,
});

/** What no command is taken for today and an earlier version has stored. */
const stored = async (
  ledger: Ledger,
  division: string,
  on: string,
  event: PoolEvent,
  commandId: string = randomUUID(),
): Promise<string> => {
  const { eventIds } = await ledger.commands.execute({
    stream: poolStream(division, 2024),
    kind: poolKind,
    fingerprint: randomUUID(),
    envelope: { ...request(commandId), effectiveOn: on, basis: event.data.documentNo, metadata: {} },
    decide: () => [event],
  });
  return eventIds[0] ?? '';
};

const answered = async (directory: string, ...args: readonly string[]) => {
  const { status, stdout } = await runCliHere(...args, '--json', '--data', directory);
  return { status, answer: JSON.parse(stdout) as Readonly<Record<string, Readonly<Record<string, unknown>>>> };
};

/** What everybody who reads a log must hold of one in which nothing is wrong. */
const expectHeld = async (ledger: Ledger, directory: string, scopes: readonly string[]): Promise<void> => {
  for (const scope of scopes) {
    expect((await verify(ledger, (await evidenceOf(ledger, scope)).archive)).findings).toEqual([]);
  }
  expect(await answered(directory, 'replay')).toMatchObject({
    status: 0,
    answer: { replay: { ok: true, findings: [] } },
  });
  expect(await answered(directory, 'verify')).toMatchObject({
    status: 0,
    answer: { verify: { ok: true, tables: true } },
  });
  expect((await answered(directory, 'rebuild')).status).toBe(0);
  expect((await answered(directory, 'verify')).status).toBe(0);
};

describe('a log of an earlier version', () => {
  it('may hold money that went from a place to itself, which a verification notes and which harms nothing', () =>
    withTemporaryLedger(async (ledger, directory) => {
      await playTheRoad(ledger);
      expect((await answered(directory, 'verify')).answer['verify']?.['notes']).toEqual([]);
      const before = (await answered(directory, 'balances', '--by', 'project')).answer;
      const at = `project:ROAD-1:${VILLAGE}:available`;
      const movements = [movement(at, at, '5.00')];
      await stored(ledger, COUNTY, '2024-05-02', { type: 'FundsReallocated', data: { documentNo: '剂1', movements } });
      await stored(ledger, COUNTY, '2024-05-03', { type: 'FundsReallocated', data: { documentNo: '剂2', movements } });
      await expectHeld(ledger, directory, ['project:ROAD-1', `division:${COUNTY}`, `division:${PROVINCE}`]);
      const after = (await answered(directory, 'balances', '--by', 'project')).answer;
      expect(after['rows']).toEqual(before['rows']);
      const head = await ledger.log.head();
      expect((await answered(directory, 'verify')).answer['verify']?.['notes']).toEqual([
        {
          code: 'MOVEMENT_TO_ITSELF',
          position: String(head - 1),
          message: expect.stringContaining('2 条事件') as string,
          messageEn: expect.stringContaining('2 events') as string,
        },
      ]);
      const told = await runCliHere('verify', '--data', directory);
      expect(told.status).toBe(0);
      expect(told.stdout).toMatch(/^完整：/);
      expect(told.stdout).toContain(`说明：2 条事件把钱从一个账户记到同一账户（首条在位置 ${head - 1}）`);
      expect((await answered(directory, 'trace', 'ROAD-1')).status).toBe(0);
    }));

  it('may hold a transfer that was declined on a day that is still to come', () =>
    withTemporaryLedger(async (ledger, directory) => {
      await playTheRoad(ledger);
      const { lines: sentLines } = await sentBy(ledger);
      const issuedId = await stored(ledger, PROVINCE, '2024-06-01', {
        type: 'TransferIssued',
        data: {
          documentNo: '下2',
          toDivision: COUNTY,
          toFiscalYear: 2024,
          integrated: true,
          sentLines,
          movements: [movement(`pool:${PROVINCE}:2024:available`, 'transit:下2', '100.00')],
        },
      });
      const declined: PoolEvent = {
        type: 'TakingDeclined',
        data: {
          documentNo: '退2',
          reason: '不予接收',
          givingEventId: issuedId,
          givingType: 'TransferIssued',
          fromDivision: PROVINCE,
          fromFiscalYear: 2024,
        },
      };
      await stored(ledger, COUNTY, '2099-12-31', declined, followUpCommandId(issuedId));
      await expectHeld(ledger, directory, [`division:${PROVINCE}`]);
      // The giver's half follows, however late its day is, and is held as well.
      await ledger.catchUp();
      await ledger.finishCrossings();
      await ledger.catchUp();
      expect(await ledger.unfinished()).toEqual([]);
      await expectHeld(ledger, directory, [`division:${PROVINCE}`, `division:${COUNTY}`, 'document:下2']);
      for (const args of [
        ['trace', '下2'],
        ['trace', '文1'],
        ['trace', '文1', '--as-of', '2024-12-31'],
      ]) {
        expect([args, (await answered(directory, ...args)).status]).toEqual([args, 0]);
      }
    }));
});

/** Particulars of the line as the transfer before it sent them. */
const sentBy = async (ledger: Ledger) => {
  const events = await ledger.log.readStream(poolStream(PROVINCE, 2024), 0, 10);
  const issued = events.map(({ canonical }) => JSON.parse(canonical) as { type: string; data: { sentLines: [] } });
  return { lines: issued.find(({ type }) => type === 'TransferIssued')?.data.sentLines ?? [] };
};
