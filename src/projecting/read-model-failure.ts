import { isSqliteError, sqliteFailure } from '../event-log/sqlite/sqlite-failure';
import { DomainError } from '../platform/domain-error';

/** How a person gets tables that are right again; the log, which they are made of, is not concerned. */
const REBUILD = {
  remedy: '账目本身不受影响：运行 yichi verify 可查出何处不符，运行 yichi rebuild 由事件重建读取库。',
  remedyEn:
    'The ledger itself is not affected: `yichi verify` says where they differ, `yichi rebuild` makes them anew from the events.',
};

export const readModelMissing = (): DomainError =>
  new DomainError('unavailable', {
    code: 'READ_MODEL_MISSING',
    message: '读取库不存在：尚未建立，或已被删除。',
    messageEn: 'There is no read database: it has not been built yet, or was deleted.',
    remedy: '请运行 yichi rebuild，或等待服务启动时自动建立；账目本身不受影响。',
    remedyEn:
      'Run `yichi rebuild`, or wait until the service has built it at its start; the ledger itself is not affected.',
  });

export const readModelOfOtherVersion = (): DomainError =>
  new DomainError('unavailable', {
    code: 'READ_MODEL_OF_OTHER_VERSION',
    message: '读取库由另一版本的投影或程序建立。',
    messageEn: 'The read database was made by other projections or another version of the program.',
    remedy: '请停止另一版本的程序，再运行 yichi rebuild 或重新启动本程序。',
    remedyEn: 'Stop the program of the other version, then run `yichi rebuild` or start this one again.',
  });

const READ_MODEL_DAMAGED = 'READ_MODEL_DAMAGED';

/** Whether tables, or an event that goes into them, were read and found to be wrong, and not only out of reach. */
export const isOfTheTables = ({ code }: DomainError): boolean =>
  code === READ_MODEL_DAMAGED || code === 'PROJECTION_HALTED';

/** The tables are not what a replay of the log makes: somebody has altered them, or the disk has. */
export const readModelDamaged = (zh: string, en: string, cause?: unknown): DomainError => {
  const failure = new DomainError('unavailable', {
    code: READ_MODEL_DAMAGED,
    message: `读取库被改动或已损坏：${zh}。`,
    messageEn: `The read database was altered or is damaged: ${en}.`,
    ...REBUILD,
    parameters: { detail: en },
  });
  if (cause !== undefined) failure.cause = cause;
  return failure;
};

/** A row that others refer to. */
export const rowMissing = (table: string, id: number): DomainError =>
  readModelDamaged(`表 ${table} 中没有 ${id}`, `there is no ${id} in the table ${table}`);

/** Failures of SQLite that lie in what is in the file; a full disk or a lock has other causes. */
const OF_THE_TABLES = [
  'SQLITE_ERROR',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_CONSTRAINT',
  'SQLITE_MISMATCH',
  'SQLITE_IOERR_SHORT_READ',
];

/** What a user is told of a failure of SQLite on the read database. Anything else stays as it is. */
export const readModelFailure = (error: unknown, file: string): unknown =>
  OF_THE_TABLES.some((code) => isSqliteError(error, code))
    ? readModelDamaged(`SQLite 报告 ${(error as Error).message}`, `SQLite says ${(error as Error).message}`, error)
    : sqliteFailure(error, file);
