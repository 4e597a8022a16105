import { DomainError, type Refusal } from '../../platform/domain-error';
import type { Cause } from '../../platform/system-cause';
import { serverCause, type ServerCause } from './server-cause';

const unavailable = (refusal: Refusal, cause?: unknown): DomainError => {
  const failure = new DomainError('unavailable', refusal);
  if (cause !== undefined) failure.cause = cause;
  return failure;
};

/** A gRPC failure as it comes from the client: a status, a text, and the product's own name of it in the trailer. */
interface GrpcFailure {
  readonly code: number;
  readonly details: string;
  readonly metadata?: { get(key: string): readonly (string | Buffer)[] };
}

const isGrpcFailure = (error: unknown): error is GrpcFailure =>
  typeof error === 'object' && error !== null && typeof (error as { code?: unknown }).code === 'number';

/** Statuses of gRPC by number, as the protocol fixes them. */
const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;

/** How a server says, as if it were a defect of its own, that it has no record where a filtered reading was to begin. */
const INVALID_POSITION = /\bInvalidPosition$/;

/** What the server says beside the text, such as the product's own name of the failure under `exception`. */
const trailer = (error: GrpcFailure, name: string): string => String(error.metadata?.get(name)[0] ?? '');

/** A call was not answered in time; the server may have done what it was asked, or do it yet. */
export class NoAnswer extends Error {
  constructor(what: string, timeoutMs: number) {
    super(`${what} was not answered within ${timeoutMs} ms`);
    this.name = 'NoAnswer';
  }
}

/** The server has no record that begins at the position it was asked to read from. */
export class NotAPosition extends Error {
  constructor(readonly position: number) {
    super(`no record begins at position ${position}`);
    this.name = 'NotAPosition';
  }
}

/** The server takes less at once than was sent. */
export class AppendTooLarge extends Error {
  constructor(readonly maxBytes: number) {
    super(`the server takes at most ${maxBytes} bytes in one append`);
    this.name = 'AppendTooLarge';
  }
}

const DEADLINE_EXCEEDED = 4;

/** Whether a call was only not done in time: the server may well be at it. */
export const isOverdue = (error: unknown): error is Error =>
  error instanceof NoAnswer || (isGrpcFailure(error) && error.code === DEADLINE_EXCEEDED);

/** What a failed call means for whoever made it. */
export type FailedCall =
  /** Nobody knows what became of it; the same call again will tell. */
  | { readonly kind: 'unknown'; readonly cause: ServerCause; readonly renew: boolean }
  | { readonly kind: 'final'; readonly failure: Error };

/**
 * @param at address of the server, without the password
 * @param position where a reading was to begin
 */
export const failedCall = (error: unknown, at: string, position?: number): FailedCall => {
  if (error instanceof DomainError || error instanceof NotAPosition || error instanceof AppendTooLarge) {
    return { kind: 'final', failure: error };
  }
  if (!isGrpcFailure(error)) return { kind: 'unknown', cause: serverCause(error), renew: true };
  const { code } = error;
  const exception = trailer(error, 'exception');
  if (exception === 'maximum-append-size-exceeded') {
    return { kind: 'final', failure: new AppendTooLarge(Number(trailer(error, 'maximum-append-size'))) };
  }
  if (exception === 'stream-deleted') {
    return { kind: 'final', failure: logStreamDeleted(at, trailer(error, 'stream-name'), error) };
  }
  if (code === UNAUTHENTICATED) return { kind: 'final', failure: logPasswordRefused(at, error) };
  if (code === PERMISSION_DENIED || exception === 'access-denied') {
    return { kind: 'final', failure: logAccessDenied(at, error) };
  }
  if (position !== undefined && (code === INVALID_ARGUMENT || INVALID_POSITION.test(error.details))) {
    return { kind: 'final', failure: new NotAPosition(position) };
  }
  if (code === INVALID_ARGUMENT) return { kind: 'final', failure: logUnreachable(at, serverCause(error), error) };
  if (code === UNIMPLEMENTED) return { kind: 'final', failure: logServerOutdated(at, null, error) };
  // The client has taken down where the leader is and goes there next.
  return { kind: 'unknown', cause: serverCause(error), renew: exception !== 'not-leader' };
};

export const logPasswordRefused = (at: string, cause?: unknown): DomainError =>
  unavailable(
    {
      code: 'LOG_PASSWORD_REFUSED',
      message: `事件日志服务器不接受用户名或密码：${at}`,
      messageEn: `The event log's server refuses the user or the password: ${at}`,
      remedy: '请改正 YICHI_EVENT_LOG 中的用户名和密码；特殊字符须写成百分号编码。未写入任何内容。',
      remedyEn:
        'Correct user and password in YICHI_EVENT_LOG; special characters are percent-encoded. Nothing was written.',
      parameters: { at },
    },
    cause,
  );

