import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { type EventLog, NO_STREAM } from '../../src/event-log/event-log';
import { openLogFile } from '../../src/event-log/sqlite/open-log-file';
import { SqliteEventLog, type SqliteEventLogOptions } from '../../src/event-log/sqlite/sqlite-event-log';
import { compileSources } from './compiled-sources';
import { describeEventLog } from './event-log.contract';
import { sampleEvent, sampleEvents } from './sample-event';
import { scratchDirectory } from './scratch-directory';

/** Writing in a thread of its own needs that thread's script compiled, which unit tests have nowhere else. */
let compiledThread: string | null = null;
const threadScript = (): string => (compiledThread ??= compileSources(scratchDirectory()).thread);

describeEventLog('sqlite, writing in a thread', {
  open: async () =>
    new SqliteEventLog({
      file: join(scratchDirectory(), 'log.db'),
      threadFromEvents: 1,
      threadScript: threadScript(),
    }),
  atomicUnits: true,
  idsUniqueAcrossStreams: true,
  comparesContent: true,
});

describeEventLog('sqlite', {
  open: async () => new SqliteEventLog({ file: join(scratchDirectory(), 'log.db') }),
  atomicUnits: true,
  idsUniqueAcrossStreams: true,
  comparesContent: true,
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
    const file = await writtenFile();
    const other = new Database(file);
    other.pragma('recursive_triggers = ON');
    expect(() => other.exec(`UPDATE event SET canonical = '{}' WHERE position = 1`)).toThrow('never changed');
    expect(() => other.exec('DELETE FROM event WHERE position = 10')).toThrow('never deleted');
    expect(() => other.exec(`UPDATE stream SET name = 'other'`)).toThrow('never changed');
    expect(() => other.exec('DELETE FROM stream')).toThrow(/never deleted/);
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

  it('refuses a file of a newer program', async () => {
    const file = await writtenFile();
    const newer = new Database(file);
    newer.pragma('user_version = 99');
    newer.close();
    expect(() => new SqliteEventLog({ file })).toThrow(
      expect.objectContaining({ code: 'LOG_NEWER', parameters: { at: file, version: 99, known: 1 } }),
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
      expect.objectContaining({ code: 'LOG_UNREACHABLE' }),
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
    const log = open({ file, lockPatienceMs: 400 });
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    const patient = appendOne(log, 'pool-630223-2024');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await log.readAll(0, 100)).toHaveLength(10);
    other.exec('COMMIT');
    await patient;
    other.exec('BEGIN IMMEDIATE');
    await expect(appendOne(log, 'pool-630224-2024')).rejects.toMatchObject({ kind: 'unavailable', code: 'LOG_LOCKED' });
    other.exec('COMMIT');
    other.close();
    await appendOne(log, 'pool-630224-2024');
    expect(await log.head()).toBe(12);
    await log.close();
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
