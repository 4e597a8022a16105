import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import fc from 'fast-check';

import type { StoredEvent } from '../../../src/event-log/event';
import { type EventLog, NO_STREAM, RevisionConflict } from '../../../src/event-log/event-log';
import { EventStoreDbEventLog } from '../../../src/event-log/eventstoredb/eventstoredb-event-log';
import { APPEND_FAULTS, type AppendFault, type ReadFault } from '../../support/eventstoredb/faults';
import type { StandInRecord } from '../../support/eventstoredb/stand-in-log';
import { StandInServer } from '../../support/eventstoredb/stand-in-server';
import { sampleEvent } from '../sample-event';

/** Answers that come too late are waited for no longer than this; the stand-in answers in a millisecond or two. */
const DEADLINE_MS = 250;

const PLANS = 500;
/** So many plans run at a time, because most of their time is waiting. */
const STAGES = 2;
const WRITERS = 8;
const STREAMS = 4;
const COMMANDS_PER_WRITER = 1;
const MOST_EVENTS = 3;

const options = {
  // On a busy machine seconds may pass without an answer: here nobody gives a server up for that.
  patience: {
    deadlineMs: DEADLINE_MS,
    patienceMs: 300_000,
    awayAfterMs: 300_000,
    firstPauseMs: 1,
    longestPauseMs: 50,
  },
  moreCategories: ['contract'],
  silenceMs: 100,
};

/** What a writer was told about one command. */
interface Acknowledged {
  readonly stream: string;
  readonly ids: readonly string[];
}

/** Writes its commands one after another, each until it is told that it is stored, as the command runner does. */
const write = async (log: EventLog, streams: readonly string[], seed: number): Promise<readonly Acknowledged[]> => {
  const acknowledged: Acknowledged[] = [];
  for (let command = 0; command < COMMANDS_PER_WRITER; command += 1) {
    const stream = streams[(seed + command) % streams.length] as string;
    const ids = Array.from({ length: 1 + ((seed + command) % MOST_EVENTS) }, () => randomUUID());
    let expectedRevision = NO_STREAM;
    for (;;) {
      const from = expectedRevision + 1;
      const commandId = randomUUID();
      const events = ids.map((id, index) => sampleEvent(stream, from + index, { id, commandId }));
      try {
        await log.append({ stream, expectedRevision, events });
        break;
      } catch (error) {
        if (!(error instanceof RevisionConflict)) throw error;
        expectedRevision = error.actualRevision;
      }
    }
    acknowledged.push({ stream, ids });
  }
  return acknowledged;
};

/** These take a deadline each, so they come less often. */
const WAITED_FOR: ReadonlySet<AppendFault> = new Set(['answer-too-late', 'commit-too-late', 'lost']);

const appendFault = fc.oneof(
  { weight: 10, arbitrary: fc.constant(null) },
  { weight: 9, arbitrary: fc.constantFrom<AppendFault>(...APPEND_FAULTS.filter((fault) => !WAITED_FOR.has(fault))) },
  { weight: 1, arbitrary: fc.constantFrom<AppendFault>(...WAITED_FOR) },
);

const readFault: fc.Arbitrary<ReadFault | null> = fc.oneof(
  fc.constant(null),
  fc.record({
    kind: fc.constantFrom('reset' as const, 'error' as const, 'silence' as const),
    afterEvents: fc.nat({ max: 12 }),
  }),
  fc.constant({ kind: 'duplicates' } as const),
  fc.constant({ kind: 'empty-pages' } as const),
);

const pageFault: fc.Arbitrary<ReadFault | null> = fc.oneof(
  { weight: 29, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('reset' as const, 'error' as const, 'silence' as const),
      afterEvents: fc.nat({ max: 1 }),
    }),
  },
);

interface Plan {
  readonly appends: readonly (AppendFault | null)[];
  readonly pages: readonly (ReadFault | null)[];
  readonly subscriptions: readonly (ReadFault | null)[];
  readonly seed: number;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  appends: fc.array(appendFault, { maxLength: 8 }),
  pages: fc.array(pageFault, { maxLength: 12 }),
  subscriptions: fc.array(readFault, { maxLength: 3 }),
  seed: fc.nat({ max: 1000 }),
});

