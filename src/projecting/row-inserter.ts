import type Database from 'better-sqlite3';

/**
 * Gathers rows of one table and writes many with one statement: at a million rows the calls into SQLite cost more than
 * the rows themselves.
 */
export class RowInserter {
  readonly #width: number;
  readonly #one: Database.Statement;
  readonly #many: Database.Statement;
  #values: unknown[] = [];

  /** @param verb `INSERT OR REPLACE` where a row of the same key takes the place of the one there is */
  constructor(database: Database.Database, table: string, columns: readonly string[], verb = 'INSERT') {
    this.#width = columns.length;
    const into = `${verb} INTO ${table} (${columns.join(', ')}) VALUES `;
    const row = `(${columns.map(() => '?').join(', ')})`;
    this.#one = database.prepare(into + row);
    this.#many = database.prepare(into + Array.from({ length: ROWS_PER_STATEMENT }, () => row).join(', '));
  }

  /** Exactly one value for each column. */
  add(...row: readonly unknown[]): void {
    for (let index = 0; index < row.length; index += 1) this.#values.push(row[index]);
    if (this.#values.length === ROWS_PER_STATEMENT * this.#width) {
      this.#many.run(this.#values);
      this.#values = [];
    }
  }

  /** Writes what is left. Must be called before the transaction ends. */
  flush(): void {
    for (let start = 0; start < this.#values.length; start += this.#width) {
      this.#one.run(this.#values.slice(start, start + this.#width));
    }
    this.#values = [];
  }

  /** Forgets what is left, after a transaction that was rolled back. */
  discard(): void {
    this.#values = [];
  }
}

/** Beyond some dozens of rows a statement gets no faster, and its preparation slower. */
const ROWS_PER_STATEMENT = 48;
