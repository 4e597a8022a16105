import type Database from 'better-sqlite3';

import { assertNever } from '../../platform/domain-error';
import { type AppendOrder, sealAppend, sealUnit } from '../append-rules';
import type { Position, StoredEvent } from '../event';
import {
  type Appended,
  EventIdConflict,
  type EventLog,
  FactsMoved,
  RevisionConflict,
  type StreamAppend,
  type Subscription,
  type SubscriptionHandlers,
} from '../event-log';
import { logClosed, logLocked, logUnreachable } from '../log-failure';
import { LogSubscription } from '../log-subscription';
import type { LogTree } from '../tree/log-tree';
import { appendedFrom, type Committed, type Exception, LogWriter } from './log-writer';
import { hasWriterScript, LogWriterClient, WRITER_SCRIPT } from './log-writer-client';
import { LogPlace } from './log-place';
import { openLogFile } from './open-log-file';
import type { SealedUnit } from './packed-units';
import { isBusy, openingFailure, sqliteFailure } from './sqlite-failure';
import { SqliteLogTree } from './sqlite-log-tree';
import type { WalPages } from './wal-copies';

export interface SqliteEventLogOptions {
  /** Path of the file; it and its directory are made when they are not there. */
  readonly file: string;
  /** How long an append waits for another process that writes to the same file. */
  readonly lockPatienceMs?: number;
  /** How often subscriptions look for events of other processes. */
  readonly pollMs?: number;
  /** Events waiting together from which on a thread of its own writes; Infinity: never. */
  readonly threadFromEvents?: number;
  /** Script of that thread, where it is not compiled beside this file. */
  readonly threadScript?: string;
  /** When that thread has the write-ahead log copied; the tests do not write 64 MB. */
  readonly walPages?: WalPages;
}

/** An import of 100,000 events by another process holds the lock for a few seconds. */
const LOCK_PATIENCE_MS = 15_000;
const LOCK_RETRY_MS = 20;
const POLL_MS = 100;

/**
 * A thread takes some 30 ms and 10 MB to start. It is worth that when many callers wait at once, which the tool on the
 * command line never sees: then the main thread decides the next commands while the thread waits for the disk.
 */
const THREAD_FROM_EVENTS = 64;

/** With so many events waiting the thread need not stand idle until the main thread has decided all the others. */
const PIPELINE_EVENTS = 64;

/**
 * Commits that the thread has at once: while the main thread gets round to the answer of the first, the thread is at
 * work on the second.
 */
const THREAD_COMMITS = 2;

/** Asking the file costs as much as reading a row, and thousands of readers a second ask. */
const FOREIGN_WRITES_KNOWN_MS = 5;

/** One transaction takes at most this many waiting events, so that nobody waits long for others. */
const FLUSH_EVENTS = 4096;

/** Names of streams that are remembered for reading. */
const REMEMBERED_NAMES = 200_000;

/** A unit and those who wait for it. */
interface WaitingUnit extends SealedUnit {
  readonly events: number;
  readonly resolve: (appended: readonly Appended[]) => void;
  readonly reject: (error: unknown) => void;
}

type Row = readonly [position: number, streamId: number, revision: number, canonical: string];

/**
 * The embedded log: one SQLite file, one transaction for everything that waits. Reading happens in short synchronous
 * pieces on a connection that sees only what is committed; writing on the same connection between them, or, under
 * load, in a thread of its own. Commits are made one after another in the order in which they are sent.
 */
export class SqliteEventLog implements EventLog {
  readonly engine = 'sqlite';
  readonly file: string;
  readonly tree: LogTree;
  readonly #options: Required<Omit<SqliteEventLogOptions, 'walPages'>> & Pick<SqliteEventLogOptions, 'walPages'>;
  readonly #database: Database.Database;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #writer: LogWriter;
  readonly #place: LogPlace;
  #thread: LogWriterClient | null = null;

  #waiting: WaitingUnit[] = [];
  #waitingEvents = 0;
  #flushPlanned = false;
  /** The commits that the thread has, oldest first. */
  readonly #underWay: Promise<void>[] = [];
  #lockedSince: number | null = null;
  #closed = false;

