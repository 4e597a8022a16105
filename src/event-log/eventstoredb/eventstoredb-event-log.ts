import type { ReadReq } from '@eventstore/db-client/generated/streams_pb';

import { type AppendOrder, movedBeside, type SealedAppend, sealAppend, sealUnit } from '../append-rules';
import { BEFORE_FIRST, type Position, type StoredEvent } from '../event';
import {
  type Appended,
  type EventLog,
  FactsMoved,
  type MovedStream,
  NO_STREAM,
  type RestsOn,
  RevisionConflict,
  type StreamAppend,
  type Subscription,
  type SubscriptionCondition,
  type SubscriptionHandlers,
} from '../event-log';
import { DomainError } from '../../platform/domain-error';
import type { Cause } from '../../platform/system-cause';
import { logClosed, logCorrupt } from '../log-failure';
import { isHousekeeping, LOG_END_STREAM } from '../housekeeping';
import { categoryOf, LEDGER_CATEGORIES } from '../stream-categories';
import type { LogTree } from '../tree/log-tree';
import { appendChunks } from './append-chunks';
import { endEvent, endIn } from './end-event';
import { ForeignWrites } from './foreign-writes';
import { ForwardReading } from './forward-reading';
import { type EndOfLog, FAR_BYTES, LogEnd, type NewestRecord } from './log-end';
import { LogFollower } from './log-follower';
import { Backoff, PATIENCE, type Patience } from './patience';
import type { ReadEvent } from './read-message';
import { allRequest, everythingRequest, type From, streamRequest } from './read-requests';
import { parseServerAddress, withParameter } from './server-address';
import { type AppendAnswer, ServerConnection } from './server-connection';
import {
  AppendTooLarge,
  isOverdue,
  logForeignEvent,
  logOutcomeUnknown,
  logPositionUnknown,
  logSlow,
  logStreamDeleted,
  logUnreachable,
  NotAPosition,
} from './server-failure';
import type { ServerCause } from './server-cause';
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

/**
 * Looking through all that others have written behind the ledger's last event may take this long, once: where the
 * ledger ends is put on record then. A server looks through some 100,000 records a second.
 */
const SEARCH_MS = 10 * 60_000;

/** Events read at once where only the last of them is wanted. */
const LAST_PAGE = 64;

/** What others have written since a look is read in such pages. */
const WRITTEN_PAGE = 1000;

/** A service that is told to stop waits so long for answers that are under way. */
const LAST_ANSWERS_MS = 2000;

/** How long a reading is repeated: its whole patience, or only until the server is known to be away. */
type Lasting = 'long' | 'until-away';

const NOT_DONE_IN_TIME: Cause = { zh: '读取未能按时完成', en: 'a reading was not done in time' };
const END_NOT_FOUND_IN_TIME: Cause = {
  zh: '在其他系统写入的记录中未能按时找到账本的末尾',
  en: "the ledger's end was not found in time among what others have written",
};

