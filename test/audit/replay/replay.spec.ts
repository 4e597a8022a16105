import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { compareWithLive } from '../../../src/audit/replay/live-comparison';
import type { OwnProjection } from '../../../src/audit/replay/own-projection';
import { replay } from '../../../src/audit/replay/replay';
import { projectionsFolder } from '../../../src/projecting/projection-loader';
import { ProjectionRunner } from '../../../src/projecting/projection-runner';
import { generateLedger } from '../../../bench/support/generate-ledger';
import { ArrayLog } from '../../projecting/array-log';
import { ledgerEvent, movement, quotaLine } from '../../projecting/ledger-events';

const WATER = '青水〔2024〕1号/SL/WATER';
const VILLAGE = '630222103200';
const COUNTY = 'pool-630222-2024';

const GIVEN = ledgerEvent('pool-63-2024', 'TransferIssued', '2024-01-05', {
  documentNo: '下1',
  toDivision: '630222',
  toFiscalYear: 2024,
  integrated: true,
  sentLines: [],
  lines: [quotaLine(WATER, 'B-SL')],
  movements: [movement(WATER, 'source:SL', 'transit:下1', '500.00')],
});

/** 1–3 registry, 4 appropriated, 5 taken in, 6 allocated, 7 cash, 8 paid 120.00, 9 returned 20.00, 10 paid 5.00. */
const EVENTS = () => [
  ledgerEvent('registry-divisions', 'DivisionRegistered', '2024-01-01', {
    divisionCode: '630222',
    name: '民和回族土族自治县',
    validFrom: null,
    validTo: null,
  }),
  ledgerEvent('registry-purposes', 'PurposeRegistered', '2024-01-01', {
    purposeCode: 'WATER',
    name: '供水',
    parentPurpose: null,
  }),
  ledgerEvent('project-M1', 'ProjectRegistered', '2024-01-01', {
    projectCode: 'M1',
    projectName: '供水工程',
    division: '630222',
    purposeCode: 'WATER',
    places: [VILLAGE],
    category: null,
    nature: null,
    implementer: null,
    content: null,
  }),
  GIVEN,
  ledgerEvent(COUNTY, 'TransferReceived', '2024-01-05', {
    documentNo: '下1',
    fromDivision: '63',
    fromFiscalYear: 2024,
    integrated: true,
    transferEventId: GIVEN.id,
    lines: [quotaLine(WATER, 'B-SL')],
    movements: [movement(WATER, 'transit:下1', 'pool:630222:2024:available', '500.00')],
  }),
  ledgerEvent(COUNTY, 'FundsAllocated', '2024-02-01', {
    documentNo: '安1',
    movements: [movement(WATER, 'pool:630222:2024:available', `project:M1:${VILLAGE}:available`, '300.00')],
  }),
  ledgerEvent(COUNTY, 'CashReceived', '2024-02-03', {
    documentNo: '到1',
    receipts: [{ quotaLine: WATER, amount: '200.00' }],
  }),
  ledgerEvent(COUNTY, 'PaymentExecuted', '2024-03-01', {
    documentNo: '支1',
    payee: '某公司',
    movements: [movement(WATER, `project:M1:${VILLAGE}:available`, `project:M1:${VILLAGE}:paid`, '120.00')],
  }),
  ledgerEvent(COUNTY, 'PaymentReturned', '2024-03-05', {
    documentNo: '退1',
    originalVoucherNo: '支1',
    payee: '某公司',
    movements: [movement(WATER, `project:M1:${VILLAGE}:paid`, `project:M1:${VILLAGE}:available`, '20.00')],
  }),
  ledgerEvent(COUNTY, 'PaymentExecuted', '2024-03-09', {
    documentNo: '支2',
    payee: '某公司',
    movements: [movement(WATER, `project:M1:${VILLAGE}:available`, `project:M1:${VILLAGE}:paid`, '5.00')],
  }),
];

const official = (name: string): OwnProjection => ({
  name,
  source: readFileSync(join(projectionsFolder(), `${name}.js`), 'utf8'),
});

