import Database from 'better-sqlite3';

import { SELECT_REACHED_POSITION, reachedPosition } from './reached-position';
import { ReadFile } from './read-file';
import { readModelFailure, readModelMissing } from './read-model-failure';

/** A reader waits this long for a writer that is just switching or checkpointing. */
const LOCK_PATIENCE_MS = 10_000;

/** What a query sees: one consistent moment of the read database. */
export interface ReadSnapshot {
  /** Position of the last event that is in the tables. */
  readonly position: number;
  /** Rows as arrays, in the order of the columns asked for. */
  all<Row extends readonly unknown[]>(sql: string, ...parameters: readonly unknown[]): Row[];
  first<Row extends readonly unknown[]>(sql: string, ...parameters: readonly unknown[]): Row | undefined;
  each<Row extends readonly unknown[]>(sql: string, ...parameters: readonly unknown[]): IterableIterator<Row>;
  /** What a query remembers between calls about rows that never change; dropped when the database is replaced. */
  readonly memory: Map<string, unknown>;
}

/** Whatever answers queries: the balances, lists and traces are functions of a snapshot. */
export interface SnapshotSource {
  read<Answer>(query: (snapshot: ReadSnapshot) => Answer): Answer;
}

/**
 * The read side's tables for readers. Opens read-only, notices when a rebuild (here or in another process) has put a
 * new database in its place, and runs every query inside one transaction, so that its figures and its position belong
 * together.
 */
export class ReadDatabase implements SnapshotSource {
  readonly #file: ReadFile;
  #open: OpenConnection | null = null;

  constructor(dataDirectory: string) {
    this.#file = new ReadFile(dataDirectory);
  }

  /** @throws DomainError(unavailable) READ_MODEL_MISSING when nothing has been built yet, READ_MODEL_DAMAGED */
  read<Answer>(query: (snapshot: ReadSnapshot) => Answer): Answer {
    try {
      return this.#current().read(query);
    } catch (error) {
      throw readModelFailure(error, this.#file.path);
    }
  }

  close(): void {
    this.#open?.close();
    this.#open = null;
  }

  #current(): OpenConnection {
    const identity = this.#file.identity();
    if (this.#open !== null && this.#open.identity === identity) return this.#open;
    this.close();
    if (identity === null) throw readModelMissing();
    this.#open = new OpenConnection(this.#file.path, identity);
    return this.#open;
  }
}

class OpenConnection {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  readonly #memory = new Map<string, unknown>();

  constructor(
    path: string,
    readonly identity: string,
  ) {
    // Not `readonly`: a reader of a WAL database must be able to make its shared-memory file after a crash.
    this.#database = new Database(path, { fileMustExist: true, timeout: LOCK_PATIENCE_MS });
    this.#database.pragma('query_only = ON');
    this.#database.pragma('cache_size = -65536');
    this.#database.pragma('mmap_size = 1073741824');
  }

  read<Answer>(query: (snapshot: ReadSnapshot) => Answer): Answer {
    const statement = (sql: string): Database.Statement => this.#statement(sql);
    this.#database.exec('BEGIN');
    try {
      return query({
        position: reachedPosition((statement(SELECT_REACHED_POSITION).all() as readonly [unknown][]).map(([at]) => at)),
        memory: this.#memory,
        all: <Row extends readonly unknown[]>(sql: string, ...parameters: readonly unknown[]) =>
          statement(sql).all(...parameters) as Row[],
        first: <Row extends readonly unknown[]>(sql: string, ...parameters: readonly unknown[]) =>
          statement(sql).get(...parameters) as Row | undefined,
        each: <Row extends readonly unknown[]>(sql: string, ...parameters: readonly unknown[]) =>
          statement(sql).iterate(...parameters) as IterableIterator<Row>,
      });
    } finally {
      // Some failures of the disk have ended it already.
      if (this.#database.inTransaction) this.#database.exec('COMMIT');
    }
  }

  close(): void {
    this.#database.close();
  }

  #statement(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#database.prepare(sql).raw(true);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}
