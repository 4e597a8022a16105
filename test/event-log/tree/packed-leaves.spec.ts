import { join } from 'node:path';

import Database from 'better-sqlite3';

import { SqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log';
import type { LogTree } from '../../../src/event-log/tree/log-tree';
import { leafHash } from '../../../src/event-log/tree/merkle-hash';
import { scratchDirectory } from '../scratch-directory';
import { generateLedger } from '../../../bench/support/generate-ledger';
import { writeLedger } from '../../../bench/support/write-ledger';

const EVENTS = 700;

/** A log in a file that was changed behind the program's back. */
const logWith = async (change: (database: Database.Database) => void = () => undefined): Promise<SqliteEventLog> => {
  const file = join(scratchDirectory(), 'log.sqlite');
  const log = new SqliteEventLog({ file });
  await writeLedger(log, generateLedger({ events: EVENTS }));
  await log.close();
  const database = new Database(file);
  database.pragma('foreign_keys = OFF');
  for (const [trigger] of database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").raw().all() as [
    string,
  ][]) {
    database.exec(`DROP TRIGGER ${trigger}`);
  }
  change(database);
  database.close();
  return new SqliteEventLog({ file });
};

const read = (tree: LogTree, first: number, count: number) =>
  tree.packedReader?.()(first, count) ?? Promise.resolve(null);

const expectSame = async (log: SqliteEventLog, first: number, count: number): Promise<void> => {
  const packed = await read(log.tree, first, count);
  const leaves = await log.tree.readLeaves(first, count);
  expect(packed?.size).toBe(count);
  leaves.forEach((leaf, index) => {
    const { position, stream, revision, id, bytes } = packed?.leaf(index) ?? {};
    expect({ position, stream, revision, id }).toEqual({
      position: leaf.position,
      stream: leaf.stream,
      revision: leaf.revision,
      id: leaf.id,
    });
    expect(Buffer.compare(bytes ?? Buffer.alloc(0), leaf.bytes)).toBe(0);
    expect(packed?.text(index)).toBe(Buffer.from(leaf.bytes).toString('latin1'));
    expect(packed?.hash(index)).toBe(leafHash(leaf.bytes).toString('latin1'));
  });
};

it('gives the same leaves in one piece as one by one', async () => {
  const log = await logWith();
  try {
    for (const [first, count] of [
      [0, 1],
      [0, EVENTS],
      [255, 257],
      [EVENTS - 1, 1],
    ] as const) {
      await expectSame(log, first, count);
    }
  } finally {
    await log.close();
  }
});

it('smooths nothing over: broken characters, line feeds, empty and nameless events stay what they are', async () => {
  const log = await logWith((database) => {
    const broken = Buffer.from([0x7b, 0xff, 0x0a, 0x00, 0x22]);
    database.prepare('UPDATE event SET canonical = CAST(? AS TEXT) WHERE position = 5').run(broken);
    database.prepare("UPDATE event SET canonical = '' WHERE position = 6").run();
    database.prepare("UPDATE stream SET name = '改名' WHERE stream_id = 1").run();
    database.prepare('DELETE FROM stream WHERE stream_id = 2').run();
  });
  try {
    await expectSame(log, 0, EVENTS);
  } finally {
    await log.close();
  }
});

it.each([
  ['an event is missing', 'DELETE FROM event WHERE position = 100', 0, EVENTS],
  ['the log ends before', '', 600, 101],
  ['there is nothing', '', EVENTS, 1],
])('gives nothing where %s', async (_, sql, first, count) => {
  const log = await logWith((database) => database.exec(sql));
  try {
    expect(await read(log.tree, first, count)).toBeNull();
  } finally {
    await log.close();
  }
});
