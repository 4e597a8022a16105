import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

import Database from 'better-sqlite3';

import { BEFORE_FIRST, type Position, type StoredEvent } from '../event-log/event';
import { readEvent } from '../event-log/upcasting';
import { makeDirectory } from '../platform/make-directory';
import { moveReachedPosition } from './reached-position';
import { removeGeneration } from './read-file';
import { ReadModelWriter } from './read-model-writer';
import { READ_INDEXES, READ_TABLES } from './read-schema';
import { applyEvent, requireRising } from './taken-event';

/**
 * Events of one transaction in a rebuild, where nobody else waits; bounds the pages that SQLite holds. They are read
 * in the same portions as always.
 */
const REBUILD_TRANSACTION_EVENTS = 65_536;

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
    for (const stored of events) applyEvent(this.#writer, readEvent(stored));
    this.#position = events.at(-1)?.position ?? this.#position;
    this.#inTransaction += events.length;
    if (this.#inTransaction >= REBUILD_TRANSACTION_EVENTS) this.#commit();
  }

  /** Writes what is left, makes the indexes, and sees to it that all of it is on the disk. */
  finish(): void {
    if (!this.#database.inTransaction) this.#database.exec('BEGIN');
    this.#writer.flushEntries();
    moveReachedPosition(this.#database, BEFORE_FIRST, this.#position);
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
