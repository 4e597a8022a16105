import { DomainError } from '../../platform/domain-error';
import type { Cause } from '../../platform/system-cause';
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

/** What the beginning of a code means in Chinese; SQLite says it in English, and its code tells more than its words. */
const IN_CHINESE: Readonly<Record<string, string>> = {
  SQLITE_IOERR_READ: '读磁盘出错',
  SQLITE_IOERR_SHORT_READ: '读磁盘出错：文件比应有的短',
  SQLITE_IOERR_WRITE: '写磁盘出错',
  SQLITE_IOERR_FSYNC: '写入的内容没有落到磁盘上',
  SQLITE_IOERR_LOCK: '磁盘所在的文件系统不能加锁',
  SQLITE_IOERR_NOMEM: '内存不足',
  SQLITE_IOERR: '磁盘读写出错',
  SQLITE_CANTOPEN_ISDIR: '它是目录，不是文件',
  SQLITE_CANTOPEN: '打不开文件：没有权限，或路径不是文件',
  SQLITE_PERM: '没有权限',
  SQLITE_AUTH: '没有权限',
  SQLITE_NOMEM: '内存不足',
  SQLITE_PROTOCOL: '多个程序争用同一文件，加锁未成',
  SQLITE_CORRUPT_INDEX: '文件中的索引与数据不符',
  SQLITE_CORRUPT: '文件内容残缺或被改动',
  SQLITE_ERROR: '文件中的表不是账本应有的',
};

const causeOf = ({ code, message }: SqliteError): Cause => {
  const known = Object.entries(IN_CHINESE).find(([prefix]) => code.startsWith(prefix))?.[1];
  return { zh: known === undefined ? message : `${known}，${code}`, en: `${message}, ${code}` };
};

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
    return logCorrupt(file, causeOf(error), error);
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
    if (code.startsWith(prefix)) return logUnreachable(file, causeOf(error), error);
  }
  return error;
};

/** The same while a file is being opened, where a statement that does not fit the tables tells that those were altered. */
export const openingFailure = (error: unknown, file: string): unknown =>
  isFromSqlite(error) && error.code === 'SQLITE_ERROR'
    ? logCorrupt(file, causeOf(error), error)
    : sqliteFailure(error, file);