  /** Every position up to this one is known to be ours or was noticed to be another's. */
  #knownPosition: Position;
  #foreignWrites = 0;
  #foreignWritesKnownUntil = 0;

  readonly #streamNames = new Map<number, string>();
  readonly #subscriptions = new Set<LogSubscription>();
  #poll: NodeJS.Timeout | null = null;
  #polledPosition: Position = -1;

  /** @throws DomainError(unavailable) */
  constructor(options: SqliteEventLogOptions) {
    this.file = options.file;
    this.#options = {
      lockPatienceMs: LOCK_PATIENCE_MS,
      pollMs: POLL_MS,
      threadFromEvents: THREAD_FROM_EVENTS,
      threadScript: WRITER_SCRIPT,
      ...options,
    };
    this.#database = openLogFile(options.file);
    this.#place = new LogPlace(options.file);
    try {
      this.#statements = prepareStatements(this.#database);
      this.#writer = new LogWriter(this.#database);
      this.tree = new SqliteLogTree(this.#database, (query) => this.#read(query));
      this.#knownPosition = this.#statements.lastPosition.get() as number;
    } catch (error) {
      this.#database.close();
      throw openingFailure(error, options.file);
    }
  }

  append(append: StreamAppend): Promise<Appended> {
    return new Promise((resolve, reject) => {
      const appends = [sealAppend(append)];
      const first = ([appended]: readonly Appended[]): void => resolve(appended as Appended);
      this.#enqueue({ appends, order: undefined, events: append.events.length, resolve: first, reject });
    });
  }

