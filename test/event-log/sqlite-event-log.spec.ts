import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { canonicalJson } from '../../src/event-log/canonical-json';
import { uuidBytes } from '../../src/event-log/event-id';
import { type EventLog, FactsMoved, NO_STREAM } from '../../src/event-log/event-log';
import { openLogFile } from '../../src/event-log/sqlite/open-log-file';
import { SqliteEventLog, type SqliteEventLogOptions } from '../../src/event-log/sqlite/sqlite-event-log';
import { compileLog } from './compiled-log';
import { describeEventLog } from './event-log.contract';
import { sampleEvent, sampleEvents } from './sample-event';
import { scratchDirectory } from './scratch-directory';
import { expectTreeOfEvents } from './tree-of-events';

/** Writing in a thread of its own needs that thread's script compiled, which unit tests have nowhere else. */
let compiledThread: string | null = null;
const threadScript = (): string => (compiledThread ??= compileLog(scratchDirectory()).thread);

describeEventLog('sqlite, writing in a thread', {
  open: async () => {
    const file = join(scratchDirectory(), 'log.db');
    const threads = { threadFromEvents: 1, threadScript: threadScript() };
    return [new SqliteEventLog({ file, ...threads }), new SqliteEventLog({ file })];
  },
  atomicUnits: true,
  idsUniqueAcrossStreams: true,
  comparesContent: true,
  keepsTree: true,
});

describeEventLog('sqlite', {
  open: async () => {
    const file = join(scratchDirectory(), 'log.db');
    return [new SqliteEventLog({ file }), new SqliteEventLog({ file })];
  },
  atomicUnits: true,
  idsUniqueAcrossStreams: true,
  comparesContent: true,
  keepsTree: true,
});

describe('an append of the SQLite log that rests on a stream', () => {
  it('does not mind what the log itself has put there since, but what others have', async () => {
    const file = join(scratchDirectory(), 'log.db');
    const [mine, theirs] = [new SqliteEventLog({ file }), new SqliteEventLog({ file })];
    const looked = { streams: [{ stream: 'registry-purposes', revision: 0 }] };
    const resting = (stream: string) =>
      mine.append({ stream, expectedRevision: NO_STREAM, events: sampleEvents(stream, 0, 1), restsOn: [looked] });
    await appendOne(mine, 'registry-purposes');
    await appendOne(mine, 'registry-purposes', 1);
    expect(await resting('pool-1')).toMatchObject({ revision: 0 });
    await appendOne(theirs, 'registry-purposes', 2);
    await expect(resting('pool-2')).rejects.toBeInstanceOf(FactsMoved);
    await Promise.all([mine.close(), theirs.close()]);
  });
});

const appendOne = (log: EventLog, stream: string, revision = 0): Promise<unknown> =>
  log.append({ stream, expectedRevision: revision - 1, events: [sampleEvent(stream, revision)] });

const newFile = (): string => join(scratchDirectory(), 'log.db');

/** A file with some events, written and closed. */
const writtenFile = async (events = 10): Promise<string> => {
  const file = newFile();
  const log = new SqliteEventLog({ file });
  await log.append({
    stream: 'pool-630222-2024',
    expectedRevision: NO_STREAM,
    events: sampleEvents('pool-630222-2024', 0, events),
  });
  await log.close();
  return file;
};