describe('a replay', () => {
  let folder: string;
  let log: ArrayLog;
  let live: ProjectionRunner;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yichi-replay-'));
    log = new ArrayLog();
    for (const event of EVENTS()) log.add(event);
    live = new ProjectionRunner({ dataDirectory: folder, log });
    await live.catchUp();
  });
  afterEach(() => {
    live.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What somebody with access to the file may do. */
  const tamper = (sql: string): void => {
    const database = new Database(join(folder, 'read.sqlite'));
    try {
      const { changes } = database.prepare(sql).run();
      expect(changes).toBeGreaterThan(0);
    } finally {
      database.close();
    }
  };

  it('of an honest ledger finds nothing, at its end and at every position before', async () => {
    expect(await compareWithLive({ log, live })).toEqual([]);
    for (let to = 1; to <= log.stored.length; to += 1) {
      const report = await replay({ log, live, to });
      expect(report).toMatchObject({ position: to, events: to, compared: true, findings: [], own: null });
    }
  });

  it.each([
    ['an amount', 'UPDATE movement SET amount = amount + 1 WHERE position = 8', 8],
    ['a business date', 'UPDATE movement SET effective_on = 20240302 WHERE position = 8', 8],
    ['whose money it is', 'UPDATE movement SET to_account = from_account WHERE position = 6', 6],
    ['a movement that is gone', 'DELETE FROM movement WHERE position = 9', 9],
    [
      'a movement too many',
      'INSERT INTO movement SELECT id + 9, position, effective_on, line, from_account, to_account, amount FROM movement WHERE position = 10',
      null,
    ],
    ['an event that is gone', 'DELETE FROM event WHERE position = 9', 9],
    ['an event of another number', "UPDATE event SET document_no = '支9' WHERE position = 10", 10],
    ['the payee', "UPDATE event SET payee = '别人' WHERE position = 8", 8],
    ['cash', 'UPDATE cash_receipt SET amount = 1 WHERE position = 7', 7],
    ['cash that is gone', 'DELETE FROM cash_receipt', 7],
    [
      'the owner of a line',
      "UPDATE quota_line SET department_code = 'X' WHERE pool = (SELECT id FROM stream WHERE name = 'pool-630222-2024')",
      5,
    ],
    ['the place of an account', "UPDATE account SET place = '630222103201' WHERE place IS NOT NULL", null],
    ['whose pool took money in', 'DELETE FROM taken_in', null],
    ['since when there are events', 'UPDATE first_day SET effective_on = 20230101', null],
    ['a name in the registry', "UPDATE division SET name = '别县'", null],
    ['a project', "UPDATE project SET places = '[]'", null],
    ['a purpose that is gone', 'DELETE FROM purpose', null],
    ['where a project is looked for', "UPDATE project_place SET place = '630222103201'", null],
    ['a place where no project is found any more', 'DELETE FROM project_place', null],
    ['a place of no project', "INSERT INTO project_place VALUES ('630222103201', 'M1')", null],
    ['an account that is none', "UPDATE account SET path = 'nothing' WHERE path LIKE '%:paid'", null],
    [
      'a line that nobody appropriated',
      `INSERT INTO quota_line SELECT id + 9, pool, '假1号/SL/WATER', '假1号', parent_document_no, channel_code, purpose_code,
         department_code, level, kind, cash_required, issued_on FROM quota_line LIMIT 1`,
      null,
    ],
    ['a pool that is none', "INSERT INTO stream VALUES (99, 'pool-999999-2024', '999999', 2024)", null],
    [
      'an event before the first',
      `INSERT INTO event SELECT 0, 'x', stream, revision, type, effective_on, '假1号', about_document_no,
         reversed_event_id, repays_voucher_no, payee, first_movement, movements FROM event WHERE position = 8`,
      null,
    ],
    [
      'a project as it will be',
      `INSERT INTO project SELECT code, 99, effective_on, '改名', division, purpose_code, places, category, nature,
         implementer, content, entered_on, started_on, completed_on, accepted_on, exited_on FROM project`,
      null,
    ],
    ['money that will come in by another pool', 'INSERT INTO taken_in VALUES (1, 99)', null],
    [
      'an account of money that never moved',
      `INSERT INTO account SELECT 99, pool, 'project:M2:${VILLAGE}:paid', kind, 'M2', place FROM account WHERE path LIKE '%:paid'`,
      null,
    ],
    ['a type of events that there is none of', "INSERT INTO event_type VALUES (99, 'Nothing')", null],
  ])('finds %s that was changed in the tables', async (_what, sql, position) => {
    tamper(sql);
    const findings = await compareWithLive({ log, live });
    expect(findings[0]).toMatchObject({ code: 'LIVE_TABLE_DIFFERS', position });
    expect(findings[0]?.message).toMatch(/[\u4e00-\u9fff]/);
  });

  describe('finds a stored balance that is not what the projection gives, and names the first event', () => {
    const county = `projection = 1 AND key = '630222' AND pool = (SELECT id FROM stream WHERE name = '${COUNTY}')`;
    const village = `projection = 2 AND key = '${VILLAGE}'`;
    const change = (where: string, measure: string, by: number): string =>
      `UPDATE entry SET value = json_set(value, '$.${measure}', json_extract(value, '$.${measure}') + ${by}) WHERE ${where}`;

    it.each([
      // Without the return of 20.00: paid is 2,000 fen more, unspent 2,000 fewer.
      ['where one event is missing', [change(village, 'paid', 2000), change(village, 'unspent', -2000)], 9],
      ['where one event is booked twice', [change(village, 'paid', 500), change(village, 'unspent', -500)], 10],
      ['where it stood still', [change(county, 'paid', -500), change(county, 'unspent', 500)], 10],
      ['where no event explains it', [change(county, 'available', 1)], 5],
      ['where it is gone', [`DELETE FROM entry WHERE ${village}`], 6],
      ['where it is no figure', [`UPDATE entry SET value = 'x' WHERE ${village}`], 6],
    ])('%s', async (_what, changes, position) => {
      for (const sql of changes) tamper(sql);
      const findings = await compareWithLive({ log, live });
      expect(findings).toHaveLength(1);
      expect(findings[0]).toMatchObject({ code: 'LIVE_BALANCE_DIFFERS', position });
    });

    it('and one that there should not be', async () => {
      tamper(`INSERT INTO entry SELECT projection, section, 'NEW', pool, value FROM entry WHERE ${village}`);
      const [finding] = await compareWithLive({ log, live });
      expect(finding).toMatchObject({ code: 'LIVE_BALANCE_DIFFERS' });
      expect(finding?.messageEn).toContain('NEW');
    });
  });

  it('finds a segment that packs no movements', async () => {
    tamper("INSERT INTO movement_columns VALUES (99, 0, 1, 1, x'')");
    const [finding] = await compareWithLive({ log, live });
    expect(finding).toMatchObject({ code: 'LIVE_TABLES_MISSING' });
  });

  it.each([
    [
      'a trigger',
      'CREATE TRIGGER more AFTER INSERT ON movement BEGIN UPDATE movement SET amount = 1; END',
      /trigger more/,
    ],
    ['a table more', 'CREATE TABLE other (name)', /table other/],
    ['an index that is gone', 'DROP INDEX event_by_id', /event_by_id is missing/],
    [
      'a table with other rules',
      `CREATE TABLE other AS SELECT * FROM taken_in; DROP TABLE taken_in; ALTER TABLE other RENAME TO taken_in;
       CREATE INDEX taken_in_by_pool ON taken_in (pool, movement)`,
      /table taken_in was altered/,
    ],
  ])('finds %s', async (_what, sql, told) => {
    const database = new Database(join(folder, 'read.sqlite'));
    database.exec(sql);
    database.close();
    const [finding] = await compareWithLive({ log, live });
    expect(finding).toMatchObject({ code: 'LIVE_TABLE_DIFFERS', messageEn: expect.stringMatching(told) as string });
  });

  it.each([
    ['of no pool', "SELECT projection, section, key, 99, value FROM entry WHERE key = '630222' LIMIT 1", '630222'],
    ['of no projection', "SELECT 9, section, 'NEW', pool, value FROM entry LIMIT 1", 'NEW'],
    ['that is no figure', "SELECT projection, section, 'NEW', pool, 'x' FROM entry LIMIT 1", 'NEW'],
  ])('finds a stored balance too many %s', async (_what, rows, told) => {
    tamper(`INSERT INTO entry ${rows}`);
    const [finding] = await compareWithLive({ log, live });
    expect(finding).toMatchObject({
      code: 'LIVE_BALANCE_DIFFERS',
      messageEn: expect.stringContaining(told) as string,
    });
  });

  it('says when there is nothing to compare with, when the tables are behind, and when they tell of another log', async () => {
    const none = new ProjectionRunner({ dataDirectory: join(folder, 'none'), log });
    expect(await compareWithLive({ log, live: none })).toMatchObject([{ code: 'LIVE_TABLES_MISSING' }]);
    expect(await replay({ log, live: none, to: null })).toMatchObject({ compared: false, events: 10 });
    none.close();

    log.add(
      ledgerEvent('registry-divisions', 'DivisionRegistered', '2024-01-01', {
        divisionCode: '63',
        name: '青海省',
        validFrom: null,
        validTo: null,
      }),
    );
    expect(await compareWithLive({ log, live })).toMatchObject([{ code: 'LIVE_TABLES_BEHIND', position: 10 }]);

    const shorter = new ArrayLog();
    for (const event of EVENTS().slice(0, 6)) shorter.add(event);
    expect((await compareWithLive({ log: shorter, live }))[0]).toMatchObject({ code: 'LIVE_TABLE_DIFFERS' });

    tamper("UPDATE meta SET value = 'older' WHERE name = 'version'");
    expect(await compareWithLive({ log, live })).toMatchObject([{ code: 'LIVE_TABLES_OF_OTHER_VERSION' }]);
  });

  it.each(['movement', 'entry', 'project_place'])('says that tables without %s cannot be read', async (table) => {
    const database = new Database(join(folder, 'read.sqlite'));
    database.exec(`DROP TABLE ${table}`);
    database.close();
    expect(await compareWithLive({ log, live })).toMatchObject([{ code: 'LIVE_TABLES_MISSING', position: null }]);
    expect(await replay({ log, live, to: null })).toMatchObject({
      compared: false,
      events: 10,
      findings: [{ code: 'LIVE_TABLES_MISSING' }],
    });
  });

  it('writes, sends and publishes nothing', async () => {
    const everyFile = (): Record<string, string> =>
      Object.fromEntries(
        readdirSync(folder)
          // Where readers and writers of one database agree on who may; holds no data.
          .filter((name) => !name.endsWith('-shm'))
          .map((name) => {
            const file = join(folder, name);
            return [name, `${statSync(file).mtimeMs} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`];
          }),
      );
    const before = everyFile();
    const stored = [...log.stored];
    const appends = jest.spyOn(log, 'append');
    const units = jest.spyOn(log, 'appendTogether');
    const subscriptions = jest.spyOn(log, 'subscribeAll');
    const requests = jest.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('a replay asks nobody'));
    try {
      const own = { name: 'mine', source: official('village-balance').source };
      await replay({ log, live, to: null, own });
      await replay({ log, live, to: 7, own: official('county-balance') });
      await compareWithLive({ log, live });
    } finally {
      requests.mockRestore();
    }
    for (const spy of [appends, units, subscriptions, requests]) expect(spy).not.toHaveBeenCalled();
    expect(log.stored).toEqual(stored);
    expect(everyFile()).toEqual(before);
  });

  describe('with a projection of the auditor’s own', () => {
    const COUNT = `fromCategory('pool').foreachStream().when({
      $init: () => ({ payments: 0, fen: 0 }),
      PaymentExecuted: (state, event) => {
        state.payments += 1;
        for (const { amount } of event.data.movements) state.fen += fenOf(amount);
        return state;
      },
    });`;

    it('gives its state of every stream', async () => {
      const { own } = await replay({ log, live, to: null, own: { name: 'mine', source: COUNT } });
      expect(own).toEqual({ name: 'mine', partitions: [{ partition: COUNTY, state: { payments: 2, fen: 12_500 } }] });
      const earlier = await replay({ log, live, to: 9, own: { name: 'mine', source: COUNT } });
      expect(earlier.own?.partitions[0]?.state).toEqual({ payments: 1, fen: 12_000 });
    });

    it('takes a file that stands alone', async () => {
      const source = `const fenOf = (text) => Number(text.replace('.', ''));\n${COUNT}`;
      const { own } = await replay({ log, live, to: null, own: { name: 'mine', source } });
      expect(own?.partitions[0]?.state).toEqual({ payments: 2, fen: 12_500 });
    });

    it('compares one that has an official name, and names the event after which they part', async () => {
      for (const name of ['department-balance', 'county-balance', 'village-balance', 'project-balance']) {
        expect((await replay({ log, live, to: null, own: official(name) })).findings).toEqual([]);
      }
      const careless = official('village-balance');
      const source = careless.source.replace('PaymentReturned: byPlace,', '');
      expect(source).not.toBe(careless.source);
      const { findings } = await replay({ log, live, to: null, own: { ...careless, source } });
      expect(findings).toMatchObject([{ code: 'PROJECTION_DIFFERS', position: 9 }]);
      expect((await replay({ log, live, to: 8, own: { ...careless, source } })).findings).toEqual([]);
    });

    it.each([
      ['reads the clock', `PaymentExecuted: (s) => { s.at = Date.now(); return s; }`],
      ['draws a random number', `PaymentExecuted: (s) => { s.at = Math.random(); return s; }`],
      [
        'looks for the process through its event',
        `PaymentExecuted: (s, e) => { s.p = e.constructor.constructor('return process')().pid; return s; }`,
      ],
      [
        'looks for the process through what it is called by',
        `PaymentExecuted: (s) => { s.p = fromCategory.constructor('return process')().pid; return s; }`,
      ],
      ['requires a module', `PaymentExecuted: (s) => { s.p = require('fs').readdirSync('/'); return s; }`],
      ['leaves no number in its state', `PaymentExecuted: (s) => { s.fen = 0 / 0; return s; }`],
      ['throws', `PaymentExecuted: () => { throw new Error('no'); }`],
      ['throws what is no error', `PaymentExecuted: () => { throw null; }`],
      ['never ends', `PaymentExecuted: (s) => { for (;;); }`],
      ['never ends where its state is read', `PaymentExecuted: () => ({ get fen() { for (;;); } })`],
      ['keeps a promise', `PaymentExecuted: async (s) => s`],
      ['keeps what JSON loses', `PaymentExecuted: (s) => { s.seen = new Map(); return s; }`],
      ['asks for events of every type', `$any: (s) => s`],
    ])('refuses one that %s', async (_what, handler) => {
      const source = `fromCategory('pool').foreachStream().when({ $init: () => ({}), ${handler} });`;
      await expect(replay({ log, live, to: null, own: { name: 'mine', source } })).rejects.toMatchObject({
        kind: 'input',
        code: 'PROJECTION_INVALID',
      });
    });

    it('says in both languages what it refuses', async () => {
      const source = `fromCategory('pool').foreachStream().when({ $init: () => ({}), PaymentExecuted: () => { for (;;); } });`;
      await expect(replay({ log, live, to: null, own: { name: 'mine', source } })).rejects.toMatchObject({
        message: '投影 mine 在位置 8 的事件上不能运行：运行过久，已停止',
        messageEn: 'The projection mine cannot be run at the event at position 8: it ran for too long and was stopped',
      });
    });

    it.each([
      '',
      'fromCategory(',
      `fromCategory('pool').foreachStream().when({})`,
      `import fs from 'fs';`,
      'while (true);',
    ])('refuses “%s”', async (source) => {
      await expect(replay({ log, live, to: null, own: { name: 'mine', source } })).rejects.toMatchObject({
        code: 'PROJECTION_INVALID',
      });
    });
  });

  it.each([
    [0, 'BEFORE_FIRST_EVENT'],
    [11, 'POSITION_NOT_REACHED'],
  ])('to position %d is refused with %s', async (to, code) => {
    await expect(replay({ log, live, to })).rejects.toMatchObject({ kind: 'input', code });
  });
});

