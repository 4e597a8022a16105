import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { openCheckpoint } from '../../../src/audit/proofs/checkpoint';
import { parseVerifierKey } from '../../../src/audit/proofs/verifier';
import { FollowedTree } from '../../../src/event-log/notary/followed-tree';
import { NotaryOffice } from '../../../src/event-log/notary/notary-office';
import { NOTARY_STREAM } from '../../../src/event-log/housekeeping';
import { rootAt } from '../../../src/event-log/tree/tree-store';
import { Ledger } from '../../../src/ledger/ledger';
import { CutLog } from '../../support/cut-log';
import { sampleEvents } from '../sample-event';
import { scratchDirectory } from '../scratch-directory';

const KEY = 'yichi.example/log+00000000+AQ==';

let log: CutLog;
let clock: number;
let open: { close(): unknown }[];

beforeEach(() => {
  log = new CutLog();
  clock = Date.parse('2024-03-01T00:00:00.000Z');
  open = [];
});
afterEach(async () => {
  for (const each of open) await each.close();
});

const write = async (count: number, stream = 'pool-630222-2024'): Promise<void> => {
  const revision = (await log.readStream(stream, 0, 100_000)).length;
  await log.append({ stream, expectedRevision: revision - 1, events: sampleEvents(stream, revision, count) });
};

/** A node as a process of its own would be: its own directory, tree and office. */
const node = (host: string) => {
  const tree = new FollowedTree(log, join(scratchDirectory(), 'tree.sqlite'));
  open.push(tree);
  return { tree, office: new NotaryOffice({ log, tree, host, now: () => new Date(clock), patienceMs: 60_000 }) };
};

const sign = async ({ tree, office }: ReturnType<typeof node>, size?: number): Promise<string> => {
  await office.hold(KEY);
  const of = size ?? (await tree.size());
  const root = (await rootAt(tree, of)).toString('base64');
  await office.record({ note: `note ${of}`, size: of, root });
  return root;
};

const records = async (): Promise<readonly [string, number][]> =>
  (await log.readStream(NOTARY_STREAM, 0, 1000)).map(({ canonical }) => {
    const { type, data } = JSON.parse(canonical) as { type: string; data: { term: number } };
    return [type, data.term];
  });

it('one node signs at a time, and another goes on from its last checkpoint', async () => {
  const [one, two] = [node('one'), node('two')];
  await write(10);
  const first = await sign(one);
  expect(await two.office.news()).toEqual([{ note: 'note 10', size: 10, root: first }]);
  expect(await two.office.isAtWorkElsewhere()).toBe(true);
  expect(await one.office.isAtWorkElsewhere()).toBe(false);
  await write(5);
  // The first is killed; after a while the second's schedule takes its place.
  clock += 61_000;
  expect(await two.office.isAtWorkElsewhere()).toBe(false);
  await sign(two);
  expect(await records()).toEqual([
    ['NotaryTermBegan', 1],
    ['CheckpointSealed', 1],
    ['NotaryTermBegan', 2],
    ['CheckpointSealed', 2],
  ]);
});

it('a former notary that wakes up cannot put its checkpoint on record', async () => {
  const [one, two] = [node('one'), node('two')];
  await write(10);
  await one.office.hold(KEY);
  const root = (await rootAt(one.tree, await one.tree.size())).toString('base64');
  // It has signed and stands still; the other takes over and signs more.
  await write(5);
  await sign(two);
  await expect(one.office.record({ note: 'stale', size: 10, root })).rejects.toMatchObject({
    kind: 'conflict',
    code: 'NOTARY_ELSEWHERE',
    parameters: { term: 2, host: 'two' },
  });
  expect(JSON.stringify(await log.readStream(NOTARY_STREAM, 0, 100))).not.toContain('stale');
  expect((await one.office.news()).map(({ size }) => size)).toEqual([15]);
});

it('whatever two nodes do at once, the checkpoints on record are one chain', async () => {
  const nodes = [node('one'), node('two'), node('three')];
  const signedAt = new Map<number, string>();
  for (let round = 0; round < 15; round += 1) {
    await write(1 + (round % 3));
    await Promise.allSettled(nodes.map((each) => sign(each)));
  }
  const sealed = (await log.readStream(NOTARY_STREAM, 0, 10_000))
    .map(
      ({ canonical }) => JSON.parse(canonical) as { type: string; data: { term: number; size: number; root: string } },
    )
    .filter(({ type }) => type === 'CheckpointSealed');
  expect(sealed.length).toBeGreaterThanOrEqual(15);
  const [{ tree }] = nodes as [ReturnType<typeof node>];
  let last = { size: 0, term: 0 };
  for (const { data } of sealed) {
    expect(data.size).toBeGreaterThanOrEqual(last.size);
    expect(data.term).toBeGreaterThanOrEqual(last.term);
    expect(data.root).toBe(signedAt.get(data.size) ?? (await rootAt(tree, data.size)).toString('base64'));
    signedAt.set(data.size, data.root);
    last = data;
  }
});