describe('the SQLite log', () => {
  it('counts positions from 1 without gaps, over refused appends and reopening', async () => {
    const file = newFile();
    for (let round = 0; round < 3; round += 1) {
      const log = new SqliteEventLog({ file });
      await Promise.allSettled([
        appendOne(log, `pool-630222-${round}`),
        appendOne(log, `pool-630222-${round}`),
        appendOne(log, `pool-630223-${round}`, 5),
        appendOne(log, `pool-630224-${round}`),
      ]);
      await log.close();
    }
    const log = new SqliteEventLog({ file });
    const positions = (await log.readAll(0, 100)).map((stored) => stored.position);
    expect(positions).toEqual([1, 2, 3, 4, 5, 6]);
    await log.close();
  });

  it('keeps every setting that durability rests on, also when it is reopened', async () => {
    const file = await writtenFile();
    const reopened = openLogFile(file);
    expect(reopened.pragma('synchronous', { simple: true })).toBe(2);
    expect(reopened.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(reopened.pragma('recursive_triggers', { simple: true })).toBe(1);
    reopened.close();
  });

  it('lets nobody change or delete an event or a stream, not even by REPLACE', async () => {
    const file = await writtenFile(300);
    const other = new Database(file);
    other.pragma('recursive_triggers = ON');
    expect(() => other.exec(`UPDATE event SET canonical = '{}' WHERE position = 1`)).toThrow('never changed');
    expect(() => other.exec('DELETE FROM event WHERE position = 10')).toThrow('never deleted');
    expect(() => other.exec(`UPDATE stream SET name = 'other'`)).toThrow('never changed');
    expect(() => other.exec('DELETE FROM stream')).toThrow(/never deleted/);
    for (const table of ['leaf_run', 'full_tile']) {
      expect(() =>
        other.exec(`UPDATE ${table} SET ${table === 'leaf_run' ? 'hashes' : 'hash'} = zeroblob(32)`),
      ).toThrow('never changed');
      expect(() => other.exec(`DELETE FROM ${table}`)).toThrow('never deleted');
      expect(() => other.exec(`INSERT OR REPLACE INTO ${table} SELECT * FROM ${table}`)).toThrow('never deleted');
    }
    expect(() =>
      other.exec(`INSERT OR REPLACE INTO event SELECT position, stream_id, revision, id, '{}' FROM event`),
    ).toThrow('never deleted');
    other.close();
  });

  it('refuses a file of another program and leaves it as it was', () => {
    const file = newFile();
    const foreign = new Database(file);
    foreign.exec('CREATE TABLE accounts (id INTEGER)');
    foreign.close();
    const before = readFileSync(file);
    expect(() => new SqliteEventLog({ file })).toThrow(
      expect.objectContaining({ kind: 'unavailable', code: 'LOG_FOREIGN' }),
    );
    expect(readFileSync(file)).toEqual(before);
  });

  it('refuses a file that is no database', () => {
    const file = newFile();
    writeFileSync(file, '指标台账,不是数据库\n'.repeat(200));
    expect(() => new SqliteEventLog({ file })).toThrow(expect.objectContaining({ code: 'LOG_FOREIGN' }));
    expect(readFileSync(file, 'utf8').startsWith('指标台账')).toBe(true);
  });

  it.each([
    ['a table dropped', 'PRAGMA foreign_keys = OFF; DROP TABLE stream'],
    ['a column renamed', 'ALTER TABLE event RENAME COLUMN canonical TO words'],
    ['its version set back', 'PRAGMA user_version = 0'],
  ])('refuses a file with %s as damaged', async (_, sql) => {
    const file = await writtenFile();
    const altered = new Database(file);
    altered.exec(sql);
    altered.close();
    expect(() => new SqliteEventLog({ file })).toThrow(
      expect.objectContaining({
        kind: 'unavailable',
        code: 'LOG_CORRUPT',
        message: expect.stringContaining('文件中的表不是账本应有的'),
      }),
    );
  });

  it('refuses a file of a newer program', async () => {
    const file = await writtenFile();
    const newer = new Database(file);
    newer.pragma('user_version = 99');
    newer.close();
    expect(() => new SqliteEventLog({ file })).toThrow(
      expect.objectContaining({ code: 'LOG_NEWER', parameters: { at: file, version: 99, known: 2 } }),
    );
  });

  it('says that a damaged file is damaged', async () => {
    const file = await writtenFile(400);
    truncateSync(file, 40_960);
    const read = async (): Promise<unknown> => {
      const log = new SqliteEventLog({ file });
      try {
        return await log.readAll(0, 1000);
      } finally {
        await log.close();
      }
    };
    await expect(read()).rejects.toMatchObject({ kind: 'unavailable', code: 'LOG_CORRUPT' });
  });

  it('says that a path cannot be opened, and makes directories that are missing', async () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, 'file'), '');
    expect(() => new SqliteEventLog({ file: join(directory, 'file', 'log.db') })).toThrow(
      expect.objectContaining({ code: 'DIRECTORY_NOT_MADE' }),
    );
    expect(() => new SqliteEventLog({ file: directory })).toThrow(expect.objectContaining({ code: 'LOG_UNREACHABLE' }));
    const log = new SqliteEventLog({ file: join(directory, 'new', 'deep', 'log.db') });
    await log.close();
    expect(existsSync(join(directory, 'new', 'deep', 'log.db'))).toBe(true);
  });
});

