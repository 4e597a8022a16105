import type { Ledger } from '../ledger/ledger';
import { DomainError } from '../platform/domain-error';
import type { LagSource } from '../platform/metrics';
import { type Following, type Readiness, readinessOf } from '../platform/health';

/** Whoever asks for health or metrics gives up himself after a few seconds. */
const HEAD_PATIENCE_MS = 2000;
/** All gauges of one visit are told the same. */
const ASKED_TOGETHER_MS = 20;

/** How far log and read model are, for health and metrics. */
export class ServiceState implements LagSource {
  readonly #ledger: Ledger;
  #asked: Promise<number | null> | null = null;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  async positions(): Promise<{
    readonly log: number | null;
    readonly projection: number;
    readonly halted: boolean;
  }> {
    const { position, halted } = this.#ledger.readModel.health();
    return { log: await this.#newest(), projection: position, halted: halted !== null };
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
    const { log, projection, halted } = await this.positions();
    const subscriptions = this.following();
    const reachable = log !== null;
    return readinessOf({
      notStorable: reachable ? await this.#notStorable() : null,
      clockBehindMs: reachable ? await this.#ledger.clockBehindMs() : 0,
      engine: this.#ledger.log.engine,
      logPosition: log,
      projectionPosition: projection,
      halted,
      unfinished: await this.unfinished(),
      ...(subscriptions === undefined ? {} : { subscriptions }),
    });
  }

  async #notStorable(): Promise<DomainError | null> {
    try {
      await this.#ledger.log.requireStorable?.();
      return null;
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  }

  /** Position of the log's last event; null when the log does not tell it soon. Asked once for all who ask together. */
  #newest(): Promise<number | null> {
    if (this.#asked !== null) return this.#asked;
    const asked = headWithin(this.#ledger.log, HEAD_PATIENCE_MS);
    this.#asked = asked;
    void asked.then(() => setTimeout(() => (this.#asked = null), ASKED_TOGETHER_MS).unref());
    return asked;
  }
}

const headWithin = async (log: Pick<Ledger['log'], 'head'>, timeoutMs: number): Promise<number | null> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs);
  });
  try {
    return await Promise.race([log.head().catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
};
