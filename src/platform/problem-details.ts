import { assertNever, type DomainError, type FailureKind, type Refusal } from './domain-error';

/** RFC 9457 problem details, in Chinese and English, with what to do about it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly detailEn: string;
  readonly remedy: string;
  readonly remedyEn: string;
  /** Path that was asked for. */
  readonly instance: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** Where a problem happened. */
export interface ProblemPlace {
  readonly instance: string;
  readonly correlationId: string;
}

/** The one place where a kind of failure becomes an HTTP status. */
const statusOfKind = (kind: FailureKind): number => {
  switch (kind) {
    case 'input':
      return 400;
    case 'unauthenticated':
      return 401;
    case 'not-found':
      return 404;
    case 'conflict':
      return 409;
    case 'rule':
      return 422;
    case 'verification':
      return 500;
    case 'unavailable':
      return 503;
    default:
      return assertNever(kind);
  }
};

const TITLES: Readonly<Record<number, string>> = {
  400: '请求有误 · Bad request',
  401: '未通过身份认证 · Not authenticated',
  404: '没有找到 · Not found',
  405: '方法不适用 · Method not allowed',
  408: '请求超时 · Request timeout',
  409: '与已有的记录冲突 · Conflict with what is recorded',
  413: '请求过大 · Request too large',
  415: '内容类型不支持 · Media type not supported',
  422: '总账规则不允许 · Refused by a rule of the ledger',
  431: '请求头过大 · Request header fields too large',
  500: '程序内部错误 · Internal error',
  503: '暂时不可用 · Temporarily unavailable',
};

export const problemOf = (status: number, refusal: Refusal, place: ProblemPlace): Problem => ({
  type: `urn:yichi:problem:${refusal.code}`,
  title: TITLES[status] ?? `HTTP ${status}`,
  status,
  code: refusal.code,
  detail: refusal.message,
  detailEn: refusal.messageEn,
  remedy: refusal.remedy,
  remedyEn: refusal.remedyEn,
  instance: place.instance,
  parameters: refusal.parameters ?? {},
  correlationId: place.correlationId,
});

export const problemOfDomainError = (error: DomainError, place: ProblemPlace): Problem =>
  problemOf(statusOfKind(error.kind), { ...error.toRefusal(), ...remedyOfCallers(error) }, place);

/** Whoever asks over HTTP cannot look after the server; what they can do about these is said with them. */
const KNOWN_TO_CALLERS: ReadonlySet<string> = new Set(['LOG_OUTCOME_UNKNOWN', 'LOG_CLOSED', 'READ_MODEL_BEHIND']);

const WAIT: Pick<Refusal, 'remedy' | 'remedyEn'> = {
  remedy:
    '请过 Retry-After 所写的秒数后重试；记账请求用原来的 Idempotency-Key，不会重复记账。持续如此，请把 correlationId 告知运维人员。',
  remedyEn:
    'Try again after the seconds that Retry-After says; a command with the same Idempotency-Key is never booked twice. If it stays so, tell the operators the correlationId.',
};

const remedyOfCallers = ({ kind, code }: DomainError): Partial<Refusal> =>
  kind === 'unavailable' && !KNOWN_TO_CALLERS.has(code) ? WAIT : {};

