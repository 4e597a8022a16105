import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

import Database from 'better-sqlite3';

import { BEFORE_FIRST, type Position, type RecordedEvent, type StoredEvent } from '../event-log/event';
import type { EventLog, Subscription } from '../event-log/event-log';
import { readEvent } from '../event-log/upcasting';
import { DomainError } from '../platform/domain-error';
import { makeDirectory } from '../platform/make-directory';
import { ReadDatabase, type ReadSnapshot, type SnapshotSource } from './read-database';
import { ReadFile, removeGeneration } from './read-file';
import { ReadModelWriter } from './read-model-writer';
import { readModelVersion } from './read-model-version';
import { READ_INDEXES, READ_TABLES } from './read-schema';

/** Told how far a rebuild or a catching up is: positions done, and the position it goes to. */
export type Progress = (done: Position, total: Position) => void;

export interface ProjectionRunnerOptions {
  readonly dataDirectory: string;
  readonly log: EventLog;
}

export interface ProjectionHealth {
  /** Position of the last event in the read database. */
  readonly position: Position;
  /** Why no event is taken any more; null while all is well. */
  readonly halted: Error | null;
}

/** Another process that writes to the same read database holds it for one batch at most. */
const LOCK_PATIENCE_MS = 15_000;

/** Events of one transaction while catching up: long enough to spread its cost, short enough to let others in. */
const BATCH_EVENTS = 4096;

/**
 * Events of one transaction in a rebuild, where nobody else waits; bounds the pages that SQLite holds. They are read
 * in the same portions as always.
 */
const REBUILD_TRANSACTION_EVENTS = 65_536;

/** The events themselves contradict what was projected; nothing is taken until somebody has looked at it. */
export class ProjectionHalted extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ProjectionHalted';
  }
}

interface LiveDatabase {
  readonly database: Database.Database;
  readonly identity: string | null;
  position: Position;
  /** Made when the first event comes: commands that only read need no projection. */
  writer: ReadModelWriter | null;
}

/**
 * Keeps the read database in step with the log, exactly once: entries, facts and the checkpoint go into one
 * transaction, and the checkpoint moves only from the position that the transaction began at. Several processes may
 * run on one read database; each notices what the others have done before its next batch.
 */
export class ProjectionRunner implements SnapshotSource {
  readonly #log: EventLog;
  readonly #file: ReadFile;
  readonly #version: string;
  readonly #reads: ReadDatabase;
  #live: LiveDatabase | null = null;
  #halted: Error | null = null;
  #waiting: { readonly position: Position; readonly resolve: () => void }[] = [];

  constructor({ dataDirectory, log }: ProjectionRunnerOptions) {
    makeDirectory(dataDirectory);
    this.#log = log;
    this.#file = new ReadFile(dataDirectory);
    this.#version = readModelVersion();
    this.#reads = new ReadDatabase(dataDirectory);
  }

  /** Runs a query on one consistent moment of the read database. */
  read<Answer>(query: (snapshot: ReadSnapshot) => Answer): Answer {
    return this.#reads.read(query);
  }

  /** Position of the last event that queries see. */
  position(): Position {
    return this.#file.exists() ? this.#reads.read((snapshot) => snapshot.position) : BEFORE_FIRST;
  }

