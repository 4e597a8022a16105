import { setTimeout as pause } from 'node:timers/promises';

import type { StoredEvent } from '../../../src/event-log/event';
import { NO_STREAM } from '../../../src/event-log/event-log';
import { EventStoreDbEventLog } from '../../../src/event-log/eventstoredb/eventstoredb-event-log';
import { describeOnKillableServers, newNamespace, type TestServer } from '../../support/eventstoredb/servers';
import { StandInServer } from '../../support/eventstoredb/stand-in-server';
import { sampleEvents } from '../sample-event';

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await pause(5);
};

/** Appends one event after another to a stream until told to stop; answers the positions that were acknowledged. */
const keepWriting = (log: EventStoreDbEventLog, stream: string): (() => Promise<readonly number[]>) => {
  let isEnough = false;
  const positions: number[] = [];
  const writing = (async () => {
    for (let revision = 0; !isEnough; revision += 1) {
      const events = sampleEvents(stream, revision, 1);
      positions.push(...(await log.append({ stream, expectedRevision: revision - 1, events })).positions);
    }
  })();
  return async () => {
    isEnough = true;
    await writing;
    return positions;
  };
};

describeOnKillableServers('a server that is killed and comes back', (start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });
  const open: EventStoreDbEventLog[] = [];
  const openOn = (...given: Parameters<TestServer['open']>): EventStoreDbEventLog => {
    const log = server.open(...given);
    open.push(log);
    return log;
  };
  afterEach(async () => void (await Promise.all(open.splice(0).map((log) => log.close()))));
  afterAll(() => server.stop());

  it('keeps what it acknowledged; writers and readers go on without gap or repetition', async () => {
    const namespace = newNamespace();
    const writers = [openOn(namespace), openOn(namespace)];
    const reader = openOn(namespace, { silenceMs: 500 });
    const seen: StoredEvent[] = [];
    const errors: unknown[] = [];
    const subscription = reader.subscribeAll(0, {
      onEvents: async (events) => void seen.push(...events),
      onError: (error) => errors.push(error),
    });
    const stops = writers.map((log, index) => keepWriting(log, `contract-${index}`));
    for (let round = 0; round < 2; round += 1) {
      const before = seen.length;
      await until(() => seen.length > before + 10);
      await server.kill();
      await pause(300);
      await server.restart();
    }
    const after = seen.length;
    await until(() => seen.length > after + 10);
    const acknowledged = (await Promise.all(stops.map((stop) => stop()))).flat().sort((left, right) => left - right);
    await until(() => seen.length >= acknowledged.length);
    await subscription.close();

    expect(seen.map(({ position }) => position)).toEqual(acknowledged);
    const everything: StoredEvent[] = [];
    for (;;) {
      const page = await reader.readAll(everything.at(-1)?.position ?? 0, 1000);
      if (page.length === 0) break;
      everything.push(...page);
    }
    expect(everything).toEqual(seen);
    // In a cluster it may be others each time than the one that is followed.
    if (server.nodes === 1) expect(errors.length).toBeGreaterThan(0);
  });
});

const PATIENCE = {
  deadlineMs: 300,
  patienceMs: 120_000,
  awayAfterMs: 120_000,
  firstPauseMs: 5,
  longestPauseMs: 100,
};
const options = { patience: PATIENCE, moreCategories: ['contract'], silenceMs: 100 };

describe('a cluster', () => {
  it('is written to through a change of its leader, whatever nodes the setting names', async () => {
    const members = await StandInServer.startCluster(3);
    const [first, second] = members as [StandInServer, StandInServer];
    const all = `esdb://${members.map(({ address }) => address).join(',')}?tls=false`;
    const settings = [all, `${all}&nodePreference=follower`, second.connectionString];
    const logs = settings.map((setting) => new EventStoreDbEventLog(setting, options));
    const seen: StoredEvent[] = [];
    const subscription = (logs[1] as EventStoreDbEventLog).subscribeAll(0, {
      onEvents: async (events) => void seen.push(...events),
    });
    const stops = logs.map((log, index) => keepWriting(log, `contract-${index}`));
    await until(() => seen.length > 10);
    await first.kill();
    first.role = 'follower';
    await pause(200);
    second.role = 'leader';
    const before = first.log.records.length;
    await until(() => first.log.records.length > before + 10);
    await first.restart();
    const acknowledged = (await Promise.all(stops.map((stop) => stop()))).flat().sort((left, right) => left - right);
    await until(() => seen.length >= acknowledged.length);
    expect(seen.map(({ position }) => position)).toEqual(acknowledged);
    await subscription.close();
    await Promise.all(logs.map((log) => log.close()));
    await Promise.all(members.map((member) => member.stop()));
  });
});

