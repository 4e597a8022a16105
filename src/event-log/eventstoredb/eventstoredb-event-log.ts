import type { ReadReq } from '@eventstore/db-client/generated/streams_pb';

import { type AppendOrder, type SealedAppend, sealAppend, sealUnit } from '../append-rules';
import { BEFORE_FIRST, type Position, type StoredEvent } from '../event';
import {
  type Appended,
  type EventLog,
  RevisionConflict,
  type StreamAppend,
  type Subscription,
  type SubscriptionCondition,
  type SubscriptionHandlers,
} from '../event-log';
import { DomainError } from '../../platform/domain-error';
import { logClosed, logCorrupt } from '../log-failure';
import { isHousekeeping } from '../housekeeping';
import { categoryOf, LEDGER_CATEGORIES } from '../stream-categories';
import type { LogTree } from '../tree/log-tree';
import { appendChunks } from './append-chunks';
import { ForeignWrites } from './foreign-writes';
import { LogFollower } from './log-follower';
import { Backoff, PATIENCE, type Patience } from './patience';
import type { ReadEvent } from './read-message';
import { allRequest, streamRequest } from './read-requests';
import { parseServerAddress, withParameter } from './server-address';
import { type AppendAnswer, ServerConnection } from './server-connection';
import {
  AppendTooLarge,
  logForeignEvent,
  logOutcomeUnknown,
  logPositionUnknown,
  logStreamDeleted,
  logUnreachable,
  NotAPosition,
} from './server-failure';
import { type FormedEvent, fromServer, toStoredForm } from './stored-form';
import { saysCut } from './stream-metadata';

export interface EventStoreDbOptions {
  readonly patience?: Partial<Patience>;
  /** After so long without a message a subscription is looked after. */
  readonly silenceMs?: number;
  /** What the server takes in one append; it is asked for nothing larger. */
  readonly maxAppendBytes?: number;
  /** Categories of streams beside the ledger's own; for tests. */
  readonly moreCategories?: readonly string[];
  /** Put before the name of every stream on the server, so that tests can share one; without `-`. */
  readonly namespace?: string;
}

/** The server's own limit, unless it is configured otherwise. */
const MAX_APPEND_BYTES = 1024 * 1024;

/** More than the metadata add to an event's canonical form. */
const FORM_BYTES = 1024;

const SILENCE_MS = 5000;

/** What the server itself writes behind a stream that an administrator has deleted for good. */
const TOMBSTONE = '$streamDeleted';

/** The log in an EventStoreDB: one server or a cluster, shared by any number of nodes. */
export class EventStoreDbEventLog implements EventLog {
  readonly engine = 'eventstoredb';
  readonly unitsCanBeCut = true;
  /** Address of the server, without the password. */
  readonly at: string;
  tree?: LogTree;
  readonly #patience: Patience;
  readonly #silenceMs: number;
  readonly #namespace: string;
  readonly #categories: ReadonlySet<string>;
  readonly #prefixes: readonly string[];
  readonly #connection: ServerConnection;
  /** Subscriptions have a connection of their own: they may prefer a follower, and live through others' failures. */
  readonly #followConnection: ServerConnection;
  readonly #followers = new Set<LogFollower>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #setting: string;
  /** Begun when somebody asks for the first time. */
  #watch: { readonly writes: ForeignWrites; readonly connection: ServerConnection } | null = null;
  #maxAppendBytes: number;
  #closed = false;

