import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { balances, balancesJson } from '../../src/balances/balances';
import { parseBalancesRequest } from '../../src/balances/balances-query';
import type { LedgerEvent, StoredEvent } from '../../src/event-log/event';
import { ProjectionHalted } from '../../src/projecting/projection-halted';
import { ProjectionRunner } from '../../src/projecting/projection-runner';
import type { SnapshotSource } from '../../src/projecting/read-database';
import { LedgerModel } from '../projections/ledger-model';
import { ArrayLog } from './array-log';
import { ledgerEvent, movement, quotaLine } from './ledger-events';

const LINE = 'D1/C1/U1';

const appropriated = (amount: string, stream = 'pool-63-2024'): LedgerEvent => {
  const [, division = '', year = ''] = stream.split('-');
  return ledgerEvent(stream, 'FundsAppropriated', '2024-01-02', {
    documentNo: 'D1',
    lines: [quotaLine(LINE, 'ZJ')],
    movements: [movement(LINE, 'source:C1', `pool:${division}:${year}:received`, amount)],
  });
};

/** Every row that readers can see, without what only says when or where it was written. */
const everything = (folder: string): unknown => {
  const database = new Database(join(folder, 'read.sqlite'), { readonly: true });
  try {
    const rows = (sql: string): unknown => database.prepare(sql).raw(true).all();
    return {
      entries:
        rows(`SELECT projection, section, key, stream.name, value FROM entry JOIN stream ON stream.id = entry.pool
                      ORDER BY 1, 2, 3, 4`),
      events: rows(
        'SELECT position, event.id, stream.name, revision, effective_on FROM event JOIN stream ON stream.id = stream ORDER BY 1',
      ),
      movements: rows(`SELECT movement.id, position, effective_on, quota_line, f.path, t.path, amount FROM movement
                         JOIN quota_line ON quota_line.id = line JOIN account f ON f.id = from_account
                         JOIN account t ON t.id = to_account ORDER BY movement.id`),
      receipts: rows('SELECT id, position, amount FROM cash_receipt ORDER BY id'),
      checkpoint: rows('SELECT position FROM checkpoint'),
    };
  } finally {
    database.close();
  }
};

const appropriatedAt = (source: SnapshotSource, division: string): string | undefined =>
  balancesJson(balances(source, parseBalancesRequest({ by: 'division' }))).rows.find(({ key }) => key === division)
    ?.measures.appropriated;

/** A history in which everything occurs; the choices are fixed, so that it is the same every time. */
const longHistory = (): LedgerEvent[] => {
  const model = new LedgerModel();
  for (let step = 0; step < 600; step += 1) {
    model.step(Array.from({ length: 8 }, (_, index) => (step * 31 + index * 17 * (1 + (step % 7))) % 9973));
  }
  return model.entries.map(({ event }) => event);
};