/** The ledger's own id of an event. */
const idOf = ({ metadata }: StandInRecord): string =>
  (JSON.parse(Buffer.from(metadata).toString()) as { readonly id: string }).id;

/** A server, and as many nodes as there are writers. */
class Stage {
  private constructor(
    readonly server: StandInServer,
    readonly logs: readonly EventStoreDbEventLog[],
  ) {}

  static async open(): Promise<Stage> {
    const server = await StandInServer.start();
    const logs = Array.from({ length: WRITERS }, () => new EventStoreDbEventLog(server.connectionString, options));
    for (const log of logs) await log.head();
    return new Stage(server, logs);
  }

  async close(): Promise<void> {
    this.server.faults = {};
    await Promise.all(this.logs.map((log) => log.close()));
    await this.server.stop();
  }

  /** What the ledger has written, in the order of the server. */
  get records(): readonly StandInRecord[] {
    return this.server.log.records.filter(({ stream }) => !stream.startsWith('$'));
  }

  async play({ appends, pages, subscriptions, seed }: Plan): Promise<void> {
    const [appendFaults, pageFaults, subscriptionFaults] = [[...appends], [...pages], [...subscriptions]];
    const onSubscription = (): ReadFault | null => subscriptionFaults.shift() ?? null;
    this.server.faults = {
      onAppend: () => appendFaults.shift() ?? null,
      onRead: () => pageFaults.shift() ?? null,
      onSubscription,
    };
    const before = this.records.length;
    const streams = Array.from({ length: STREAMS }, () => `contract-${randomUUID()}`);
    const following = this.#follow(this.records.at(-1)?.position ?? 0);
    const acknowledged = (await Promise.all(this.logs.map((log, index) => write(log, streams, seed + index)))).flat();
    this.server.faults = { onSubscription };
    const seen = await following();

    const records = this.records.slice(before);
    const storedIds = records.map(idOf);
    // Nothing doubled, nothing lost, nothing that nobody was told of.
    expect(new Set(storedIds).size).toBe(storedIds.length);
    expect([...storedIds].sort()).toEqual(acknowledged.flatMap(({ ids }) => ids).sort());
    // What one command made lies together, in its order.
    for (const { stream, ids } of acknowledged) {
      const inStream = this.server.log.stream(stream).map(idOf);
      const from = inStream.indexOf(ids[0] as string);
      expect(inStream.slice(from, from + ids.length)).toEqual(ids);
    }
    // The reader has had everything once, in order.
    expect(seen.map(({ position }) => position)).toEqual(records.map(({ position }) => position));
  }

  /** Follows from a position on; what it answers waits until everything has come in. */
  #follow(after: number): () => Promise<readonly StoredEvent[]> {
    const seen: StoredEvent[] = [];
    const reader = this.logs[0] as EventLog;
    const subscription = reader.subscribeAll(after, { onEvents: async (events) => void seen.push(...events) });
    return async () => {
      const last = this.records.at(-1)?.position ?? 0;
      while ((seen.at(-1)?.position ?? after) < last) await pause(2);
      await subscription.close();
      return seen;
    };
  }
}

describe('writers and readers on a server that fails', () => {
  let stages: readonly Stage[];

  const { stackTraceLimit } = Error;

  beforeAll(async () => {
    // Thousands of calls fail here, and writing down where takes longer than all else.
    Error.stackTraceLimit = 0;
    stages = await Promise.all(Array.from({ length: STAGES }, () => Stage.open()));
  });
  afterAll(async () => {
    Error.stackTraceLimit = stackTraceLimit;
    await Promise.all(stages.map((stage) => stage.close()));
  });

  it(`lose nothing that was acknowledged and double nothing, in ${PLANS} plans`, async () => {
    let faults = 0;
    await Promise.all(
      stages.map((stage) =>
        fc.assert(
          fc.asyncProperty(plan, async (drawn) => {
            faults += drawn.appends.filter((fault) => fault !== null).length;
            await stage.play(drawn);
          }),
          { numRuns: PLANS / STAGES, endOnFailure: true },
        ),
      ),
    );
    expect(faults).toBeGreaterThan(PLANS);
  }, 600_000);
});