  health(): ProjectionHealth {
    return { position: this.#live?.position ?? this.position(), halted: this.#halted };
  }

  /**
   * Brings the read database to the end of the log. Builds it anew when it is missing, was made by other projections,
   * or tells of events that the log does not have.
   */
  async catchUp(progress: Progress = () => undefined): Promise<Position> {
    this.#file.removeAbandoned();
    if (!(await this.#isUsable())) return this.rebuild(progress);
    const total = await this.#log.head();
    for (;;) {
      const after = this.#opened().position;
      const events = await this.#log.readAll(after, BATCH_EVENTS);
      if (events.length === 0) return this.#opened().position;
      this.take(events, after);
      const done = this.#opened().position;
      progress(done, Math.max(done, total));
    }
  }

  /** Delivers every further event to the read database until closed. Call catchUp first. */
  follow(handlers: { readonly onError?: (error: unknown) => void } = {}): Subscription {
    let delivered = this.#opened().position;
    return this.#log.subscribeAll(delivered, {
      onEvents: async (events) => {
        // After a switch to a rebuilt database, or its deletion, events that were delivered before may be missing.
        if (!this.#file.exists() || this.#opened().position < delivered) await this.catchUp();
        this.take(events, delivered);
        delivered = events.at(-1)?.position ?? delivered;
      },
      ...(handlers.onError === undefined ? {} : { onError: handlers.onError }),
    });
  }

  /**
   * Takes one batch of stored events, in the order of the log. Events that are in the tables already are left out.
   *
   * @param after position of the event before the first of the batch
   * @throws ProjectionHalted when a position is not greater than the one before, or an event cannot be folded
   */
  take(events: readonly StoredEvent[], after: Position): void {
    if (this.#halted !== null) throw this.#halted;
    try {
      this.#takeInOneTransaction(events, after);
    } catch (error) {
      if (error instanceof ProjectionHalted) this.#halted = error;
      // The writer's memory may be ahead of the tables.
      if (this.#live !== null) this.#live.writer = null;
      throw error;
    }
    this.#wake();
  }

  /** Resolves once queries see the position, false when that takes longer than the time allowed. */
  async waitFor(position: Position, timeoutMs: number): Promise<boolean> {
    if (this.health().position >= position) return true;
    return new Promise((resolve) => {
      const waiter = {
        position,
        resolve: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        resolve(this.health().position >= position);
      }, timeoutMs);
      this.#waiting.push(waiter);
    });
  }

  /**
   * Builds a new read database beside the live one, which goes on answering, and switches to it when it has reached
   * the end of the log.
   */
  async rebuild(progress: Progress = () => undefined): Promise<Position> {
    const generation = this.#file.newGeneration();
    const build = new ReadModelBuild(generation, this.#version);
    try {
      let total = await this.#log.head();
      for (;;) {
        const events = await this.#log.readAll(build.position, BATCH_EVENTS);
        if (events.length === 0) break;
        build.take(events);
        total = Math.max(total, build.position);
        progress(build.position, total);
      }
      build.finish();
      this.#closeLive();
      this.#reads.close();
      this.#file.switchTo(generation);
    } catch (error) {
      build.abandon();
      throw error;
    }
    this.#halted = null;
    this.#wake();
    return this.#opened().position;
  }

  close(): void {
    this.#closeLive();
    this.#reads.close();
  }

  /** Whether the read database was made with these projections and tells of the same events as the log. */
  async #isUsable(): Promise<boolean> {
    if (!this.#file.exists()) return false;
    let position: Position;
    try {
      if (!isOfVersion(this.#file.path, this.#version)) return false;
      position = this.#opened().position;
    } catch (error) {
      if (isNotADatabase(error)) return false;
      throw error;
    }
    if (position === BEFORE_FIRST) return true;
    const last = await this.#log.readAt(position);
    return last !== null && this.#isKnown(readEvent(last));
  }

  #takeInOneTransaction(events: readonly StoredEvent[], after: Position): void {
    const live = this.#opened();
    const { database } = live;
    database.exec('BEGIN IMMEDIATE');
    try {
      const checkpoint = readCheckpoint(database);
      if (checkpoint !== live.position) {
        // Another process has taken events since: what is in memory is behind the tables.
        live.writer = null;
        live.position = checkpoint;
      }
      if (checkpoint < after) throw new Error(`the read database is at ${checkpoint}, the events follow ${after}`);
      const fresh = this.#newEvents(events, checkpoint);
      const last = fresh.at(-1);
      if (last !== undefined) {
        live.writer ??= new ReadModelWriter(database, false);
        for (const event of fresh) applyOne(live.writer, event);
        live.writer.flushFacts();
        live.writer.flushEntries();
        moveCheckpoint(database, checkpoint, last.position);
      }
      database.exec('COMMIT');
      live.position = last?.position ?? checkpoint;
      live.writer?.forgetUnused();
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Leaves out what is in the tables already; anything else out of order is a defect. */
  #newEvents(events: readonly StoredEvent[], checkpoint: Position): RecordedEvent[] {
    requireRising(events);
    const fresh: RecordedEvent[] = [];
    for (const stored of events) {
      const event = readStored(stored);
      if (event.position > checkpoint) {
        fresh.push(event);
      } else if (!this.#isKnown(event)) {
        throw new ProjectionHalted(
          `the event at position ${event.position} is not the one that was projected; the read database is at ${checkpoint}`,
        );
      }
    }
    return fresh;
  }

  #isKnown(event: RecordedEvent): boolean {
    const id = this.#opened().database.prepare('SELECT id FROM event WHERE position = ?').pluck().get(event.position);
    return id === event.id;
  }

  /** The live database for writing; opened anew when another process has put a new one in its place. */
  #opened(): LiveDatabase {
    const identity = this.#file.identity();
    if (this.#live !== null && this.#live.identity === identity) return this.#live;
    this.#closeLive();
    if (identity === null) {
      throw new DomainError('unavailable', {
        code: 'READ_MODEL_MISSING',
        message: '读取库不存在（可能已被删除）。',
        messageEn: 'The read database is not there (it may have been deleted).',
        remedy: '请运行 yichi rebuild 重建，账目本身不受影响。',
        remedyEn: 'Run `yichi rebuild`; the ledger itself is not affected.',
      });
    }
    if (!isOfVersion(this.#file.path, this.#version)) throw otherVersion();
    const database = openForWriting(this.#file.path);
    this.#live = { database, identity, position: readCheckpoint(database), writer: null };
    return this.#live;
  }

  #closeLive(): void {
    this.#live?.database.close();
    this.#live = null;
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const { position } = this.health();
    const ready = this.#waiting.filter((waiter) => waiter.position <= position);
    this.#waiting = this.#waiting.filter((waiter) => waiter.position > position);
    for (const waiter of ready) waiter.resolve();
  }
}

/** A read database that is being built beside the live one: nobody reads it, so that it needs no journal. */
export class ReadModelBuild {
  readonly #generation: string;
  readonly #database: Database.Database;
  readonly #writer: ReadModelWriter;
  #position: Position = BEFORE_FIRST;
  #inTransaction = 0;

  constructor(generation: string, version: string, withFacts = true) {
    this.#generation = generation;
    makeDirectory(dirname(generation));
    this.#database = new Database(generation);
    this.#database.pragma('journal_mode = OFF');
    this.#database.pragma('synchronous = OFF');
    this.#database.pragma('locking_mode = EXCLUSIVE');
    this.#database.pragma('cache_size = -131072');
    this.#database.exec(READ_TABLES);
    this.#database.prepare("INSERT INTO meta (name, value) VALUES ('version', ?)").run(version);
    this.#database.prepare('INSERT INTO checkpoint (only_row, position) VALUES (1, 0)').run();
    this.#writer = new ReadModelWriter(this.#database, true, withFacts);
  }

  get position(): Position {
    return this.#position;
  }

  take(events: readonly StoredEvent[]): void {
    requireRising(events, this.#position);
    if (!this.#database.inTransaction) this.#database.exec('BEGIN');
    // One after the other, so that each parsed event is dropped before the next one is made.
    for (const stored of events) applyOne(this.#writer, readStored(stored));
    this.#position = events.at(-1)?.position ?? this.#position;
    this.#inTransaction += events.length;
    if (this.#inTransaction >= REBUILD_TRANSACTION_EVENTS) this.#commit();
  }

  /** Writes what is left, makes the indexes, and sees to it that all of it is on the disk. */
  finish(): void {
    if (!this.#database.inTransaction) this.#database.exec('BEGIN');
    this.#writer.flushEntries();
    moveCheckpoint(this.#database, BEFORE_FIRST, this.#position);
    this.#commit();
    this.#database.exec(READ_INDEXES);
    this.#database.pragma('analysis_limit = 1000');
    this.#database.exec('ANALYZE');
    this.#database.close();
    const file = openSync(this.#generation, 'r+');
    fsyncSync(file);
    closeSync(file);
  }

  abandon(): void {
    this.#database.close();
    removeGeneration(this.#generation);
  }

  #commit(): void {
    this.#writer.flushFacts();
    this.#writer.forgetUnused();
    this.#database.exec('COMMIT');
    this.#inTransaction = 0;
  }
}

const openForWriting = (path: string): Database.Database => {
  const database = new Database(path, { fileMustExist: true, timeout: LOCK_PATIENCE_MS });
  // A lost transaction comes again from the log, so that a commit need not wait for the disk.
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.pragma('cache_size = -65536');
  return database;
};

const readCheckpoint = (database: Database.Database): Position =>
  database.prepare('SELECT position FROM checkpoint').pluck().get() as Position;

const moveCheckpoint = (database: Database.Database, from: Position, to: Position): void => {
  const { changes } = database.prepare('UPDATE checkpoint SET position = ? WHERE position = ?').run(to, from);
  if (changes !== 1) throw new Error(`the checkpoint is not at ${from} any more`);
};

const isOfVersion = (path: string, version: string): boolean => {
  const database = new Database(path, { fileMustExist: true, timeout: LOCK_PATIENCE_MS });
  try {
    const hasMeta = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() !== undefined;
    return hasMeta && database.prepare("SELECT value FROM meta WHERE name = 'version'").pluck().get() === version;
  } finally {
    database.close();
  }
};

const isNotADatabase = (error: unknown): boolean =>
  error instanceof Database.SqliteError && (error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT'));

const requireRising = (events: readonly StoredEvent[], after: Position = BEFORE_FIRST): void => {
  let last = after;
  for (const { position, stream } of events) {
    if (position <= last) {
      throw new ProjectionHalted(`an event of ${stream} at position ${position} follows position ${last}`);
    }
    last = position;
  }
};

const readStored = (stored: StoredEvent): RecordedEvent => {
  try {
    return readEvent(stored);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new ProjectionHalted(`the event at position ${stored.position} of ${stored.stream} cannot be read`, error);
  }
};

const applyOne = (writer: ReadModelWriter, event: RecordedEvent): void => {
  try {
    writer.apply(event);
  } catch (error) {
    if (error instanceof Database.SqliteError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProjectionHalted(
      `the event at position ${event.position} of ${event.stream} cannot be projected: ${reason}`,
      error,
    );
  }
};

const otherVersion = (): DomainError =>
  new DomainError('unavailable', {
    code: 'READ_MODEL_OF_OTHER_VERSION',
    message: '读取库已被另一版本的程序重建。',
    messageEn: 'The read database has been rebuilt by a program of another version.',
    remedy: '请停止旧版本的程序，再重新启动本程序。',
    remedyEn: 'Stop the program of the other version, then start this one again.',
  });
