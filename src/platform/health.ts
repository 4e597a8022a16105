import type { Refusal } from './domain-error';

/** How the following of a log over a network is doing. */
export interface Following {
  readonly state: 'opening' | 'catching-up' | 'live' | 'retrying';
  /** Everything up to here has come in. */
  readonly position: string;
  readonly reconnects: number;
  readonly lastFailure: string | null;
}

/** Clocks that are kept by a time server differ by less; beyond it a business day can be judged wrongly. */
export const CLOCK_TOLERANCE_SECONDS = 60;

/** Whether the service should be given requests. */
export interface Readiness {
  readonly status: 'ready' | 'not-ready';
  readonly log: {
    readonly engine: string;
    readonly position: string | null;
    /** Only where the log lies on a server. */
    readonly subscriptions?: readonly Following[];
  };
  readonly projection: {
    readonly position: string;
    /** Positions that the read model is behind the log; null when the log cannot be read. */
    readonly lag: number | null;
    readonly halted: boolean;
  };
  /** Transfers, carry-overs and their reversals whose half in another pool is missing; null when it cannot be told. */
  readonly crossings: { readonly unfinished: number | null };
  /** Why not, in Chinese and English; empty when ready. */
  readonly reasons: readonly { readonly code: string; readonly message: string; readonly messageEn: string }[];
}

/** Behind by more than this a reader would see figures of minutes ago; a burst of writes stays well below. */
const MAX_LAG = 50_000;

/** The same where positions count bytes of a server's file: about as many events. */
const MAX_LAG_BYTES = 50_000_000;

/** Where the log ends, or why that is not known: it is there and does not say so in time, or it is not there. */
export type LogHead =
  { readonly kind: 'known'; readonly position: number } | { readonly kind: 'slow' } | { readonly kind: 'unreachable' };

const LOG_SILENCES: Readonly<Record<'slow' | 'unreachable', Readiness['reasons'][number]>> = {
  slow: {
    code: 'LOG_SLOW',
    message: '事件日志可以连通，但未能及时答复；请查看其服务器的负载。',
    messageEn: 'The log is there and does not answer in time; look at the load of its server.',
  },
  unreachable: { code: 'LOG_UNREACHABLE', message: '事件日志无法读取。', messageEn: 'The log cannot be read.' },
};

export const readinessOf = (now: {
  readonly engine: string;
  readonly log: LogHead;
  readonly projectionPosition: number;
  readonly halted: boolean;
  readonly unfinished: number | null;
  readonly subscriptions?: readonly Following[];
  /** Why nothing can be stored now; null where it can, as far as that is known. */
  readonly notStorable?: Pick<Refusal, 'code' | 'message' | 'messageEn'> | null;
  /** How far the clock is behind the newest event. */
  readonly clockBehindMs?: number;
}): Readiness => {
  const logPosition = now.log.kind === 'known' ? now.log.position : null;
  const lag = logPosition === null ? null : Math.max(0, logPosition - now.projectionPosition);
  const reasons: Readiness['reasons'][number][] = [];
  if (now.log.kind !== 'known') reasons.push(LOG_SILENCES[now.log.kind]);
  if (now.notStorable !== undefined && now.notStorable !== null) {
    const { code, message, messageEn } = now.notStorable;
    reasons.push({ code, message, messageEn });
  }
  const secondsBehind = Math.round((now.clockBehindMs ?? 0) / 1000);
  if (secondsBehind > CLOCK_TOLERANCE_SECONDS) {
    reasons.push({
      code: 'CLOCK_BEHIND',
      message: `本机时钟比账本最新一笔的记录时间早 ${secondsBehind} 秒，请校准时钟。`,
      messageEn: `The clock is ${secondsBehind} seconds behind the newest event; set it right.`,
    });
  }
  if (now.halted) {
    reasons.push({
      code: 'PROJECTION_HALTED',
      message: '读模型已停止更新，请查看日志，并运行 yichi doctor。',
      messageEn: 'The read model is halted; see the log and run yichi doctor.',
    });
  }
  const isRetrying = now.subscriptions?.some(({ state }) => state === 'retrying') ?? false;
  // A log that is behind the read model was restored from an older backup.
  if (isRetrying && logPosition !== now.projectionPosition) {
    reasons.push({
      code: 'LOG_NOT_FOLLOWED',
      message: '与事件日志的订阅已中断，正在重连；读到的数字可能不是最新的。',
      messageEn: 'The subscription to the log is broken and being renewed; figures may not be the newest.',
    });
  }
  if (lag !== null && lag > (now.subscriptions === undefined ? MAX_LAG : MAX_LAG_BYTES)) {
    reasons.push({
      code: 'PROJECTION_BEHIND',
      message: `读模型落后 ${lag} 个位置，正在追赶。`,
      messageEn: `The read model is ${lag} positions behind and catching up.`,
    });
  }
  return {
    status: reasons.length === 0 ? 'ready' : 'not-ready',
    log: {
      engine: now.engine,
      position: logPosition === null ? null : String(logPosition),
      ...(now.subscriptions === undefined ? {} : { subscriptions: now.subscriptions }),
    },
    projection: { position: String(now.projectionPosition), lag, halted: now.halted },
    crossings: { unfinished: now.unfinished },
    reasons,
  };
};
