import { setTimeout as pause } from 'node:timers/promises';

import fc from 'fast-check';

import { CommandRunner } from '../../../src/event-log/command-runner';
import { FactsMoved, NO_STREAM } from '../../../src/event-log/event-log';
import {
  EventStoreDbEventLog,
  type EventStoreDbOptions,
} from '../../../src/event-log/eventstoredb/eventstoredb-event-log';
import type { DomainError } from '../../../src/platform/domain-error';
import type { ReadFault } from '../../support/eventstoredb/faults';
import { describeOnServers, newNamespace, type TestServer } from '../../support/eventstoredb/servers';
import { StandInServer } from '../../support/eventstoredb/stand-in-server';
import { payIn, payOut, purseKind } from '../purse';
import { sampleEvents } from '../sample-event';

/** What readers are promised: nothing that they are answered is older. */
const OLDEST_MS = 100;
const WATCHED = 'purse-watched';
const OTHER = 'purse-other';

const options: EventStoreDbOptions = { moreCategories: ['contract', 'purse'], silenceMs: 200 };

const runnerOn = (log: EventStoreDbEventLog): CommandRunner => new CommandRunner(log, { now: () => new Date() });

const append = (log: EventStoreDbEventLog, stream: string, expectedRevision = NO_STREAM): Promise<unknown> =>
  log.append({ stream, expectedRevision, events: sampleEvents(stream, expectedRevision + 1, 1) });

/** Asks until the number is known. */
const known = async (log: EventStoreDbEventLog, stream?: string): Promise<number> => {
  for (;;) {
    const count = log.foreignWrites(stream);
    if (!Number.isNaN(count)) return count;
    await pause(5);
  }
};

const untilAnother = async (log: EventStoreDbEventLog, than: number, stream?: string): Promise<number> => {
  for (;;) {
    const count = await known(log, stream);
    if (count !== than) return count;
    await pause(5);
  }
};

/** Pays in on one node and asks another when the promise holds it to know. */
const expectFresh = async (writer: CommandRunner, reader: CommandRunner, rounds: number): Promise<void> => {
  const key = newNamespace();
  const { balance } = (await reader.load(WATCHED, purseKind)).state;
  for (let round = 1; round <= rounds; round += 1) {
    await writer.execute(payIn(WATCHED, 1, `${key}-${round}`));
    await pause(OLDEST_MS + 1);
    expect((await reader.load(WATCHED, purseKind)).state.balance).toBe(balance + round);
  }
};

/** After so long what a subscription has not told of counts as not written. */
const TRUSTED_AFTER_MS = 1000;

describeOnServers('what others write', (start) => {
  let server: TestServer;
  let logs: EventStoreDbEventLog[] = [];
  beforeAll(async () => {
    server = await start();
  });
  afterEach(async () => {
    await Promise.all(logs.map((log) => log.close()));
    logs = [];
  });
  afterAll(() => server.stop());

  const open = (count: number): readonly EventStoreDbEventLog[] => {
    const namespace = newNamespace();
    logs = Array.from({ length: count }, () => server.open(namespace, options));
    return logs;
  };

  it('is told stream by stream, and what one writes oneself is not', async () => {
    const [mine, theirs] = open(2) as [EventStoreDbEventLog, EventStoreDbEventLog];
    expect(mine.foreignWrites()).toBeNaN();
    await known(mine);
    const other = await known(mine, OTHER);
    for (let revision = NO_STREAM; revision < 20; revision += 1) await append(mine, WATCHED, revision);
    const before = await known(mine, WATCHED);
    await append(theirs, OTHER);
    await untilAnother(mine, other, OTHER);
    expect(await known(mine, WATCHED)).toBe(before);
    await append(theirs, WATCHED, 20);
    const after = await untilAnother(mine, before, WATCHED);
    // An append that loses is nobody's write, and a repeat is no second one.
    await expect(append(mine, WATCHED, 3)).rejects.toThrow();
    await pause(OLDEST_MS);
    expect(await known(mine, WATCHED)).toBe(after);
  });

  it('refuses what rests on a stream that others have written to, without asking the server', async () => {
    const [mine, theirs] = open(2) as [EventStoreDbEventLog, EventStoreDbEventLog];
    await known(mine);
    await pause(TRUSTED_AFTER_MS);
    const restsOn = [{ streams: [{ stream: WATCHED, revision: NO_STREAM }] }];
    const resting = (revision: number): Promise<unknown> =>
      mine.append({ stream: OTHER, expectedRevision: revision - 1, events: sampleEvents(OTHER, revision, 1), restsOn });
    await append(mine, WATCHED);
    await known(mine);
    // The server would tell of this node's own event as well.
    expect(await resting(0)).toMatchObject({ revision: 0 });
    const before = await known(mine, WATCHED);
    await append(theirs, WATCHED, 0);
    await untilAnother(mine, before, WATCHED);
    await expect(resting(1)).rejects.toBeInstanceOf(FactsMoved);
    expect(await mine.readStream(OTHER, 0, 10)).toHaveLength(1);
  });

  it('is seen by every reader within a tenth of a second, on each of three nodes', async () => {
    const runners = open(3).map(runnerOn) as [CommandRunner, CommandRunner, CommandRunner];
    await runners[0].execute(payIn(WATCHED, 1));
    for (const reader of runners) await reader.load(WATCHED, purseKind);
    for (const [writer, reader] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const) {
      await expectFresh(runners[writer] as CommandRunner, runners[reader] as CommandRunner, 4);
    }
  });

  it('never lets nodes overspend, whichever of them is asked', async () => {
    const runners = open(3).map(runnerOn);
    const purses = fc.record({
      yuan: fc.integer({ min: 1, max: 12 }),
      asked: fc.array(fc.record({ node: fc.nat({ max: 2 }), yuan: fc.integer({ min: 1, max: 4 }) }), { maxLength: 24 }),
    });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(purses, async ({ yuan, asked }) => {
        number += 1;
        const stream = `purse-${number}`;
        await runners[0]?.execute(payIn(stream, yuan));
        const outcomes = await Promise.allSettled(
          asked.map(({ node, yuan: wanted }, index) =>
            (runners[node] as CommandRunner).execute(payOut(stream, wanted, `${stream}-${index}`)),
          ),
        );
        const paid = asked.reduce(
          (sum, { yuan: wanted }, index) => sum + (outcomes[index]?.status === 'fulfilled' ? wanted : 0),
          0,
        );
        expect(paid).toBeLessThanOrEqual(yuan);
        for (const outcome of outcomes) {
          if (outcome.status === 'fulfilled') continue;
          // Who met others all the time may ask again; everybody else is refused for want of money only.
          expect(['OVERDRAWN', 'CONCURRENT_WRITE']).toContain((outcome.reason as DomainError).code);
        }
        await pause(OLDEST_MS + 1);
        for (const runner of runners) {
          const { state } = await runner.load(stream, purseKind);
          expect(state.balance).toBe(yuan - paid);
          expect(state.payees).toHaveLength(outcomes.filter(({ status }) => status === 'fulfilled').length);
        }
      }),
      { numRuns: 12 },
    );
  });
});

