import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { AppendReq, type AppendResp, type ReadReq } from '@eventstore/db-client/generated/streams_pb';

import type { Patience } from './patience';
import type { ReadEvent, ReadMessage } from './read-message';
import { cross } from './crossing';
import { Reachability } from './reachability';
import { type From, followRequest, type Place } from './read-requests';
import { type Reading, ServerClient } from './server-client';
import { withParameter } from './server-address';
import { refusedByClient } from './server-cause';
import {
  failedCall,
  type FailedCall,
  isOverdue,
  logServerOutdated,
  logSetting,
  logStreamDeleted,
  NoAnswer,
} from './server-failure';
import type { StoredForm } from './stored-form';

export type AppendAnswer =
  | { readonly kind: 'stored'; readonly revision: number; readonly position: number }
  /** The stream is not at the expected revision; −1: it does not exist. */
  | { readonly kind: 'conflict'; readonly actualRevision: number };

/**
 * The client keeps an idle connection alive by asking so often; every new client has a value of its own. Clients with
 * equal settings would share connections, together with how long these wait after a failure.
 */
const KEEP_ALIVE_MS = 10_000;
const KEEP_ALIVE_VALUES = 1000;
let clients = 0;

/** A client that was silent for so many deadlines is given up. */
const DEADLINES_WITHOUT_ANSWER = 1.5;

/** Connecting may take this long on a machine with much to do. */
const LEAST_CONNECTING_MS = 1000;

/** Beyond its deadline a call gets so long to say by itself that it failed. */
const GRACE_MS = 250;

/**
 * The way to the server. A client that has failed is replaced, because the connections of one that failed for long wait
 * longer and longer before they try again.
 */
export class ServerConnection {
  readonly #setting: string;
  readonly #at: string;
  readonly #patience: Patience;
  #client: ServerClient;
  #closed = false;
  /** When the client was made, or has last had an answer. */
  #aliveAt = performance.now();
  readonly #retired = new Map<ServerClient, NodeJS.Timeout>();
  /** Whether the server answers, as far as the calls of this connection tell. */
  readonly reachability: Reachability;
  readonly #waiting = new Set<(error: Error) => void>();
  #givenUp = false;

  /**
   * @param at the setting without its password
   * @throws DomainError SETTING_INVALID
   */
  constructor(setting: string, at: string, patience: Patience) {
    this.#setting = setting;
    this.#at = at;
    this.#patience = patience;
    this.reachability = new Reachability(patience.awayAfterMs);
    this.#client = this.#newClient();
  }

  /** Nobody waits for an answer any longer. */
  get isGivenUp(): boolean {
    return this.#givenUp;
  }

  async serverVersion(): Promise<string> {
    return this.#call('the version', (client) => client.serverVersion());
  }

