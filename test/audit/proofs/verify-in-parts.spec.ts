import type { EventSpan } from '../../../src/audit/proofs/event-check';
import { checkPart, type LogPart } from '../../../src/audit/proofs/part-check';
import { partsOf, verifyInParts } from '../../../src/audit/proofs/verify-in-parts';
import { canonicalEvent } from '../../../src/event-log/canonical-event';
import type { LedgerEvent } from '../../../src/event-log/event';
import { commandIdFrom, eventId } from '../../../src/event-log/event-id';
import type { LogTree } from '../../../src/event-log/tree/log-tree';
import type { MemoryTreeStore } from '../../../src/event-log/tree/memory-tree-store';
import { checkpointOf, keys, type Row, rowsOf, sampleEvents, treeOf, verifyRows } from './ledger-sample';

const EVENTS = 2000;
const events = sampleEvents(EVENTS);
const rows = rowsOf(events);

/** The tables of an engine: rows, and hashes that may be of other rows. */
const logOf = (table: readonly Row[], hashes: MemoryTreeStore = treeOf(table)): LogTree => ({
  size: () => hashes.size(),
  readTile: (tile) => hashes.readTile(tile),
  leafAt: async (position) => position - 1,
  readLeaves: async (first, limit) => table.filter(({ position }) => position > first).slice(0, limit),
});

const inParts = (log: LogTree, count: number, checkpoints: Parameters<typeof verifyInParts>[2]['checkpoints'] = []) =>
  verifyInParts(log, partsOf(EVENTS, count), { checkpoints, keys }, (part) => checkPart(log, part));

const changedAt = (place: number, change: (event: LedgerEvent) => Partial<LedgerEvent>): readonly Row[] => {
  const event = events[place] as LedgerEvent;
  return rows.with(place, {
    ...(rows[place] as Row),
    bytes: Buffer.from(canonicalEvent({ ...event, ...change(event) })),
  });
};

it('divides a log at tiles, from the first leaf to the last', () => {
  for (const size of [1, 255, 256, 257, 1000, 100_001]) {
    for (const count of [1, 2, 3, 8]) {
      const parts = partsOf(size, count);
      expect(parts.length).toBeLessThanOrEqual(count);
      expect(parts[0]?.from).toBe(0);
      expect(parts.at(-1)?.to).toBe(size);
      parts.slice(1).forEach(({ from }, index) => expect([from % 256, from]).toEqual([0, parts[index]?.to]));
    }
  }
});

it.each([1, 2, 3, 8])('says of a sound log in %i parts what it says of the whole', async (count) => {
  const checkpoints = [await checkpointOf(rows.slice(0, 700)), await checkpointOf(rows)];
  const whole = await verifyRows(rows, treeOf(rows), checkpoints);
  expect(await inParts(logOf(rows), count, checkpoints)).toEqual(whole);
  expect(whole).toMatchObject({ ok: true, checkpoints: 2 });
});

it('notes money that went from an account to itself as it does of the whole, wherever the parts are divided', async () => {
  const toItself = (event: LedgerEvent): LedgerEvent => {
    const { movements } = event.data as { readonly movements: readonly { readonly to: string }[] };
    return { ...event, data: { movements: movements.map((movement) => ({ ...movement, from: movement.to })) } };
  };
  // The last two commands leave what they did not move where it was.
  const idle = rowsOf(events.map((event, place) => (place === 700 || place === 1996 ? toItself(event) : event)));
  const whole = await verifyRows(idle, treeOf(idle), []);
  expect(whole.notes).toEqual([
    expect.objectContaining({
      code: 'MOVEMENT_TO_ITSELF',
      position: 701,
      messageEn: expect.stringContaining('2 events') as string,
    }),
  ]);
  for (const count of [1, 2, 3, 8]) expect(await inParts(logOf(idle), count)).toEqual(whole);
});

it('holds a sound log against checkpoints that it does not fit', async () => {
  const other = rowsOf(events.map((event, index) => (index === 900 ? { ...event, basis: '另〔2024〕9号' } : event)));
  const checkpoints = [await checkpointOf(rows.slice(0, 700)), await checkpointOf(other)];
  const verification = await inParts(logOf(rows), 3, checkpoints);
  expect(verification?.findings.map(({ code, position }) => [code, position])).toEqual([
    ['CHECKPOINT_ROOT_DIFFERS', 701],
  ]);
  expect(verification?.checkpoints).toBe(1);
});