describe('a connection', () => {
  let server: StandInServer;
  let log: EventStoreDbEventLog;
  beforeEach(async () => {
    server = await StandInServer.start();
    log = new EventStoreDbEventLog(server.connectionString, options);
  });
  afterEach(async () => {
    await log.close();
    await server.stop();
  });

  const append = (revision: number) =>
    log.append({
      stream: 'contract-1',
      expectedRevision: revision - 1,
      events: sampleEvents('contract-1', revision, 1),
    });

  it('on which nothing passes any more is given up for another', async () => {
    const seen: number[] = [];
    const subscription = log.subscribeAll(0, {
      onEvents: async (events) => void seen.push(...events.map(({ revision }) => revision)),
    });
    await append(0);
    await until(() => seen.length === 1);
    server.gate.freeze();
    await append(1);
    await until(() => seen.length === 2);
    expect(seen).toEqual([0, 1]);
    const [condition] = log.conditions();
    expect(condition).toMatchObject({ state: 'live', lastFailure: expect.any(String) });
    expect(condition?.reconnects).toBeGreaterThan(0);
    await subscription.close();
    expect(log.conditions()).toEqual([]);
  });

  it('shows how the subscription is doing', async () => {
    await append(0);
    const errors: unknown[] = [];
    // Silence is not what is looked at here, and a slow machine must not be taken for it.
    const calm = new EventStoreDbEventLog(server.connectionString, { ...options, silenceMs: 60_000 });
    const subscription = calm.subscribeAll(0, {
      onEvents: async () => undefined,
      onError: (error) => errors.push(error),
    });
    await until(() => calm.conditions()[0]?.state === 'live');
    expect(calm.conditions()).toEqual([
      { state: 'live', position: await log.head(), reconnects: 0, lastFailure: null },
    ]);
    await server.kill();
    await until(() => calm.conditions()[0]?.state === 'retrying');
    expect(errors.length).toBeGreaterThan(0);
    await server.restart();
    await until(() => calm.conditions()[0]?.state === 'live');
    await subscription.close();
    await calm.close();
  });

  it('that stays away is reported as an outcome that is not known, and the same again settles it', async () => {
    const impatient = new EventStoreDbEventLog(server.connectionString, {
      ...options,
      patience: { deadlineMs: 100, patienceMs: 200, firstPauseMs: 5, longestPauseMs: 20 },
    });
    const events = sampleEvents('contract-2', 0, 2);
    const attempt = (by: EventStoreDbEventLog) =>
      by.append({ stream: 'contract-2', expectedRevision: NO_STREAM, events });
    const unanswered = { onAppend: () => 'answer-too-late' as const };
    server.faults = unanswered;
    await expect(attempt(impatient)).rejects.toMatchObject({ kind: 'unavailable', code: 'LOG_OUTCOME_UNKNOWN' });
    server.faults = {};
    const answer = await attempt(log);
    expect(answer.revision).toBe(1);
    expect(await log.readStream('contract-2', 0, 10)).toHaveLength(2);
    await impatient.close();
  });

  it('that two nodes decide on with one command id gives only one of them its own answer', async () => {
    const other = new EventStoreDbEventLog(server.connectionString, options);
    const [event] = sampleEvents('contract-3', 0, 1);
    const mine = { stream: 'contract-3', expectedRevision: NO_STREAM, events: [event as never] };
    const theirs = { ...mine, events: [{ ...(event as object), recordedAt: '2024-03-01T02:03:04.006Z' } as never] };
    const outcomes = await Promise.allSettled([log.append(mine), other.append(theirs)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'RevisionConflict', actualRevision: 0 },
    });
    await other.close();
  });
});