describe('what others write, through a subscription that fails', () => {
  let server: StandInServer;
  let mine: EventStoreDbEventLog;
  let theirs: EventStoreDbEventLog;

  beforeEach(async () => {
    server = await StandInServer.start();
    mine = new EventStoreDbEventLog(server.connectionString, options);
    theirs = new EventStoreDbEventLog(server.connectionString, options);
  });
  afterEach(async () => {
    await mine.close();
    await theirs.close();
    await server.stop();
  });

  /** Fails so the first so many times; answers how often somebody subscribed. */
  const failing = (fault: ReadFault, times = Infinity): (() => number) => {
    let subscriptions = 0;
    server.faults = {
      onSubscription: () => {
        subscriptions += 1;
        return subscriptions <= times ? fault : null;
      },
    };
    return () => subscriptions;
  };

  it.each(['error', 'reset', 'silence'] as const)(
    'is unknown after %s until there is another one, and everything counts as written to',
    async (kind) => {
      const subscriptions = failing({ kind, afterEvents: 1 }, 1);
      const before = await known(mine, WATCHED);
      await append(theirs, WATCHED);
      await untilAnother(mine, before, WATCHED);
      const unconcerned = await known(mine, OTHER);
      await append(theirs, WATCHED, 0);
      while (subscriptions() < 2) {
        mine.foreignWrites(WATCHED);
        await pause(5);
      }
      // What was written while nobody listened may have been written anywhere.
      expect(await known(mine, OTHER)).not.toBe(unconcerned);
      const again = await known(mine, WATCHED);
      await append(theirs, WATCHED, 1);
      await untilAnother(mine, again, WATCHED);
    },
  );

  it.each<ReadFault>([
    { kind: 'silence', afterEvents: 0 },
    { kind: 'error', afterEvents: 0 },
    { kind: 'reset', afterEvents: 2 },
    { kind: 'duplicates' },
    { kind: 'empty-pages' },
  ])('leaves readers no more than a tenth of a second behind while it meets $kind again and again', async (fault) => {
    failing(fault);
    await expectFresh(runnerOn(theirs), runnerOn(mine), 6);
  });

  it('is unknown on a log that is closed, and of a stream that is none of the ledger', async () => {
    await known(mine);
    expect(mine.foreignWrites('nobodys-1')).toBeNaN();
    await mine.close();
    expect(mine.foreignWrites()).toBeNaN();
  });

  it('is unknown while the server is away, and known again afterwards', async () => {
    await known(mine);
    await server.kill();
    await pause(OLDEST_MS + 1);
    expect(mine.foreignWrites()).toBeNaN();
    await server.restart();
    await known(mine);
  });
});