it('goes on with a command that one part begins and the next one ends', async () => {
  const commandId = commandIdFrom('a long document');
  const [sample] = events;
  const long = Array.from({ length: EVENTS }, (_, index): LedgerEvent => {
    // One command of 1,500 events reaches over several parts; after it each event is a command of its own.
    const own = commandIdFrom(`own ${index}`);
    return {
      ...(sample as LedgerEvent),
      stream: 'project-long',
      revision: index,
      commandId: index < 1500 ? commandId : own,
      id: index < 1500 ? eventId(commandId, index) : eventId(own, 0),
      data: {},
    };
  });
  expect(await inParts(logOf(rowsOf(long)), 8)).toMatchObject({ ok: true });
  const wrong = long.with(1200, { ...(long[1200] as LedgerEvent), id: eventId(commandId, 7) });
  expect(await inParts(logOf(rowsOf(wrong)), 8)).toBeNull();
});

const BOUNDARY = (partsOf(EVENTS, 2)[1] as LogPart).from;

describe.each([10, BOUNDARY - 1, BOUNDARY, 1990])('what is wrong at place %i', (place) => {
  const honest = treeOf(rows);
  const ways: readonly (readonly [string, () => LogTree])[] = [
    [
      'an event that its hash does not fit',
      () =>
        logOf(
          changedAt(place, () => ({ basis: '改' })),
          honest,
        ),
    ],
    ['an event without an actor', () => logOf(changedAt(place, () => ({ actor: { id: '', role: '', division: '' } })))],
    ['an id that does not follow', () => logOf(changedAt(place, () => ({ id: eventId(commandIdFrom('x'), 0) })))],
    ['a missing event', () => logOf(rows.toSpliced(place, 1), honest)],
    [
      'a revision left out',
      () => {
        const row = rows[place] as Row;
        return logOf(rows.with(place, { ...row, revision: row.revision + 1 }));
      },
    ],
    ['a tile that is not there', () => logOf(rows, treeOf(rows.slice(0, place)))],
    [
      'money that is not there',
      () =>
        logOf(
          changedAt(place, ({ data }) => {
            const { movements } = data as { movements: { amount: string }[] };
            return { data: { movements: movements.map((each) => ({ ...each, amount: '99999999.00' })) } };
          }),
        ),
    ],
  ];

  it.each(ways)('is noticed, and left for the whole log to say: %s', async (_, log) => {
    for (const count of [1, 2, 5]) expect(await inParts(log(), count)).toBeNull();
  });
});

it('notices money that is short only because of what an earlier part did', async () => {
  // Each part by itself moves what it could have; together the second takes out what the first has taken out already.
  const [opening] = events;
  const movement = (index: number, from: string, to: string, amount: string): LedgerEvent => {
    const commandId = commandIdFrom(`short ${index}`);
    return {
      ...(opening as LedgerEvent),
      stream: 'pool-630222-2024',
      revision: index,
      commandId,
      id: eventId(commandId, 0),
      data: { movements: [{ quotaLine: 'D/C/P', from, to, amount }] },
    };
  };
  const pool = 'pool:630222:2024:received';
  const available = 'pool:630222:2024:available';
  const amountAt = (index: number, last: string): LedgerEvent => {
    if (index === 0) return movement(index, 'source:C', pool, '100.00');
    if (index === 5) return movement(index, pool, available, '60.00');
    return index === EVENTS - 5
      ? movement(index, pool, available, last)
      : movement(index, 'source:C', 'recalled:630222:2024', '0.01');
  };
  const ledger = (last: string): LogTree =>
    logOf(rowsOf(Array.from({ length: EVENTS }, (_, index) => amountAt(index, last))));
  expect(await inParts(ledger('40.00'), 2)).toMatchObject({ ok: true });
  expect(await inParts(ledger('40.01'), 2)).toBeNull();
});

it('does not hide a failure of reading', async () => {
  const log = { ...logOf(rows), readLeaves: () => Promise.reject(new Error('the disk is gone')) };
  await expect(inParts(log, 2)).rejects.toThrow('the disk is gone');
  const failing = (): Promise<EventSpan | null> => Promise.reject(new Error('the thread died'));
  await expect(verifyInParts(logOf(rows), partsOf(EVENTS, 2), { checkpoints: [], keys }, failing)).rejects.toThrow();
});
