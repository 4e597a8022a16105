import type Database from 'better-sqlite3';

import { type AppendOrder, type SealedAppend, sealAppend, sealUnit } from '../append-rules';
import type { Position, StoredEvent } from '../event';
import { uuidBytes, writeUuidBytes } from '../event-id';
import {
  type Appended,
  EventIdConflict,
  type EventLog,
  NO_STREAM,
  RevisionConflict,
  type SealedEvent,
  type StreamAppend,
  type Subscription,
  type SubscriptionHandlers,
} from '../event-log';
import { logClosed, logLocked } from '../log-failure';
import { LogSubscription } from '../log-subscription';
import { openLogFile } from './open-log-file';
import { isBusy, isSqliteError, sqliteFailure } from './sqlite-failure';

export interface SqliteEventLogOptions {
  /** Path of the file; it and its directory are made when they are not there. */
  readonly file: string;
  /** How long an append waits for another process that writes to the same file. */
  readonly lockPatienceMs?: number;
  /** How often subscriptions look for events of other processes. */
  readonly pollMs?: number;
}

/** An import of 100,000 events by another process holds the lock for a few seconds. */
const LOCK_PATIENCE_MS = 15_000;
const LOCK_RETRY_MS = 20;
const POLL_MS = 100;

/** Asking the file costs as much as reading a row, and thousands of readers a second ask. */
const FOREIGN_WRITES_KNOWN_MS = 5;

/** One transaction takes at most this many waiting events, so that the process is never still for long. */
const FLUSH_EVENTS = 4096;

/** Names of streams whose revision is remembered; beyond it they are forgotten and read again. */
const REMEMBERED_STREAMS = 200_000;

interface StreamHead {
  /** Null as long as the stream has no event. */
  streamId: number | null;
  revision: number;
}

/** What one caller asked for: one append, or many together. */
interface Unit {
  readonly appends: readonly SealedAppend[];
  readonly order: AppendOrder | undefined;
  readonly events: number;
  readonly resolve: (appended: readonly Appended[]) => void;
  readonly reject: (error: unknown) => void;
}

type Verdict = readonly Appended[] | RevisionConflict | EventIdConflict;

type StoredIdentity = readonly [position: number, id: Buffer, canonical: string];

type Row = readonly [position: number, streamId: number, revision: number, canonical: string];

/**
 * The embedded log: one SQLite file, one transaction for everything that waits. All reading and writing happens in
 * short synchronous pieces on one connection, so that nothing is seen before it is committed.
 */
export class SqliteEventLog implements EventLog {
  readonly engine = 'sqlite';
  readonly file: string;
  readonly #database: Database.Database;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #commit: Database.Transaction<(units: readonly Unit[], careful: boolean) => readonly Verdict[]>;
  readonly #lockPatienceMs: number;
  readonly #pollMs: number;
  readonly #idScratch = Buffer.alloc(16);

  #waiting: Unit[] = [];
  #flushPlanned = false;
  #lockedSince: number | null = null;
  #closed = false;

  /** What the log is known to hold, true as long as no other connection has committed. */
  #heads = new Map<string, StreamHead>();
  #lastPosition: Position = 0;
  #knownVersion = -1;

  #foreignWrites = -1;
  #foreignWritesKnownUntil = 0;

  readonly #streamNames = new Map<number, string>();
  readonly #subscriptions = new Set<LogSubscription>();
  #poll: NodeJS.Timeout | null = null;
  #polledVersion = -1;

  /** @throws DomainError(unavailable) */
  constructor(options: SqliteEventLogOptions) {
    this.file = options.file;
    this.#lockPatienceMs = options.lockPatienceMs ?? LOCK_PATIENCE_MS;
    this.#pollMs = options.pollMs ?? POLL_MS;
    this.#database = openLogFile(options.file);
    this.#statements = prepareStatements(this.#database);
    this.#commit = this.#database.transaction((units, careful) => this.#judgeAll(units, careful));
  }

  async append(append: StreamAppend): Promise<Appended> {
    const [appended] = await this.#enqueue([sealAppend(append)], undefined, append.events.length);
    return appended as Appended;
  }

  async appendTogether(appends: readonly StreamAppend[], order?: AppendOrder): Promise<readonly Appended[]> {
    const sealed = sealUnit(appends, order);
    if (sealed.length === 0) return [];
    const events = sealed.reduce((sum, append) => sum + append.events.length, 0);
    return this.#enqueue(sealed, order, events);
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
    this.#poll ??= setInterval(() => this.#lookForOthers(), this.#pollMs).unref();
    return subscription;
  }

  async head(): Promise<Position> {
    return this.#read(() => this.#statements.lastPosition.get() as number);
  }

  /** Not a number, which equals nothing, when the file cannot be asked: the reading that follows tells the failure. */
  foreignWrites(): number {
    const now = performance.now();
    if (now >= this.#foreignWritesKnownUntil) {
      this.#foreignWritesKnownUntil = now + FOREIGN_WRITES_KNOWN_MS;
      try {
        this.#foreignWrites = this.#statements.dataVersion.get() as number;
      } catch {
        this.#foreignWrites = Number.NaN;
      }
    }
    return this.#foreignWrites;
  }

