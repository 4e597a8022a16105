import Database from 'better-sqlite3';

import { faultOfHeader } from '../event-log/sqlite/file-header';
import { faultsIn, faultsOfPages } from '../event-log/sqlite/page-check';
import type { Cause } from '../platform/system-cause';
import { readModelFailure } from './read-model-failure';

/** A writer that is just switching or checkpointing. */
const LOCK_PATIENCE_MS = 10_000;

const itself = (cause: Cause): Cause => cause;

/**
 * Looks at the file of the read database for what comparing its rows does not show: pages that cannot be read, and
 * indexes that are not what their tables say. Questions are answered from indexes alone where those hold all that is
 * asked for, amounts among it. At one moment, while others may go on writing. Reads the whole file.
 *
 * @throws DomainError(unavailable) when the file cannot be opened or the disk does not read
 */
export const faultsOfReadFile = (file: string): readonly Cause[] => {
  let database: Database.Database | undefined;
  try {
    // Not `readonly`: a reader of a WAL database must be able to make its shared-memory file after a crash.
    database = new Database(file, { fileMustExist: true, timeout: LOCK_PATIENCE_MS });
    const opened = database;
    const faults = faultsIn(() => {
      opened.pragma('query_only = ON');
      opened.exec('BEGIN');
      return [...faultsOfHeaderNumbers(opened), ...faultsOfPages(opened)];
    }, itself);
    const header = faults.length > 0 ? faultOfHeader(file) : null;
    return header === null ? faults : [header, ...faults];
  } catch (error) {
    throw readModelFailure(error, file);
  } finally {
    database?.close();
  }
};

/** Nobody sets these in a read database. */
const faultsOfHeaderNumbers = (database: Database.Database): readonly Cause[] =>
  ['application_id', 'user_version'].flatMap((name) => {
    const found = Number(database.pragma(name, { simple: true }));
    if (found === 0) return [];
    return [{ zh: `文件头中的 ${name} 为 ${found}，应为 0`, en: `${name} in its header is ${found} and not 0` }];
  });
