import type { Ledger } from '../ledger/ledger';
import type { LagSource } from '../platform/metrics';
import { type Readiness, readinessOf } from '../platform/health';

/** How far log and read model are, for health and metrics. */
export class ServiceState implements LagSource {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  async positions(): Promise<{ readonly log: number; readonly projection: number; readonly halted: boolean }> {
    const { position, halted } = this.#ledger.readModel.health();
    return { log: await this.#ledger.log.head(), projection: position, halted: halted !== null };
  }

  async readiness(): Promise<Readiness> {
    const { position, halted } = this.#ledger.readModel.health();
    const logPosition = await this.#ledger.log.head().catch(() => null);
    return readinessOf({
      engine: this.#ledger.log.engine,
      logPosition,
      projectionPosition: position,
      halted: halted !== null,
    });
  }
}
