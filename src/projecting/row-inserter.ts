import type Database from 'better-sqlite3';

/**
 * Gathers rows of one table and writes many with one statement: at a million rows the calls into SQLite cost more than
 * the rows themselves.
 */
export class RowInserter {
  readonly #width: number;
  readonly #one: Database.Statement;
  readonly #many: Database.Statement;
  /** As long as one statement's parameters, and used again for each. */
  readonly #values: unknown[];
  #filled = 0;

  /** @param verb `INSERT OR REPLACE` where a row of the same key takes the place of the one there is */
  constructor(database: Database.Database, table: string, columns: readonly string[], verb = 'INSERT') {
    this.#width = columns.length;
    const into = `${verb} INTO ${table} (${columns.join(', ')}) VALUES `;
    const row = `(${columns.map(() => '?').join(', ')})`;
    this.#values = new Array<unknown>(ROWS_PER_STATEMENT * columns.length).fill(null);
    this.#one = database.prepare(into + row);
    this.#many = database.prepare(into + Array.from({ length: ROWS_PER_STATEMENT }, () => row).join(', '));
  }

  /** Exactly one value for each column. */
  add(...row: readonly unknown[]): void {
    const values = this.#values;
    let next = this.#filled;
    for (let index = 0; index < row.length; index += 1) {
      values[next] = row[index];
      next += 1;
    }
    if (next === values.length) {
      this.#many.run(values);
      next = 0;
    }
    this.#filled = next;
  }

  /** Writes what is left. Must be called before the transaction ends. */
  flush(): void {
    for (let start = 0; start < this.#filled; start += this.#width) {
      this.#one.run(this.#values.slice(start, start + this.#width));
    }
    this.#filled = 0;
  }
}

/** Beyond some dozens of rows a statement gets no faster, and its preparation slower. */
const ROWS_PER_STATEMENT = 48;
