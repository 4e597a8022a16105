import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { writeLedger } from '../../../bench/support/write-ledger';
import { CheckpointDesk } from '../../../src/audit/checkpoints/checkpoint-desk';
import { proveInclusion } from '../../../src/audit/checkpoints/prove';
import { readFileFindings } from '../../../src/audit/checkpoints/read-file-findings';
import {
  type LedgerVerification,
  verifyLedger,
  type VerifyLedgerOptions,
} from '../../../src/audit/checkpoints/verify-ledger';
import { parseVerifierKey, type Verifier } from '../../../src/audit/proofs/verifier';
import { canonicalEvent } from '../../../src/event-log/canonical-event';
import type { LedgerEvent } from '../../../src/event-log/event';
import { SqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log';
import { sampleEvents } from '../proofs/ledger-sample';
import { compileVerifyThread } from './compiled-verifier';
import { copyOfLog, type EventRow, FileOwner, flipped } from './tampered-log';

const EVENTS = 2000;
/** Sizes at which checkpoints were taken and carried out of the house. */
const EARLIER = 700;

let directory: string;
let honest: string;
let rows: readonly EventRow[];
let keys: readonly Verifier[];
let external: VerifyLedgerOptions['checkpoints'];
let files = 0;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-tampering-'));
  honest = join(directory, 'honest.sqlite');
  const log = new SqliteEventLog({ file: honest });
  const desk = new CheckpointDesk({ dataDirectory: directory, engine: log.engine, tree: () => log.tree });
  const events = sampleEvents(EVENTS);
  await writeLedger(log, events.slice(0, EARLIER));
  await desk.make();
  await writeLedger(log, events.slice(EARLIER));
  await desk.make();
  keys = [parseVerifierKey(await desk.verifierKey())];
  external = await desk.files();
  await log.close();
  const reader = new FileOwner(copied());
  rows = reader.rows();
  reader.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const copied = (): string => {
  files += 1;
  const file = join(directory, `copy-${files}.sqlite`);
  copyOfLog(honest, file);
  return file;
};

const verified = async (
  file: string,
  checkpoints = external,
  options: Partial<VerifyLedgerOptions> = {},
): Promise<LedgerVerification> => {
  const log = new SqliteEventLog({ file });
  try {
    return await verifyLedger(log, { checkpoints, keys, ...options });
  } finally {
    await log.close();
  }
};

/** The verification of a copy that was altered behind the log's back. */
const after = async (alter: (owner: FileOwner) => void, checkpoints = external): Promise<LedgerVerification> => {
  const file = copied();
  const owner = new FileOwner(file);
  alter(owner);
  owner.close();
  return verified(file, checkpoints);
};

const codesOf = ({ findings }: LedgerVerification): readonly string[] => [...new Set(findings.map(({ code }) => code))];

const eventIn = ({ bytes }: EventRow): LedgerEvent => JSON.parse(bytes.toString('utf8')) as LedgerEvent;

/** Events in another order or number as if they had always been so: positions, revisions and rows fit. */
const asIfAlways = (altered: readonly EventRow[]): readonly EventRow[] => {
  const revisions = new Map<number, number>();
  return altered.map((row, index) => {
    const revision = (revisions.get(row.stream_id) ?? -1) + 1;
    revisions.set(row.stream_id, revision);
    return {
      ...row,
      position: index + 1,
      revision,
      bytes: Buffer.from(canonicalEvent({ ...eventIn(row), revision })),
    };
  });
};

it('finds an untouched log whole', async () => {
  expect(await verified(copied())).toMatchObject({ ok: true, events: EVENTS, checkpoints: 2, findings: [] });
});

describe('one flipped byte', () => {
  it('is found and named in every one of the events', async () => {
    const file = copied();
    const owner = new FileOwner(file);
    owner.together(() => {
      for (const { position, bytes } of rows) owner.overwrite(position, flipped(bytes, (position * 37) % bytes.length));
    });
    owner.close();
    const { findings } = await verified(file, external, { findingsOfAKind: EVENTS });
    const named = findings.filter(({ code }) => code === 'EVENT_ALTERED').map(({ position }) => position);
    expect(named).toEqual(rows.map(({ position }) => position));
  });

  it('is found wherever it is alone, by the hashes that the log keeps', async () => {
    const file = copied();
    const owner = new FileOwner(file);
    for (let index = 0; index < 40; index += 1) {
      const { position, bytes } = rows[(index * 911) % EVENTS] as EventRow;
      owner.overwrite(position, flipped(bytes, (index * 131) % bytes.length));
      const { ok, findings } = await verified(file);
      expect([ok, findings.find(({ code }) => code === 'EVENT_ALTERED')?.position]).toEqual([false, position]);
      owner.overwrite(position, bytes);
    }
    owner.close();
    expect((await verified(file)).ok).toBe(true);
  });

  it('takes the proof of its event away, in every one of them', async () => {
    const file = copied();
    const owner = new FileOwner(file);
    const log = new SqliteEventLog({ file });
    const checkpoint = {
      note: String(external[1]?.note),
      size: EVENTS,
      root: String(external[1]?.note).split('\n')[2] ?? '',
    };
    for (const { position, bytes } of rows) {
      owner.overwrite(position, flipped(bytes, (position * 53) % bytes.length));
      await expect(proveInclusion(log.tree, position - 1, checkpoint)).rejects.toMatchObject({ code: 'TREE_DAMAGED' });
      owner.overwrite(position, bytes);
      if (position % 100 === 0)
        expect((await proveInclusion(log.tree, position - 1, checkpoint)).index).toBe(position - 1);
    }
    await log.close();
    owner.close();
  });

  it.each([1, 256, 257, EARLIER, EARLIER + 1, EVENTS])(
    'at position %i is found by the external checkpoints when tiles and hashes were made to fit',
    async (position) => {
      const { bytes } = rows[position - 1] as EventRow;
      const verification = await after((owner) => {
        owner.overwrite(
          position,
          Buffer.from(bytes.toString('utf8').replace('1.01', '1.02').replace('90000', '90001')),
        );
        owner.makeHashesFit();
      });
      expect(verification.findings).toContainEqual(
        expect.objectContaining({
          code: 'CHECKPOINT_ROOT_DIFFERS',
          position: position <= EARLIER ? 1 : EARLIER + 1,
        }),
      );
      expect(codesOf(verification)).not.toContain('EVENT_ALTERED');
    },
  );
});

/** Each way of tampering: what it does to the rows, and what the log itself then shows. */
const WAYS: readonly (readonly [string, () => readonly EventRow[], readonly string[]])[] = [
  [
    'two events swapped',
    () => rows.with(500, { ...at(901), position: 501 }).with(900, { ...at(501), position: 901 }),
    ['EVENT_ALTERED', 'REVISION_GAP'],
  ],
  ['the first event deleted', () => rows.slice(1), ['POSITION_GAP', 'REVISION_GAP', 'TREE_SIZE_DIFFERS']],
  ['an event in the middle deleted', () => rows.toSpliced(1000, 1), ['POSITION_GAP', 'TREE_SIZE_DIFFERS']],
  ['the last event deleted', () => rows.slice(0, -1), ['TREE_SIZE_DIFFERS', 'CHECKPOINT_BEYOND_LOG']],
  [
    'an event inserted with a past position',
    () => [
      ...rows.slice(0, 99),
      { ...at(EVENTS), position: 100, id: Buffer.alloc(16, 7), revision: 77_777 },
      ...rows.slice(99).map((row) => ({ ...row, position: row.position + 1 })),
    ],
    ['EVENT_ALTERED', 'EVENT_ROW_DIFFERS', 'TREE_SIZE_DIFFERS'],
  ],
  [
    'a changed recordedAt',
    () => rows.with(1234, withEvent(at(1235), { recordedAt: '2024-02-29T02:03:04.005Z' })),
    ['EVENT_ALTERED'],
  ],
  [
    'a changed actor',
    () => rows.with(7, withEvent(at(8), { actor: { id: '', role: 'clerk', division: '' } })),
    ['ACTOR_MISSING'],
  ],
  [
    'a stream renamed in the table',
    () => rows.with(20, { ...at(21), stream_id: at(22).stream_id, revision: 80_000 }),
    ['EVENT_ROW_DIFFERS'],
  ],
];

const at = (position: number): EventRow => rows[position - 1] as EventRow;

const withEvent = (row: EventRow, change: Partial<LedgerEvent>): EventRow => ({
  ...row,
  bytes: Buffer.from(canonicalEvent({ ...eventIn(row), ...change })),
});

describe.each(WAYS)('%s', (_, alter, expected) => {
  it('is found', async () => {
    const verification = await after((owner) => {
      owner.replaceAll(alter());
    });
    expect(verification.ok).toBe(false);
    expect(codesOf(verification)).toEqual(expect.arrayContaining([...expected]));
  });

  it('is found by an external checkpoint when everything in the file was made to fit', async () => {
    const verification = await after((owner) => {
      owner.replaceAll(asIfAlways(alter()));
      owner.makeHashesFit();
    });
    expect(verification.ok).toBe(false);
    expect(codesOf(verification).some((code) => /^CHECKPOINT_/.test(code))).toBe(true);
  });
});

describe('the whole file', () => {
  it('with its tail deleted together with its hashes is found', async () => {
    for (const kept of [EVENTS - 1, 1500, EARLIER, 256, 1, 0]) {
      const cut = (owner: FileOwner): void => {
        owner.run('DELETE FROM event WHERE position > ?', kept);
        owner.run('DELETE FROM stream WHERE stream_id NOT IN (SELECT stream_id FROM event)');
        owner.makeHashesFit();
      };
      const verification = await after(cut);
      expect(verification.checkpoints).toBe(kept >= EARLIER ? 1 : 0);
      expect(verification.findings).toContainEqual(
        expect.objectContaining({ code: 'CHECKPOINT_BEYOND_LOG', position: kept + 1 }),
      );
      // Without a checkpoint from outside nobody could tell.
      expect((await after(cut, [])).ok).toBe(true);
    }
  });

  it('rewritten whole, with new hashes, is found', async () => {
    const verification = await after((owner) => {
      owner.replaceAll(asIfAlways(rows.map((row) => withEvent(row, { basis: '青财农〔2024〕13号' }))));
      owner.makeHashesFit();
    });
    expect(verification).toMatchObject({ ok: false, checkpoints: 0, events: EVENTS });
    expect(codesOf(verification)).toEqual(['CHECKPOINT_ROOT_DIFFERS']);
  });

  it('put back from a backup over a newer log is found', async () => {
    const older = join(directory, 'backup.sqlite');
    const log = new SqliteEventLog({ file: older });
    await writeLedger(log, sampleEvents(1400));
    await log.close();
    expect(await verified(older)).toMatchObject({ ok: false, checkpoints: 1 });
    expect((await verified(older)).findings.map(({ code, position }) => [code, position])).toEqual([
      ['CHECKPOINT_BEYOND_LOG', 1401],
    ]);
  });

  it('put back from a backup and gone on with is found', async () => {
    const older = join(directory, 'gone-on.sqlite');
    const log = new SqliteEventLog({ file: older });
    const events = sampleEvents(EVENTS + 100);
    await writeLedger(log, events.slice(0, 1400));
    await writeLedger(
      log,
      events.slice(1400).map((event) => ({ ...event, basis: '另〔2024〕1号' })),
    );
    await log.close();
    expect((await verified(older)).findings.map(({ code, position }) => [code, position])).toEqual([
      ['CHECKPOINT_ROOT_DIFFERS', EARLIER + 1],
    ]);
  });
});

describe('the tables of hashes', () => {
  it('changed to fit a changed event are found by the tiles above', async () => {
    const bytes = Buffer.from(at(300).bytes.toString('utf8').replace('1.01', '9.01'));
    const { leafHash } = await import('../../../src/event-log/tree/merkle-hash');
    const verification = await after((owner) => {
      owner.overwrite(300, bytes);
      const run = owner.query<{ first: number; hashes: Buffer }>(
        'SELECT first, hashes FROM leaf_run WHERE first <= 299 ORDER BY first DESC LIMIT 1',
      );
      const hashes = Buffer.from(run.hashes);
      leafHash(bytes).copy(hashes, (299 - run.first) * 32);
      owner.run('UPDATE leaf_run SET hashes = ? WHERE first = ?', hashes, run.first);
    });
    expect(codesOf(verification)).toEqual(['TREE_ALTERED', 'CHECKPOINT_ROOT_DIFFERS']);
    expect(verification.findings[0]).toMatchObject({ position: 257 });
  });

  it.each([
    ['a leaf’s', 'UPDATE leaf_run SET hashes = zeroblob(length(hashes)) WHERE first = 0', 'EVENT_ALTERED'],
    ['a tile’s', 'UPDATE full_tile SET hash = zeroblob(32) WHERE level = 1 AND tile_index = 2', 'TREE_ALTERED'],
    ['a missing leaf’s', 'DELETE FROM leaf_run WHERE first = 0', 'TREE_UNREADABLE'],
    ['a missing tile’s', 'DELETE FROM full_tile WHERE level = 1 AND tile_index = 0', 'TREE_UNREADABLE'],
    ['all of them', 'DELETE FROM leaf_run', 'TREE_SIZE_DIFFERS'],
  ])('changed by themselves are found: %s', async (_, sql, code) => {
    const verification = await after((owner) => owner.run(sql));
    expect(codesOf(verification)).toContain(code);
    expect(verification.checkpoints).toBe(2);
  });

  it.each([
    ['the hash over the fifth tile', 'DELETE FROM full_tile WHERE level = 1 AND tile_index = 4', 4 * 256 + 1],
    ['the hashes of the third tile', 'DELETE FROM leaf_run WHERE first >= 512 AND first < 768', 513],
  ])('that lack %s are told with its place', async (_, sql, position) => {
    const { findings } = await after((owner) => owner.run(sql));
    expect(findings.find(({ code }) => code === 'TREE_UNREADABLE')?.position).toBe(position);
  });
});

/** Each leaves what is read by position as it was, and all checkpoints fit. */
const BESIDE_THE_EVENTS: readonly (readonly [string, (owner: FileOwner) => void, RegExp])[] = [
  [
    'an event before the first position, which its stream shows',
    (owner) => owner.insert({ ...at(EVENTS), position: -3, id: Buffer.alloc(16, 7), revision: 77_777 }),
    /there is an event at position -3/,
  ],
  [
    'the last events of a stream under a second one of its name',
    (owner) => {
      const { stream_id: stream, revision } = at(EVENTS);
      const rule = 'CREATE TABLE stream (stream_id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT';
      const { sql } = owner.query<{ sql: string }>("SELECT sql FROM sqlite_schema WHERE name = 'stream'");
      owner.without('sqlite_autoindex_stream_1', () => {
        owner.describe('stream', rule);
        owner.run('INSERT INTO stream (stream_id, name) SELECT 9999, name FROM stream WHERE stream_id = ?', stream);
        owner.run('UPDATE event SET stream_id = 9999 WHERE stream_id = ? AND revision >= ?', stream, revision - 3);
        owner.describe('stream', sql);
      });
    },
    /sqlite_autoindex_stream_1/,
  ],
  [
    'an index by stream that lacks an event',
    (owner) => {
      // The index of ids is the first one of this table, that of streams and revisions the second.
      const { position, stream_id: stream, revision, id, bytes } = at(EVENTS);
      const { sql } = owner.query<{ sql: string }>("SELECT sql FROM sqlite_schema WHERE name = 'event'");
      owner.run('DELETE FROM event WHERE position = ?', position);
      owner.without('sqlite_autoindex_event_2', () => {
        owner.describe('event', sql.replace(/,\s*UNIQUE \(stream_id, revision\)/, ''));
        owner.insert({ position, stream_id: stream, revision, id, bytes });
        owner.describe('event', sql);
      });
    },
    /sqlite_autoindex_event_2/,
  ],
  ['a stream without events', (owner) => owner.run("INSERT INTO stream (name) VALUES ('pool-999999-2024')"), /pool-9/],
  [
    'a hash beyond the end, which would stop the log there',
    (owner) => owner.run('INSERT INTO full_tile VALUES (1, 900, zeroblob(32))'),
    /level 1 of the tree/,
  ],
  [
    'a trigger that is gone',
    (owner) => owner.leaveOut('event_is_never_deleted'),
    /trigger event_is_never_deleted is missing/,
  ],
  [
    'a trigger of somebody else',
    (owner) => owner.run('CREATE TRIGGER quiet AFTER INSERT ON event BEGIN SELECT 1; END'),
    /trigger quiet does not belong there/,
  ],
  [
    'a rule taken out of a table',
    (owner) => {
      const { sql } = owner.query<{ sql: string }>("SELECT sql FROM sqlite_schema WHERE name = 'event'");
      owner.describe('event', sql.replace('CHECK (position > 0)', ''));
    },
    /table event was altered/,
  ],
];

describe.each(BESIDE_THE_EVENTS)('the file: %s', (_, alter, told) => {
  it('is found', async () => {
    const verification = await after(alter);
    expect(verification.ok).toBe(false);
    expect(codesOf(verification)).toEqual(['LOG_FILE_ALTERED']);
    expect(verification.findings[0]?.messageEn).toMatch(told);
  });
});

describe('in several threads', () => {
  let threads: { readonly script: string; readonly leastEventsOfAPart: number };
  beforeAll(() => {
    threads = { script: compileVerifyThread(join(directory, 'compiled')), leastEventsOfAPart: 256 };
  });

  it('an untouched log is as sound as in one, with the same root and counts', async () => {
    const file = copied();
    const progress: number[] = [];
    const inThreads = await verified(file, external, { threads, onProgress: (done) => progress.push(done) });
    expect(inThreads).toEqual(await verified(file));
    expect(inThreads.ok).toBe(true);
    expect(progress.at(-1)).toBe(EVENTS);
  });

  it.each([1, 900, 1500, EVENTS])('a byte flipped at position %i is named as in one', async (position) => {
    const file = copied();
    const owner = new FileOwner(file);
    owner.overwrite(position, flipped(at(position).bytes, 20));
    owner.close();
    const inThreads = await verified(file, external, { threads });
    expect(inThreads).toEqual(await verified(file));
    expect(inThreads.findings[0]?.position).toBe(position);
  });

  it('what is wrong with the file is found as in one', async () => {
    const file = copied();
    const owner = new FileOwner(file);
    owner.insert({ ...at(EVENTS), position: 0, id: Buffer.alloc(16, 7), revision: 77_777 });
    owner.close();
    const inThreads = await verified(file, external, { threads });
    expect(inThreads).toEqual(await verified(file));
    expect(inThreads.findings[0]).toMatchObject({ code: 'LOG_FILE_ALTERED', position: 0 });
  });

  it.each([0.2, 0.5, 0.9])(
    'events that cannot be read are told as in one, %d of the way through the file',
    async (part) => {
      const file = copied();
      const bytes = readFileSync(file);
      const page = Math.floor((bytes.length / 4096) * part);
      writeFileSync(file, bytes.fill(0, page * 4096, (page + 1) * 4096));
      const inThreads = await verified(file, external, { threads });
      expect(inThreads).toEqual(await verified(file));
      expect(inThreads.ok).toBe(false);
      expect(codesOf(inThreads)).toContain('LOG_FILE_ALTERED');
    },
  );

  it('the file of the read tables is looked through as in one', async () => {
    const file = join(directory, 'read.sqlite');
    const tables = new Database(file);
    tables.exec('CREATE TABLE t (a INTEGER, b INTEGER); CREATE INDEX i ON t (a, b); INSERT INTO t VALUES (1, 2)');
    tables.close();
    const look = () => readFileFindings(file, { ...threads, leastBytesOfAFile: 0 });
    expect(await look()).toEqual([]);
    const owner = new FileOwner(file);
    owner.without('i', () => owner.run('UPDATE t SET b = 3'));
    owner.close();
    expect(await look()).toMatchObject([
      { code: 'LIVE_TABLES_DAMAGED', messageEn: expect.stringContaining(file) as string },
    ]);
    expect(await look()).toEqual(await readFileFindings(file));
  });

  it('a thread that fails is a failure, and no sound log', async () => {
    await expect(
      verified(copied(), external, { threads: { ...threads, script: join(__dirname, 'tampered-log.ts') } }),
    ).rejects.toThrow();
  });
});
