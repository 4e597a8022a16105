import { copyFileSync } from 'node:fs';

import Database from 'better-sqlite3';

import { leafHash } from '../../../src/event-log/tree/merkle-hash';
import { TreeFrontier } from '../../../src/event-log/tree/merkle-tree';
import { growTree } from '../../../src/event-log/tree/tree-store';

/** One row of the table of events, as its owner can write it. */
export interface EventRow {
  readonly position: number;
  readonly stream_id: number;
  readonly revision: number;
  readonly id: Buffer;
  readonly bytes: Buffer;
}

/** What the owner of the file can do to it, with all triggers and checks out of the way. */
export class FileOwner {
  readonly #database: Database.Database;
  #triggers: readonly string[];

  constructor(file: string) {
    this.#database = new Database(file);
    this.#database.pragma('ignore_check_constraints = ON');
    this.#database.pragma('foreign_keys = OFF');
    const triggers = "FROM sqlite_schema WHERE type = 'trigger'";
    this.#triggers = this.#database.prepare(`SELECT sql ${triggers}`).pluck().all() as string[];
    for (const name of this.#database.prepare(`SELECT name ${triggers}`).pluck().all()) {
      this.#database.exec(`DROP TRIGGER "${String(name)}"`);
    }
  }

  run(sql: string, ...parameters: readonly unknown[]): void {
    this.#database.prepare(sql).run(...parameters);
  }

  /** The first row that a question finds. */
  query<Row>(sql: string): Row {
    return this.#database.prepare(sql).get() as Row;
  }

  rows(): readonly EventRow[] {
    return this.#database
      .prepare(
        'SELECT position, stream_id, revision, id, CAST(canonical AS BLOB) AS bytes FROM event ORDER BY position',
      )
      .all() as EventRow[];
  }

  /** Puts other bytes in an event's place, whatever they are. */
  overwrite(position: number, bytes: Uint8Array): void {
    this.run('UPDATE event SET canonical = CAST(? AS TEXT) WHERE position = ?', bytes, position);
  }

  insert({ position, stream_id, revision, id, bytes }: EventRow): void {
    this.run(
      'INSERT INTO event (position, stream_id, revision, id, canonical) VALUES (?, ?, ?, ?, CAST(? AS TEXT))',
      position,
      stream_id,
      revision,
      id,
      bytes,
    );
  }

  /** Puts these events in the place of all; rows keep what they say of themselves. */
  replaceAll(rows: readonly EventRow[]): void {
    this.together(() => {
      this.run('DELETE FROM event');
      for (const row of rows) this.insert(row);
    });
  }

  /** Makes all hashes fit the events that there are now: what somebody does who knows how the log is built. */
  makeHashesFit(): void {
    this.together(() => {
      this.run('DELETE FROM leaf_run');
      this.run('DELETE FROM full_tile');
      const { runs, fullTiles } = growTree(
        new TreeFrontier(),
        this.rows().map(({ bytes }) => leafHash(bytes)),
      );
      for (const { first, hashes } of runs) this.run('INSERT INTO leaf_run VALUES (?, ?)', first, hashes);
      for (const { level, index, hash } of fullTiles) {
        this.run('INSERT INTO full_tile VALUES (?, ?, ?)', level, index, hash);
      }
    });
  }

  /**
   * Does something while the file does not know of an object, so that no index and no rule is kept up, and then puts
   * the object's description back as it was.
   */
  without(name: string, action: () => void): void {
    const description = 'type, name, tbl_name, rootpage, sql';
    this.#database.unsafeMode(true);
    this.#database.pragma('writable_schema = ON');
    const row = this.#database.prepare(`SELECT ${description} FROM sqlite_schema WHERE name = ?`).raw().get(name);
    this.run('DELETE FROM sqlite_schema WHERE name = ?', name);
    this.#readSchemaAgain();
    action();
    this.run(`INSERT INTO sqlite_schema (${description}) VALUES (?, ?, ?, ?, ?)`, ...(row as unknown[]));
    this.#readSchemaAgain();
  }

  /** Other words for how a table was made; its pages stay as they are. */
  describe(table: string, sql: string): void {
    this.#database.unsafeMode(true);
    this.#database.pragma('writable_schema = ON');
    this.run('UPDATE sqlite_schema SET sql = ? WHERE name = ?', sql, table);
    this.#readSchemaAgain();
  }

  #readSchemaAgain(): void {
    const version = Number(this.#database.pragma('schema_version', { simple: true }));
    this.#database.pragma(`schema_version = ${version + 1}`);
  }

  together(action: () => void): void {
    this.#database.transaction(action)();
  }

  /** A trigger that is not put back. */
  leaveOut(trigger: string): void {
    this.#triggers = this.#triggers.filter((sql) => !sql.includes(trigger));
  }

  /** Puts the triggers back, as if nothing had been. */
  close(): void {
    for (const sql of this.#triggers) this.#database.exec(sql);
    this.#database.close();
  }
}

/** A copy of a log's file with everything that is in its WAL, to be tampered with. */
export const copyOfLog = (file: string, target: string): void => {
  const database = new Database(file);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  copyFileSync(file, target);
};

export const flipped = (bytes: Uint8Array, at: number): Buffer => {
  const altered = Buffer.from(bytes);
  altered[at] = (altered[at] as number) ^ 0x01;
  return altered;
};
