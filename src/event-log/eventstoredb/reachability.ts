import type { ServerCause } from './server-cause';

/** Whether a server is known to be away: it has failed everybody for a while, and has answered nobody meanwhile. */
export class Reachability {
  readonly #awayAfterMs: number;
  readonly #listeners: (() => void)[] = [];
  #failingSince: number | null = null;
  #cause: ServerCause | null = null;
  #isRefused = false;
  #alarm: NodeJS.Timeout | null = null;

  constructor(awayAfterMs: number) {
    this.#awayAfterMs = awayAfterMs;
  }

  answered(): void {
    if (this.#failingSince === null) return;
    this.#failingSince = null;
    this.#cause = null;
    this.#isRefused = false;
    this.#stopAlarm();
  }

  /**
   * @param since when the call that has failed was begun
   * @param isOverdue it was only not done in time
   */
  failed(cause: ServerCause, since: number, isOverdue: boolean): void {
    this.#cause = cause;
    if (!isOverdue) this.#isRefused = true;
    if (this.#failingSince !== null) return;
    this.#failingSince = since;
    const leftMs = Math.max(0, since + this.#awayAfterMs - performance.now());
    this.#alarm = setTimeout(() => this.#listeners.forEach((listener) => listener()), Math.ceil(leftMs)).unref();
  }

  /** What was the matter last; null while the server counts as there. */
  away(now = performance.now()): ServerCause | null {
    return this.#failingSince !== null && now - this.#failingSince >= this.#awayAfterMs ? this.#cause : null;
  }

  /** Whether a call has failed otherwise than by its time, and none has been answered since. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Told each time that the server has come to be known as away. */
  whenAway(listener: () => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#stopAlarm();
  }

  #stopAlarm(): void {
    if (this.#alarm !== null) clearTimeout(this.#alarm);
    this.#alarm = null;
  }
}
