import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BACKWARDS, END, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import type { CallOptions, Metadata } from '@grpc/grpc-js';

import { CommandRunner } from '../src/event-log/command-runner';
import type { LedgerEvent } from '../src/event-log/event';
import type { EventLog, StreamAppend } from '../src/event-log/event-log';
import type { EventStoreDbEventLog } from '../src/event-log/eventstoredb/eventstoredb-event-log';
import { openEventStoreDb } from '../src/event-log/eventstoredb/open-eventstoredb';
import { followRequest } from '../src/event-log/eventstoredb/read-requests';
import { ProjectionRunner } from '../src/projecting/projection-runner';
import { runCallers, timed } from './append';
import { benchmarkLine, type BenchmarkLine, median } from './report';
import { countyPools } from './support/county-pools';
import { generateLedger } from './support/generate-ledger';
import { writeLedger } from './support/write-ledger';

export interface ClusterBenchmarkOptions {
  /** `esdb://…` of the server that is measured; it keeps what is written, in streams of names of their own. */
  readonly url: string;
  /** Events of the main figure; those that are followed are as many again. */
  readonly events?: number;
  /** Others' records to write behind the ledger's last event before its end is looked for; none: it is not measured. */
  readonly foreign?: number;
  readonly onProgress?: (message: string) => void;
}

const DEFAULT_EVENTS = 30_000;
const POOLS = 100;
const CALLERS = 256;

/** Both sides are measured in turn, round by round, so that a busy neighbour slows both. */
const ROUNDS = 5;
/** Rounds that are not counted: the first ones compile code and open connections. */
const WARM_UP_ROUNDS = 1;

const ONE_CALLER_EVENTS = 300;

/** Both sides of following one log: a server has it in its memory from the second time on. */
const FOLLOW_ROUNDS = 3;

const FEW_EVENTS = 1000;
const END_ROUNDS = 15;
/** Records of others in one append, small as the links of a server's own projections are. */
const FOREIGN_BATCH = 1000;

/** Streams of one run on a server that others may use as well. */
const namespace = (): string => `bench${randomUUID().replaceAll('-', '')}`;

/**
 * What the ledger reaches on a server, beside what the product's client alone reaches there in the same run: appends of
 * 256 callers over 100 pools against the same batches, the time that one caller waits, and events a second from a
 * subscription into projections and facts against the bare subscription. With `foreign`, how long a node that begins
 * takes to know where the ledger ends, against reading the newest record.
 */
export async function* clusterBenchmark(options: ClusterBenchmarkOptions): AsyncGenerator<BenchmarkLine> {
  const client = EventStoreDBClient.connectionString(options.url);
  try {
    yield* appends(options, client);
    yield* following(options, client);
    yield* endOf(options, client);
  } finally {
    await client.dispose();
  }
}

/** An append as the client takes it, ready to be sent. */
interface BareAppend {
  readonly stream: string;
  readonly expectedRevision: bigint;
  readonly events: readonly ReturnType<typeof jsonEvent>[];
}

async function* appends(
  { url, events = DEFAULT_EVENTS, onProgress }: ClusterBenchmarkOptions,
  client: EventStoreDBClient,
): AsyncGenerator<BenchmarkLine> {
  const space = namespace();
  const log = await openEventStoreDb(url, { namespace: space });
  try {
    onProgress?.('preparing pools');
    const recorded = new RecordedAppends(log);
    const command = await countyPools(new CommandRunner(recorded.log, { now: () => new Date() }), {
      pools: POOLS,
      projectsPerPool: 2,
      villagesPerProject: 2,
    });
    const bare = new BareStreams(client, namespace());
    await bare.append(recorded.take());
    yield await measureAppends('cluster', CALLERS, events, { command, recorded, bare, onProgress });
    yield await measureOneCaller({ command, recorded, bare, onProgress });
  } finally {
    await log.close();
  }
}

interface Sides {
  readonly command: Parameters<typeof runCallers>[0];
  readonly recorded: RecordedAppends;
  readonly bare: BareStreams;
  readonly onProgress: ((message: string) => void) | undefined;
}

/** Commands before those of a measurement have numbers below this. */
let nextCommand = 0;

const measureAppends = async (
  name: string,
  callers: number,
  events: number,
  { command, recorded, bare, onProgress }: Sides,
): Promise<BenchmarkLine> => {
  const perRound = Math.ceil(events / ROUNDS);
  const figures: number[] = [];
  const limits: number[] = [];
  let batches = 0;
  for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round += 1) {
    onProgress?.(`${name}: round ${round + 1} of ${ROUNDS + WARM_UP_ROUNDS}`);
    const seconds = await timed(() => runCallers(command, callers, nextCommand, perRound));
    nextCommand += perRound;
    const same = recorded.take();
    const bareSeconds = await timed(() => bare.append(same));
    if (round < WARM_UP_ROUNDS) continue;
    figures.push(perRound / seconds);
    limits.push(perRound / bareSeconds);
    batches += same.length;
  }
  const eventsPerBatch = Number(((perRound * ROUNDS) / batches).toFixed(2));
  return benchmarkLine(name, 'events/s', median(figures), median(limits), { callers, pools: POOLS, eventsPerBatch });
};

