import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import type Database from 'better-sqlite3';

import { openLogFile } from '../../src/event-log/sqlite/open-log-file';
import { SqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log';
import type { WalCopies, WalPages } from '../../src/event-log/sqlite/wal-copies';
import { compileLog } from './compiled-log';
import { sampleEvents } from './sample-event';
import { scratchDirectory } from './scratch-directory';
import { expectTreeOfEvents } from './tree-of-events';

const PAGES: WalPages = { copied: 40, startedOver: 160 };
const PAGE_BYTES = 4096;

interface WalState {
  readonly log: number;
  readonly checkpointed: number;
}

const walOf = (database: Database.Database): WalState =>
  database.prepare('PRAGMA wal_checkpoint(NOOP)').get() as WalState;

describe('the write-ahead log of a busy writer', () => {
  let compiled: ReturnType<typeof compileLog>;
  beforeAll(() => {
    compiled = compileLog(scratchDirectory());
  });

  const copiesFor = (database: Database.Database, file: string): WalCopies => {
    const { WalCopies: Compiled } = jest.requireActual<{ WalCopies: typeof WalCopies }>(compiled.walCopies);
    return new Compiled(database, file, PAGES);
  };

  const writing = (database: Database.Database): ((count: number) => void) => {
    database.exec('CREATE TABLE filler (text TEXT)');
    const insert = database.prepare('INSERT INTO filler VALUES (?)');
    return (count) => {
      for (let row = 0; row < count; row += 1) insert.run('水'.repeat(2000));
    };
  };

  it('is copied beside the commits, and starts over while they go on', async () => {
    const file = join(scratchDirectory(), 'log.db');
    const database = openLogFile(file);
    const copies = copiesFor(database, file);
    const write = writing(database);
    let longest = 0;
    let startedOver = 0;
    let before = 0;
    for (let commit = 0; commit < 1000; commit += 1) {
      write(1);
      copies.afterCommit();
      await turn();
      const { log } = walOf(database);
      if (log < before) startedOver += 1;
      before = log;
      longest = Math.max(longest, log);
    }
    await copies.close();
    database.close();

    // Longer than a copy and the commits beside it by no more than a slow disk explains; all commits are some 3,000.
    expect(startedOver).toBeGreaterThan(1);
    expect(longest).toBeGreaterThanOrEqual(PAGES.startedOver);
    expect(longest).toBeLessThan(1500);
    expect(statSync(file).size).toBeGreaterThan(1000 * PAGE_BYTES);
    const again = openLogFile(file);
    expect(again.prepare('SELECT count(*) FROM filler').pluck().get()).toBe(1000);
    expect(again.pragma('integrity_check', { simple: true })).toBe('ok');
    again.close();
  });

  it('is copied by the writer itself when the thread beside it is gone', async () => {
    const file = join(scratchDirectory(), 'log.db');
    const database = openLogFile(file);
    const copies = copiesFor(database, file);
    const write = writing(database);
    await copies.close();
    let longest = 0;
    for (let commit = 0; commit < 600; commit += 1) {
      write(1);
      copies.afterCommit();
      longest = Math.max(longest, walOf(database).log);
    }
    expect(longest).toBeLessThan(PAGES.startedOver);
    expect(walOf(database).log).toBeLessThan(longest);
    database.close();
  });

  it('loses nothing when the log is written and closed in the midst of copies', async () => {
    const file = join(scratchDirectory(), 'log.db');
    const log = new SqliteEventLog({ file, threadFromEvents: 1, threadScript: compiled.thread, walPages: PAGES });
    const streams = Array.from({ length: 20 }, (_, stream) => `purse-${stream}`);
    for (let round = 0; round < 30; round += 1) {
      await Promise.all(
        streams.map((stream) =>
          log.append({ stream, expectedRevision: round * 5 - 1, events: sampleEvents(stream, round * 5, 5) }),
        ),
      );
    }
    await log.close();

    const again = new SqliteEventLog({ file });
    const events = await again.readAll(0, 10_000);
    expect(events.map((event) => event.position)).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1));
    await expectTreeOfEvents(again);
    await again.close();
  });
});