export const logAccessDenied = (at: string, cause?: unknown): DomainError =>
  unavailable(
    {
      code: 'LOG_ACCESS_DENIED',
      message: `该用户（或未写用户）无权读写事件日志（需要读取 $all 与写入账本各流的权限）：${at}`,
      messageEn: `The user may not read or write the event log (it needs to read $all and to write the ledger's streams): ${at}`,
      remedy:
        '请在 YICHI_EVENT_LOG 中写明有权限的用户和密码，或由服务器管理员授予该用户 $all 的读取权限和账本各流的读写权限。',
      remedyEn:
        "Name a user who may, with the password, in YICHI_EVENT_LOG, or have the server's administrator grant that one reading $all and the ledger's streams.",
      parameters: { at },
    },
    cause,
  );

/** An administrator has deleted the stream, or has the server hide how it began. */
export const logStreamDeleted = (at: string, stream: string, cause?: unknown): DomainError =>
  unavailable(
    {
      code: 'LOG_STREAM_DELETED',
      message: `账本的流 ${stream} 已在服务器上被删除，或被截去了开头：${at}`,
      messageEn: `Stream ${stream} of the ledger has been deleted on the server, or its beginning cut off: ${at}`,
      remedy:
        '请停止写入，并收回删除账本各流的权限。服务器尚未清理（scavenge）时，由其管理员把该流元数据的 $tb 写为 0（去掉 $maxCount、$maxAge）即可恢复；否则从备份恢复服务器的数据。',
      remedyEn:
        "Stop writing, and withdraw the right to delete the ledger's streams. As long as the server has not been scavenged, its administrator gets the stream back by writing 0 for $tb into its metadata (and leaving out $maxCount and $maxAge); otherwise restore the server's backup.",
      parameters: { at, stream },
    },
    cause,
  );

/** @param version null when the server does not know a question that every new one knows */
export const logServerOutdated = (at: string, version: string | null, cause?: unknown): DomainError => {
  const [zh, en] =
    version === null
      ? ['事件日志服务器版本过低，或该地址上不是 EventStoreDB', "The event log's server is too old, or no EventStoreDB"]
      : [`事件日志服务器版本过低（${version}）`, `The event log's server is too old (${version})`];
  return unavailable(
    {
      code: 'LOG_SERVER_OUTDATED',
      message: `${zh}：${at}，至少需要 ${OLDEST_SERVER}。`,
      messageEn: `${en}: ${at}; ${OLDEST_SERVER} is needed.`,
      remedy: '请核对地址和端口，或升级服务器；未写入任何内容。',
      remedyEn: 'Check host and port, or upgrade the server; nothing was written.',
      parameters: { at, version, required: OLDEST_SERVER },
    },
    cause,
  );
};

/** From here on a server says when a subscription has caught up, and gives positions with the events of a stream. */
export const OLDEST_SERVER = '24.2';

export const logCertificate = (at: string, { zh, en, raw }: ServerCause): DomainError =>
  unavailable({
    code: 'LOG_CERTIFICATE',
    message: `与事件日志服务器的加密连接未能建立：${at}（${zh}）`,
    messageEn: `No secure connection to the event log's server: ${at} (${en})`,
    remedy:
      '请在 YICHI_EVENT_LOG 中用 tlsCAFile=<文件> 指明签发证书的机构，并核对地址与证书上的名称一致；仅本机试用的服务器可用 tls=false。',
    remedyEn:
      'Name the authority that signed the certificate by tlsCAFile=<file> in YICHI_EVENT_LOG, and check that the address is one the certificate names; a server for trying out on this machine may use tls=false.',
    parameters: { at, detail: raw },
  });

export const logUnreachable = (at: string, { zh, en, raw }: ServerCause, cause?: unknown): DomainError =>
  unavailable(
    {
      code: 'LOG_UNREACHABLE',
      message: `无法使用事件日志服务器：${at}（${zh}）`,
      messageEn: `The event log's server cannot be used: ${at} (${en})`,
      remedy: '请核对 YICHI_EVENT_LOG 中的主机名和端口，确认服务器正在运行且网络可达。',
      remedyEn: 'Check host and port in YICHI_EVENT_LOG, and that the server runs and the network reaches it.',
      parameters: { at, detail: raw },
    },
    cause,
  );

