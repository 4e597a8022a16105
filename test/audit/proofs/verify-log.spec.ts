import { canonicalEvent } from '../../../src/event-log/canonical-event';
import type { LedgerEvent } from '../../../src/event-log/event';
import type { FindingCode } from '../../../src/audit/proofs/finding';
import { leafHash } from '../../../src/event-log/tree/merkle-hash';
import type { MemoryTreeStore } from '../../../src/event-log/tree/memory-tree-store';
import type { TreeReader } from '../../../src/event-log/tree/tree-store';
import { type KnownCheckpoint, type LogVerification, verifyLog } from '../../../src/audit/proofs/verify-log';
import { checkpointOf, keys, type Row, rowsOf, sampleEvents, treeOf, verifyRows } from './ledger-sample';

const EVENTS = 2000;
const events = sampleEvents(EVENTS);
const rows = rowsOf(events);
const tree = treeOf(rows);
let external: readonly KnownCheckpoint[];

beforeAll(async () => {
  external = [await checkpointOf(rows.slice(0, 700)), await checkpointOf(rows)];
});

const codes = ({ findings }: LogVerification): readonly FindingCode[] => [...new Set(findings.map(({ code }) => code))];

/** What an owner of the file does who knows how the log is built: positions, revisions and hashes fit again. */
const madeToFit = (altered: readonly LedgerEvent[]): readonly Row[] => {
  const revisions = new Map<string, number>();
  return rowsOf(
    altered.map((event) => {
      const revision = (revisions.get(event.stream) ?? -1) + 1;
      revisions.set(event.stream, revision);
      return { ...event, revision };
    }),
  );
};

const flipped = (row: Row, at: number): Row => {
  const bytes = Buffer.from(row.bytes);
  bytes[at] = (bytes[at] as number) ^ 0x01;
  return { ...row, bytes };
};

const replaced = (place: number, row: Row): readonly Row[] => rows.with(place, row);
const renumbered = (kept: readonly Row[]): readonly Row[] =>
  kept.map((row, index) => ({ ...row, position: index + 1 }));

it('finds an unaltered log whole, with its tree and without, with every checkpoint', async () => {
  const whole = await verifyRows(rows, tree, external);
  expect(whole).toMatchObject({ ok: true, events: EVENTS, checkpoints: 2, findings: [], omitted: 0 });
  expect(whole.root).toBe(tree.root().toString('base64'));
  expect((await verifyRows(rows, null, external)).ok).toBe(true);
  expect(await verifyRows([], null, [await checkpointOf([])])).toMatchObject({ ok: true, events: 0, checkpoints: 1 });
});

describe('one flipped byte', () => {
  it('is found in every event, and named, by the hashes that the log keeps', async () => {
    const altered = rows.map((row, index) => flipped(row, (index * 37) % row.bytes.length));
    const { findings } = await verifyRows(altered, tree, [], { contents: false, findingsOfAKind: EVENTS });
    const named = findings.filter(({ code }) => code === 'EVENT_ALTERED').map(({ position }) => position);
    expect(named).toEqual(rows.map(({ position }) => position));
  });

  it('is found in every single event by an external checkpoint when all hashes were made to fit', async () => {
    // The whole is hashed anew for each event of it; three tiles of the tree, the last one not full, stand for many.
    const few = rows.slice(0, 600);
    const checkpoints = [await checkpointOf(few.slice(0, 200)), await checkpointOf(few)];
    for (const [place, row] of few.entries()) {
      const altered = few.with(place, flipped(row, (place * 31) % row.bytes.length));
      // A tree that fits what is there now is the one that is built from it: none is given.
      const { ok, findings } = await verifyRows(altered, null, checkpoints, { contents: false });
      expect(ok).toBe(false);
      expect(findings[0]).toMatchObject({ code: 'CHECKPOINT_ROOT_DIFFERS', position: place < 200 ? 1 : 201 });
    }
  });

  it('is found wherever it is in one event', async () => {
    const few = rows.slice(0, 12);
    const row = few[10] as Row;
    const kept = treeOf(few);
    for (let at = 0; at < row.bytes.length; at += 1) {
      const { findings } = await verifyRows(few.with(10, flipped(row, at)), kept, []);
      expect(findings).toContainEqual(expect.objectContaining({ code: 'EVENT_ALTERED', position: 11 }));
    }
  });
});