  /** @throws DomainError SETTING_INVALID; connects only when it is used */
  constructor(setting: string, options: EventStoreDbOptions = {}) {
    this.at = parseServerAddress(setting).shown;
    this.#setting = setting;
    this.#patience = { ...PATIENCE, ...options.patience };
    this.#silenceMs = options.silenceMs ?? SILENCE_MS;
    this.#maxAppendBytes = options.maxAppendBytes ?? MAX_APPEND_BYTES;
    this.#namespace = options.namespace ?? '';
    this.#categories = new Set([...LEDGER_CATEGORIES, ...(options.moreCategories ?? [])]);
    this.#prefixes = [...this.#categories].map((category) => `${this.#namespace}${category}-`);
    this.#connection = new ServerConnection(
      withParameter(setting, 'nodePreference', 'leader'),
      this.at,
      this.#patience,
    );
    this.#followConnection = new ServerConnection(setting, this.at, this.#patience);
  }

  showTree(tree: LogTree): void {
    this.tree = tree;
  }

  /** Version that the server gives itself; `unknown` when it does not know the question. */
  serverVersion(): Promise<string> {
    return this.#patiently(() => this.#connection.serverVersion());
  }

  async append(append: StreamAppend): Promise<Appended> {
    this.#requireOpen();
    return this.#whileOpen(this.#append(sealAppend(append), append.lastPositionSuffices === true));
  }

  /** Stream after stream, in the order in which they first appear; each is whole or not there. */
  async appendTogether(appends: readonly StreamAppend[], order?: AppendOrder): Promise<readonly Appended[]> {
    this.#requireOpen();
    const sealed = sealUnit(appends, order);
    for (const append of sealed) this.#requireFitting(append);
    const appended: Appended[] = [];
    for (const index of new Set(order?.map(([append]) => append) ?? sealed.keys())) {
      const lastSuffices = appends[index]?.lastPositionSuffices === true;
      appended[index] = await this.#whileOpen(this.#append(sealed[index] as SealedAppend, lastSuffices));
    }
    return appended;
  }

  async readStream(stream: string, fromRevision: number, limit: number): Promise<readonly StoredEvent[]> {
    const from = Math.max(fromRevision, 0);
    const page = await this.#ask(streamRequest(this.#serverName(stream), from, limit));
    // A stream that is there and shows nothing from its beginning on was cut off behind its last event.
    if (page === null || (page.length === 0 && from === 0)) {
      await this.#requireNotDeleted(stream);
      return [];
    }
    page.forEach(({ revision }, index) => {
      if (revision === from + index) return;
      // Revisions have no gaps; whatever is left out was at the beginning.
      if (index === 0 && revision > from) throw logStreamDeleted(this.at, stream);
      throw logCorrupt(this.at, `${stream}@${from + index} ≠ ${revision}`);
    });
    return page.map((event) => this.#toStored(event));
  }

  async readAll(after: Position, limit: number): Promise<readonly StoredEvent[]> {
    const page = await this.#pageAfter(after, limit);
    return page.slice(0, limit).map((event) => this.#toStored(event));
  }

  async readAt(position: Position): Promise<StoredEvent | null> {
    if (position <= BEFORE_FIRST) return null;
    const [event] = await this.#pageFrom(position, 1);
    if (event?.position === position) return this.#toStored(event);
    await this.#requireKnown(position);
    return null;
  }

  subscribeAll(after: Position, handlers: SubscriptionHandlers): Subscription {
    this.#requireOpen();
    const follower = new LogFollower(
      {
        at: this.at,
        connection: this.#followConnection,
        prefixes: this.#prefixes,
        head: () => this.#head(),
        isEvent: (position) => this.#isEvent(position),
        toStored: (event) => this.#toStored(event),
        silenceMs: this.#silenceMs,
        onClosed: (closed) => this.#followers.delete(closed),
      },
      after,
      handlers,
    );
    this.#followers.add(follower);
    return follower;
  }

  async head(): Promise<Position> {
    return this.#patiently(() => this.#head());
  }

  /**
   * Known by a subscription that begins with the first question. NaN while it is not proven to have been at the log's
   * end within the last tenth of a second.
   */
  foreignWrites(stream?: string): number {
    if (this.#closed || (stream !== undefined && !this.#categories.has(categoryOf(stream)))) return Number.NaN;
    this.#watch ??= this.#startWatch();
    return this.#watch.writes.count(stream === undefined ? undefined : this.#serverName(stream));
  }

  conditions(): readonly SubscriptionCondition[] {
    return [...this.#followers].map((follower) => follower.condition());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    await Promise.all([...this.#followers].map((follower) => follower.close()));
    this.#watch?.writes.close();
    await Promise.all([this.#connection.close(), this.#followConnection.close(), this.#watch?.connection.close()]);
  }

  async #append(append: SealedAppend, lastSuffices: boolean): Promise<Appended> {
    const { stream } = append;
    // Nobody who reads everything would ever see it.
    if (!this.#categories.has(categoryOf(stream)) && !isHousekeeping(stream)) {
      throw new Error(`${stream} is not a stream of the ledger`);
    }
    let expectedRevision = append.expectedRevision;
    let waiting: readonly FormedEvent[] = append.events.map((event, index) =>
      toStoredForm(event, { stream, revision: expectedRevision + 1 + index }),
    );
    const positions: Position[] = [];
    while (waiting.length > 0) {
      const [chunk = []] = appendChunks(stream, waiting, this.#maxAppendBytes);
      try {
        positions.push(...(await this.#appendChunk(stream, expectedRevision, chunk, lastSuffices)));
      } catch (error) {
        if (!(error instanceof AppendTooLarge) || error.maxBytes >= this.#maxAppendBytes) throw error;
        // The server was configured to take less.
        this.#maxAppendBytes = error.maxBytes;
        continue;
      }
      expectedRevision += chunk.length;
      waiting = waiting.slice(chunk.length);
    }
    return { revision: expectedRevision, positions };
  }

  /** @returns the events' positions; the last one's for each where that suffices */
  async #appendChunk(
    stream: string,
    expectedRevision: number,
    chunk: readonly FormedEvent[],
    lastSuffices: boolean,
  ): Promise<readonly Position[]> {
    const forms = chunk.map(({ form }) => form);
    const ids = forms.map(({ id }) => id);
    const writes = this.#categories.has(categoryOf(stream)) ? this.#watch?.writes : undefined;
    writes?.expect(ids);
    try {
      const serverName = this.#serverName(stream);
      const answer = await this.#untilAnswered(stream, (isFirst) =>
        isFirst
          ? this.#connection.append(serverName, expectedRevision, forms)
          : this.#connection.appendAlone(serverName, expectedRevision, forms),
      );
      if (answer.kind === 'conflict') throw new RevisionConflict(stream, expectedRevision, answer.actualRevision);
      const last = expectedRevision + chunk.length;
      if (answer.revision !== last) throw logCorrupt(this.at, `${stream}@${last} ≠ ${answer.revision}`);
      writes?.stored(ids, answer.position);
      if (lastSuffices) return chunk.map(() => answer.position);
    } catch (error) {
      writes?.forget(ids);
      throw error;
    }
    const stored = await this.readStream(stream, expectedRevision + 1, chunk.length);
    return stored.map(({ position }) => position);
  }

  /** An import must fail before its first stream is written, not in the middle, when one of its commands is too large. */
  #requireFitting({ stream, expectedRevision, events }: SealedAppend): void {
    const most = events.reduce((sum, { canonical }) => sum + Buffer.byteLength(canonical, 'utf8') + FORM_BYTES, 0);
    if (most <= this.#maxAppendBytes) return;
    const formed = events.map((event, index) =>
      toStoredForm(event, { stream, revision: expectedRevision + 1 + index }),
    );
    appendChunks(stream, formed, this.#maxAppendBytes);
  }

  #startWatch(): { readonly writes: ForeignWrites; readonly connection: ServerConnection } {
    const setting = withParameter(this.#setting, 'nodePreference', 'leader');
    const connection = new ServerConnection(setting, this.at, this.#patience);
    const writes = new ForeignWrites({
      connection,
      prefixes: this.#prefixes,
      head: () => this.#head(),
      silenceMs: this.#silenceMs,
    });
    return { writes, connection };
  }

  /** Repeats exactly the same append until the server says what became of it. */
  async #untilAnswered(stream: string, attempt: (isFirst: boolean) => Promise<AppendAnswer>): Promise<AppendAnswer> {
    const backoff = new Backoff(this.#patience);
    for (let isFirst = true; ; isFirst = false) {
      try {
        return await attempt(isFirst);
      } catch (error) {
        const failed = this.#connection.failure(error);
        if (failed.kind === 'final') throw failed.failure;
        if (this.#closed || !(await backoff.again())) throw logOutcomeUnknown(this.at, stream, failed.cause, error);
      }
    }
  }

  async #patiently<Result>(attempt: () => Promise<Result>, position?: Position): Promise<Result> {
    this.#requireOpen();
    const backoff = new Backoff(this.#patience);
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        const failed = this.#connection.failure(error, position);
        if (failed.kind === 'final') throw failed.failure;
        if (this.#closed || !(await backoff.again())) throw logUnreachable(this.at, failed.cause, error);
      }
    }
  }

  /**
   * A stream that an administrator has deleted reads as one that never was, and takes events again: a command would be
   * decided as if nothing had ever been booked there. Asked for each stream that is not there, so once for each that
   * begins.
   */
  async #requireNotDeleted(stream: string): Promise<void> {
    const [metadata] = await this.#pageIfPermitted(streamRequest(`$$${this.#serverName(stream)}`, 'end', 1, true));
    if (metadata !== undefined && saysCut(metadata)) throw logStreamDeleted(this.at, stream);
  }

  /** Nothing for a user who may not see it: that alone must not keep a ledger from being used. */
  async #pageIfPermitted(request: ReadReq): Promise<readonly ReadEvent[]> {
    try {
      return await this.#page(request);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'LOG_ACCESS_DENIED') return [];
      throw error;
    }
  }

  async #page(request: ReadReq, position?: Position): Promise<readonly ReadEvent[]> {
    return (await this.#ask(request, position)) ?? [];
  }

  /** Null when the server has no such stream, or shows nothing of it. */
  #ask(request: ReadReq, position?: Position): Promise<readonly ReadEvent[] | null> {
    return this.#patiently(() => this.#connection.read(request), position);
  }

  /**
   * A server reads from a record on, that record included. Where it is not the event that the reader knows of, the server
   * was restored from an older backup and has gone on differently.
   */
  async #pageAfter(after: Position, limit: number): Promise<readonly ReadEvent[]> {
    if (after === BEFORE_FIRST) return this.#page(allRequest(this.#prefixes, 'start', limit));
    const [known, ...page] = await this.#pageFrom(after, limit + 1);
    if (known?.position !== after) throw logPositionUnknown(this.at, after, await this.head());
    return page;
  }

  /** Nothing where the server has no record at the position. */
  async #pageFrom(position: Position, limit: number): Promise<readonly ReadEvent[]> {
    try {
      return await this.#page(allRequest(this.#prefixes, position, limit), position);
    } catch (error) {
      if (error instanceof NotAPosition) return [];
      throw error;
    }
  }

  async #requireKnown(position: Position): Promise<void> {
    const head = await this.head();
    if (position > head) throw logPositionUnknown(this.at, position, head);
  }

  async #head(): Promise<Position> {
    const last = await this.#connection.read(allRequest(this.#prefixes, 'end', 1, true));
    return last?.[0]?.position ?? BEFORE_FIRST;
  }

  async #isEvent(position: Position): Promise<boolean> {
    const page = await this.#connection.read(allRequest(this.#prefixes, position, 1));
    return page?.[0]?.position === position;
  }

  #toStored(event: ReadEvent): StoredEvent {
    if (event.type === TOMBSTONE) throw logStreamDeleted(this.at, event.stream);
    const stream = this.#ledgerName(event.stream);
    const { position, revision } = event;
    const canonical = fromServer({ ...event, stream });
    if (canonical === null) throw logForeignEvent(this.at, event.stream, revision, event.type);
    return { position, stream, revision, canonical };
  }

  #serverName(stream: string): string {
    return `${this.#namespace}${stream}`;
  }

  #ledgerName(serverName: string): string {
    return serverName.slice(this.#namespace.length);
  }

  async #whileOpen<Result>(work: Promise<Result>): Promise<Result> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw logClosed(this.at);
  }
}
