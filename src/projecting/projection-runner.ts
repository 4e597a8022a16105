import Database from 'better-sqlite3';

import { BEFORE_FIRST, type Position, type RecordedEvent, type StoredEvent } from '../event-log/event';
import type { EventLog, Subscription } from '../event-log/event-log';
import { readEvent } from '../event-log/upcasting';
import { sqliteFailure } from '../event-log/sqlite/sqlite-failure';
import { makeDirectory } from '../platform/make-directory';
import { ProjectionHalted } from './projection-halted';
import { moveReachedPosition, reachedPosition, SELECT_REACHED_POSITION } from './reached-position';
import { ReadDatabase, type ReadSnapshot, type SnapshotSource } from './read-database';
import { ReadFile } from './read-file';
import { ReadModelBuild } from './read-model-build';
import { readModelFailure, readModelMissing, readModelOfOtherVersion } from './read-model-failure';
import { ReadModelWriter } from './read-model-writer';
import { readModelVersion } from './read-model-version';
import { applyEvent, requireRising } from './taken-event';

/** Told how far a rebuild or a catching up is: positions done, the position it goes to, and events taken so far. */
export type Progress = (done: Position, total: Position, events: number) => void;

export interface ProjectionRunnerOptions {
  readonly dataDirectory: string;
  readonly log: EventLog;
}

export interface ProjectionHealth {
  /** Position of the last event in the read database. */
  readonly position: Position;
  /** Why no event is taken any more; null while all is well. */
  readonly halted: ProjectionHalted | null;
}

/** What is to be said of the tables before they are brought up to the log. */
export type TablesState =
  | { readonly status: 'usable' }
  /** There are none, or they were made by other projections: they are made anew, and nothing is wrong. */
  | { readonly status: 'missing' | 'of-other-version' }
  /** They cannot be read: they would be made anew as well. */
  | { readonly status: 'damaged'; readonly why: Error };

/** Another process that writes to the same read database holds it for one batch at most. */
const LOCK_PATIENCE_MS = 15_000;