const cases: readonly (readonly [string, () => readonly Row[], readonly FindingCode[]])[] = [
  [
    'two events swapped',
    () => rows.with(500, { ...(rows[900] as Row), position: 501 }).with(900, { ...(rows[500] as Row), position: 901 }),
    ['EVENT_ALTERED'],
  ],
  ['the first event deleted', () => rows.slice(1), ['POSITION_GAP', 'TREE_SIZE_DIFFERS']],
  ['an event in the middle deleted', () => rows.toSpliced(1000, 1), ['POSITION_GAP', 'TREE_SIZE_DIFFERS']],
  ['the last event deleted', () => rows.slice(0, -1), ['TREE_SIZE_DIFFERS']],
  [
    'an event inserted with a past position',
    () => rows.toSpliced(100, 0, { ...(rows[1999] as Row), position: 100 }),
    ['POSITION_GAP', 'TREE_SIZE_DIFFERS'],
  ],
];

describe.each(cases)('%s', (_, alter, expected) => {
  it('is found by what the log itself keeps', async () => {
    const verification = await verifyRows(alter(), tree, []);
    expect(codes(verification)).toEqual(expect.arrayContaining([...expected]));
  });

  it('is found by an external checkpoint when positions, revisions and hashes were made to fit', async () => {
    const altered = madeToFit(alter().map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as LedgerEvent));
    const { ok, findings } = await verifyRows(altered, treeOf(altered), external);
    expect(ok).toBe(false);
    expect(findings.some(({ code }) => /^CHECKPOINT_/.test(code))).toBe(true);
  });
});

it('finds a tail deleted together with its hashes, and an older backup put back', async () => {
  for (const kept of [1999, 1500, 700, 1, 0]) {
    const older = rows.slice(0, kept);
    const { ok, findings, checkpoints } = await verifyRows(older, treeOf(older), external);
    expect(ok).toBe(false);
    expect(checkpoints).toBe(kept >= 700 ? 1 : 0);
    expect(findings).toContainEqual(expect.objectContaining({ code: 'CHECKPOINT_BEYOND_LOG', position: kept + 1 }));
    // Without a checkpoint kept elsewhere nothing could tell.
    expect((await verifyRows(older, treeOf(older), [])).ok).toBe(true);
  }
});

it('finds an older backup that was written on since', async () => {
  const older = rowsOf(sampleEvents(700).concat(events.slice(700).map((event) => ({ ...event, basis: '另一份文件' }))));
  const { findings } = await verifyRows(older, treeOf(older), external);
  expect(findings).toEqual([expect.objectContaining({ code: 'CHECKPOINT_ROOT_DIFFERS', position: 701 })]);
});

it('finds a log that was rewritten whole with new hashes', async () => {
  const rewritten = rowsOf(events.map((event) => ({ ...event, actor: { ...event.actor, id: 'li' } })));
  expect((await verifyRows(rewritten, treeOf(rewritten), [])).ok).toBe(true);
  const { ok, findings } = await verifyRows(rewritten, treeOf(rewritten), external);
  expect(ok).toBe(false);
  expect(findings.map(({ code, position }) => [code, position])).toEqual([
    ['CHECKPOINT_ROOT_DIFFERS', 1],
    ['CHECKPOINT_ROOT_DIFFERS', 1],
  ]);
});

it('finds a changed recordedAt, and a tile that was changed to fit it', async () => {
  const event = { ...(events[1500] as LedgerEvent), recordedAt: '2023-12-31T15:59:59.999Z' };
  const altered = replaced(1500, { ...(rows[1500] as Row), bytes: Buffer.from(canonicalEvent(event)) });
  expect((await verifyRows(altered, tree, [])).findings).toEqual([
    expect.objectContaining({ code: 'EVENT_ALTERED', position: 1501 }),
  ]);
  const fitted = withTile(tree, 0, 5, async (tile) => {
    const changed = Buffer.from(tile);
    leafHash(canonicalEvent(event)).copy(changed, (1500 % 256) * 32);
    return changed;
  });
  const one = await verifyLog(
    { events: pages(altered), tree: fitted, positions: 'gapless' },
    { checkpoints: [], keys },
  );
  expect(one.findings).toEqual([expect.objectContaining({ code: 'TREE_ALTERED', position: 5 * 256 + 1 })]);
  const all = await verifyRows(altered, treeOf(altered), external);
  expect(all.findings).toEqual([expect.objectContaining({ code: 'CHECKPOINT_ROOT_DIFFERS', position: 701 })]);
});

