import { DomainError } from '../../platform/domain-error';
import { logCorrupt, logDiskFull, logForeign, logLocked, logReadOnly, logUnreachable } from '../log-failure';

interface SqliteError extends Error {
  /** Extended result code by name, such as `SQLITE_IOERR_WRITE`. */
  readonly code: string;
}

/** Told by its name: the native module makes its errors of the class that whoever loaded it first has registered. */
const isFromSqlite = (error: unknown): error is SqliteError =>
  typeof error === 'object' && error !== null && (error as Error).name === 'SqliteError' && 'code' in error;

export const isSqliteError = (error: unknown, codePrefix: string): boolean =>
  isFromSqlite(error) && error.code.startsWith(codePrefix);

/** Another connection holds the lock; trying again later helps. */
export const isBusy = (error: unknown): boolean =>
  isSqliteError(error, 'SQLITE_BUSY') || isSqliteError(error, 'SQLITE_LOCKED');

/** What a user is told of a failure of SQLite or of the disk. What is none of these is a defect and stays as it is. */
export const sqliteFailure = (error: unknown, file: string): unknown => {
  if (error instanceof DomainError) return error;
  if (!isFromSqlite(error)) return error;
  const code = error.code;
  // Growing the shared-memory file fails with a code of its own when there is no space for it.
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') return logDiskFull(file, error);
  if (isBusy(error)) return logLocked(file, error);
  if (code.startsWith('SQLITE_READONLY')) return logReadOnly(file, error);
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_IOERR_CORRUPTFS') {
    return logCorrupt(file, error.message, error);
  }
  if (code === 'SQLITE_NOTADB') return logForeign(file, error);
  for (const prefix of [
    'SQLITE_IOERR',
    'SQLITE_CANTOPEN',
    'SQLITE_PERM',
    'SQLITE_AUTH',
    'SQLITE_NOMEM',
    'SQLITE_PROTOCOL',
  ]) {
    if (code.startsWith(prefix)) return logUnreachable(file, error.message, error);
  }
  return error;
};