describe('the projection runner', () => {
  let folder: string;
  let log: ArrayLog;
  const open: ProjectionRunner[] = [];
  const runner = (dataDirectory = folder): ProjectionRunner => {
    const opened = new ProjectionRunner({ dataDirectory, log });
    open.push(opened);
    return opened;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yichi-runner-'));
    log = new ArrayLog();
  });
  afterEach(() => {
    for (const opened of open.splice(0)) opened.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is equal whether events come in batches of any size, after crashes between them, or in a rebuild', async () => {
    const events = longHistory();
    expect(events.length).toBeGreaterThan(200);
    const first = runner();
    await first.catchUp();
    let current = first;
    let taken = 0;
    for (let size = 1; taken < events.length; size = (size * 3 + 1) % 23) {
      const batch = events.slice(taken, taken + size).map((event) => log.add(event));
      current.take(batch, taken);
      taken += batch.length;
      // A crash: the process is gone with all it had in memory, and the next one starts from the tables.
      if (taken % 2 === 0) current = runner();
      // … or it does not know whether its last batch was stored, and sends it again.
      current.take(batch, taken - batch.length);
    }
    const live = everything(folder);

    const elsewhere = join(folder, 'elsewhere');
    await runner(elsewhere).catchUp();
    expect(everything(elsewhere)).toEqual(live);

    await current.rebuild();
    expect(everything(folder)).toEqual(live);
  });

  it('stores nothing of a batch that fails, and takes it whole when it is good', async () => {
    const opened = runner();
    await opened.catchUp();
    const good = log.add(appropriated('1.00'));
    const bad: StoredEvent = { position: 2, stream: 'pool-63-2024', revision: 1, canonical: '{"type":' };
    expect(() => opened.take([good, bad], 0)).toThrow();
    expect(opened.position()).toBe(0);
    expect(existsSync(join(folder, 'read.sqlite'))).toBe(true);
    const again = runner();
    again.take([good, log.add(appropriated('2.00'))], 0);
    expect(appropriatedAt(again, '63')).toBe('3.00');
  });

  it('halts on a position that is not greater than the last, and says so until it is restarted', async () => {
    const opened = runner();
    await opened.catchUp();
    const first = log.add(appropriated('1.00'));
    const second = log.add(appropriated('2.00'));
    expect(() => opened.take([second, first], 0)).toThrow(ProjectionHalted);
    expect(() => opened.take([first], 0)).toThrow(ProjectionHalted);
    expect(opened.health().halted?.messageEn).toContain('position 1');
    const restarted = runner();
    await restarted.catchUp();
    expect(appropriatedAt(restarted, '63')).toBe('3.00');
  });

  it('halts when another event stands at a position that it has taken', async () => {
    const opened = runner();
    log.add(appropriated('1.00'));
    await opened.catchUp();
    const other = new ArrayLog().add(appropriated('5.00'));
    expect(() => opened.take([other], 0)).toThrow(ProjectionHalted);
  });

  it('does not take events while those before them are missing', async () => {
    const opened = runner();
    await opened.catchUp();
    log.add(appropriated('1.00'));
    const second = log.add(appropriated('2.00'));
    expect(() => opened.take([second], 1)).toThrow('follow 1');
    expect(opened.position()).toBe(0);
  });

  it('builds anew when the log is another one, or shorter than what was projected', async () => {
    log.add(appropriated('1.00'));
    log.add(appropriated('2.00'));
    await runner().catchUp();
    log = new ArrayLog();
    log.add(appropriated('7.00'));
    const opened = runner();
    expect(await opened.catchUp()).toBe(1);
    expect(appropriatedAt(opened, '63')).toBe('7.00');
  });

  it.each([
    ['is deleted', (file: string) => unlinkSync(file)],
    [
      'was made by another version',
      (file: string) => {
        const database = new Database(file);
        database.exec("UPDATE meta SET value = 'other'; UPDATE entry SET value = replace(value, '100', '999')");
        database.close();
      },
    ],
  ])('comes back equal after the read database %s', async (_, damage) => {
    log.add(appropriated('1.00'));
    const before = runner();
    await before.catchUp();
    const expected = everything(folder);
    before.close();
    damage(join(folder, 'read.sqlite'));
    const opened = runner();
    await opened.catchUp();
    expect(everything(folder)).toEqual(expected);
    expect(readdirSync(folder).filter((name) => /^read-.*\.sqlite$/.test(name))).toHaveLength(1);
  });

  /** The table that says how far it is, with a row of any kind. */
  const reads = (value: string): string =>
    `DROP TABLE checkpoint; CREATE TABLE checkpoint (position); INSERT INTO checkpoint VALUES (${value})`;
  it.each([
    ['set back', 'UPDATE checkpoint SET position = 1', /UNIQUE constraint/],
    ['below the first', 'UPDATE checkpoint SET position = -1', /reads -1/],
    ['beyond what can be counted', 'UPDATE checkpoint SET position = 9223372036854775807', /reads 9/],
    ['a fraction', reads('2.5'), /reads 2\.5/],
    ['a text', reads("'2'"), /reads 2/],
    ['nothing', reads('NULL'), /reads null/],
    ['two', `${reads('2')}, (1)`, /reads 2, 1/],
    ['gone', 'DELETE FROM checkpoint', /does not say/],
    ['gone with its table', 'DROP TABLE checkpoint', /no such table/],
  ])('says what is to be done when the position in the read database is %s', async (_, sql, told) => {
    log.add(appropriated('1.00'));
    log.add(appropriated('2.00'));
    await runner().catchUp();
    log.add(appropriated('4.00'));
    const database = new Database(join(folder, 'read.sqlite'));
    database.exec(sql);
    database.close();
    const damaged = {
      kind: 'unavailable',
      code: 'READ_MODEL_DAMAGED',
      messageEn: expect.stringMatching(told) as string,
      remedy: expect.stringContaining('yichi rebuild') as string,
    };
    const opened = runner();
    await expect(opened.catchUp()).rejects.toMatchObject(damaged);
    await opened.rebuild();
    expect(appropriatedAt(opened, '63')).toBe('7.00');
  });

  it('says what is to be done when rows that others refer to are gone or cannot be read', async () => {
    log.add(appropriated('1.00'));
    const opened = runner();
    await opened.catchUp();
    const database = new Database(join(folder, 'read.sqlite'));
    const damaged = expect.objectContaining({ kind: 'unavailable', code: 'READ_MODEL_DAMAGED' }) as Error;
    const balancesBy = (by: string) => () => balances(runner(), parseBalancesRequest({ by }));
    try {
      database.exec("INSERT INTO movement_columns VALUES (9, 0, 1, 1, x'')");
      expect(balancesBy('channel')).toThrow(damaged);
      database.exec("DELETE FROM movement_columns; UPDATE entry SET value = 'x'");
      expect(balancesBy('division')).toThrow(damaged);
      database.exec('DELETE FROM account');
      expect(balancesBy('channel')).toThrow(damaged);
      database.exec('DROP TABLE movement');
      expect(balancesBy('channel')).toThrow(damaged);
    } finally {
      database.close();
    }
  });

  it('lets two processes take turns on one read database', async () => {
    const left = runner();
    const right = runner();
    await left.catchUp();
    await right.catchUp();
    for (let round = 0; round < 6; round += 1) {
      const event = log.add(appropriated('1.00', round % 3 === 0 ? 'pool-630222-2024' : 'pool-63-2024'));
      (round % 2 === 0 ? left : right).take([event], round);
    }
    expect([appropriatedAt(left, '63'), appropriatedAt(right, '63')]).toEqual(['4.00', '4.00']);
    const live = everything(folder);
    await left.rebuild();
    expect(everything(folder)).toEqual(live);
    expect(appropriatedAt(right, '63')).toBe('4.00');
    right.take([log.add(appropriated('1.00'))], 6);
    expect(appropriatedAt(left, '63')).toBe('5.00');
  });

  it('follows the log through a rebuild and a deletion', async () => {
    const opened = runner();
    await opened.catchUp();
    const subscription = opened.follow();
    try {
      log.add(appropriated('1.00'));
      expect(await opened.waitFor(1, 2000)).toBe(true);
      const rebuilt = opened.rebuild();
      log.add(appropriated('2.00'));
      await rebuilt;
      log.add(appropriated('3.00'));
      expect(await opened.waitFor(3, 2000)).toBe(true);
      expect(appropriatedAt(opened, '63')).toBe('6.00');
      unlinkSync(join(folder, 'read.sqlite'));
      log.add(appropriated('4.00'));
      expect(await opened.waitFor(4, 2000)).toBe(true);
      expect(appropriatedAt(opened, '63')).toBe('10.00');
      expect(await opened.waitFor(5, 20)).toBe(false);
    } finally {
      await subscription.close();
    }
  });

  it('answers from the database before while it builds, and reports how far it is', async () => {
    for (let count = 0; count < 20; count += 1) log.add(appropriated('1.00'));
    const opened = runner();
    await opened.catchUp();
    const told: [number, number][] = [];
    const during: (string | undefined)[] = [];
    await opened.rebuild((done, total) => {
      told.push([done, total]);
      during.push(appropriatedAt(opened, '63'));
    });
    expect(told.at(-1)).toEqual([20, 20]);
    expect(during).toEqual(during.map(() => '20.00'));
  });

  it('says what is to be done when nothing has been built', () => {
    expect(() => runner().read(({ position }) => position)).toThrow(
      expect.objectContaining({ kind: 'unavailable', code: 'READ_MODEL_MISSING' }) as Error,
    );
  });

  it('keeps the facts in STRICT tables of whole fen', async () => {
    log.add(appropriated('90071992547409.91'));
    const opened = runner();
    await opened.catchUp();
    expect(appropriatedAt(opened, '63')).toBe('90071992547409.91');
    expect(readFileSync(join(folder, 'read.sqlite')).subarray(0, 15).toString()).toBe('SQLite format 3');
  });
});
