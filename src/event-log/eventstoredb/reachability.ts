import type { ServerCause } from './server-cause';

/** Whether a server is known to be away: it has failed everybody for a while, and has answered nobody meanwhile. */
export class Reachability {
  readonly #awayAfterMs: number;
  #failingSince: number | null = null;
  #cause: ServerCause | null = null;

  constructor(awayAfterMs: number) {
    this.#awayAfterMs = awayAfterMs;
  }

  answered(): void {
    this.#failingSince = null;
    this.#cause = null;
  }

  /** @param since when the call that has failed was begun */
  failed(cause: ServerCause, since: number): void {
    this.#failingSince ??= since;
    this.#cause = cause;
  }

  /** What was the matter last; null while the server counts as there. */
  away(now = performance.now()): ServerCause | null {
    return this.#failingSince !== null && now - this.#failingSince >= this.#awayAfterMs ? this.#cause : null;
  }
}
