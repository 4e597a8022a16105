import type Database from 'better-sqlite3';

import type { Cause } from '../../platform/system-cause';
import { isSqliteError } from './sqlite-failure';

/** Of one kind; a person needs the first ones. */
const MOST_FAULTS = 20;

/** What SQLite answers when everything is as it should be. */
const SOUND = 'ok';

/**
 * SQLite's own look at every page: rows against the rules of their tables, indexes against the rows. Somebody may read
 * from an index alone, so that one that is not what its table says is as bad as a wrong table.
 */
export const faultsOfPages = (database: Database.Database): readonly Cause[] =>
  (database.prepare(`PRAGMA integrity_check(${MOST_FAULTS})`).pluck().all() as string[])
    .filter((line) => line !== SOUND)
    .map((line) => ({ zh: `SQLite 自查：${line}`, en: `SQLite finds: ${line}` }));

/** What is in the file cannot be read, and not that somebody holds it or the disk fails. */
const OF_THE_CONTENT = [
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_ERROR',
  'SQLITE_MISMATCH',
  'SQLITE_IOERR_SHORT_READ',
];

export const isUnreadable = (error: unknown): error is Error =>
  OF_THE_CONTENT.some((code) => isSqliteError(error, code));

/** Looks, and takes what keeps it from looking for a fault as well. */
export const faultsIn = <Fault>(look: () => readonly Fault[], faultOf: (cause: Cause) => Fault): readonly Fault[] => {
  try {
    return look();
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return [faultOf({ zh: `SQLite 读不下去：${error.message}`, en: `SQLite cannot read on: ${error.message}` })];
  }
};