/** Milliseconds that one caller waits, who has the server to himself. Less is better. */
const measureOneCaller = async ({ command, recorded, bare, onProgress }: Sides): Promise<BenchmarkLine> => {
  onProgress?.('cluster-1-caller');
  const ours: number[] = [];
  const limits: number[] = [];
  for (let index = 0; index < ONE_CALLER_EVENTS; index += 1) {
    ours.push(1000 * (await timed(() => runCallers(command, 1, nextCommand, 1))));
    nextCommand += 1;
    const same = recorded.take();
    limits.push(1000 * (await timed(() => bare.append(same))));
  }
  return benchmarkLine('cluster-1-caller', 'ms', median(ours), median(limits), {
    p99: Number(percentile(ours, 0.99).toFixed(2)),
    p99Limit: Number(percentile(limits, 0.99).toFixed(2)),
  });
};

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length * share)] ?? Number.NaN;

/** Passes everything on to a log, and keeps what was appended. */
class RecordedAppends {
  readonly log: EventLog;
  #appends: StreamAppend[] = [];

  constructor(log: EventStoreDbEventLog) {
    this.log = {
      engine: log.engine,
      unitsCanBeCut: log.unitsCanBeCut,
      append: (append) => {
        this.#appends.push(append);
        return log.append(append);
      },
      appendTogether: (appends, order) => log.appendTogether(appends, order),
      readStream: (stream, from, limit) => log.readStream(stream, from, limit),
      readAll: (after, limit) => log.readAll(after, limit),
      readAt: (position) => log.readAt(position),
      subscribeAll: (after, handlers) => log.subscribeAll(after, handlers),
      head: () => log.head(),
      foreignWrites: (stream) => log.foreignWrites(stream),
      close: () => log.close(),
    };
  }

  /** What was appended since the last time, with the same contents, for the client alone. */
  take(): readonly BareAppend[] {
    const appends = this.#appends;
    this.#appends = [];
    return appends.map(({ stream, expectedRevision, events }) => ({
      stream,
      expectedRevision: BigInt(expectedRevision),
      events: events.map((event) => {
        const { type, data, ...envelope } = 'canonical' in event ? (JSON.parse(event.canonical) as LedgerEvent) : event;
        return jsonEvent({ id: randomUUID(), type, data: { ...(data as object) }, metadata: { ...envelope } });
      }),
    }));
  }
}

/** The same streams once more, written by the client alone. */
class BareStreams {
  readonly #client: EventStoreDBClient;
  readonly #space: string;

  constructor(client: EventStoreDBClient, space: string) {
    this.#client = client;
    this.#space = space;
  }

  /** One append after the other in each stream, all streams at once. */
  async append(appends: readonly BareAppend[]): Promise<void> {
    const byStream = new Map<string, BareAppend[]>();
    for (const append of appends) {
      const known = byStream.get(append.stream);
      if (known === undefined) byStream.set(append.stream, [append]);
      else known.push(append);
    }
    await Promise.all(
      [...byStream.values()].map(async (inOrder) => {
        for (const { stream, expectedRevision, events } of inOrder) {
          await this.#client.appendToStream(`${this.#space}${stream}`, [...events], {
            expectedRevision: expectedRevision < 0n ? 'no_stream' : expectedRevision,
          });
        }
      }),
    );
  }
}

async function* following(
  { url, events = DEFAULT_EVENTS, onProgress }: ClusterBenchmarkOptions,
  client: EventStoreDBClient,
): AsyncGenerator<BenchmarkLine> {
  const space = namespace();
  const log = await openEventStoreDb(url, { namespace: space });
  try {
    onProgress?.('cluster-follow: writing');
    const written = await writeLedger(log, generateLedger({ events }));
    const figures: number[] = [];
    const limits: number[] = [];
    for (let round = 0; round < FOLLOW_ROUNDS; round += 1) {
      onProgress?.(`cluster-follow: round ${round + 1} of ${FOLLOW_ROUNDS}`);
      limits.push(written / (await timed(() => subscribeBare(client, space, written))));
      figures.push(written / (await followOnce(log)));
    }
    yield benchmarkLine('cluster-follow', 'events/s', median(figures), median(limits), { events: written });
  } finally {
    await log.close();
  }
}

/** What the product's client keeps for its own use. */
interface ClientParts {
  GRPCStreamCreator<Call>(
    service: typeof StreamsClient,
    name: string,
    creator: (client: StreamsClient) => Call,
  ): () => Promise<Call>;
  callArguments(options: object, callOptions: { readonly deadline: number }): [Metadata, CallOptions];
}