describe.each([
  ['the main thread', (): Partial<SqliteEventLogOptions> => ({ threadFromEvents: Number.POSITIVE_INFINITY })],
  [
    'a thread of its own',
    (): Partial<SqliteEventLogOptions> => ({ threadFromEvents: 1, threadScript: threadScript() }),
  ],
])('the SQLite log, writing in %s', (_, writing) => {
  const open = (options: SqliteEventLogOptions): SqliteEventLog => new SqliteEventLog({ ...options, ...writing() });

  it('waits for another writer without standing still, and gives up with a clear answer', async () => {
    const file = await writtenFile();
    const patient = open({ file });
    const impatient = open({ file, lockPatienceMs: 100 });
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    const waiting = appendOne(patient, 'pool-630223-2024');
    await expect(appendOne(impatient, 'pool-630224-2024')).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'LOG_LOCKED',
    });
    expect(await patient.readAll(0, 100)).toHaveLength(10);
    other.exec('COMMIT');
    other.close();
    await waiting;
    await appendOne(impatient, 'pool-630224-2024');
    expect(await patient.head()).toBe(12);
    await Promise.all([patient.close(), impatient.close()]);
  });

  it('judges by what other processes have written, and tells subscribers of it', async () => {
    const file = await writtenFile(1);
    const mine = open({ file, pollMs: 20 });
    const theirs = open({ file, pollMs: 20 });
    const seen: number[] = [];
    const subscription = mine.subscribeAll(0, {
      onEvents: async (events) => void seen.push(...events.map((stored) => stored.position)),
    });
    await appendOne(mine, 'pool-630222-2024', 1);
    await appendOne(theirs, 'pool-630222-2024', 2);
    await expect(appendOne(mine, 'pool-630222-2024', 2)).rejects.toMatchObject({
      name: 'RevisionConflict',
      actualRevision: 2,
    });
    await appendOne(mine, 'pool-630222-2024', 3);
    await appendOne(theirs, 'pool-630229-2024');
    while (seen.length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    await subscription.close();
    await Promise.all([mine.close(), theirs.close()]);
  });

  it('writes what was asked for before it closes', async () => {
    const file = newFile();
    const log = open({ file });
    const asked = Array.from({ length: 20 }, (_, index) => appendOne(log, `pool-${index}-2024`));
    await log.close();
    await Promise.all(asked);
    const again = new SqliteEventLog({ file });
    expect(await again.head()).toBe(20);
    await again.close();
  });

  it('takes a unit of many thousand events beside small appends', async () => {
    const log = open({ file: newFile() });
    const many = sampleEvents('pool-1-2024', 0, 6000);
    const [small, unit, later] = await Promise.all([
      log.append({ stream: 'pool-2-2024', expectedRevision: NO_STREAM, events: sampleEvents('pool-2-2024', 0, 1) }),
      log.appendTogether([{ stream: 'pool-1-2024', expectedRevision: NO_STREAM, events: many }]),
      log.append({ stream: 'pool-3-2024', expectedRevision: NO_STREAM, events: sampleEvents('pool-3-2024', 0, 1) }),
    ]);
    expect(small.positions).toEqual([1]);
    expect(unit[0]?.positions.at(-1)).toBe(6001);
    expect(later.positions).toEqual([6002]);
    await log.close();
  });
});

