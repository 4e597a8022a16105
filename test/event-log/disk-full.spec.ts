import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { CommandRunner } from '../../src/event-log/command-runner';
import { NO_STREAM } from '../../src/event-log/event-log';
import { SqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log';
import { sqliteFailure } from '../../src/event-log/sqlite/sqlite-failure';
import { describeOnSmallDisk, mountSmallDisk, unmount } from '../support/small-disk';
import { payIn, purseKind } from './purse';
import { sampleEvents } from './sample-event';
import { scratchDirectory } from './scratch-directory';
import { expectTreeOfEvents } from './tree-of-events';

const DISK_BYTES = 4 << 20;

describeOnSmallDisk('a full disk (needs the right to mount one)', () => {
  const directory = join(scratchDirectory(), 'disk');
  const file = join(directory, 'log.db');
  const filler = join(directory, 'filler');
  let log: SqliteEventLog;
  let runner: CommandRunner;

  beforeAll(() => {
    mountSmallDisk(directory, DISK_BYTES);
    log = new SqliteEventLog({ file });
    runner = new CommandRunner(log, { now: () => new Date() });
  });
  afterAll(async () => {
    await log.close();
    unmount(directory);
  });

  const fillDisk = (): void => {
    for (let bytes = DISK_BYTES; bytes >= 4096; bytes /= 2) {
      try {
        for (let piece = 0; ; piece += 1) writeFileSync(`${filler}-${bytes}-${piece}`, Buffer.alloc(bytes));
      } catch {
        // This size does not fit any more; a smaller one may.
      }
    }
  };
  const freeDisk = (): void => {
    for (const name of readdirSync(directory)) if (name.startsWith('filler')) rmSync(join(directory, name));
  };

  it('is told to every caller, stores nothing in part, lets reads go on, and is over when there is space', async () => {
    const stored: string[] = [];
    for (let index = 0; index < 50; index += 1) {
      stored.push(...(await runner.execute(payIn(`purse-${index % 5}`, 1, `before ${index}`))).eventIds);
    }

    fillDisk();
    let failures = 0;
    // The log's own files have a little room left in their last pages; after it every command must be refused.
    for (let round = 0; round < 200 && failures < 10; round += 1) {
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          runner.execute(payIn(`purse-${index % 5}`, 1, `during ${round} ${index}`)),
        ),
      );
      for (const result of results) {
        if (result.status === 'fulfilled') stored.push(...result.value.eventIds);
        else expect(result.reason).toMatchObject({ kind: 'unavailable', code: 'LOG_DISK_FULL' });
      }
      if (results.some((result) => result.status === 'rejected')) failures += 1;
    }
    expect(failures).toBe(10);

    const whileFull = await log.readAll(0, 100_000);
    expect(whileFull.map((event) => (JSON.parse(event.canonical) as { id: string }).id).sort()).toEqual(
      [...stored].sort(),
    );
    expect(whileFull.map((event) => event.position)).toEqual(whileFull.map((_, index) => index + 1));
    const balances = await Promise.all([0, 1, 2, 3, 4].map((purse) => runner.load(`purse-${purse}`, purseKind)));
    expect(balances.reduce((sum, { state }) => sum + state.balance, 0)).toBe(stored.length);

    await expectTreeOfEvents(log);

    freeDisk();
    const again = await runner.execute(payIn('purse-0', 1, 'after'));
    expect(again).toMatchObject({ unchanged: false, position: stored.length + 1 });
    await expectTreeOfEvents(log);
  });

  it('refuses a unit that does not fit as a whole, and not the small append beside it', async () => {
    const before = await log.head();
    const [small, large] = await Promise.allSettled([
      log.append({ stream: 'purse-small', expectedRevision: NO_STREAM, events: sampleEvents('purse-small', 0, 1) }),
      log.appendTogether([
        { stream: 'purse-large', expectedRevision: NO_STREAM, events: sampleEvents('purse-large', 0, 20_000) },
      ]),
    ]);
    expect(small.status).toBe('fulfilled');
    expect(large).toMatchObject({ status: 'rejected', reason: { code: 'LOG_DISK_FULL' } });
    expect(await log.head()).toBe(before + 1);
    expect(await log.readStream('purse-large', 0, 1)).toEqual([]);
    await expectTreeOfEvents(log);
    await runner.execute(payIn('purse-0', 1, 'after the unit'));
  });

  it('does not keep the log from being opened again', async () => {
    const head = await log.head();
    fillDisk();
    await log.close();
    log = new SqliteEventLog({ file });
    expect(await log.head()).toBe(head);
    freeDisk();
    runner = new CommandRunner(log, { now: () => new Date() });
    await runner.execute(payIn('purse-0', 1, 'after opening again'));
    expect(await log.head()).toBe(head + 1);
    await expectTreeOfEvents(log);
    const other = new Database(file, { readonly: true });
    expect(other.pragma('integrity_check', { simple: true })).toBe('ok');
    other.close();
  });
});

describe('failures of SQLite', () => {
  it.each([
    ['SQLITE_FULL', 'LOG_DISK_FULL'],
    ['SQLITE_IOERR_SHMSIZE', 'LOG_DISK_FULL'],
    ['SQLITE_IOERR_WRITE', 'LOG_UNREACHABLE'],
    ['SQLITE_IOERR_FSYNC', 'LOG_UNREACHABLE'],
    ['SQLITE_CANTOPEN', 'LOG_UNREACHABLE'],
    ['SQLITE_BUSY', 'LOG_LOCKED'],
    ['SQLITE_BUSY_SNAPSHOT', 'LOG_LOCKED'],
    ['SQLITE_READONLY', 'LOG_READ_ONLY'],
    ['SQLITE_READONLY_DBMOVED', 'LOG_READ_ONLY'],
    ['SQLITE_CORRUPT', 'LOG_CORRUPT'],
    ['SQLITE_CORRUPT_INDEX', 'LOG_CORRUPT'],
    ['SQLITE_NOTADB', 'LOG_FOREIGN'],
  ])('%s is told as %s, with a remedy in both languages', (code, told) => {
    const failure = sqliteFailure(new Database.SqliteError('as SQLite says it', code), '/data/log.db');
    expect(failure).toMatchObject({ kind: 'unavailable', code: told, parameters: { at: '/data/log.db' } });
    const { message, messageEn, remedy, remedyEn } = failure as Record<string, string>;
    expect(message).toMatch(/[一-鿿].*\/data\/log\.db/);
    expect(message).not.toContain('as SQLite says it');
    expect(messageEn).toContain('/data/log.db');
    expect(remedy).toMatch(/[一-鿿]/);
    expect(remedyEn).toMatch(/\.$/);
  });

  it('that are defects of ours stay what they are', () => {
    const defect = new Database.SqliteError('no such table', 'SQLITE_ERROR');
    expect(sqliteFailure(defect, 'file')).toBe(defect);
    const other = new TypeError('defect');
    expect(sqliteFailure(other, 'file')).toBe(other);
  });
});