  async appendTogether(appends: readonly StreamAppend[], order?: AppendOrder): Promise<readonly Appended[]> {
    const sealed = sealUnit(appends, order, 'whole');
    if (sealed.length === 0) return [];
    const events = sealed.reduce((sum, append) => sum + append.events.length, 0);
    return new Promise((resolve, reject) => this.#enqueue({ appends: sealed, order, events, resolve, reject }));
  }

  async readStream(stream: string, fromRevision: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.#read(() => {
      const streamId = this.#statements.streamId.get(stream) as number | undefined;
      if (streamId === undefined) return [];
      return this.#storedEvents(this.#statements.readStream.all(streamId, fromRevision, limit) as Row[]);
    });
  }

  async readAll(after: Position, limit: number): Promise<readonly StoredEvent[]> {
    return this.#read(() => this.#storedEvents(this.#statements.readAll.all(after, limit) as Row[]));
  }

  async readAt(position: Position): Promise<StoredEvent | null> {
    const [event] = await this.readAll(position - 1, 1);
    return event?.position === position ? event : null;
  }

  subscribeAll(after: Position, handlers: SubscriptionHandlers): Subscription {
    if (this.#closed) throw logClosed(this.file);
    const subscription = new LogSubscription(
      {
        after,
        read: (position, limit) => this.readAll(position, limit),
        onClosed: (closed) => this.#forgetSubscription(closed),
      },
      handlers,
    );
    this.#subscriptions.add(subscription);
    this.#poll ??= setInterval(() => this.#lookForOthers(), this.#options.pollMs).unref();
    return subscription;
  }

  async head(): Promise<Position> {
    return this.#read(() => this.#statements.lastPosition.get() as number);
  }

  async requireStorable(): Promise<void> {
    this.#place.requireRoom();
  }

  /** Another number each time when the file cannot be asked: the reading that follows tells the failure. */
  foreignWrites(): number {
    // While a commit is under way its answer will tell, and the file may already show what is our own.
    if (this.#underWay.length > 0) return this.#foreignWrites;
    const now = performance.now();
    if (now < this.#foreignWritesKnownUntil) return this.#foreignWrites;
    try {
      this.#noticePosition(this.#statements.lastPosition.get() as number);
    } catch {
      this.#foreignWrites += 1;
      return this.#foreignWrites;
    }
    this.#foreignWritesKnownUntil = now + FOREIGN_WRITES_KNOWN_MS;
    return this.#foreignWrites;
  }

  /** Writes what waits, ends the subscriptions and closes the file. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    while (this.#underWay.length > 0 || this.#waiting.length > 0) {
      if (this.#underWay.length === 0) this.#flush();
      await this.#underWay[0];
    }
    await this.#thread?.close();
    this.#database.close();
  }

  #enqueue(unit: WaitingUnit): void {
    if (this.#closed) throw logClosed(this.file);
    this.#waiting.push(unit);
    this.#waitingEvents += unit.events;
    if (this.#thread !== null && this.#waitingEvents >= PIPELINE_EVENTS) this.#flush();
    // Everything that is asked for in this turn of the event loop shares one flush to the disk.
    else this.#planFlush(0);
  }

  #planFlush(delayMs: number): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    const flush = (): void => {
      this.#flushPlanned = false;
      this.#flush();
    };
    if (delayMs > 0) setTimeout(flush, delayMs);
    else setImmediate(flush);
  }

  #flush(): void {
    if (!this.#mayFlush()) return;
    const units = this.#takeWaiting();
    try {
      this.#place.requireSame();
    } catch (error) {
      this.#fail(units, error);
      if (this.#waiting.length > 0) this.#planFlush(0);
      return;
    }
    const events = units.reduce((sum, unit) => sum + unit.events, 0);
    const thread = this.#threadFor(events);
    if (thread === null) {
      try {
        this.#settle(units, this.#writer.commit(units));
      } catch (error) {
        this.#fail(units, error);
      }
      if (this.#waiting.length > 0) this.#planFlush(this.#lockedSince === null ? 0 : LOCK_RETRY_MS);
      return;
    }
    this.#underWay.push(
      thread.commit(units).then(
        (committed) => this.#afterThread(() => this.#settle(units, committed)),
        (error: unknown) => this.#afterThread(() => this.#fail(units, error)),
      ),
    );
  }

  /** Behind a commit that is under way another is worth sending once it is of some size, and only to the thread. */
  #mayFlush(): boolean {
    const [first] = this.#waiting;
    if (first === undefined) return false;
    if (this.#underWay.length === 0) return true;
    return (
      this.#underWay.length < THREAD_COMMITS &&
      this.#waitingEvents >= PIPELINE_EVENTS &&
      !isForMainThread(first.events) &&
      this.#thread?.broken === false
    );
  }

  #afterThread(tell: () => void): void {
    void this.#underWay.shift();
    tell();
    if (this.#waiting.length === 0) return;
    if (this.#lockedSince !== null) this.#planFlush(LOCK_RETRY_MS);
    else this.#flush();
  }

  /** The thread that is to write so many events; null when the main thread writes them itself. */
  #threadFor(events: number): LogWriterClient | null {
    if (isForMainThread(events)) return null;
    if (this.#thread !== null) return this.#thread.broken ? null : this.#thread;
    const { threadFromEvents, threadScript, walPages } = this.#options;
    if (events < threadFromEvents || this.#closed || !hasWriterScript(threadScript)) return null;
    this.#thread = new LogWriterClient(threadScript, { file: this.file, walPages });
    return this.#thread;
  }

  #takeWaiting(): readonly WaitingUnit[] {
    let events = 0;
    let count = 0;
    for (const unit of this.#waiting) {
      // A large unit goes alone, so that its failure (a full disk) does not become its neighbours'.
      if (count > 0 && events + unit.events > FLUSH_EVENTS) break;
      events += unit.events;
      count += 1;
    }
    this.#waitingEvents -= events;
    const taken = this.#waiting;
    this.#waiting = taken.splice(count);
    return taken;
  }

  #settle(units: readonly WaitingUnit[], { verdicts, before, after }: Committed): void {
    this.#lockedSince = null;
    this.#noticePosition(before);
    this.#knownPosition = after;
    for (let index = 0; index < units.length; index += 1) {
      const unit = units[index] as WaitingUnit;
      const verdict = verdicts[index] as Committed['verdicts'][number];
      if (typeof verdict === 'number') unit.resolve(appendedFrom(verdict, unit));
      else this.#except(unit, verdict);
    }
    if (after > before) for (const subscription of this.#subscriptions) subscription.wake();
  }

  #except(unit: WaitingUnit, exception: Exception): void {
    switch (exception.kind) {
      case 'repeated':
        unit.resolve(exception.appended);
        return;
      case 'revision-conflict': {
        const { stream, expectedRevision, actualRevision } = exception;
        unit.reject(new RevisionConflict(stream, expectedRevision, actualRevision));
        return;
      }
      case 'facts-moved':
        unit.reject(new FactsMoved(exception.moved));
        return;
      case 'id-conflict':
        unit.reject(new EventIdConflict(exception.eventId));
        return;
      default:
        assertNever(exception);
    }
  }

  #fail(units: readonly WaitingUnit[], error: unknown): void {
    if (isBusy(error) && this.#mayWaitForLock()) {
      this.#waiting = [...units, ...this.#waiting];
      this.#waitingEvents += units.reduce((sum, unit) => sum + unit.events, 0);
      return;
    }
    this.#lockedSince = null;
    const failure = this.#failure(error);
    for (const unit of units) unit.reject(failure);
  }

  #failure(error: unknown): unknown {
    if (isBusy(error)) return logLocked(this.file, error);
    if (this.#thread?.broken === true) {
      return logUnreachable(
        this.file,
        { zh: '写入线程已中止', en: `the writing thread ended: ${String(error)}` },
        error,
      );
    }
    return sqliteFailure(error, this.file);
  }

  /** A closing log waits no more: its callers are told that another process holds the file. */
  #mayWaitForLock(): boolean {
    const now = performance.now();
    this.#lockedSince ??= now;
    return !this.#closed && now - this.#lockedSince < this.#options.lockPatienceMs;
  }

  /** What lies beyond what we know of was written by somebody else. */
  #noticePosition(position: Position): void {
    if (position === this.#knownPosition) return;
    this.#knownPosition = position;
    this.#foreignWrites += 1;
  }

  async #read<Result>(query: () => Result): Promise<Result> {
    if (!this.#database.open) throw logClosed(this.file);
    try {
      return query();
    } catch (error) {
      throw sqliteFailure(error, this.file);
    }
  }

  #storedEvents(rows: readonly Row[]): readonly StoredEvent[] {
    return rows.map(([position, streamId, revision, canonical]) => ({
      position,
      stream: this.#streamName(streamId),
      revision,
      canonical,
    }));
  }

  #streamName(streamId: number): string {
    const known = this.#streamNames.get(streamId);
    if (known !== undefined) return known;
    const name = String(this.#statements.streamName.get(streamId));
    if (this.#streamNames.size >= REMEMBERED_NAMES) this.#streamNames.clear();
    this.#streamNames.set(streamId, name);
    return name;
  }

  #lookForOthers(): void {
    let position: Position;
    try {
      position = this.#statements.lastPosition.get() as number;
    } catch {
      // The subscriptions' own reading meets the same failure and tells it.
      position = -1;
    }
    if (position === this.#polledPosition && position !== -1) return;
    this.#polledPosition = position;
    for (const subscription of this.#subscriptions) subscription.wake();
  }

  #forgetSubscription(subscription: LogSubscription): void {
    this.#subscriptions.delete(subscription);
    if (this.#subscriptions.size > 0 || this.#poll === null) return;
    clearInterval(this.#poll);
    this.#poll = null;
  }
}

/** A large unit would be copied whole to the thread and back, where the main thread reads it piece by piece. */
const isForMainThread = (events: number): boolean => events > FLUSH_EVENTS;

const prepareStatements = (database: Database.Database) => ({
  lastPosition: database.prepare('SELECT coalesce(max(position), 0) FROM event').pluck(),
  streamId: database.prepare('SELECT stream_id FROM stream WHERE name = ?').pluck(),
  streamName: database.prepare('SELECT name FROM stream WHERE stream_id = ?').pluck(),
  readStream: database
    .prepare(
      'SELECT position, stream_id, revision, canonical FROM event WHERE stream_id = ? AND revision >= ? ORDER BY revision LIMIT ?',
    )
    .raw(),
  readAll: database
    .prepare('SELECT position, stream_id, revision, canonical FROM event WHERE position > ? ORDER BY position LIMIT ?')
    .raw(),
});