describe.each([
  ['the main thread', (): Partial<SqliteEventLogOptions> => ({ threadFromEvents: Number.POSITIVE_INFINITY })],
  [
    'a thread of its own',
    (): Partial<SqliteEventLogOptions> => ({ threadFromEvents: 1, threadScript: threadScript() }),
  ],
  [
    'either, as many or few are waiting',
    (): Partial<SqliteEventLogOptions> => ({ threadFromEvents: 8, threadScript: threadScript() }),
  ],
])('the tree of the SQLite log, writing in %s', (_, writing) => {
  const open = (file: string): SqliteEventLog => new SqliteEventLog({ file, ...writing() });

  it('goes on where it was when the log is opened again', async () => {
    const file = newFile();
    for (const [round, count] of [1, 254, 3, 300, 1].entries()) {
      const log = open(file);
      await Promise.all(Array.from({ length: count }, (_item, index) => appendOne(log, `pool-${index}-${round}`)));
      await expectTreeOfEvents(log);
      await log.close();
    }
  });

  it('goes on where others have left it', async () => {
    const file = newFile();
    const logs = [open(file), open(file), open(file)];
    for (let round = 0; round < 6; round += 1) {
      for (const [index, log] of logs.entries()) {
        const count = 1 + ((round * 31 + index * 17) % 40);
        await Promise.all(
          Array.from({ length: count }, (_item, item) => appendOne(log, `pool-${index}-${round}-${item}`)),
        );
      }
      // At once as well, so that each meets the others' commits between two of its own.
      await Promise.all(logs.map((log, index) => appendOne(log, `pool-${index}-${round}-together`)));
    }
    for (const log of logs) await expectTreeOfEvents(log);
    await Promise.all(logs.map((log) => log.close()));
  });

  it('is damaged rather than built upon when its rows do not fit the events', async () => {
    const file = await writtenFile(300);
    const other = new Database(file);
    other.exec('DROP TRIGGER leaf_run_is_never_deleted; DELETE FROM leaf_run WHERE first = 256');
    other.close();
    const log = open(file);
    await expect(appendOne(log, 'pool-630223-2024')).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    expect(await log.head()).toBe(300);
    expect(await log.tree.size()).toBe(256);
    await expect(log.tree.readTile({ level: 0, index: 1, width: 44 })).rejects.toBeInstanceOf(RangeError);
    await log.close();
  });
});

describe('a file of the SQLite log from before there was a tree', () => {
  const versionOneFile = (events: number): string => {
    const file = newFile();
    const database = new Database(file);
    database.pragma('journal_mode = WAL');
    database.exec(`
      CREATE TABLE stream (stream_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
      CREATE TABLE event (
        position INTEGER PRIMARY KEY CHECK (position > 0),
        stream_id INTEGER NOT NULL REFERENCES stream (stream_id),
        revision INTEGER NOT NULL CHECK (revision >= 0),
        id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
        canonical TEXT NOT NULL,
        UNIQUE (stream_id, revision)
      ) STRICT;
      INSERT INTO stream (name) VALUES ('pool-630222-2024');
      PRAGMA application_id = ${0x59494348};
      PRAGMA user_version = 1;
    `);
    const insert = database.prepare('INSERT INTO event VALUES (?, 1, ?, ?, ?)');
    const insertAll = database.transaction(() => {
      for (const [index, event] of sampleEvents('pool-630222-2024', 0, events).entries()) {
        insert.run(index + 1, index, uuidBytes(event.id), canonicalJson(event));
      }
    });
    insertAll();
    database.close();
    return file;
  };

  it.each([0, 1, 256, 5000])('with %i events is given one when it is opened, and goes on', async (events) => {
    const file = versionOneFile(events);
    const log = new SqliteEventLog({ file });
    const before = await expectTreeOfEvents(log);
    expect(before.size).toBe(events);
    await appendOne(log, 'pool-630222-2024', events);
    expect((await expectTreeOfEvents(log)).size).toBe(events + 1);
    await log.close();
    const reopened = openLogFile(file);
    expect(reopened.pragma('user_version', { simple: true })).toBe(2);
    expect(reopened.prepare('SELECT count(*) FROM leaf_run').pluck().get()).toBe(Math.ceil(events / 256) + 1);
    reopened.close();
  });

  it('that cannot be given one stays as it was', () => {
    const file = versionOneFile(10);
    const database = new Database(file);
    database.exec('CREATE TABLE full_tile (something)');
    database.close();
    expect(() => new SqliteEventLog({ file })).toThrow(
      expect.objectContaining({ code: 'LOG_CORRUPT', messageEn: expect.stringContaining('full_tile already exists') }),
    );
    const again = new Database(file);
    expect(again.pragma('user_version', { simple: true })).toBe(1);
    expect(again.prepare(`SELECT count(*) FROM sqlite_schema WHERE name = 'leaf_run'`).pluck().get()).toBe(0);
    again.close();
  });
});

