import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { copyLog, type CopyReport } from '../../src/event-log/copying/copy-log';
import type { EventLog } from '../../src/event-log/event-log';
import { EventStoreDbEventLog } from '../../src/event-log/eventstoredb/eventstoredb-event-log';
import { NOTARY_STREAM } from '../../src/event-log/housekeeping';
import { SqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log';
import type { DomainError } from '../../src/platform/domain-error';
import { Ledger } from '../../src/ledger/ledger';
import { APPEND_FAULTS, type AppendFault } from '../support/eventstoredb/faults';
import { StandInServer } from '../support/eventstoredb/stand-in-server';
import { TESTER } from '../support/temporary-ledger';

const EXAMPLE = join(__dirname, '..', 'fixtures', 'examples', '1');
const FILES = readdirSync(EXAMPLE)
  .filter((name) => name.endsWith('.csv'))
  .map((name) => join(EXAMPLE, name));
const EVENTS = 230;

const REAL = process.env['YICHI_TEST_EVENTSTOREDB'] ?? '';

let directory: string;
let open: { close(): Promise<void> }[];
let standIn: StandInServer;
let server: { readonly url: string; readonly namespace: string };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'yichi-shared-'));
  open = [];
});
afterEach(async () => {
  for (const each of open.reverse()) await each.close();
  rmSync(directory, { recursive: true, force: true });
});

const keepOpen = <Each extends { close(): Promise<void> }>(each: Each): Each => {
  open.push(each);
  return each;
};

/** A log object of its own, as every process has; waits are as short as a test can bear. */
const onServer = (): EventStoreDbEventLog =>
  new EventStoreDbEventLog(server.url, {
    namespace: server.namespace,
    patience: { deadlineMs: 500, patienceMs: 120_000, awayAfterMs: 120_000, firstPauseMs: 2, longestPauseMs: 100 },
  });

const directories = new Map<Ledger, string>();

const node = async (name: string): Promise<Ledger> => {
  const dataDir = mkdtempSync(join(directory, `${name}-`));
  const ledger = keepOpen(await Ledger.on(onServer(), { dataDir }));
  directories.set(ledger, dataDir);
  return ledger;
};

const embedded = (name: string): SqliteEventLog =>
  keepOpen(new SqliteEventLog({ file: join(directory, `${name}.sqlite`) }));

const copy = (from: EventLog, to: EventLog): Promise<CopyReport> =>
  copyLog(from, to, { at: null, progress: () => undefined });

const leaves = async (log: EventLog): Promise<readonly string[]> =>
  (await log.readAll(0, 10_000)).map(({ canonical }) => canonical);

const common = (): void => {
  it('takes in an import, and copied into the embedded log it has the same root', async () => {
    const ledger = await node('one');
    expect(await ledger.importFiles(FILES, { actor: TESTER })).toMatchObject({ stored: 263, unchanged: 0 });
    expect(await ledger.importFiles(FILES, { actor: TESTER })).toMatchObject({ stored: 0, unchanged: 263 });
    const { root, size } = await ledger.checkpoints.make();
    expect(size).toBe(EVENTS);
    const sqlite = embedded('copy');
    expect((await copy(ledger.log, sqlite)).root).toBe(root);
    expect(await sqlite.tree.size()).toBe(EVENTS);
  });

  it('holds a copy of an embedded ledger, leaf by leaf, and gives it back', async () => {
    const origin = keepOpen(
      await Ledger.open({ dataDir: directory, eventLog: `sqlite:${join(directory, 'log.sqlite')}` }),
    );
    await origin.importFiles(FILES, { actor: TESTER });
    const { root } = await origin.checkpoints.make();
    const there = keepOpen(onServer());
    expect(await copy(origin.log, there)).toMatchObject({ events: EVENTS, copied: EVENTS, root });
    expect(await copy(origin.log, there)).toMatchObject({ copied: 0, root });
    expect(await copy(there, embedded('back'))).toMatchObject({ copied: EVENTS, root });
    expect(await leaves(there)).toEqual(await leaves(origin.log));
  });

  it('is signed by one node at a time, and by the other when the first is gone', async () => {
    const [one, two] = [await node('one'), await node('two')];
    await one.importFiles(FILES, { actor: TESTER });
    const first = await one.checkpoints.make();
    copyFileSync(keyOf(one), keyOf(two));
    expect(await two.checkpoints.latest()).toEqual(first);
    expect(await two.checkpoints.makeInTurn()).toEqual(first);
    expect(await two.checkpoints.make()).toEqual(first);
    await one.close();
    const terms = (await two.log.readStream(NOTARY_STREAM, 0, 100)).map(
      ({ canonical }) => (JSON.parse(canonical) as { type: string }).type,
    );
    expect(terms).toEqual(['NotaryTermBegan', 'CheckpointSealed']);
  });
};

/** Where the key of a ledger that `node` made lies. */
const keyOf = (ledger: Ledger): string => join(directories.get(ledger) ?? '', 'log-key.pem');