/** Events of one transaction while catching up: long enough to spread its cost, short enough to let others in. */
const BATCH_EVENTS = 4096;

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
  #halted: ProjectionHalted | null = null;
  #waiting: { readonly position: Position; readonly resolve: () => void }[] = [];

  constructor({ dataDirectory, log }: ProjectionRunnerOptions) {
    makeDirectory(dataDirectory);
    this.#log = log;
    this.#file = new ReadFile(dataDirectory);
    this.#version = readModelVersion();
    this.#reads = new ReadDatabase(dataDirectory);
  }

  /** Path of the file that is live. */
  get file(): string {
    return this.#file.path;
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
   *
   * @throws DomainError(unavailable) READ_MODEL_DAMAGED when its tables were altered, ProjectionHalted
   */
  async catchUp(progress: Progress = () => undefined): Promise<Position> {
    this.#file.removeAbandoned();
    const isUsable = this.#isComparable() && !(await this.contradictsLog());
    if (!isUsable) return this.rebuild(progress);
    const total = await this.#log.head();
    let taken = 0;
    for (;;) {
      const after = this.#opened().position;
      const events = await this.#log.readAll(after, BATCH_EVENTS);
      if (events.length === 0) return this.#opened().position;
      this.take(events, after);
      const done = this.#opened().position;
      taken += events.length;
      progress(done, Math.max(done, total), taken);
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
   * @throws ProjectionHalted when a position is not greater than the one before, or an event cannot be folded;
   * DomainError(unavailable) READ_MODEL_DAMAGED when the tables do not take it
   */
  take(events: readonly StoredEvent[], after: Position): void {
    if (this.#halted !== null) throw this.#halted;
    try {
      this.#takeInOneTransaction(events, after);
    } catch (error) {
      if (error instanceof ProjectionHalted) this.#halted = error;
      // The writer's memory may be ahead of the tables.
      if (this.#live !== null) this.#live.writer = null;
      throw readModelFailure(error, this.#file.path);
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
      let taken = 0;
      for (;;) {
        const events = await this.#log.readAll(build.position, BATCH_EVENTS);
        if (events.length === 0) break;
        build.take(events);
        total = Math.max(total, build.position);
        taken += events.length;
        progress(build.position, total, taken);
      }
      build.finish();
      this.#closeLive();
      this.#reads.close();
      this.#file.switchTo(generation);
    } catch (error) {
      build.abandon();
      throw sqliteFailure(error, generation);
    }
    this.#halted = null;
    this.#wake();
    return this.#opened().position;
  }

  close(): void {
    this.#closeLive();
    this.#reads.close();
  }

  /**
   * Whether the tables are at a position that the log does not have, or has another event at: a backup of the log was
   * put back, or the tables were altered. Tables that are not there or of another version contradict nothing.
   */
  async contradictsLog(): Promise<boolean> {
    if (!this.#isComparable()) return false;
    const { position } = this.#opened();
    if (position === BEFORE_FIRST) return false;
    const last = await this.#log.readAt(position);
    return last === null || !this.#isKnown(readEvent(last));
  }

  /** Whether there are tables that can be read and were made with these projections; they are open then. */
  state(): TablesState {
    try {
      if (!this.#file.exists()) return { status: 'missing' };
      if (!isOfVersion(this.#file.path, this.#version)) return { status: 'of-other-version' };
      this.#opened();
      return { status: 'usable' };
    } catch (error) {
      if (isNotADatabase(error)) return { status: 'damaged', why: error };
      throw readModelFailure(error, this.#file.path);
    }
  }

  #isComparable(): boolean {
    return this.state().status === 'usable';
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
        for (const event of fresh) applyEvent(live.writer, event);
        live.writer.flushFacts();
        live.writer.flushEntries();
        moveReachedPosition(database, checkpoint, last.position);
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
      const event = readEvent(stored);
      if (event.position > checkpoint) {
        fresh.push(event);
      } else if (!this.#isKnown(event)) {
        throw new ProjectionHalted(
          event.position,
          `它不是当时计入的那个事件，而读取库已到位置 ${checkpoint}`,
          `it is not the one that was projected, and the read database is at ${checkpoint}`,
        );
      }
    }
    return fresh;
  }

  #isKnown(event: RecordedEvent): boolean {
    try {
      const select = this.#opened().database.prepare('SELECT id FROM event WHERE position = ?').pluck();
      return select.get(event.position) === event.id;
    } catch (error) {
      throw readModelFailure(error, this.#file.path);
    }
  }

  /** The live database for writing; opened anew when another process has put a new one in its place. */
  #opened(): LiveDatabase {
    const identity = this.#file.identity();
    if (this.#live !== null && this.#live.identity === identity) return this.#live;
    this.#closeLive();
    if (identity === null) throw readModelMissing();
    if (!isOfVersion(this.#file.path, this.#version)) throw readModelOfOtherVersion();
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

const openForWriting = (path: string): Database.Database => {
  const database = new Database(path, { fileMustExist: true, timeout: LOCK_PATIENCE_MS });
  // A lost transaction comes again from the log, so that a commit need not wait for the disk.
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.pragma('cache_size = -65536');
  return database;
};

const readCheckpoint = (database: Database.Database): Position =>
  reachedPosition(database.prepare(SELECT_REACHED_POSITION).pluck().all());

const isOfVersion = (path: string, version: string): boolean => {
  const database = new Database(path, { fileMustExist: true, timeout: LOCK_PATIENCE_MS });
  try {
    const hasMeta = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() !== undefined;
    return hasMeta && database.prepare("SELECT value FROM meta WHERE name = 'version'").pluck().get() === version;
  } finally {
    database.close();
  }
};

const isNotADatabase = (error: unknown): error is Error =>
  error instanceof Database.SqliteError && (error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT'));
