import type { Ledger } from '../ledger/ledger';
import { DomainError } from '../platform/domain-error';
import type { LagSource } from '../platform/metrics';
import { type Following, type LogHead, type Readiness, readinessOf } from '../platform/health';

/** Whoever asks for health or metrics gives up himself after a few seconds. */
const HEAD_PATIENCE_MS = 2000;
/** All gauges of one visit are told the same. */
const ASKED_TOGETHER_MS = 20;
/**
 * To find out whether there is room is to write a little: who asks without end must not wear the disk down. Where there is
 * none nothing is written, and it is asked anew.
 */
const STORABLE_KNOWN_MS = 1000;

/** How far log and read model are, for health and metrics. */
export class ServiceState implements LagSource {
  readonly #ledger: Ledger;
  readonly #elapsedMs: () => number;
  #asked: Promise<LogHead> | null = null;
  #storableUntilMs = -Infinity;

  /** @param elapsedMs a clock that nobody sets */
  constructor(ledger: Ledger, elapsedMs: () => number = () => performance.now()) {
    this.#ledger = ledger;
    this.#elapsedMs = elapsedMs;
  }

  async positions(): Promise<{
    readonly log: number | null;
    readonly projection: number;
    readonly halted: boolean;
  }> {
    const { position, halted } = this.#ledger.readModel.health();
    const log = await this.#newest();
    return { log: log.kind === 'known' ? log.position : null, projection: position, halted: halted !== null };
  }

  following(): readonly Following[] | undefined {
    return this.#ledger.log.conditions?.().map((condition) => ({ ...condition, position: String(condition.position) }));
  }

  /** Events whose half in another pool is missing; null while that cannot be told. */
  async unfinished(): Promise<number | null> {
    return this.#ledger.unfinished().then(
      ({ length }) => length,
      () => null,
    );
  }

  async readiness(): Promise<Readiness> {
    const head = await this.#newest();
    const { position: projection, halted } = this.#ledger.readModel.health();
    const subscriptions = this.following();
    const reachable = head.kind === 'known';
    return readinessOf({
      notStorable: reachable ? await this.#notStorable() : null,
      clockBehindMs: reachable ? await this.#ledger.clockBehindMs() : 0,
      engine: this.#ledger.log.engine,
      log: head,
      projectionPosition: projection,
      halted: halted !== null,
      unfinished: await this.unfinished(),
      ...(subscriptions === undefined ? {} : { subscriptions }),
    });
  }

  async #notStorable(): Promise<DomainError | null> {
    const now = this.#elapsedMs();
    if (now < this.#storableUntilMs) return null;
    try {
      await this.#ledger.log.requireStorable?.();
      this.#storableUntilMs = now + STORABLE_KNOWN_MS;
      return null;
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  }

  /** Where the log ends, as far as it tells it soon. Asked once for all who ask together. */
  #newest(): Promise<LogHead> {
    if (this.#asked !== null) return this.#asked;
    const asked = headWithin(this.#ledger.log, HEAD_PATIENCE_MS);
    this.#asked = asked;
    void asked.then(() => setTimeout(() => (this.#asked = null), ASKED_TOGETHER_MS).unref());
    return asked;
  }
}

const headWithin = async (log: Pick<Ledger['log'], 'head' | 'isThere'>, timeoutMs: number): Promise<LogHead> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<LogHead>((resolve) => {
    timer = setTimeout(() => resolve({ kind: log.isThere?.() === false ? 'unreachable' : 'slow' }), timeoutMs);
  });
  try {
    return await Promise.race([headOf(log), late]);
  } finally {
    clearTimeout(timer);
  }
};

const headOf = (log: Pick<Ledger['log'], 'head'>): Promise<LogHead> =>
  log.head().then(
    (position) => ({ kind: 'known', position }),
    (error: unknown) => ({ kind: error instanceof DomainError && error.code === 'LOG_SLOW' ? 'slow' : 'unreachable' }),
  );