describe('a replay of more movements than fit one segment', () => {
  it('finds nothing, and a changed segment where it is changed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yichi-segments-'));
    const log = new ArrayLog();
    for (const event of generateLedger({ events: 12_000 })) log.add(event);
    const live = new ProjectionRunner({ dataDirectory: folder, log });
    const segments = (): unknown =>
      live.read((snapshot) =>
        snapshot.all('SELECT first_id, rows, first_position, first_day, hex(columns) FROM movement_columns'),
      );
    try {
      // Taken in small portions, as a service does, and then at once.
      const all = log.stored.splice(0);
      for (let start = 0; start < all.length; start += 700) {
        log.stored.push(...all.slice(start, start + 700));
        await live.catchUp();
      }
      const taken = segments();
      expect(await compareWithLive({ log, live })).toEqual([]);
      await live.rebuild();
      expect(segments()).toEqual(taken);
      expect(taken).toHaveLength(2);

      const database = new Database(join(folder, 'read.sqlite'));
      const [first] = database.prepare('SELECT columns FROM movement_columns').pluck().all() as Buffer[];
      const forged = Buffer.from(first as Buffer);
      forged.writeDoubleLE(forged.readDoubleLE(8 * 100) + 1, 8 * 100);
      database.prepare('UPDATE movement_columns SET columns = ? WHERE first_id = 1').run(forged);
      const position = database.prepare('SELECT position FROM movement WHERE id = 101').pluck().get();
      database.close();
      expect(await compareWithLive({ log, live })).toMatchObject([{ code: 'LIVE_TABLE_DIFFERS', position }]);
    } finally {
      live.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