describe('a ledger on a stand-in for EventStoreDB', () => {
  beforeEach(async () => {
    standIn = await StandInServer.start();
    server = { url: standIn.connectionString, namespace: '' };
    // Stopped last, after those who use it.
    open.unshift({ close: () => standIn.stop() });
  });

  common();

  it('tells an importer whose server is killed midway how to go on, and goes on with the same files', async () => {
    let appends = 0;
    standIn.faults = {
      onAppend: (): AppendFault | null => {
        appends += 1;
        if (appends < 8) return null;
        void standIn.kill();
        return 'lost';
      },
    };
    const impatient = { deadlineMs: 200, patienceMs: 300, firstPauseMs: 2, longestPauseMs: 20 };
    const log = new EventStoreDbEventLog(server.url, { patience: impatient });
    const first = keepOpen(await Ledger.on(log, { dataDir: mkdtempSync(join(directory, 'cut-')) }));
    const failure: unknown = await first.importFiles(FILES, { actor: TESTER }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'LOG_OUTCOME_UNKNOWN',
      kind: 'unavailable',
      remedy: expect.stringContaining('用同样的文件再运行 yichi import'),
      remedyEn: expect.stringContaining('run yichi import with the same files again'),
    });
    const { remedy, remedyEn } = failure as DomainError;
    // Whoever imports files has no id to repeat.
    expect(`${remedy}${remedyEn}`).not.toMatch(/编号|\bid\b/);
    standIn.faults = {};
    await standIn.restart();
    const second = await node('second');
    expect(await second.unfinishedImports()).toHaveLength(1);
    const { stored, unchanged } = await second.importFiles(FILES, { actor: TESTER });
    expect(stored).toBeGreaterThan(0);
    expect(unchanged).toBeGreaterThan(0);
    expect(stored + unchanged).toBe(263);
    expect(await second.unfinishedImports()).toEqual([]);
    expect(await leaves(second.log)).toHaveLength(EVENTS);
  });

  it('counts events while it stores and while it reads, though positions are bytes', async () => {
    const ledger = await node('one');
    const storing: (readonly [done: number, total: number | null])[] = [];
    await ledger.importFiles(FILES, {
      actor: TESTER,
      progress: (stage, done, total) => {
        if (stage === 'storing' && total !== null) storing.push([done, total]);
      },
    });
    expect(storing.length).toBeGreaterThan(10);
    expect(storing.map(([done]) => done)).toEqual(storing.map(([done]) => done).sort((left, right) => left - right));
    expect(storing.at(-1)).toEqual([EVENTS, EVENTS]);
    const reading: (readonly number[])[] = [];
    await ledger.catchUp((...told) => reading.push(told));
    const head = await ledger.log.head();
    expect(head).toBeGreaterThan(EVENTS);
    expect(reading.at(-1)).toEqual([head, head, EVENTS]);
  });

  it('ends an import and a copy the same, whatever goes wrong with any of their appends', async () => {
    let calls = 0;
    standIn.faults = {
      onAppend: (): AppendFault | null => {
        calls += 1;
        return calls % 3 === 0 ? (APPEND_FAULTS[calls % APPEND_FAULTS.length] ?? null) : null;
      },
    };
    const ledger = await node('one');
    await ledger.importFiles(FILES, { actor: TESTER });
    const events = await leaves(ledger.log);
    expect(events).toHaveLength(EVENTS);
    expect(new Set(events.map((text) => (JSON.parse(text) as { id: string }).id)).size).toBe(EVENTS);
    expect(await ledger.unfinishedImports()).toEqual([]);
    const sqlite = embedded('copy');
    const { root } = await copy(ledger.log, sqlite);

    const second = await StandInServer.start();
    open.unshift({ close: () => second.stop() });
    second.faults = standIn.faults;
    server = { url: second.connectionString, namespace: '' };
    const there = keepOpen(onServer());
    expect((await copy(sqlite, there)).root).toBe(root);
    expect(calls).toBeGreaterThan(60);
  });

  it('records a checkpoint once, whatever goes wrong with its append', async () => {
    const ledger = await node('one');
    await ledger.importFiles(FILES, { actor: TESTER });
    const faults: AppendFault[] = ['reset-after-commit', 'unavailable-before-commit', 'server-error-after-commit'];
    standIn.faults = { onAppend: () => faults.pop() ?? null };
    const made = await ledger.checkpoints.make();
    const records = (await ledger.log.readStream(NOTARY_STREAM, 0, 100)).map(
      ({ canonical }) => JSON.parse(canonical) as { type: string; data: { size: number } },
    );
    expect(records.map(({ type }) => type)).toEqual(['NotaryTermBegan', 'CheckpointSealed']);
    expect(records[1]?.data.size).toBe(made.size);
  });

  it('follows with its tree through a server that is killed and comes back', async () => {
    const ledger = await node('one');
    await ledger.catchUp();
    const following = ledger.follow(() => undefined);
    open.push({ close: () => following.close() });
    await ledger.importFiles(FILES, { actor: TESTER });
    await standIn.kill();
    setTimeout(() => void standIn.restart(), 300);
    const { size } = await ledger.checkpoints.make();
    expect(size).toBe(EVENTS);
  });
});

const describeReal = REAL === '' ? describe.skip : describe;

describeReal('a ledger on a real EventStoreDB (YICHI_TEST_EVENTSTOREDB)', () => {
  beforeEach(() => {
    server = { url: REAL, namespace: `t${randomUUID().replaceAll('-', '')}` };
  });

  common();
});