const READ_PATH = '/event_store.client.streams.Streams/Read';

/** First byte of a message that brings an event: its one field, as the protocol numbers it. */
const EVENT_TAG = 0x0a;

/**
 * Takes the bytes of so many events from a subscription and looks at none of them: the client's own subscription makes an
 * object of each, which takes longer than all that the ledger does with it.
 */
const subscribeBare = async (client: EventStoreDBClient, space: string, events: number): Promise<void> => {
  const parts = client as unknown as ClientParts;
  const [metadata, options] = parts.callArguments({}, { deadline: Infinity });
  const open = parts.GRPCStreamCreator(StreamsClient, 'read', (streams) =>
    streams.makeServerStreamRequest(
      READ_PATH,
      (request: ReadReq) => Buffer.from(request.serializeBinary()),
      (bytes: Buffer) => bytes[0] === EVENT_TAG,
      followRequest([space], 'start'),
      metadata,
      options,
    ),
  );
  const reading = await open();
  await new Promise<void>((resolve, reject) => {
    let taken = 0;
    reading.on('error', reject);
    reading.on('data', (isEvent: boolean) => {
      if (isEvent) taken += 1;
      if (taken < events) return;
      resolve();
      reading.cancel();
    });
  });
};

/** Milliseconds until a node that begins knows where the ledger ends, with so many of others' records behind it. */
async function* endOf(
  { url, foreign = 0, onProgress }: ClusterBenchmarkOptions,
  client: EventStoreDBClient,
): AsyncGenerator<BenchmarkLine> {
  if (foreign === 0) return;
  const space = namespace();
  const log = await openEventStoreDb(url, { namespace: space });
  try {
    await writeLedger(log, generateLedger({ events: FEW_EVENTS }));
    const head = await log.head();
    await writeForeign(client, foreign, (written) => onProgress?.(`cluster-end: ${written} of ${foreign} records`));
    await log.head();
    const figures: number[] = [];
    const limits: number[] = [];
    for (let round = 0; round < END_ROUNDS; round += 1) {
      const node = await openEventStoreDb(url, { namespace: space });
      limits.push((await timed(() => readNewest(client))) * 1000);
      let found = 0;
      const look = async (): Promise<void> => {
        found = await node.head();
      };
      figures.push((await timed(look)) * 1000);
      await node.close();
      if (found !== head) throw new Error(`the ledger ends at ${head}, and ${found} was found`);
    }
    yield benchmarkLine('cluster-end', 'ms', median(figures), median(limits), { foreign });
  } finally {
    await log.close();
  }
}

const readNewest = async (client: EventStoreDBClient): Promise<void> => {
  const reading = client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 });
  for await (const record of reading) void record;
};

const writeForeign = async (
  client: EventStoreDBClient,
  records: number,
  onWritten: (written: number) => void,
): Promise<void> => {
  const stream = `others${randomUUID().replaceAll('-', '')}`;
  for (let written = 0; written < records; written += FOREIGN_BATCH) {
    const batch = Array.from({ length: FOREIGN_BATCH }, () => jsonEvent({ type: 'Foreign', data: {} }));
    await client.appendToStream(stream, batch);
    onWritten(written);
  }
};

/** @returns seconds from the first to the last event in the read database, by subscription alone */
const followOnce = async (log: EventStoreDbEventLog): Promise<number> => {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-follow-'));
  const head = await log.head();
  const runner = new ProjectionRunner({ dataDirectory: directory, log: withoutReading(log) });
  try {
    await runner.catchUp();
    const start = process.hrtime.bigint();
    let lastFailure: unknown = null;
    const following = runner.follow({ onError: (error) => (lastFailure = error) });
    const isThere = await runner.waitFor(head, FOLLOW_LIMIT_MS);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    await following.close();
    if (!isThere) {
      const at = runner.position();
      throw new Error(`the read database is at ${at} of ${head} after ${FOLLOW_LIMIT_MS} ms`, { cause: lastFailure });
    }
    return seconds;
  } finally {
    runner.close();
    rmSync(directory, { recursive: true, force: true });
  }
};

const FOLLOW_LIMIT_MS = 120_000;

/** The log for a runner that is to have everything from its subscription. */
const withoutReading = (log: EventStoreDbEventLog): EventLog => ({
  engine: log.engine,
  append: (append) => log.append(append),
  appendTogether: (appends) => log.appendTogether(appends),
  readStream: (stream, from, limit) => log.readStream(stream, from, limit),
  readAll: async () => [],
  readAt: (position) => log.readAt(position),
  subscribeAll: (after, handlers) => log.subscribeAll(after, handlers),
  head: async () => 0,
  close: async () => undefined,
});
