import { DomainError, type Refusal } from '../platform/domain-error';
import type { Cause } from '../platform/system-cause';

/** What stands in brackets: a cause in both languages, or what reads the same in both, such as a number or a setting. */
type Detail = string | Cause;

const inBoth = (detail: Detail): Cause => (typeof detail === 'string' ? { zh: detail, en: detail } : detail);

const unavailable = (refusal: Refusal, cause?: unknown): DomainError => {
  const failure = new DomainError('unavailable', refusal);
  if (cause !== undefined) failure.cause = cause;
  return failure;
};

/** `at` names the log: a file or an address. */
export const logDiskFull = (at: string, cause?: unknown): DomainError =>
  unavailable(
    {
      code: 'LOG_DISK_FULL',
      message: `磁盘空间不足，账本未写入：${at}`,
      messageEn: `The disk is full; nothing was written to the ledger: ${at}`,
      remedy: '请腾出磁盘空间后重试；已有的账目不受影响，仍可查询。',
      remedyEn: 'Free some disk space and try again; what is stored is unharmed and can be read.',
      parameters: { at },
    },
    cause,
  );

export const logLocked = (at: string, cause?: unknown): DomainError =>
  unavailable(
    {
      code: 'LOG_LOCKED',
      message: `账本正被其他程序占用，未写入：${at}`,
      messageEn: `Another program holds the ledger; nothing was written: ${at}`,
      remedy: '请等待另一程序（如导入或备份）结束后重试。',
      remedyEn: 'Wait until the other program (an import, a backup) has finished and try again.',
      parameters: { at },
    },
    cause,
  );

/** The file was there and is not any more, or another lies in its place. */
export const logGone = (at: string): DomainError =>
  unavailable({
    code: 'LOG_FILE_GONE',
    message: `账本文件已被移走、删除或替换，未写入：${at}`,
    messageEn: `The ledger's file was moved, deleted or replaced; nothing was written: ${at}`,
    remedy: '请停止服务，把原来的账本文件连同 -wal 文件放回原处，再启动；不要在旁边另起新账本。',
    remedyEn:
      'Stop the service, put the file back with the -wal file beside it, and start again; do not begin a new ledger beside it.',
    parameters: { at },
  });

const REMEDY_OF_MISSED = {
  remedy: '请核对 YICHI_DATA 和 YICHI_EVENT_LOG，把原账本文件放回或从备份恢复；确要另起新账，请用新的空目录。',
  remedyEn:
    'Check YICHI_DATA and YICHI_EVENT_LOG and put the file back or restore a backup; for a new ledger use a new, empty directory.',
} as const;

/** What was made from a log is there, and the log is not. */
export const logMissing = (at: string, traces: readonly string[]): DomainError =>
  unavailable({
    code: 'LOG_MISSING',
    message: `账本文件不在：${at}；而数据目录里有旧账本的 ${traces.join('、')}，没有另起新账本。`,
    messageEn: `The ledger's file is not there: ${at}. The data directory holds ${traces.join(', ')} of an earlier one, so no new ledger was begun.`,
    ...REMEDY_OF_MISSED,
    parameters: { at, traces },
  });

/** What was made from a log is there, and of the log nothing but an empty file. */
export const logEmptied = (at: string, traces: readonly string[]): DomainError =>
  unavailable({
    code: 'LOG_EMPTIED',
    message: `账本文件是空的：${at}；而数据目录里有旧账本的 ${traces.join('、')}，没有另起新账本。`,
    messageEn: `The ledger's file is empty: ${at}. The data directory holds ${traces.join(', ')} of an earlier one, so no new ledger was begun.`,
    ...REMEDY_OF_MISSED,
    parameters: { at, traces },
  });

export const logReadOnly = (at: string, cause?: unknown): DomainError =>
  unavailable(
    {
      code: 'LOG_READ_ONLY',
      message: `账本文件只读，无法写入：${at}`,
      messageEn: `The ledger's file is read-only: ${at}`,
      remedy: '请检查文件与目录的写权限，或磁盘是否以只读方式挂载。',
      remedyEn: 'Check the rights on the file and its directory, and whether the disk is mounted read-only.',
      parameters: { at },
    },
    cause,
  );

