import { dirname } from 'node:path';

import Database from 'better-sqlite3';

import { makeDirectory } from '../../platform/make-directory';
import { logEngineOutdated, logForeign, logNewer, logUnreachable } from '../log-failure';
import { APPLICATION_ID, FORMAT_VERSION, migrate } from './log-tables';
import { isBusy, openingFailure } from './sqlite-failure';

/** Older ones can damage a WAL file when two connections reset it at once. */
const LEAST_SQLITE_VERSION = [3, 51, 3] as const;

/** SQLite waits this long for another connection by itself, with the whole process standing still; longer waits are the callers'. */
const BUSY_TIMEOUT_MS = 100;

/** How long the opening may wait for another process that creates or recovers the same file. */
const OPEN_PATIENCE_MS = 5000;

/** Pages of the WAL before it is copied into the main file: few enough for 16 MB of WAL, rare enough to cost little. */
const CHECKPOINT_PAGES = 4000;

/** Value of `PRAGMA synchronous` for FULL: every commit is on the disk before it is answered. */
const SYNCHRONOUS_FULL = 2;

/**
 * Opens the file of an embedded log, creating it when there is none, with every setting that durability rests on.
 *
 * @throws DomainError(unavailable) when it cannot be opened, is another program's or a newer Yichi's
 */
export const openLogFile = (file: string): Database.Database => {
  let database: Database.Database | undefined;
  try {
    makeDirectory(dirname(file));
    database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    prepare(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw openingFailure(error, file);
  }
};

const prepare = (database: Database.Database, file: string): void => {
  requireSqliteVersion(database);
  const version = patiently(() => ownVersion(database, file));
  patiently(() => keepWriteAheadLog(database, file));
  // A reopened WAL file would run at NORMAL, and a power cut would lose what was answered.
  database.pragma('synchronous = FULL');
  if (database.pragma('synchronous', { simple: true }) !== SYNCHRONOUS_FULL) {
    throw logUnreachable(file, 'synchronous=FULL');
  }
  // On macOS only this makes a flush reach the disk; elsewhere it says nothing.
  database.pragma('fullfsync = ON');
  database.pragma('checkpoint_fullfsync = ON');
  database.pragma('recursive_triggers = ON');
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  if (version < FORMAT_VERSION) patiently(() => bringUpToDate(database, file));
};

const requireSqliteVersion = (database: Database.Database): void => {
  const version = String(database.prepare('SELECT sqlite_version()').pluck().get());
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  for (const [index, least] of LEAST_SQLITE_VERSION.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (part < least) throw logEngineOutdated(version, LEAST_SQLITE_VERSION.join('.'));
  }
};

/** Version of the file's tables; 0 when it is empty. A file of another or a newer program is left untouched. */
const ownVersion = (database: Database.Database, file: string): number => {
  const applicationId = Number(database.pragma('application_id', { simple: true }));
  const version = Number(database.pragma('user_version', { simple: true }));
  const tables = Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  if (applicationId === 0 && version === 0 && tables === 0) return 0;
  if (applicationId !== APPLICATION_ID) throw logForeign(file);
  if (version > FORMAT_VERSION) throw logNewer(file, version, FORMAT_VERSION);
  return version;
};

const keepWriteAheadLog = (database: Database.Database, file: string): void => {
  const mode = database.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') throw logUnreachable(file, `journal_mode=${String(mode)}`);
};

const bringUpToDate = (database: Database.Database, file: string): void => {
  // Another process may have done it since the first look.
  const bring = database.transaction(() => migrate(database, ownVersion(database, file)));
  bring.immediate();
};

/** SQLite answers some lock conflicts at once instead of waiting, so opening waits for itself. */
const patiently = <Result>(action: () => Result): Result => {
  const patientUntil = performance.now() + OPEN_PATIENCE_MS;
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (!isBusy(error) || performance.now() > patientUntil) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
};