  /**
   * The first attempt at an append: on a call that it shares with others. Whatever is neither stored nor a conflict is
   * asked again by a call of its own, whose failures say exactly what is the matter.
   */
  async append(stream: string, expectedRevision: number, events: readonly StoredForm[]): Promise<AppendAnswer> {
    const reply = await this.#call(`an append to ${stream}`, (client) =>
      client.appendWithOthers(stream, expectedRevision, events, this.#patience.deadlineMs),
    );
    if (reply.kind !== 'refused') return reply;
    // A call of its own cannot say this of a stream whose name is not ASCII.
    if (reply.detail === 'StreamDeleted') throw logStreamDeleted(this.#at, stream);
    return this.appendAlone(stream, expectedRevision, events);
  }

  /** The same append by a call of its own. */
  async appendAlone(stream: string, expectedRevision: number, events: readonly StoredForm[]): Promise<AppendAnswer> {
    const messages = [appendOptions(stream, expectedRevision), ...events.map(appendMessage)];
    return appendAnswer(
      await this.#call(`an append to ${stream}`, (client) => client.append(messages, this.#patience.deadlineMs)),
      this.#at,
    );
  }

  /** Everything that one reading answers; null when the server has no such stream, or shows nothing of it. */
  async read(request: ReadReq, deadlineMs = this.#patience.deadlineMs): Promise<readonly ReadEvent[] | null> {
    return this.#call(
      'a reading',
      async (client) => {
        const events: ReadEvent[] = [];
        return (await gather(await client.read(request, deadlineMs), this.#at, events)) ? events : null;
      },
      deadlineMs,
    );
  }

  /**
   * What one reading answers in time, and what it was cut off by when there would have been more.
   * @param isLast after such an event nothing more is wanted
   */
  async readSome(
    request: ReadReq,
    isLast: (event: ReadEvent) => boolean,
  ): Promise<{ readonly events: readonly ReadEvent[]; readonly cutBy: Error | null }> {
    const events: ReadEvent[] = [];
    try {
      await this.#call('a reading', async (client) =>
        gather(await client.read(request, this.#patience.deadlineMs), this.#at, events, isLast),
      );
      return { events, cutBy: null };
    } catch (error) {
      if (!isOverdue(error)) throw error;
      return { events: [...events], cutBy: error };
    }
  }

  /** How far the server has looked through what others wrote; see crossing.ts. */
  async cross(prefixes: readonly string[], from: From): Promise<Place | null> {
    const reading = await this.#call('a following', (client) =>
      client.follow(followRequest(prefixes, from === 'end' ? 'start' : from), true),
    );
    return cross(reading, this.#patience.deadlineMs);
  }

  /** Makes every call that is under way, and every further one, fail at the latest after so long. */
  giveUp(afterMs: number): void {
    setTimeout(() => {
      this.#givenUp = true;
      for (const giveUp of this.#waiting) giveUp(new NoAnswer('a call', afterMs));
    }, afterMs).unref();
  }

  async follow(request: ReadReq): Promise<Reading> {
    return this.#call('a subscription', (client) => client.follow(request));
  }

  /** What a failed call means; whoever may repeat it gets another client for it. */
  failure(error: unknown, position?: number): FailedCall {
    return failedCall(error, this.#at, position);
  }

  /**
   * The next call goes through a new client, unless this one has answered somebody else a moment ago or is young: a
   * server that is slow would only be slower for everybody's connecting anew.
   */
  renew(): void {
    const mayBeSilentMs = Math.max(this.#patience.deadlineMs * DEADLINES_WITHOUT_ANSWER, LEAST_CONNECTING_MS);
    const isAlive = performance.now() - this.#aliveAt < mayBeSilentMs;
    if (!this.#closed && !isAlive) this.#replace(this.#client);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.reachability.close();
    for (const timer of this.#retired.values()) clearTimeout(timer);
    const clients = [this.#client, ...this.#retired.keys()];
    this.#retired.clear();
    await Promise.all(clients.map((client) => client.close()));
  }

  async #call<Result>(
    what: string,
    action: (client: ServerClient) => Promise<Result>,
    deadlineMs = this.#patience.deadlineMs,
  ): Promise<Result> {
    const client = this.#client;
    const begunAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    let giveUp: ((error: Error) => void) | undefined;
    try {
      const result = await Promise.race([
        action(client),
        new Promise<never>((_, reject) => {
          giveUp = reject;
          this.#waiting.add(reject);
          timer = setTimeout(() => reject(new NoAnswer(what, deadlineMs)), deadlineMs + GRACE_MS);
          if (this.#givenUp) reject(new NoAnswer(what, 0));
        }),
      ]);
      this.#aliveAt = performance.now();
      this.reachability.answered();
      return result;
    } catch (error) {
      const failed = this.failure(error);
      if (failed.kind === 'final') this.reachability.answered();
      else this.reachability.failed(failed.cause, begunAt, isOverdue(error));
      if (failed.kind === 'unknown' && failed.renew && this.#client === client) this.renew();
      throw error;
    } finally {
      clearTimeout(timer);
      if (giveUp !== undefined) this.#waiting.delete(giveUp);
    }
  }

  /** Calls that are under way on the old client may still end well. */
  #replace(client: ServerClient): void {
    this.#client = this.#newClient();
    this.#aliveAt = performance.now();
    const timer = setTimeout(() => {
      this.#retired.delete(client);
      void client.close();
    }, this.#patience.deadlineMs + GRACE_MS);
    this.#retired.set(client, timer.unref());
  }

  #newClient(): ServerClient {
    const keepAliveMs = KEEP_ALIVE_MS + (clients % KEEP_ALIVE_VALUES);
    clients += 1;
    try {
      return new ServerClient(withParameter(this.#setting, 'keepAliveInterval', String(keepAliveMs)));
    } catch (error) {
      throw logSetting(refusedByClient(error));
    }
  }
}

const appendOptions = (stream: string, expectedRevision: number): AppendReq => {
  const options = new AppendReq.Options().setStreamIdentifier(
    new StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8')),
  );
  if (expectedRevision < 0) options.setNoStream(new Empty());
  else options.setRevision(String(expectedRevision));
  return new AppendReq().setOptions(options);
};

const appendMessage = (event: StoredForm): AppendReq => {
  const message = new AppendReq.ProposedMessage()
    .setId(new UUID().setString(event.id))
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  message.getMetadataMap().set('type', event.type).set('content-type', 'application/json');
  return new AppendReq().setProposedMessage(message);
};

const appendAnswer = (response: AppendResp, at: string): AppendAnswer => {
  const success = response.getSuccess();
  if (success !== undefined) {
    const position = Number(success.getPosition()?.getCommitPosition());
    if (!Number.isSafeInteger(position)) throw logServerOutdated(at, null);
    return { kind: 'stored', revision: Number(success.getCurrentRevision()), position };
  }
  const wrong = response.getWrongExpectedVersion();
  return {
    kind: 'conflict',
    actualRevision: wrong?.hasCurrentRevision() === true ? Number(wrong.getCurrentRevision()) : -1,
  };
};

/** Adds what comes in to the events, until the reading ends or the last that is wanted has come; false: no such stream. */
const gather = (
  reading: Reading,
  at: string,
  events: ReadEvent[],
  isLast: (event: ReadEvent) => boolean = () => false,
): Promise<boolean> =>
  new Promise((resolve, reject) => {
    let isStream = true;
    reading.on('data', (message: ReadMessage) => {
      if (message.kind === 'no-stream') isStream = false;
      if (message.kind !== 'event') return;
      events.push(message.event);
      if (!hasPlace(message.event)) reject(logServerOutdated(at, null));
      else if (isLast(message.event)) resolve(true);
      else return;
      reading.cancel();
    });
    reading.on('end', () => resolve(isStream));
    reading.on('error', reject);
  });

/** Whether the server gives the event a position that can be counted with. */
export const hasPlace = ({ position }: ReadEvent): boolean => Number.isSafeInteger(position);