/** The server answers, and yet something that it was asked is not done in all the time that one waits. */
export const logSlow = (at: string, what: Cause, cause?: unknown): DomainError =>
  unavailable(
    {
      code: 'LOG_SLOW',
      message: `事件日志服务器有应答，但太慢：${at}（${what.zh}）`,
      messageEn: `The event log's server answers, but too slowly: ${at} (${what.en})`,
      remedy:
        '请查看服务器的负载和磁盘；其他系统也在该服务器上写入时，查看它们写入多少。账本的内容不受影响，稍后重试即可。',
      remedyEn:
        "Look at the load and the disk of the server, and at how much others write where they share it. The ledger's content is unharmed; try again later.",
      parameters: { at, detail: what.en },
    },
    cause,
  );

/** The setting is not shown, because a part of a password could be taken for a host. */
export const UNREADABLE_SETTING: Cause = {
  zh: '读不出用户、主机和端口；密码中的 @ : / ? # % 须写成百分号编码，主机写名称或 IPv4 地址',
  en: 'user, host and port cannot be read from it; write @ : / ? # % in a password percent-encoded, and hosts by name or IPv4 address',
};

export const logSetting = ({ zh, en }: Cause): DomainError =>
  new DomainError('input', {
    code: 'SETTING_INVALID',
    message: `EventStoreDB 的连接串无效：${zh}`,
    messageEn: `The EventStoreDB connection string is not valid: ${en}`,
    remedy: '写作 esdb://用户:密码@主机:2113?tlsCAFile=<文件>，多个节点之间用逗号分隔。',
    remedyEn: 'Write esdb://user:password@host:2113?tlsCAFile=<file>, with commas between several nodes.',
    parameters: { detail: en },
  });

/** No answer that tells what became of an append came in all the time that one waits. */
export const logOutcomeUnknown = (
  at: string,
  stream: string,
  { zh, en, raw }: ServerCause,
  cause?: unknown,
): DomainError =>
  unavailable(
    {
      code: 'LOG_OUTCOME_UNKNOWN',
      message: `事件日志服务器未答复，${stream} 的写入结果未知：${at}（${zh}）`,
      messageEn: `The event log's server did not answer; whether ${stream} was written is not known: ${at} (${en})`,
      remedy: '请用同一编号原样重试：已写入的不会重复记账，未写入的将补记。',
      remedyEn: 'Repeat the same command with the same id: what was stored is not booked twice, what was not is.',
      parameters: { at, stream, detail: raw },
    },
    cause,
  );

export const logForeignEvent = (at: string, stream: string, revision: number, why: string): DomainError =>
  unavailable({
    code: 'LOG_FOREIGN_EVENT',
    message: `流 ${stream} 第 ${revision} 号事件不是一池写入的（${why}）：${at}`,
    messageEn: `Event ${revision} of stream ${stream} was not written by Yichi (${why}): ${at}`,
    remedy:
      '账本各类流（pool-、registry-、project- 等）只能由一池写入。请查明写入者并收回其权限；若属误写，请为账本另用一台服务器，或从备份恢复。',
    remedyEn:
      "Only Yichi may write the ledger's streams (pool-, registry-, project- and so on). Find out who wrote and withdraw the right; then use a server of its own for the ledger, or restore a backup.",
    parameters: { at, stream, revision: String(revision), why },
  });

export const logPositionUnknown = (at: string, position: number, head: number): DomainError =>
  unavailable({
    code: 'LOG_POSITION_UNKNOWN',
    message: `服务器不认识位置 ${position}（账本目前到 ${head}），可能是从较早的备份恢复的：${at}`,
    messageEn: `The server does not know position ${position} (the ledger ends at ${head}); it may have been restored from an older backup: ${at}`,
    remedy:
      '请勿写入。先用签名检查点核对（yichi verify --checkpoint <文件>）并恢复较新的备份；若确认以服务器现有内容为准，移走各节点数据目录中的 read.sqlite 和 tree.sqlite，再运行 yichi rebuild。',
    remedyEn:
      'Do not write. Check against a signed checkpoint first (yichi verify --checkpoint <file>) and restore a newer backup; if what the server has is to stand, move read.sqlite and tree.sqlite out of every data directory and run yichi rebuild.',
    parameters: { at, position: String(position), head: String(head) },
  });

export const eventTooLarge = (stream: string, bytes: number, maxBytes: number): DomainError =>
  new DomainError('input', {
    code: 'EVENT_TOO_LARGE',
    message: `${stream} 的一条命令有 ${bytes} 字节，超过服务器一次写入的上限 ${maxBytes} 字节；未写入任何内容。`,
    messageEn: `A command to ${stream} takes ${bytes} bytes; the server takes at most ${maxBytes} at once. Nothing was written.`,
    remedy: '请将该文件的明细分成几份（例如分文号）后重试。',
    remedyEn: 'Divide the document into several (under numbers of their own) and try again.',
    parameters: { stream, bytes: String(bytes), maxBytes: String(maxBytes) },
  });