/** What the framework itself refuses, by status. */
const FRAMEWORK_REFUSALS: Readonly<Record<number, Refusal>> = {
  400: {
    code: 'REQUEST_MALFORMED',
    message: '请求残缺，或地址的编码有误。',
    messageEn: 'The request is not complete, or its address is not encoded correctly.',
    remedy: '地址中的汉字和斜杠须作百分号编码；方法名用大写；Content-Length 须与正文相符；请求头须有且仅有一个 Host。',
    remedyEn:
      'Percent-encode Chinese characters and slashes in addresses; write methods in capitals; Content-Length must fit the body; one Host header, and one only, is needed.',
  },
  404: {
    code: 'ROUTE_NOT_FOUND',
    message: '没有这个地址。',
    messageEn: 'There is no such address.',
    remedy: '核对地址：区分大小写，末尾没有斜杠；接口清单见 /api。',
    remedyEn: 'Check it: capitals matter, and there is no slash at the end; see /api for what there is.',
  },
  405: {
    code: 'METHOD_NOT_ALLOWED',
    message: '这个地址不接受该方法。',
    messageEn: 'This address does not take the method.',
    remedy: '改用答复头 Allow 列出的方法；记账用 POST，查询用 GET，接口清单见 /api。',
    remedyEn: 'Use one that the Allow header lists: POST for commands, GET for questions; see /api for what there is.',
  },
  408: {
    code: 'REQUEST_TIMEOUT',
    message: '请求迟迟没有发送完整。',
    messageEn: 'The request was not sent completely in time.',
    remedy: '检查网络后重发；用原来的 Idempotency-Key 重试不会重复记账。',
    remedyEn: 'Check the network and send it again; a retry with the same Idempotency-Key never books twice.',
  },
  413: {
    code: 'BODY_TOO_LARGE',
    message: '请求正文超过 1 MiB。',
    messageEn: 'The body is larger than 1 MiB.',
    remedy: '分成几份文件，或改用 yichi import 批量导入。',
    remedyEn: 'Split it into several documents, or use yichi import for bulk data.',
  },
  415: {
    code: 'MEDIA_TYPE_NOT_SUPPORTED',
    message: '请求正文只接受 UTF-8 编码、未压缩的 application/json。',
    messageEn: 'A body is application/json in UTF-8, not compressed; nothing else is taken.',
    remedy:
      "设置请求头 Content-Type: application/json（curl 加 -H 'Content-Type: application/json'），不写其他 charset 和 Content-Encoding。",
    remedyEn:
      "Set Content-Type: application/json (curl: -H 'Content-Type: application/json'), with no other charset and no Content-Encoding.",
  },
  417: {
    code: 'EXPECTATION_NOT_UNDERSTOOD',
    message: '请求头 Expect 只接受 100-continue。',
    messageEn: 'The Expect header may only be 100-continue.',
    remedy: '去掉请求头 Expect。',
    remedyEn: 'Leave the Expect header out.',
  },
  431: {
    code: 'HEADERS_TOO_LARGE',
    message: '地址和请求头合计超过 16 KiB。',
    messageEn: 'The address and the headers are larger than 16 KiB together.',
    remedy: '缩短查询参数和请求头。',
    remedyEn: 'Shorten the query and the headers.',
  },
  503: {
    code: 'SERVICE_STOPPING',
    message: '服务正在停止，不再接受新请求。',
    messageEn: 'The service is stopping and takes no further request.',
    remedy: '稍后重试；用原来的 Idempotency-Key 重试不会重复记账。',
    remedyEn: 'Try again in a moment; a retry with the same Idempotency-Key never books twice.',
  },
};

/** A defect of ours: nothing of its inside is shown; the log has it under the correlation id. */
const DEFECT: Refusal = {
  code: 'DEFECT',
  message: '程序内部错误，请求没有完成。',
  messageEn: 'A defect of the program; the request was not completed.',
  remedy: '请以 correlationId 报告给维护者；用原来的 Idempotency-Key 重试不会重复记账。',
  remedyEn: 'Report it with the correlationId; a retry with the same Idempotency-Key never books twice.',
};

/** A status that the framework decided on, for a person. */
export const problemOfStatus = (status: number, place: ProblemPlace): Problem => {
  const refusal = FRAMEWORK_REFUSALS[status];
  if (refusal !== undefined) return problemOf(status, refusal, place);
  if (status >= 400 && status < 500) {
    return problemOf(
      status,
      {
        code: 'REQUEST_REFUSED',
        message: `请求被拒绝（HTTP ${status}）。`,
        messageEn: `The request was refused (HTTP ${status}).`,
        remedy: '核对请求；接口说明见 /api。',
        remedyEn: 'Check the request; see /api.',
      },
      place,
    );
  }
  return problemOf(500, DEFECT, place);
};