  /** Writes what waits, ends the subscriptions and closes the file. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    while (this.#waiting.length > 0) this.#flush();
    this.#database.close();
  }

  #enqueue(
    appends: readonly SealedAppend[],
    order: AppendOrder | undefined,
    events: number,
  ): Promise<readonly Appended[]> {
    if (this.#closed) return Promise.reject(logClosed(this.file));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ appends, order, events, resolve, reject });
      if (this.#flushPlanned) return;
      this.#flushPlanned = true;
      // Everything that is asked for in this turn of the event loop shares one flush to the disk.
      setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    this.#flushPlanned = false;
    const units = this.#takeWaiting();
    if (units.length === 0) return;
    let verdicts: readonly Verdict[];
    try {
      verdicts = this.#commitAll(units);
    } catch (error) {
      this.#heads.clear();
      this.#knownVersion = -1;
      if (isBusy(error) && this.#mayWaitForLock()) {
        this.#waiting = [...units, ...this.#waiting];
        this.#planFlush(LOCK_RETRY_MS);
        return;
      }
      this.#lockedSince = null;
      const failure = isBusy(error) ? logLocked(this.file, error) : sqliteFailure(error, this.file);
      for (const unit of units) unit.reject(failure);
      if (this.#waiting.length > 0) this.#planFlush(0);
      return;
    }
    this.#lockedSince = null;
    for (const [index, unit] of units.entries()) {
      const verdict = verdicts[index] as Verdict;
      if (verdict instanceof Error) unit.reject(verdict);
      else unit.resolve(verdict);
    }
    for (const subscription of this.#subscriptions) subscription.wake();
    if (this.#waiting.length > 0) this.#planFlush(0);
  }

  #planFlush(delayMs: number): void {
    if (this.#flushPlanned || this.#closed) return;
    this.#flushPlanned = true;
    if (delayMs > 0) setTimeout(() => this.#flush(), delayMs);
    else setImmediate(() => this.#flush());
  }

  /** A closing log waits no more: its callers are told that another process holds the file. */
  #mayWaitForLock(): boolean {
    const now = performance.now();
    this.#lockedSince ??= now;
    return !this.#closed && now - this.#lockedSince < this.#lockPatienceMs;
  }

  #takeWaiting(): readonly Unit[] {
    let events = 0;
    let count = 0;
    for (const unit of this.#waiting) {
      events += unit.events;
      // A large unit goes alone, so that its failure (a full disk) does not become its neighbours'.
      if (count > 0 && events > FLUSH_EVENTS) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  #commitAll(units: readonly Unit[]): readonly Verdict[] {
    try {
      return this.#commit.immediate(units, false);
    } catch (error) {
      if (!isSqliteError(error, 'SQLITE_CONSTRAINT_UNIQUE')) throw error;
      // Some id is in the log already. Nothing was stored; now every id is looked up before it is written.
      this.#heads.clear();
      this.#knownVersion = -1;
      return this.#commit.immediate(units, true);
    }
  }

  #judgeAll(units: readonly Unit[], careful: boolean): readonly Verdict[] {
    this.#learnFromOthers();
    return units.map((unit) => this.#judge(unit, careful));
  }

  /** Inside a transaction: forgets what may no longer be so because another connection has committed. */
  #learnFromOthers(): void {
    const version = this.#statements.dataVersion.get() as number;
    if (version === this.#knownVersion && this.#heads.size <= REMEMBERED_STREAMS) return;
    this.#heads.clear();
    this.#lastPosition = this.#statements.lastPosition.get() as number;
    this.#knownVersion = version;
  }

  #judge(unit: Unit, careful: boolean): Verdict {
    const repeats: Appended[] = [];
    let conflict: RevisionConflict | null = null;
    for (const append of unit.appends) {
      const head = this.#head(append.stream);
      if (head.revision === append.expectedRevision) continue;
      conflict ??= new RevisionConflict(append.stream, append.expectedRevision, head.revision);
      const repeat = this.#firstAnswer(head, append);
      if (repeat !== null) repeats.push(repeat);
    }
    if (conflict !== null) return repeats.length === unit.appends.length ? repeats : conflict;
    if (careful) {
      const taken = this.#takenId(unit);
      if (taken !== null) return new EventIdConflict(taken);
    }
    return this.#insert(unit);
  }

  #head(stream: string): StreamHead {
    const known = this.#heads.get(stream);
    if (known !== undefined) return known;
    const streamId = (this.#statements.streamId.get(stream) as number | undefined) ?? null;
    const revision = streamId === null ? NO_STREAM : (this.#statements.lastRevision.get(streamId) as number);
    const head = { streamId, revision };
    this.#heads.set(stream, head);
    return head;
  }

  /**
   * The answer that the same events got when they were stored; null when they are not the same to the last byte. Two
   * processes that decide one command id for different contents make the same ids, and only one of them may be told
   * that it was stored.
   */
  #firstAnswer(head: StreamHead, append: SealedAppend): Appended | null {
    const { expectedRevision, events } = append;
    if (head.streamId === null || expectedRevision + events.length > head.revision) return null;
    const positions: Position[] = [];
    for (const [index, event] of events.entries()) {
      const stored = this.#statements.readOne.get(head.streamId, expectedRevision + 1 + index) as StoredIdentity;
      const [position, id, canonical] = stored;
      if (!id.equals(uuidBytes(event.id)) || canonical !== event.canonical) return null;
      positions.push(position);
    }
    return { revision: expectedRevision + events.length, positions };
  }

  #takenId(unit: Unit): string | null {
    const own = new Set<string>();
    for (const append of unit.appends) {
      for (const event of append.events) {
        const id = event.id.toLowerCase();
        if (own.has(id) || this.#statements.hasId.get(uuidBytes(id)) !== undefined) return event.id;
        own.add(id);
      }
    }
    return null;
  }

  /** The one place where events come into the table: whatever is kept beside them is written here, with them. */
  #insert(unit: Unit): readonly Appended[] {
    const heads = unit.appends.map((append) => this.#headWithRow(append.stream));
    const positions: number[][] = unit.appends.map(() => []);
    if (unit.order === undefined) {
      unit.appends.forEach(({ events }, append) => {
        for (let event = 0; event < events.length; event += 1) this.#insertOne(unit, heads, positions, append, event);
      });
    } else {
      for (const [append, event] of unit.order) this.#insertOne(unit, heads, positions, append, event);
    }
    return positions.map((own, append) => ({ revision: (heads[append] as StreamHead).revision, positions: own }));
  }

  #insertOne(
    unit: Unit,
    heads: readonly StreamHead[],
    positions: readonly number[][],
    append: number,
    index: number,
  ): void {
    const head = heads[append] as StreamHead;
    const event = (unit.appends[append] as SealedAppend).events[index] as SealedEvent;
    const position = this.#lastPosition + 1;
    const revision = head.revision + 1;
    writeUuidBytes(event.id, this.#idScratch);
    this.#statements.insertEvent.run(position, head.streamId, revision, this.#idScratch, event.canonical);
    this.#lastPosition = position;
    head.revision = revision;
    (positions[append] as number[]).push(position);
  }

  #headWithRow(stream: string): StreamHead {
    const head = this.#head(stream);
    head.streamId ??= Number(this.#statements.insertStream.run(stream).lastInsertRowid);
    return head;
  }

  async #read<Result>(query: () => Result): Promise<Result> {
    if (this.#closed && !this.#database.open) throw logClosed(this.file);
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
    if (this.#streamNames.size >= REMEMBERED_STREAMS) this.#streamNames.clear();
    this.#streamNames.set(streamId, name);
    return name;
  }

  #lookForOthers(): void {
    let version: number;
    try {
      version = this.#statements.dataVersion.get() as number;
    } catch {
      // The subscriptions' own reading meets the same failure and tells it.
      version = -1;
    }
    if (version === this.#polledVersion && version !== -1) return;
    this.#polledVersion = version;
    for (const subscription of this.#subscriptions) subscription.wake();
  }

  #forgetSubscription(subscription: LogSubscription): void {
    this.#subscriptions.delete(subscription);
    if (this.#subscriptions.size > 0 || this.#poll === null) return;
    clearInterval(this.#poll);
    this.#poll = null;
  }
}

const prepareStatements = (database: Database.Database) => ({
  dataVersion: database.prepare('PRAGMA data_version').pluck(),
  lastPosition: database.prepare('SELECT coalesce(max(position), 0) FROM event').pluck(),
  streamId: database.prepare('SELECT stream_id FROM stream WHERE name = ?').pluck(),
  streamName: database.prepare('SELECT name FROM stream WHERE stream_id = ?').pluck(),
  lastRevision: database.prepare(`SELECT coalesce(max(revision), ${NO_STREAM}) FROM event WHERE stream_id = ?`).pluck(),
  hasId: database.prepare('SELECT 1 FROM event WHERE id = ?').pluck(),
  readOne: database.prepare('SELECT position, id, canonical FROM event WHERE stream_id = ? AND revision = ?').raw(),
  readStream: database
    .prepare(
      'SELECT position, stream_id, revision, canonical FROM event WHERE stream_id = ? AND revision >= ? ORDER BY revision LIMIT ?',
    )
    .raw(),
  readAll: database
    .prepare('SELECT position, stream_id, revision, canonical FROM event WHERE position > ? ORDER BY position LIMIT ?')
    .raw(),
  insertStream: database.prepare('INSERT INTO stream (name) VALUES (?)'),
  insertEvent: database.prepare(
    'INSERT INTO event (position, stream_id, revision, id, canonical) VALUES (?, ?, ?, ?, ?)',
  ),
});
