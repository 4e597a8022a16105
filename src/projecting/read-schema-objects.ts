import Database from 'better-sqlite3';

import { READ_INDEXES, READ_TABLES } from './read-schema';

export type SchemaRow = readonly [name: string, sql: string];

/** Each table, index, trigger and view with the words that made it; SQLite's own statistics are nobody's statement. */
export const SELECT_SCHEMA = `
  SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'`;

/** What stands in a read database that was made by this program. */
export const readSchema = (): ReadonlyMap<string, string> => {
  const made = new Database(':memory:');
  try {
    made.exec(READ_TABLES);
    made.exec(READ_INDEXES);
    return new Map(made.prepare(SELECT_SCHEMA).raw().all() as SchemaRow[]);
  } finally {
    made.close();
  }
};
