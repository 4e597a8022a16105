import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import { DomainError } from './domain-error';
import type { Following } from './health';

export type CommandOutcome = 'stored' | 'unchanged' | 'refused' | 'failed';

/** From a command in memory to a flushed disk under load. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Positions of log and read model, read when somebody asks for the metrics. */
export interface LagSource {
  /** `log` is null when the log cannot be read. */
  positions(): Promise<{ readonly log: number | null; readonly projection: number; readonly halted: boolean }>;
  /** Events whose half in another pool is missing; null while that cannot be told. */
  unfinished(): Promise<number | null>;
  /** Subscriptions over a network; undefined where the log needs none. */
  following(): readonly Following[] | undefined;
}

/** What the service tells a monitoring system about itself, in the Prometheus text format. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #commands: Counter<'command' | 'outcome'>;
  readonly #commandSeconds: Histogram<'command'>;
  readonly #requestSeconds: Histogram<'method' | 'route' | 'status'>;

  constructor(lag: LagSource) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry, prefix: 'yichi_' });
    this.#commands = new Counter({
      name: 'yichi_commands_total',
      help: 'Commands by name and outcome (stored, unchanged, refused, failed)',
      labelNames: ['command', 'outcome'],
      registers,
    });
    this.#commandSeconds = new Histogram({
      name: 'yichi_command_append_seconds',
      help: 'Time from taking up a command until its events are durably appended',
      labelNames: ['command'],
      buckets: SECONDS,
      registers,
    });
    this.#requestSeconds = new Histogram({
      name: 'yichi_http_request_seconds',
      help: 'Duration of HTTP requests by method, route and status',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    });
    this.#gauge('yichi_log_position', 'Position of the last event', async () => (await lag.positions()).log);
    this.#gauge('yichi_log_reachable', '1 when the log can be read', async () =>
      (await lag.positions()).log === null ? 0 : 1,
    );
    this.#gauge(
      'yichi_projection_position',
      'Position of the read model',
      async () => (await lag.positions()).projection,
    );
    this.#gauge('yichi_projection_lag_positions', 'Positions that the read model is behind the log', async () => {
      const { log, projection } = await lag.positions();
      return log === null ? null : Math.max(0, log - projection);
    });
    this.#gauge('yichi_projection_halted', '1 when the read model takes no further event', async () =>
      (await lag.positions()).halted ? 1 : 0,
    );
    this.#gauge('yichi_crossings_unfinished', 'Events whose half in another pool is missing', () => lag.unfinished());
    if (lag.following() === undefined) return;
    this.#gauge(
      'yichi_log_subscriptions_live',
      'Subscriptions that have caught up with the log',
      async () => (lag.following() ?? []).filter(({ state }) => state === 'live').length,
    );
    this.#gauge('yichi_log_subscriptions', 'Subscriptions to the log', async () => (lag.following() ?? []).length);
    this.#gauge('yichi_log_reconnects', 'How often the open subscriptions had to begin again', async () =>
      (lag.following() ?? []).reduce((sum, { reconnects }) => sum + reconnects, 0),
    );
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** A figure that is looked up when the metrics are asked for; left out while it is not known. */
  #gauge(name: string, help: string, valueNow: () => Promise<number | null>): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      async collect() {
        const value = await valueNow();
        if (value === null) this.remove();
        else this.set(value);
      },
    });
  }

  countCommand(command: string, outcome: CommandOutcome, seconds: number): void {
    this.#commands.inc({ command, outcome });
    if (outcome === 'stored') this.#commandSeconds.observe({ command }, seconds);
  }

  observeRequest(method: string, route: string, status: number, seconds: number): void {
    this.#requestSeconds.observe({ method, route, status: String(status) }, seconds);
  }
}

/** A refusal is the ledger at work; a failure is not. */
export const outcomeOfError = (error: unknown): CommandOutcome =>
  error instanceof DomainError && error.kind !== 'unavailable' ? 'refused' : 'failed';