it('does not take over with a tree that is not the one that was signed', async () => {
  const [one, two] = [node('one'), node('two')];
  await write(10);
  await one.office.hold(KEY);
  await one.office.record({ note: 'note', size: 10, root: Buffer.alloc(32).toString('base64') });
  await expect(two.office.hold(KEY)).rejects.toMatchObject({ kind: 'verification', code: 'LOG_FORKED' });
  expect((await records()).length).toBe(2);
});

it('does not take over when what came since the last checkpoint is not in the log as it is in the tree', async () => {
  const [one, two] = [node('one'), node('two')];
  await write(10);
  await sign(one);
  await write(5);
  await two.tree.size();
  const readAll = log.readAll.bind(log);
  log.readAll = async (after, limit) =>
    (await readAll(after, limit)).map((event) =>
      event.revision === 12 ? { ...event, canonical: event.canonical.replace('1200.00', '1300.00') } : event,
    );
  await expect(two.office.hold(KEY)).rejects.toMatchObject({ code: 'TREE_NOT_OF_LOG', parameters: { leaf: 12 } });
});

it('does not sign with another key', async () => {
  const [one, two] = [node('one'), node('two')];
  await write(1);
  await sign(one);
  await expect(two.office.hold('yichi.example/log+11111111+AQ==')).rejects.toMatchObject({
    kind: 'unavailable',
    code: 'NOTARY_KEY_DIFFERS',
  });
});

describe('ledgers of two nodes on one log', () => {
  let directories: readonly [string, string];
  let one: Ledger;
  let two: Ledger;

  beforeEach(async () => {
    directories = [scratchDirectory(), scratchDirectory()];
    const now = (): Date => new Date(clock);
    one = await Ledger.on(new CutLog(log.inner), { dataDir: directories[0] }, now);
    await one.checkpoints.verifierKey();
    copyFileSync(join(directories[0], 'log-key.pem'), join(directories[1], 'log-key.pem'));
    // A log object of its own, as another process would have.
    two = await Ledger.on(new CutLog(log.inner), { dataDir: directories[1] }, now);
    open = [one, two];
  });

  it('sign one chain of checkpoints, which both serve', async () => {
    await write(10);
    const first = await one.checkpoints.make();
    expect(await two.checkpoints.latest()).toEqual(first);
    await write(5);
    const second = await two.checkpoints.make();
    expect(second.size).toBe(15);
    await write(3);
    const third = await one.checkpoints.make();
    const trusted = { log: [parseVerifierKey(await two.checkpoints.verifierKey())] };
    for (const { note, size } of [first, second, third]) {
      expect(openCheckpoint(note, trusted).checkpoint.size).toBe(size);
    }
    expect((await one.checkpoints.notes()).map(({ size }) => size)).toEqual([10, 15, 18]);
  });

  it('a schedule leaves the signing to the node that is at work', async () => {
    await write(10);
    const first = await one.checkpoints.make();
    await write(5);
    expect(await two.checkpoints.makeInTurn()).toEqual(first);
    clock += 3_600_000;
    expect((await two.checkpoints.makeInTurn()).size).toBe(15);
  });

  it('make checkpoints of the same log when both are asked at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      await write(2);
      const made = await Promise.all([one.checkpoints.make(), two.checkpoints.make()]);
      expect(made.map(({ size }) => size)).toEqual([2 * round + 2, 2 * round + 2]);
      expect(made[0]?.root).toBe(made[1]?.root);
    }
  });

  it('does not sign on a node that has made itself another key', async () => {
    await write(3);
    await one.checkpoints.make();
    rmSync(join(directories[1], 'log-key.pem'));
    const stranger = await Ledger.on(new CutLog(log.inner), { dataDir: directories[1] });
    open = [one, two, stranger];
    await expect(stranger.checkpoints.make()).rejects.toMatchObject({ code: 'NOTARY_KEY_DIFFERS' });
  });

  it('go on when a node has lost its directory but for the key', async () => {
    await write(10);
    const first = await one.checkpoints.make();
    await one.close();
    rmSync(join(directories[0], 'tree.sqlite'), { force: true });
    rmSync(join(directories[0], 'checkpoints'), { recursive: true, force: true });
    const again = await Ledger.on(new CutLog(log.inner), { dataDir: directories[0] });
    open = [again, two];
    expect((await again.checkpoints.latest())?.note).toBe(first.note);
    expect((await again.checkpoints.make()).size).toBe(10);
  });
});
