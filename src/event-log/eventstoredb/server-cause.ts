import { type Cause, systemCause } from '../../platform/system-cause';
import { messageOf } from '../../platform/system-error';

/** Why a server did not do what it was asked: told to people, and in the words of the server or its client. */
export interface ServerCause extends Cause {
  readonly raw: string;
}

/** Codes of the operating system as they stand in the client's sentences. */
const SYSTEM_CODE = /\bE(?:CONNREFUSED|CONNRESET|PIPE|NOTFOUND|AI_AGAIN|TIMEDOUT|HOSTUNREACH|NETUNREACH|MFILE|NFILE)\b/;

const NO_LEADER: Cause = {
  zh: '集群目前没有主节点，或主节点正在更换',
  en: 'the cluster has no leader, or another one',
};
const BROKEN_OFF = systemCause('ECONNRESET');
const NO_ANSWER = systemCause('ETIMEDOUT');

/** What is said in sentences only, by the server, by its client and by this folder. */
const SENTENCES: readonly (readonly [RegExp, Cause])[] = [
  [/Name resolution failed/, systemCause('ENOTFOUND')],
  [/certificate|altname|wrong version number|\bSSL\b|\bTLS\b/i, { zh: '加密连接未能建立', en: 'no secure connection' }],
  [
    /Failed to discover/,
    { zh: '所给地址中找不到可用的节点', en: 'none of the addresses leads to a node that can be used' },
  ],
  [/leader info/i, NO_LEADER],
  // So an EventStoreDB fails when it should say that a stream is deleted whose name is not ASCII.
  [
    /HTTP status code 500/,
    {
      zh: '服务器内部出错；名称含中文的流被永久删除（tombstone）时也会如此',
      en: 'an error inside the server, also where a stream with a name in Chinese was deleted for good (tombstone)',
    },
  ],
  [/Not Ready/i, { zh: '服务器正在启动，尚未就绪', en: 'the server is starting' }],
  [/Too Busy/i, { zh: '服务器繁忙', en: 'the server is too busy' }],
  [/timed? ?out|deadline|not answered within|silent|never caught up/i, NO_ANSWER],
  [/dropped|RST_STREAM|GOAWAY|closed|has ended|aborted/i, BROKEN_OFF],
];

/** Statuses of gRPC by number, as the protocol fixes them, where no sentence says more. */
const STATUSES: Readonly<Record<number, Cause>> = {
  1: BROKEN_OFF,
  2: { zh: '服务器内部出错', en: 'an error inside the server' },
  3: { zh: '服务器不接受该请求', en: 'the server does not take the request' },
  4: NO_ANSWER,
  8: { zh: '服务器或网络容量不足', en: 'the server or the network has no room for it' },
  10: NO_ANSWER,
  13: { zh: '服务器内部出错', en: 'an error inside the server' },
  14: { zh: '服务器暂时不可用', en: 'the server is not available now' },
};

/** @param error of a call, with the status and the words of gRPC, or of the client or this folder, with a message */
export const serverCause = (error: unknown): ServerCause => {
  const { code, details } = error as { readonly code?: unknown; readonly details?: unknown };
  const raw = typeof details === 'string' ? details : messageOf(error);
  const systemCode = SYSTEM_CODE.exec(raw)?.[0];
  const told =
    (systemCode === undefined ? undefined : systemCause(systemCode)) ??
    SENTENCES.find(([sentence]) => sentence.test(raw))?.[1] ??
    (typeof code === 'number' ? STATUSES[code] : undefined) ??
    ({ zh: `服务器或其客户端报告：${raw}`, en: `the server or its client says: ${raw}` } satisfies Cause);
  return { ...told, raw };
};

/** A file of certificates of those whose signature counts, and the setting that names it. */
export interface Authorities {
  readonly file: string;
  readonly namedBy: string;
}

/** The same of what a connection to one of the server's addresses failed with, where TLS gives a code of its own. */
export const connectionCause = (
  where: string,
  error: NodeJS.ErrnoException,
  authorities: Authorities | null = null,
): ServerCause => {
  const told = CERTIFICATES[error.code ?? ''] ?? serverCause(error);
  const { zh, en } = told === UNTRUSTED ? untrustedBy(authorities) : told;
  return { zh: `${where} ${zh}`, en: `${where}: ${en}`, raw: `${where} ${error.code ?? ''} ${error.message}`.trim() };
};

export const wantsTls = (where: string): ServerCause => ({
  zh: `${where} 要求加密连接，而设置中写着 tls=false`,
  en: `${where} wants TLS, and the setting says tls=false`,
  raw: where,
});

const UNTRUSTED: Cause = {
  zh: '服务器的证书不是由所信任的机构签发的',
  en: 'its certificate was not signed by an authority that is trusted here',
};
/** Which authorities were asked, because the environment may name others than the user has in mind. */
const untrustedBy = (authorities: Authorities | null): Cause => {
  if (authorities === null) return UNTRUSTED;
  const { file, namedBy } = authorities;
  return {
    zh: `${UNTRUSTED.zh}；所信任的机构在 ${namedBy} 所指的文件 ${file} 中，不看 NODE_EXTRA_CA_CERTS`,
    en: `${UNTRUSTED.en}; those are in ${file}, which ${namedBy} names, and NODE_EXTRA_CA_CERTS is not looked at`,
  };
};
const NOT_TLS: Cause = { zh: '对方在该端口上没有使用加密连接', en: 'nothing speaks TLS at its port' };

const CERTIFICATES: Readonly<Record<string, Cause>> = {
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: { zh: '服务器的证书已过期', en: 'its certificate has expired' },
  CERT_NOT_YET_VALID: { zh: '服务器的证书尚未生效', en: 'its certificate is not valid yet' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    zh: '服务器的证书上没有这个名称或地址',
    en: 'its certificate does not name this host or address',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: NOT_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NOT_TLS,
  EPROTO: NOT_TLS,
};

/** Why the client does not take a connection string that this folder could read. */
export const refusedByClient = (error: unknown): ServerCause => {
  const raw = messageOf(error);
  const [, found, wanted] = /^Unexpected "(.*)" at position \d+, expected (.*)\.$/.exec(raw) ?? [];
  if (found !== undefined && wanted !== undefined) {
    const zh = wanted.replaceAll(' or ', ' 或 ').replace('Integer', '整数');
    return { zh: `“${found}”处应为 ${zh}`, en: `${wanted} is expected at "${found}"`, raw };
  }
  if (/File was not found/.test(raw))
    return { zh: '证书或私钥文件不存在', en: 'a certificate or key file is not there', raw };
  return serverCause(error);
};