it('finds a tile that is missing or cut short', async () => {
  const missing = async (): Promise<Uint8Array> => {
    throw new RangeError('no such tile');
  };
  const cutShort = async (tile: Uint8Array): Promise<Uint8Array> => tile.subarray(0, -32);
  for (const [damage, position] of [
    [missing, 3 * 256 + 1],
    [cutShort, 4 * 256],
  ] as const) {
    const damaged = withTile(tree, 0, 3, damage);
    const { findings } = await verifyLog(
      { events: pages(rows), tree: damaged, positions: 'gapless' },
      { checkpoints: [], keys },
    );
    expect(findings).toEqual([expect.objectContaining({ code: 'TREE_UNREADABLE', position })]);
  }
});

it('does not believe a checkpoint that was altered, is another log’s or is signed by another key', async () => {
  const [, last] = external as [KnownCheckpoint, KnownCheckpoint];
  const note = String(last.note);
  for (const wrong of [note.replace('\n2000\n', '\n2001\n'), note.replaceAll('630222', '630223'), '', 'x\n\n— a b\n']) {
    const { ok, findings } = await verifyRows(rows, tree, [{ source: '审计局', note: wrong }]);
    expect(ok).toBe(false);
    expect(findings).toEqual([expect.objectContaining({ code: 'CHECKPOINT_NOT_TRUSTED', position: null })]);
  }
});