/** A server that has no record at a position has no events from there on either. */
const noneWhereNoRecord = (error: unknown): readonly ReadEvent[] => {
  if (error instanceof NotAPosition) return [];
  throw error;
};

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
  readonly #end: LogEnd;
  /** A look at a server that is known to be away. */
  #look: Promise<void> | null = null;
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
    this.#end = new LogEnd({
      newest: () => this.#newest(),
      lastFrom: (position) => this.#lastFrom(position),
      lastOfAll: () => this.#lastOfAll(),
      isEvent: (position) => this.#isEvent(position),
      recorded: () => this.#recordedEnd(),
      record: (end) => void this.#whileOpen(this.#recordEnd(end)).catch(() => undefined),
    });
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
    this.#requireReachable();
    return this.#whileOpen(this.#appendUnmoved(sealAppend(append), append.lastPositionSuffices === true));
  }

  /** Stream after stream, in the order in which they first appear; each is whole or not there. */
  async appendTogether(
    appends: readonly StreamAppend[],
    order?: AppendOrder,
    onStored: (events: number) => void = () => undefined,
  ): Promise<readonly Appended[]> {
    this.#requireOpen();
    this.#requireReachable();
    const sealed = sealUnit(appends, order);
    for (const append of sealed) this.#requireFitting(append);
    const appended: Appended[] = [];
    for (const index of new Set(order?.map(([append]) => append) ?? sealed.keys())) {
      const lastSuffices = appends[index]?.lastPositionSuffices === true;
      const append = sealed[index] as SealedAppend;
      appended[index] = await this.#whileOpen(this.#append(append, lastSuffices));
      onStored(append.events.length);
    }
    return appended;
  }

  /** Decisions wait for it, and nothing is lost by telling them at once that the server is away. */
  async readStream(stream: string, fromRevision: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.#readStream(stream, fromRevision, limit, 'until-away');
  }

  async #readStream(
    stream: string,
    fromRevision: number,
    limit: number,
    lasting: Lasting,
  ): Promise<readonly StoredEvent[]> {
    const from = Math.max(fromRevision, 0);
    const request = streamRequest(this.#serverName(stream), from, limit);
    const page = await this.#patiently(() => this.#connection.read(request), { lasting });
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
    const event = await this.#eventAt(position);
    if (event !== null) return this.#toStored(event);
    await this.#requireKnown(position);
    return null;
  }

  /** Asks for the newest record of all: whether the server answers, and lets this user read. */
  async look(): Promise<void> {
    await this.#patiently(() => this.#newest());
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
        end: this.#end,
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

  /** Why the server cannot be asked anything now, as far as that is known without asking it. */
  away(): DomainError | null {
    const cause = this.#connection.reachability.away();
    if (cause === null) return null;
    this.#lookAgain();
    return logUnreachable(this.at, cause);
  }

  whenAway(listener: (failure: DomainError) => void): void {
    this.#connection.reachability.whenAway(() => {
      const failure = this.away();
      if (failure !== null) listener(failure);
    });
  }

  isThere(): boolean {
    const { reachability } = this.#connection;
    return !reachability.isRefused && reachability.away() === null;
  }

  giveUpSoon(): void {
    for (const connection of this.#connections()) connection.giveUp(LAST_ANSWERS_MS);
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
    await Promise.all(this.#connections().map((connection) => connection.close()));
  }

  #connections(): readonly ServerConnection[] {
    const watch = this.#watch === null ? [] : [this.#watch.connection];
    return [this.#connection, this.#followConnection, ...watch];
  }

  /** Callers are refused while the server is away, so somebody has to find out when it is back. */
  #lookAgain(): void {
    const over = (): void => {
      this.#look = null;
    };
    this.#look ??= this.#newest().then(over, over);
  }

  async #appendUnmoved(append: SealedAppend, lastSuffices: boolean): Promise<Appended> {
    if (append.restsOn !== undefined) await this.#requireUnmoved(append.stream, append.restsOn);
    return this.#append(append, lastSuffices);
  }

  /** A server has no transaction over streams: what moves between this and the write is not noticed. */
  async #requireUnmoved(stream: string, restsOn: readonly RestsOn[]): Promise<void> {
    const looked = restsOn.flatMap(({ streams }) => streams);
    const newest = new Map<string, number | null>();
    for (const each of looked) {
      if (newest.has(each.stream)) continue;
      newest.set(each.stream, this.#watch?.writes.newestRevision(this.#serverName(each.stream)) ?? null);
    }
    await Promise.all(
      [...newest].map(async ([name, known]) => {
        if (known === null) newest.set(name, await this.#newestRevision(name));
      }),
    );
    const moved: MovedStream[] = looked
      .map((each) => ({ ...each, actualRevision: newest.get(each.stream) ?? NO_STREAM }))
      .filter(({ revision, actualRevision }) => actualRevision > revision);
    for (const each of restsOn) moved.push(...(await this.#movedBeside(stream, each)));
    const [first, ...others] = moved;
    if (first !== undefined) throw new FactsMoved([first, ...others]);
  }

  async #newestRevision(stream: string): Promise<number> {
    const [newest] = await this.#page(streamRequest(this.#serverName(stream), 'end', 1, true));
    return newest?.revision ?? NO_STREAM;
  }

  async #movedBeside(stream: string, restsOn: RestsOn): Promise<readonly MovedStream[]> {
    if (restsOn.nothingElse === undefined) return [];
    for (let { after } = restsOn.nothingElse; ;) {
      const written = await this.readAll(after, WRITTEN_PAGE);
      const moved = movedBeside(stream, restsOn, written);
      if (moved !== null) return [moved];
      if (written.length < WRITTEN_PAGE) return [];
      after = written.at(-1)?.position ?? after;
    }
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
    const stored = await this.#readStream(stream, expectedRevision + 1, chunk.length, 'long');
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
      end: () => this.#end.find(),
      silenceMs: this.#silenceMs,
    });
    return { writes, connection };
  }

  /** Repeats exactly the same append until the server says what became of it. */
  async #untilAnswered(stream: string, attempt: (isFirst: boolean) => Promise<AppendAnswer>): Promise<AppendAnswer> {
    const backoff = this.#backoff();
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

  async #patiently<Result>(
    attempt: () => Promise<Result>,
    { position, lasting = 'long' }: { readonly position?: Position | undefined; readonly lasting?: Lasting } = {},
  ): Promise<Result> {
    this.#requireOpen();
    this.#requireReachable();
    const backoff = lasting === 'long' ? this.#backoff() : this.#backoffUntilAway();
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        const failed = this.#connection.failure(error, position);
        if (failed.kind === 'final') throw failed.failure;
        if (this.#closed || !(await backoff.again())) throw await this.#givenUp(failed.cause, error);
      }
    }
  }

  #backoff(): Backoff {
    return new Backoff(this.#patience, () => this.#connection.isGivenUp);
  }

  #backoffUntilAway(): Backoff {
    const { reachability } = this.#connection;
    return new Backoff(this.#patience, () => this.#connection.isGivenUp || reachability.away() !== null);
  }

  #requireReachable(): void {
    const away = this.away();
    if (away !== null) throw away;
  }

  /** A server that answers something else meanwhile is there, and slow. */
  async #givenUp(cause: ServerCause, error: unknown): Promise<DomainError> {
    const isGone = this.#connection.reachability.away() !== null;
    if (!isOverdue(error) || isGone || this.#closed) return logUnreachable(this.at, cause, error);
    try {
      await this.#newest();
    } catch {
      return logUnreachable(this.at, cause, error);
    }
    return logSlow(this.at, NOT_DONE_IN_TIME, error);
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
    return this.#patiently(() => this.#connection.read(request), { position });
  }

  /**
   * A server reads from a record on, that record included. Where it is not the event that the reader knows of, the server
   * was restored from an older backup and has gone on differently.
   */
  async #pageAfter(after: Position, limit: number): Promise<readonly ReadEvent[]> {
    const last = this.#end.known;
    // Behind the end that was known last, the reader has been told of events that came since.
    const end = last !== null && last.event >= after ? last : await this.#patiently(() => this.#end.find());
    if (after === end.event && end.lookedTo > end.event) {
      if (after !== BEFORE_FIRST && (await this.#eventAt(after)) === null) {
        throw logPositionUnknown(this.at, after, await this.head());
      }
      return this.#pageBehind(end, limit);
    }
    if (after === BEFORE_FIRST) return this.#pageFrom('start', limit, end);
    const [known, ...page] = await this.#pageFrom(after, limit + 1, end).catch(noneWhereNoRecord);
    if (known?.position !== after) throw logPositionUnknown(this.at, after, await this.head());
    return page;
  }

  /** What others have written behind the known end is not looked through again. */
  async #pageFrom(from: From, limit: number, end: EndOfLog): Promise<readonly ReadEvent[]> {
    if (end.lookedTo - end.event <= FAR_BYTES) return this.#readForwards(from, limit);
    const page = await this.#readForwards(from, limit, end.event);
    if (page.length === limit || page.at(-1)?.position !== end.event) return page;
    return [...page, ...(await this.#pageBehind(end, limit - page.length))];
  }

  async #pageBehind({ event, lookedTo }: EndOfLog, limit: number): Promise<readonly ReadEvent[]> {
    try {
      return await this.#readForwards(lookedTo, limit);
    } catch (error) {
      if (!(error instanceof NotAPosition)) throw error;
      // What others wrote there has been tidied up.
      this.#end.forget();
      const page = await this.#readForwards(event === BEFORE_FIRST ? 'start' : event, limit + 1);
      return page.filter(({ position }) => position > event);
    }
  }

  /** However long it takes, as long as something comes of it; nothing where the server has no record to begin with. */
  async #readForwards(from: From, limit: number, upTo?: Position): Promise<readonly ReadEvent[]> {
    const reading = new ForwardReading(this.#connection, this.#prefixes, from, limit, upTo);
    const position = typeof from === 'number' ? from : undefined;
    while (!reading.isDone) await this.#patiently(() => reading.goOn(), { position });
    return reading.events;
  }

  /** The ledger's event at a position, or null. */
  async #eventAt(position: Position): Promise<ReadEvent | null> {
    try {
      return await this.#patiently(() => this.#readEventAt(position), { position });
    } catch (error) {
      if (error instanceof NotAPosition) return null;
      throw error;
    }
  }

  async #requireKnown(position: Position): Promise<void> {
    const head = await this.head();
    if (position > head) throw logPositionUnknown(this.at, position, head);
  }

  async #head(): Promise<Position> {
    return (await this.#end.find()).event;
  }

  async #newest(): Promise<NewestRecord | null> {
    const [record] = (await this.#connection.read(everythingRequest('end', 1, true))) ?? [];
    return record === undefined ? null : { position: record.position, isOfLedger: this.#isOfLedger(record) };
  }

  async #lastFrom(position: Position): Promise<Position | 'none' | 'many'> {
    try {
      const page = await this.#readForwards(position, LAST_PAGE);
      return page.length < LAST_PAGE ? (page.at(-1)?.position ?? 'none') : 'many';
    } catch (error) {
      if (error instanceof NotAPosition) return 'many';
      throw error;
    }
  }

  async #lastOfAll(): Promise<Position> {
    try {
      const last = await this.#connection.read(allRequest(this.#prefixes, 'end', 1, true), SEARCH_MS);
      return last?.[0]?.position ?? BEFORE_FIRST;
    } catch (error) {
      if (isOverdue(error) && !this.#connection.isGivenUp) throw logSlow(this.at, END_NOT_FOUND_IN_TIME, error);
      throw error;
    }
  }

  async #recordedEnd(): Promise<EndOfLog | null> {
    const [last] = await this.#endsOnRecord();
    return last === undefined ? null : endIn(fromServer({ ...last, stream: LOG_END_STREAM }));
  }

  async #recordEnd(end: EndOfLog): Promise<void> {
    const [last] = await this.#endsOnRecord();
    const expectedRevision = last?.revision ?? NO_STREAM;
    await this.append({
      stream: LOG_END_STREAM,
      expectedRevision,
      events: [endEvent(end, expectedRevision + 1, new Date())],
    });
  }

  async #endsOnRecord(): Promise<readonly ReadEvent[]> {
    try {
      return (await this.#connection.read(streamRequest(this.#serverName(LOG_END_STREAM), 'end', 1, true))) ?? [];
    } catch (error) {
      const failed = this.#connection.failure(error);
      // Whoever may not read it finds the end without it.
      if (failed.kind === 'final') return [];
      throw error;
    }
  }

  /** Of all records, so that nothing has to be looked through where it is none of the ledger's. */
  async #readEventAt(position: Position): Promise<ReadEvent | null> {
    const [record] = (await this.#connection.read(everythingRequest(position, 1))) ?? [];
    return record?.position === position && this.#isOfLedger(record) ? record : null;
  }

  async #isEvent(position: Position): Promise<boolean> {
    try {
      return (await this.#readEventAt(position)) !== null;
    } catch (error) {
      if (this.#connection.failure(error, position).kind === 'final') return false;
      throw error;
    }
  }

  #isOfLedger({ stream }: ReadEvent): boolean {
    return this.#prefixes.some((prefix) => stream.startsWith(prefix));
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
