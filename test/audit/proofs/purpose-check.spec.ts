import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PurposeCheck } from '../../../src/audit/proofs/purpose-check';
import { compareWithLive } from '../../../src/audit/replay/live-comparison';
import { replay } from '../../../src/audit/replay/replay';
import type { LedgerEvent } from '../../../src/event-log/event';
import { ProjectionRunner } from '../../../src/projecting/projection-runner';
import { ArrayLog } from '../../projecting/array-log';
import { ledgerEvent, movement, quotaLine } from '../../projecting/ledger-events';

const COUNTY = 'pool-630222-2024';
const ON = '2024-06-30';
const AT = 'project:MH-2:630222103200';
const LU = '文1/C1/LU';
const GS = '文2/C1/GS';

const purpose = (purposeCode: string, parentPurpose: string | null = null, type = 'PurposeRegistered'): LedgerEvent =>
  ledgerEvent('registry-purposes', type, ON, { purposeCode, name: purposeCode, parentPurpose });
const channel = (allowedPurposes: readonly string[], type = 'ChannelRegistered'): LedgerEvent =>
  ledgerEvent('registry-channels', type, ON, {
    channelCode: 'C1',
    name: 'C1',
    departmentCode: 'JT',
    level: '省',
    kind: '行业',
    allowedPurposes,
    cashRequired: false,
  });
const project = (purposeCode: string, type = 'ProjectChanged'): LedgerEvent =>
  ledgerEvent('project-MH-2', type, ON, {
    projectCode: 'MH-2',
    projectName: '通村路',
    division: '630222',
    purposeCode,
    places: ['630222103200'],
    category: null,
    nature: null,
    implementer: null,
    content: null,
  });
let documents = 0;
const money = (type: string, line: string, from: string, to: string, more: object = {}): LedgerEvent => {
  documents += 1;
  const movements = [movement(line, from, to, '30.00')];
  return ledgerEvent(COUNTY, type, ON, { documentNo: `字${documents}`, movements, ...more });
};
const appropriate = (line: string): LedgerEvent =>
  money('FundsAppropriated', line, 'source:C1', 'pool:630222:2024:available', { lines: [quotaLine(line, 'JT')] });
const allocate = (line: string): LedgerEvent =>
  money('FundsAllocated', line, 'pool:630222:2024:available', `${AT}:available`);
const takeBack = (line: string): LedgerEvent =>
  money('FundsReallocated', line, `${AT}:available`, 'pool:630222:2024:available');
const pay = (line: string): LedgerEvent => money('PaymentExecuted', line, `${AT}:available`, `${AT}:paid`);
const repurpose = (line: string, toPurposeCode: string): LedgerEvent =>
  ledgerEvent(COUNTY, 'FundsRepurposed', ON, {
    documentNo: '调1',
    movements: [],
    authorities: [{ quotaLine: line, toPurposeCode, amount: '30.00' }],
  });

const WORLD = [purpose('LU'), purpose('GS'), channel([]), project('LU', 'ProjectRegistered')];

const found = (events: readonly LedgerEvent[]): readonly string[] => {
  const check = new PurposeCheck(100);
  for (const [index, event] of events.entries()) check.take({ ...event, position: index + 1 });
  return check.findings.map(({ code, position }) => `${code} at ${position}`);
};

describe('purposes over all events of a log', () => {
  it('finds money of another purpose in a project', () => {
    expect(found([...WORLD, appropriate(GS), allocate(GS)])).toEqual(['PURPOSE_CHANGED at 6']);
    expect(found([...WORLD, appropriate(LU), allocate(LU), pay(LU)])).toEqual([]);
  });

  it('finds a project that was given another purpose, funded and given the first one again, when its money stands there', () => {
    const events = [...WORLD, appropriate(LU), project('GS'), appropriate(GS), allocate(GS), project('LU'), pay(GS)];
    expect(found(events)).toEqual(['PURPOSE_CHANGED at 9']);
  });

  it('finds a change of purpose under money that stands in the project, paid or not, and not once it has left', () => {
    expect(found([...WORLD, appropriate(LU), allocate(LU), project('GS')])).toEqual(['PURPOSE_CHANGED at 7']);
    expect(found([...WORLD, appropriate(LU), allocate(LU), pay(LU), project('GS')])).toEqual(['PURPOSE_CHANGED at 8']);
    expect(found([...WORLD, appropriate(LU), allocate(LU), takeBack(LU), project('GS')])).toEqual([]);
  });

  it('tells a line that does not fit once, and again after it has fitted meanwhile', () => {
    const there = [...WORLD, appropriate(LU), allocate(LU)];
    expect(found([...there, project('GS'), pay(LU), project('LU')])).toEqual(['PURPOSE_CHANGED at 7']);
    expect(found([...there, project('GS'), project('LU'), project('GS')])).toEqual([
      'PURPOSE_CHANGED at 7',
      'PURPOSE_CHANGED at 9',
    ]);
  });

  it('knows that a purpose covers those under it, as long as they are', () => {
    const tree = [purpose('INFRA'), purpose('LU', 'INFRA'), purpose('GS'), channel([])];
    const line = '文1/C1/INFRA';
    const built = [...tree, project('LU', 'ProjectRegistered'), appropriate(line), allocate(line)];
    expect(found(built)).toEqual([]);
    expect(found([...built, purpose('LU', 'GS', 'PurposeChanged')])).toEqual(['PURPOSE_CHANGED at 8']);
  });

  it('knows what repurposings allow', () => {
    expect(found([...WORLD, appropriate(GS), repurpose(GS, 'LU'), allocate(GS), pay(GS)])).toEqual([]);
    expect(found([...WORLD, appropriate(GS), repurpose(GS, 'GS'), allocate(GS)])).toEqual(['PURPOSE_CHANGED at 7']);
  });

  it('finds what came in by a channel that does not allow its purpose', () => {
    expect(found([...WORLD, channel(['LU'], 'ChannelChanged'), appropriate(GS)])).toEqual(['PURPOSE_NOT_ALLOWED at 6']);
    expect(found([...WORLD, channel(['LU'], 'ChannelChanged'), appropriate(LU)])).toEqual([]);
  });

  it('comes to an end where an altered log has purposes in a circle', () => {
    const circle = [purpose('LU', 'GS', 'PurposeChanged'), purpose('GS', 'LU', 'PurposeChanged')];
    const line = '文1/C1/NY';
    expect(found([...WORLD, ...circle, appropriate(line), allocate(line)])).toEqual(['PURPOSE_CHANGED at 8']);
  });

  it('says nothing of projects that the log does not know', () => {
    expect(found([purpose('LU'), purpose('GS'), channel([]), appropriate(GS), allocate(GS)])).toEqual([]);
  });

  it('is a part of every replay and of every comparison with the tables, which are not to blame', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yichi-purposes-'));
    const log = new ArrayLog();
    for (const event of [...WORLD, appropriate(GS), allocate(GS)]) log.add(event);
    const live = new ProjectionRunner({ dataDirectory: folder, log });
    try {
      await live.catchUp();
      const expected = expect.objectContaining({ code: 'PURPOSE_CHANGED', position: 6 });
      expect(await compareWithLive({ log, live })).toEqual([expected]);
      expect((await replay({ log, live, to: null })).findings).toEqual([expected]);
      expect((await replay({ log, live, to: 5 })).findings).toEqual([]);
    } finally {
      live.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