describe('an event by itself', () => {
  const verdict = async (change: (event: LedgerEvent) => object): Promise<readonly FindingCode[]> => {
    const event = change(events[40] as LedgerEvent) as LedgerEvent;
    const bytes = Buffer.from(canonicalEvent(event));
    return codes(await verifyRows(replaced(40, { ...(rows[40] as Row), bytes }), null, []));
  };
  const moving = (movement: object) => (event: LedgerEvent) => ({
    ...event,
    data: { movements: [{ ...(event.data as { movements: readonly object[] }).movements[0], ...movement }] },
  });

  it('may have moved money from a place to itself, as logs of earlier versions say: nothing is amiss', async () => {
    const at = 'pool:630222:2024:received';
    expect(await verdict(moving({ from: at, to: at }))).not.toContain('MOVEMENT_INVALID');
    const idle = rowsOf(
      events.map((event, place) => (place === 1999 ? (moving({ from: at, to: at })(event) as LedgerEvent) : event)),
    );
    const { ok, notes } = await verifyRows(idle, treeOf(idle), []);
    expect([ok, notes]).toEqual([true, [expect.objectContaining({ code: 'MOVEMENT_TO_ITSELF', position: 2000 })]]);
    expect((await verifyRows(rows, tree, [])).notes).toEqual([]);
  });

  it.each<readonly [string, (event: LedgerEvent) => object, FindingCode]>([
    ['without an actor', (event) => ({ ...event, actor: { id: '', role: 'clerk', division: '' } }), 'ACTOR_MISSING'],
    ['without a role', (event) => ({ ...event, actor: { id: 'a', role: ' ', division: '' } }), 'ACTOR_MISSING'],
    ['without a basis', (event) => ({ ...event, basis: '' }), 'BASIS_MISSING'],
    ['of another command', (event) => ({ ...event, commandId: rows[0]?.id }), 'EVENT_ID_DIFFERS'],
    ['of another stream', (event) => ({ ...event, stream: 'pool-1-2024' }), 'EVENT_ROW_DIFFERS'],
    ['of another revision', (event) => ({ ...event, revision: 7 }), 'EVENT_ROW_DIFFERS'],
    ['recorded at no time', (event) => ({ ...event, recordedAt: '2024-03-01' }), 'EVENT_FIELD_INVALID'],
    ['with a negative amount', moving({ amount: '-1.00' }), 'MOVEMENT_INVALID'],
    ['with no amount', moving({ amount: '0.00' }), 'MOVEMENT_INVALID'],
    ['with a third decimal', moving({ amount: '1.001' }), 'MOVEMENT_INVALID'],
    ['with an unknown account', moving({ from: 'pocket:zhang' }), 'MOVEMENT_INVALID'],
    ['that gives more than there is', moving({ amount: '90000.01' }), 'MONEY_NOT_CONSERVED'],
    ['that gives another line’s money', moving({ quotaLine: 'x/y/z' }), 'MONEY_NOT_CONSERVED'],
  ])('%s is found', async (_, change, code) => {
    expect(await verdict(change)).toContain(code);
  });

  it.each<readonly [string, (text: string) => string | Buffer, FindingCode]>([
    ['with a space', (text) => text.replace(',', ', '), 'EVENT_NOT_CANONICAL'],
    ['with a key twice', (text) => text.replace('{"actor"', '{"basis":"x","actor"'), 'EVENT_NOT_CANONICAL'],
    ['with something more', (text) => text.replace(',"type"', ',"total":"1.00","type"'), 'EVENT_NOT_CANONICAL'],
    ['with half a surrogate pair', (text) => text.replace('import-1', '\\ud800'), 'EVENT_NOT_CANONICAL'],
    ['that is no JSON', (text) => text.slice(1), 'EVENT_UNREADABLE'],
    ['that is a list', (text) => `[${text}]`, 'EVENT_UNREADABLE'],
    ['with a missing field', (text) => text.replace('"correlationId":"import-1",', ''), 'EVENT_FIELD_INVALID'],
    [
      'with a byte that is not UTF-8',
      (text) => Buffer.from(text).fill(0xff, text.indexOf('import-1'), text.indexOf('import-1') + 1),
      'EVENT_UNREADABLE',
    ],
  ])('%s is found', async (_, alter, code) => {
    const text = Buffer.from((rows[40] as Row).bytes).toString();
    const bytes = Buffer.from(alter(text) as string);
    expect(codes(await verifyRows(replaced(40, { ...(rows[40] as Row), bytes }), null, []))).toContain(code);
  });

  it('at a revision out of turn is found', async () => {
    const event = { ...(events[40] as LedgerEvent), revision: 700 };
    const row = { ...(rows[40] as Row), revision: 700, bytes: Buffer.from(canonicalEvent(event)) };
    expect(codes(await verifyRows(replaced(40, row), null, []))).toEqual(['REVISION_GAP']);
  });
});

it('tells the first of many findings and counts the others', async () => {
  const { findings, omitted } = await verifyRows(
    rows.map((row) => flipped(row, 0)),
    tree,
    [],
  );
  expect(findings.length).toBeLessThan(100);
  expect(omitted).toBeGreaterThan(1900);
  expect(findings[0]).toMatchObject({ position: 1 });
});

it('follows an engine whose positions only grow', async () => {
  const sparse = rows.map((row) => ({ ...row, position: row.position * 10 }));
  const log = { tree, positions: 'growing' as const };
  expect(await verifyLog({ ...log, events: pages(sparse) }, { checkpoints: external, keys })).toMatchObject({
    ok: true,
    checkpoints: 2,
  });
  const backwards = sparse.with(3, { ...(sparse[3] as Row), position: 30 });
  expect(codes(await verifyLog({ ...log, events: pages(backwards) }, { checkpoints: [], keys }))).toEqual([
    'POSITION_GAP',
  ]);
  expect(renumbered(sparse)).toEqual(rows);
});

async function* pages(of: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield of;
}

const withTile = (
  whole: MemoryTreeStore,
  level: number,
  index: number,
  change: (tile: Uint8Array) => Promise<Uint8Array>,
): TreeReader => ({
  size: () => whole.size(),
  readTile: async (tile) => {
    const bytes = await whole.readTile(tile);
    return tile.level === level && tile.index === index ? change(bytes) : bytes;
  },
});
