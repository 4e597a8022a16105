import Database from 'better-sqlite3';

import type { Position } from '../event';
import { hashesAtLevel } from '../tree/tiles';
import type { Cause } from '../../platform/system-cause';
import { faultOfHeader } from './file-header';
import { APPLICATION_ID, FORMAT_VERSION, migrate } from './log-tables';
import { faultsIn, faultsOfPages } from './page-check';
import { sqliteFailure } from './sqlite-failure';
import { TreeTables } from './tree-tables';

/** What is wrong with the file of a log, beside what its events say. */
export interface LogFileFault {
  /** Null where it concerns no position. */
  readonly position: Position | null;
  readonly zh: string;
  readonly en: string;
}

/** Of one kind; a person needs the first ones. */
const MOST_FAULTS = 20;

/**
 * Looks at an embedded log's file for what going through its events by position does not show, although other ways of
 * reading meet it: tables, indexes and triggers that are not those that were made; an index that knows other rows than
 * its table; a row that breaks its table's own rules, such as an event before the first position; hashes beyond the
 * tree's end and streams without events; pages that cannot be read. All at one moment, while others may go on writing.
 * Reads the whole file.
 *
 * @throws DomainError(unavailable) when the file cannot be opened or the disk does not read
 */
export const faultsOfLogFile = (file: string): readonly LogFileFault[] => {
  let database: Database.Database | undefined;
  try {
    // Not `readonly`: a reader of a WAL database must be able to make its shared-memory file after a crash.
    database = new Database(file, { fileMustExist: true });
    const faults = faultsOfDatabase(database);
    // Only of a file that is damaged the length says something: while somebody writes, it may be ahead.
    const header = faults.length > 0 ? faultOfHeader(file) : null;
    return header === null ? faults : [nowhere(header), ...faults];
  } catch (error) {
    throw sqliteFailure(error, file);
  } finally {
    database?.close();
  }
};

const faultsOfDatabase = (database: Database.Database): readonly LogFileFault[] => {
  const schema = faultsIn(() => {
    database.pragma('query_only = ON');
    database.exec('BEGIN');
    return [...faultsOfVersion(database), ...faultsOfSchema(database)];
  }, nowhere);
  // What is asked further rests on the tables being what they should be.
  if (schema.length > 0) return schema;
  return [
    ...faultsIn(() => strayRows(database), nowhere),
    ...faultsIn(() => faultsOfPages(database).map(nowhere), nowhere),
  ];
};

const nowhere = (cause: Cause): LogFileFault => ({ position: null, ...cause });

/** Numbers in the file's header, by which the file says whose it is and how its tables are made. */
const faultsOfVersion = (database: Database.Database): readonly LogFileFault[] =>
  (
    [
      ['application_id', APPLICATION_ID],
      ['user_version', FORMAT_VERSION],
    ] as const
  ).flatMap(([name, expected]) => {
    const found = Number(database.pragma(name, { simple: true }));
    if (found === expected) return [];
    const newer = name === 'user_version' && found > expected;
    return [
      nowhere({
        zh: `文件头中的 ${name} 为 ${found}，应为 ${expected}${newer ? '（被改动，或由更新版本的程序写成）' : ''}`,
        en: `${name} in its header is ${found} and not ${expected}${newer ? ' (altered, or written by a newer program)' : ''}`,
      }),
    ];
  });

type SchemaRow = readonly [type: string, name: string, sql: string | null];

/** Each object with the words that made it; SQLite's own statistics are nobody's statement. */
const schemaOf = (database: Database.Database): ReadonlyMap<string, string> => {
  const rows = database
    .prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'")
    .raw()
    .all() as SchemaRow[];
  return new Map(rows.map(([type, name, sql]) => [`${type} ${name}`, (sql ?? '').replace(/\s+/g, ' ')]));
};

const faultsOfSchema = (database: Database.Database): readonly LogFileFault[] => {
  const made = new Database(':memory:');
  try {
    migrate(made, 0);
    const expected = schemaOf(made);
    const found = schemaOf(database);
    return [...new Set([...expected.keys(), ...found.keys()])]
      .filter((name) => expected.get(name) !== found.get(name))
      .map((name) => schemaFault(name, expected.has(name), found.has(name)));
  } finally {
    made.close();
  }
};

const schemaFault = (name: string, isExpected: boolean, isThere: boolean): LogFileFault => ({
  position: null,
  zh: `${isThere ? (isExpected ? '被改动' : '多出') : '缺少'} ${name}`,
  en: `${name} ${isThere ? (isExpected ? 'was altered' : 'does not belong there') : 'is missing'}`,
});

const strayRows = (database: Database.Database): readonly LogFileFault[] => {
  const column = <Value>(sql: string): readonly Value[] => database.prepare(sql).pluck().all() as Value[];
  const before = column<Position>(`SELECT position FROM event WHERE position < 1 LIMIT ${MOST_FAULTS}`);
  const streams = column<string>(
    `SELECT name FROM stream WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.stream_id = stream.stream_id)
     LIMIT ${MOST_FAULTS}`,
  );
  return [
    ...before.map((position) => ({
      position,
      zh: `位置 ${position} 上有一个事件，而账从位置 1 记起：按位置读不到它，按流却读得到`,
      en: `there is an event at position ${position}, but the log begins at 1: who reads streams meets it`,
    })),
    ...streams.map((name) => ({ position: null, zh: `流 ${name} 没有事件`, en: `stream ${name} has no events` })),
    ...hashesBeyondEnd(database),
  ];
};

const hashesBeyondEnd = (database: Database.Database): readonly LogFileFault[] => {
  const size = new TreeTables(database).size();
  const rows = database.prepare('SELECT level, max(tile_index) + 1 FROM full_tile GROUP BY level').raw().all();
  return (rows as (readonly [level: number, count: number])[])
    .filter(([level, count]) => count > hashesAtLevel(size, level))
    .map(([level, count]) => ({
      position: null,
      zh: `哈希树第 ${level} 层有第 ${count} 个哈希，而 ${size} 条事件在该层只有 ${hashesAtLevel(size, level)} 个`,
      en: `level ${level} of the tree has a hash number ${count}; ${size} events have ${hashesAtLevel(size, level)} there`,
    }));
};
