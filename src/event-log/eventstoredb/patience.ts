import { setTimeout as pause } from 'node:timers/promises';

/** How long, and at what distances, a call is repeated. */
export interface Patience {
  /** A call that was not answered for so long is made again. */
  readonly deadlineMs: number;
  /** After so long without an answer that tells anything one gives up. */
  readonly patienceMs: number;
  /** A server that has answered nobody for so long is away: whoever asks it anything new is told so at once. */
  readonly awayAfterMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

/**
 * A new leader is found in about a second; a node that restarts takes ten or more. An append under heavy load takes
 * half a second.
 */
export const PATIENCE: Patience = {
  deadlineMs: 4000,
  patienceMs: 30_000,
  awayAfterMs: 6000,
  firstPauseMs: 25,
  longestPauseMs: 2000,
};

/** A process that was itself stopped for a while has not been patient. */
const FEWEST_ATTEMPTS = 4;

/** Pauses that double, each shortened at random, so that many callers do not come back at one moment. */
export class Backoff {
  readonly #patience: Patience;
  readonly #since = performance.now();
  readonly #isTooLate: () => boolean;
  #attempts = 1;
  #next: number;

  /** @param isTooLate whether nobody waits for another attempt any more */
  constructor(patience: Patience, isTooLate: () => boolean = () => false) {
    this.#patience = patience;
    this.#isTooLate = isTooLate;
    this.#next = patience.firstPauseMs;
  }

  /** Pauses; false at once when there is no time for another attempt. */
  async again(): Promise<boolean> {
    const delayMs = this.#next * (0.5 + Math.random() / 2);
    const isLate = performance.now() - this.#since + delayMs > this.#patience.patienceMs;
    if (this.#isTooLate() || (isLate && this.#attempts >= FEWEST_ATTEMPTS)) return false;
    this.#attempts += 1;
    this.#next = Math.min(this.#next * 2, this.#patience.longestPauseMs);
    await pause(delayMs);
    return !this.#isTooLate();
  }
}