/** Streams of one round of askers. */
const streamsOf = (round: number): readonly string[] =>
  Array.from({ length: 200 }, (_, index) => `pool-${round}-${index}`);

describe('the thread of the SQLite log', () => {
  it('that cannot start is told, and the main thread writes from then on', async () => {
    const script = join(scratchDirectory(), 'broken.js');
    writeFileSync(script, 'throw new Error("no such thread")');
    const log = new SqliteEventLog({ file: newFile(), threadFromEvents: 1, threadScript: script });
    await expect(appendOne(log, 'pool-1-2024')).rejects.toMatchObject({ kind: 'unavailable', code: 'LOG_UNREACHABLE' });
    await appendOne(log, 'pool-1-2024');
    expect(await log.head()).toBe(1);
    await log.close();
  });

  it('takes over when many wait, and its own events are nobody else’s', async () => {
    const log = new SqliteEventLog({ file: newFile(), threadFromEvents: 8, threadScript: threadScript() });
    const foreignWrites = log.foreignWrites();
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(Array.from({ length: 20 }, (_, index) => appendOne(log, `pool-${index}-2024`, round)));
      await appendOne(log, 'pool-alone-2024', round);
      await new Promise((resolve) => setTimeout(resolve, 6));
      expect(log.foreignWrites()).toBe(foreignWrites);
    }
    expect((await log.readAll(0, 1000)).map((stored) => stored.position)).toEqual(
      Array.from({ length: 105 }, (_, index) => index + 1),
    );
    await log.close();
  });

  it('has the next commit already while one is under way, and mixes up neither answers nor positions', async () => {
    const file = newFile();
    const log = new SqliteEventLog({ file, threadFromEvents: 1, threadScript: threadScript() });
    const other = new Database(file);
    await appendOne(log, 'pool-first-2024');
    const askMany = (round: number): Promise<readonly (readonly number[])[]> =>
      Promise.all(
        streamsOf(round).map(async (stream) => {
          const events = sampleEvents(stream, 0, 2);
          return (await log.append({ stream, expectedRevision: NO_STREAM, events })).positions;
        }),
      );
    const many = sampleEvents('pool-many-2024', 0, 5000);
    // The second round meets a file that somebody else holds for a while, the unit in between is for the main thread.
    const first = askMany(1);
    other.exec('BEGIN IMMEDIATE');
    const unit = log.appendTogether([{ stream: 'pool-many-2024', expectedRevision: NO_STREAM, events: many }]);
    const second = askMany(2);
    await new Promise((resolve) => setTimeout(resolve, 150));
    other.exec('COMMIT');
    other.close();
    const answers = [...(await first), ...(await second)];
    const inUnit = (await unit)[0]?.positions ?? [];
    const positions = [...answers.flat(), ...inUnit].sort((left, right) => left - right);
    expect(positions).toEqual(Array.from({ length: 5800 }, (_, index) => index + 2));
    for (const [place, stream] of [...streamsOf(1), ...streamsOf(2)].entries()) {
      const stored = await log.readStream(stream, 0, 10);
      expect(stored.map((event) => event.position)).toEqual(answers[place]);
    }
    await expectTreeOfEvents(log);
    await log.close();
  });

  it('does not hide what other processes write', async () => {
    const file = newFile();
    const log = new SqliteEventLog({ file, threadFromEvents: 1, threadScript: threadScript() });
    const other = new SqliteEventLog({ file });
    await appendOne(log, 'pool-1-2024');
    const before = log.foreignWrites();
    await appendOne(other, 'pool-2-2024');
    await appendOne(log, 'pool-1-2024', 1);
    expect(log.foreignWrites()).not.toBe(before);
    await Promise.all([log.close(), other.close()]);
  });
});