const LOG_CORRUPT = 'LOG_CORRUPT';

export const logCorrupt = (at: string, detail: Detail, cause?: unknown): DomainError => {
  const { zh, en } = inBoth(detail);
  return unavailable(
    {
      code: LOG_CORRUPT,
      message: `账本文件已损坏：${at}（${zh}）`,
      messageEn: `The ledger's file is damaged: ${at} (${en})`,
      remedy: '请停止写入，保留该文件备查，并从备份恢复。',
      remedyEn: 'Stop writing, keep the file for examination, and restore a backup.',
      parameters: { at, detail: en },
    },
    cause,
  );
};

/** Whether what failed is what is stored, and not the way to it: damaged pages, rows that are no more what they were. */
export const isDamage = (error: unknown): error is DomainError =>
  error instanceof DomainError && error.code === LOG_CORRUPT;

/** What is stored was reached, and is not the log, whole and unaltered, that it should be. */
const FOUND_IN_WHAT_IS_STORED: ReadonlySet<string> = new Set([
  LOG_CORRUPT,
  'LOG_EMPTIED',
  'LOG_FOREIGN',
  'LOG_FOREIGN_EVENT',
  'LOG_NEWER',
  'LOG_STREAM_DELETED',
]);

/** Whether trying again, or another right or disk, would not help: it is for a verification to say what is wrong. */
export const isOfWhatIsStored = ({ code }: DomainError): boolean => FOUND_IN_WHAT_IS_STORED.has(code);

export const logUnreachable = (at: string, detail: Detail, cause?: unknown): DomainError => {
  const { zh, en } = inBoth(detail);
  return unavailable(
    {
      code: 'LOG_UNREACHABLE',
      message: `无法打开或读写账本：${at}（${zh}）`,
      messageEn: `The ledger cannot be opened, read or written: ${at} (${en})`,
      remedy: '请检查路径、权限、磁盘或网络后重试。',
      remedyEn: 'Check the path, the rights, the disk or the network, and try again.',
      parameters: { at, detail: en },
    },
    cause,
  );
};

export const logForeign = (at: string, cause?: unknown): DomainError =>
  unavailable(
    {
      code: 'LOG_FOREIGN',
      message: `该文件不是一池的账本：${at}`,
      messageEn: `This file is not a ledger of Yichi: ${at}`,
      remedy: '请检查数据目录或账本路径的设置；该文件未被改动。',
      remedyEn: 'Check the setting of the data directory or of the log; the file was not touched.',
      parameters: { at },
    },
    cause,
  );

export const logNewer = (at: string, version: number, known: number): DomainError =>
  unavailable({
    code: 'LOG_NEWER',
    message: `账本由更新版本的一池写成（格式 ${version}，本程序只识别到 ${known}）：${at}`,
    messageEn: `The ledger was written by a newer Yichi (format ${version}; this program knows up to ${known}): ${at}`,
    remedy: '请升级本程序后再打开；该文件未被改动。',
    remedyEn: 'Upgrade this program, then open it; the file was not touched.',
    parameters: { at, version, known },
  });

export const logEngineOutdated = (version: string, required: string): DomainError =>
  unavailable({
    code: 'LOG_ENGINE_OUTDATED',
    message: `SQLite 版本 ${version} 过低，至少需要 ${required}（旧版本可能损坏账本）。`,
    messageEn: `SQLite ${version} is too old; ${required} is needed, because older ones can damage the ledger.`,
    remedy: '请用 npm ci 重新安装依赖。',
    remedyEn: 'Install the dependencies again with npm ci.',
    parameters: { version, required },
  });

export const logClosed = (at: string): DomainError =>
  unavailable({
    code: 'LOG_CLOSED',
    message: `账本已关闭：${at}`,
    messageEn: `The ledger has been closed: ${at}`,
    remedy: '服务正在停止，请在其重新启动后重试。',
    remedyEn: 'The service is stopping; try again when it runs again.',
    parameters: { at },
  });
