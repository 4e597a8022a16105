import { join } from 'node:path';

import Database from 'better-sqlite3';

import { FollowedTree } from '../../../src/event-log/notary/followed-tree';
import { SqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log';
import { NOTARY_STREAM } from '../../../src/event-log/housekeeping';
import { copyLog } from '../../../src/event-log/copying/copy-log';
import { tilesOfTree } from '../../../src/event-log/tree/tiles';
import { rootAt } from '../../../src/event-log/tree/tree-store';
import { CutLog } from '../../support/cut-log';
import { sampleEvent, sampleEvents } from '../sample-event';
import { scratchDirectory } from '../scratch-directory';

let log: CutLog;
let file: string;
let opened: FollowedTree[];

beforeEach(() => {
  log = new CutLog();
  file = join(scratchDirectory(), 'tree.sqlite');
  opened = [];
});
afterEach(() => opened.forEach((tree) => tree.close()));

const follow = (of = log): FollowedTree => {
  const tree = new FollowedTree(of, file);
  opened.push(tree);
  return tree;
};

const write = async (stream: string, count: number): Promise<void> => {
  const revision = (await log.readStream(stream, 0, 100_000)).length;
  await log.append({ stream, expectedRevision: revision - 1, events: sampleEvents(stream, revision, count) });
};

/** Some thousand events of the ledger, with what the nodes write for themselves between them. */
const writeSome = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) {
    await write('pool-630222-2024', 123);
    await write('registry-divisions', 7);
    await write(NOTARY_STREAM, 2);
  }
};

const rootInSqlite = async (): Promise<string> => {
  const embedded = new SqliteEventLog({ file: join(scratchDirectory(), 'log.sqlite') });
  const { root } = await copyLog(log, embedded, { at: null, progress: () => undefined });
  await embedded.close();
  return root;
};

const rootOf = async (tree: FollowedTree): Promise<string> =>
  (await rootAt(tree, await tree.size())).toString('base64');

it('has the root that the same events have in the embedded log', async () => {
  await writeSome();
  const tree = follow();
  expect(await tree.size()).toBe(650);
  expect(await rootOf(tree)).toBe(await rootInSqlite());
});

it('grows with the log, also through a restart, and has every tile', async () => {
  await writeSome();
  const first = follow();
  expect(await first.size()).toBe(650);
  first.close();
  await writeSome();
  const again = follow();
  expect(await again.size()).toBe(1300);
  expect(await rootOf(again)).toBe(await rootInSqlite());
  for (const tile of tilesOfTree(1300)) expect((await again.readTile(tile)).length).toBe(tile.width * 32);
});

it('finds the way from a leaf to its event and back', async () => {
  await writeSome();
  const tree = follow();
  const all = await log.readAll(0, 10_000);
  for (const leaf of [0, 1, 129, 130, 131, 649]) {
    const event = all[leaf];
    const [read] = await tree.readLeaves(leaf, 1);
    expect(read).toMatchObject({ position: event?.position, stream: event?.stream, revision: event?.revision });
    expect(Buffer.from(read?.bytes ?? []).toString('utf8')).toBe(event?.canonical);
    expect(await tree.leafAt(event?.position ?? -1)).toBe(leaf);
  }
  expect((await tree.readLeaves(600, 1000)).length).toBe(50);
  // The nodes' own streams have positions, and no leaves.
  expect(await tree.leafAt(131)).toBeNull();
});

it('follows, so that nothing is left to read when somebody asks', async () => {
  const tree = follow();
  const following = tree.follow((error) => expect(error).toBeNull());
  const kept = new Database(file, { readonly: true }).prepare('SELECT sum(length(hashes)) / 32 FROM leaf_run').pluck();
  await writeSome();
  while (kept.get() !== 650) await new Promise((resolve) => setTimeout(resolve, 5));
  log.readAll = () => Promise.reject(new Error('was read'));
  expect(await tree.size()).toBe(650);
  await following.close();
});

it('is kept by two processes of one directory together', async () => {
  const [one, two] = [follow(), follow()];
  const following = one.follow((error) => expect(error).toBeNull());
  for (let turn = 0; turn < 10; turn += 1) {
    await write('pool-630222-2024', 50);
    await Promise.all([one.catchUp(), two.catchUp()]);
  }
  expect(await rootOf(one)).toBe(await rootInSqlite());
  expect(await rootOf(two)).toBe(await rootOf(one));
  await following.close();
});

const tamper = (sql: string): void => {
  const database = new Database(file);
  database.exec('DROP TRIGGER leaf_run_is_never_changed; DROP TRIGGER leaf_run_is_never_deleted;');
  database.exec(sql);
  database.close();
};

it('notices at a start that its own leaves were altered', async () => {
  await writeSome();
  const tree = follow();
  await tree.size();
  tree.close();
  tamper('UPDATE leaf_run SET hashes = zeroblob(length(hashes)) WHERE first = 256');
  await expect(follow().size()).rejects.toMatchObject({
    kind: 'verification',
    code: 'TREE_NOT_OF_LOG',
    parameters: { leaf: 256 },
  });
});

it('notices after a lost connection that the log is another one', async () => {
  await writeSome();
  const tree = follow();
  const errors: unknown[] = [];
  const following = tree.follow((error) => errors.push(error));
  await tree.size();
  // The server comes back from an older backup and has gone on differently.
  const restored = new CutLog();
  for (const { stream, canonical } of await log.readAll(0, 640)) {
    const revision = (await restored.readStream(stream, 0, 10_000)).length;
    await restored.append({
      stream,
      expectedRevision: revision - 1,
      events: [{ id: (JSON.parse(canonical) as { id: string }).id, canonical }],
    });
  }
  for (let more = 0; more < 30; more += 1) {
    const revision = (await restored.readStream('pool-63-2024', 0, 10_000)).length;
    await restored.append({
      stream: 'pool-63-2024',
      expectedRevision: revision - 1,
      events: [sampleEvent('pool-63-2024', revision)],
    });
  }
  let failing = true;
  log.readAll = (after, limit) => {
    if (failing) return Promise.reject(new Error('connection lost'));
    return restored.readAll(after, limit);
  };
  log.inner.readAll = log.readAll;
  log.head = () => restored.head();
  await write('pool-9-2024', 1);
  while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  failing = false;
  await expect(tree.size()).rejects.toMatchObject({ code: 'TREE_NOT_OF_LOG' });
  await following.close();
});

it('leaves a file of another program alone', async () => {
  const database = new Database(file);
  database.exec('CREATE TABLE theirs (x)');
  database.close();
  await expect(follow().size()).rejects.toMatchObject({ code: 'LOG_FOREIGN' });
});
