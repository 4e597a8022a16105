import { setTimeout as pause } from 'node:timers/promises';

import type { StoredEvent } from '../../../src/event-log/event';
import {
  EventStoreDbEventLog,
  type EventStoreDbOptions,
} from '../../../src/event-log/eventstoredb/eventstoredb-event-log';
import { StandInServer } from '../../support/eventstoredb/stand-in-server';
import { sampleEvents } from '../sample-event';

/** A reading has time for 6,000 records … */
const RECORDS_PER_MS = 0.1;
const DEADLINE_MS = 60_000;
/** … and others have written more at a stretch, which are also more bytes than one cares to look through again. */
const FOREIGN = 9000;
const FOREIGN_BYTES = 1000;

/** What whoever asks for the end may have the server look through at most. */
const FEW = 2 * 1024;

const options: EventStoreDbOptions = {
  moreCategories: ['contract'],
  silenceMs: 60_000,
  patience: { deadlineMs: DEADLINE_MS, patienceMs: 60_000, awayAfterMs: 60_000, firstPauseMs: 5, longestPauseMs: 50 },
};

describe('a server that others use as well', () => {
  let server: StandInServer;
  let logs: EventStoreDbEventLog[];
  beforeEach(async () => {
    server = await StandInServer.start({ recordsPerMs: RECORDS_PER_MS });
    logs = [];
  });
  afterEach(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await server.stop();
  });

  const open = (): EventStoreDbEventLog => {
    const log = new EventStoreDbEventLog(server.connectionString, options);
    logs.push(log);
    return log;
  };

  const append = async (log: EventStoreDbEventLog, from: number, count: number): Promise<number> => {
    const events = sampleEvents('contract-1', from, count);
    const { positions } = await log.append({ stream: 'contract-1', expectedRevision: from - 1, events });
    return positions.at(-1) as number;
  };

  const othersWrite = (): void => server.log.appendForeign('$ce-orders', FOREIGN, FOREIGN_BYTES);

  const lookedThroughBy = async (work: () => Promise<unknown>): Promise<number> => {
    const before = server.lookedThrough;
    await work();
    return server.lookedThrough - before;
  };

  /** Until somebody has put on record where the ledger ends. */
  const untilRecorded = async (times = 1): Promise<void> => {
    while (server.log.stream('notary-end').length < times) await pause(5);
  };

  it('tells where the ledger ends, looks through others’ records once, and leaves that to nobody else', async () => {
    const last = await append(open(), 0, 3);
    othersWrite();
    const first = open();
    expect(await first.head()).toBe(last);
    await untilRecorded();
    expect(await lookedThroughBy(() => first.head())).toBeLessThan(FEW);
    const second = open();
    const looked = await lookedThroughBy(async () => expect(await second.head()).toBe(last));
    expect(looked).toBeLessThan(FEW);
  });

  it('tells the end of a ledger that has not begun', async () => {
    othersWrite();
    expect(await open().head()).toBe(0);
    await untilRecorded();
    expect(await lookedThroughBy(async () => expect(await open().head()).toBe(0))).toBeLessThan(FEW);
    expect(await open().readAll(0, 10)).toEqual([]);
  });

  it('knows of events behind what is on record, few or many', async () => {
    const log = open();
    await append(log, 0, 1);
    othersWrite();
    await log.head();
    await untilRecorded();
    for (const count of [1, 200]) {
      const revision = server.log.stream('contract-1').length;
      const last = await append(log, revision, count);
      server.log.appendForeign('orders-1', 3);
      expect(await open().head()).toBe(last);
    }
  });

  it('is read in pages past the end that was known when others had written behind it', async () => {
    const log = open();
    const first = await append(log, 0, 1);
    othersWrite();
    expect(await log.head()).toBe(first);
    await append(log, 1, 5);
    const revisions: number[] = [];
    for (let page = await log.readAll(0, 2); page.length > 0; page = await log.readAll(page.at(-1)?.position ?? 0, 2)) {
      revisions.push(...page.map(({ revision }) => revision));
    }
    expect(revisions).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('is not believed when what is on record is not so', async () => {
    const log = open();
    const last = await append(log, 0, 1);
    othersWrite();
    await log.head();
    await untilRecorded();
    const [recorded] = server.log.stream('notary-end');
    const end = JSON.parse(Buffer.from(recorded?.data ?? []).toString()) as { event: string; lookedTo: string };
    expect(end).toEqual({ event: String(last), lookedTo: expect.any(String) });
    // Positions that no record begins at, and one that is none of the ledger's.
    const others = server.log.records.find(({ stream }) => stream === '$ce-orders')?.position ?? 0;
    for (const wrong of [
      { event: String(last + 1), lookedTo: end.lookedTo },
      { event: String(last), lookedTo: String(Number(end.lookedTo) + 1) },
      { event: String(others), lookedTo: end.lookedTo },
      { event: 'x', lookedTo: '-1' },
    ]) {
      const { id, type, contentType, metadata } = recorded as NonNullable<typeof recorded>;
      const data = Buffer.from(JSON.stringify(wrong));
      server.log.append('notary-end', 'any', [{ id, type, contentType, metadata, data }]);
      expect(await open().head()).toBe(last);
    }
  });

  it('is read on where a reading was cut off', async () => {
    const log = open();
    await append(log, 0, 2);
    othersWrite();
    await append(log, 2, 2);
    othersWrite();
    await append(log, 4, 1);
    othersWrite();
    const fresh = open();
    const all = await fresh.readAll(0, 100);
    expect(all.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4]);
    const positions = all.map(({ position }) => position);
    for (const [index, after] of positions.entries()) {
      const rest = await fresh.readAll(after, 100);
      expect(rest.map(({ position }) => position)).toEqual(positions.slice(index + 1));
    }
    expect((await fresh.readAll(0, 3)).map(({ revision }) => revision)).toEqual([0, 1, 2]);
    expect(await fresh.readAt(positions[2] as number)).toMatchObject({ revision: 2 });
  });

  it('is followed from the last event on without looking through the rest again', async () => {
    const log = open();
    const last = await append(log, 0, 1);
    othersWrite();
    await log.head();
    await untilRecorded();
    const node = open();
    await node.head();
    const seen: StoredEvent[] = [];
    const looked = await lookedThroughBy(async () => {
      const subscription = node.subscribeAll(last, { onEvents: async (events) => void seen.push(...events) });
      while (node.conditions()[0]?.state !== 'live') await pause(5);
      await append(log, 1, 1);
      while (seen.length === 0) await pause(5);
      await subscription.close();
    });
    expect(seen.map(({ revision }) => revision)).toEqual([1]);
    expect(looked).toBeLessThan(FEW);
  });

  it('tells others’ writes while it is far behind the ledger’s last event', async () => {
    const log = open();
    await append(log, 0, 1);
    othersWrite();
    const node = open();
    while (Number.isNaN(node.foreignWrites())) await pause(5);
    const before = node.foreignWrites();
    await append(log, 1, 1);
    while (!(node.foreignWrites() > before)) await pause(5);
  });

  it('that was restored from an older backup is asked anew', async () => {
    const log = open();
    const first = await append(log, 0, 1);
    othersWrite();
    const kept = server.log.records.length;
    await append(log, 1, 1);
    othersWrite();
    const last = await log.head();
    server.log.truncate(kept);
    expect(await log.head()).toBe(first);
    othersWrite();
    expect(await log.head()).toBe(first);
    await expect(log.readAll(last, 10)).rejects.toMatchObject({ code: 'LOG_POSITION_UNKNOWN' });
  });
});

describe('a server that answers, and is too slow', () => {
  it('is told as slow and not as one that cannot be reached', async () => {
    const server = await StandInServer.start({ recordsPerMs: 1 });
    server.faults = { onSubscription: () => ({ kind: 'silence', afterEvents: 0 }) };
    const patience = { deadlineMs: 1000, patienceMs: 1, awayAfterMs: 60_000, firstPauseMs: 1, longestPauseMs: 5 };
    const log = new EventStoreDbEventLog(server.connectionString, { ...options, patience });
    const events = sampleEvents('contract-1', 0, 1);
    const { positions } = await log.append({ stream: 'contract-1', expectedRevision: -1, events });
    server.log.appendForeign('orders-1', 5000);
    await log.append({ stream: 'contract-1', expectedRevision: 0, events: sampleEvents('contract-1', 1, 1) });
    await expect(log.readAll(positions[0] as number, 10)).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'LOG_SLOW',
    });
    await server.kill();
    await expect(log.readAll(positions[0] as number, 10)).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' });
    await log.close();
    await server.stop();
  });
});
