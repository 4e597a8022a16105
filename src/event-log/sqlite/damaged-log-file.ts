import Database from 'better-sqlite3';

import type { StoredLeaf } from '../tree/log-tree';
import { logCorrupt } from '../log-failure';
import { isUnreadable } from './page-check';
import { sqliteFailure } from './sqlite-failure';
import { SqliteLogTree } from './sqlite-log-tree';

/**
 * A log's file that cannot be opened as a log any more: what can still be read of it is read, and nothing is written.
 * Every failure that lies in the file is told as its damage.
 */
export class DamagedLogFile {
  readonly #file: string;
  readonly #database: Database.Database;
  #tree: SqliteLogTree | null = null;

  /** @throws DomainError(unavailable) when there is no such file, or it may not be read */
  constructor(file: string) {
    this.#file = file;
    try {
      this.#database = new Database(file, { fileMustExist: true });
    } catch (error) {
      throw this.#damage(error);
    }
  }

  async readLeaves(firstLeaf: number, limit: number): Promise<readonly StoredLeaf[]> {
    return (await this.#opened()).readLeaves(firstLeaf, limit);
  }

  close(): void {
    this.#database.close();
  }

  async #opened(): Promise<SqliteLogTree> {
    const read = async <Result>(query: () => Result): Promise<Result> => {
      try {
        return query();
      } catch (error) {
        throw this.#damage(error);
      }
    };
    this.#tree ??= await read(() => {
      this.#database.pragma('query_only = ON');
      return new SqliteLogTree(this.#database, read);
    });
    return this.#tree;
  }

  #damage(error: unknown): unknown {
    return isUnreadable(error) ? logCorrupt(this.#file, error.message, error) : sqliteFailure(error, this.#file);
  }
}
