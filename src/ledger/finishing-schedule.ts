import type { Ledger } from './ledger';

/** Seen twice at this distance, a half is nobody's that is just being followed. */
const EVERY_MS = 30_000;

export interface FinishingOptions {
  readonly ledger: Pick<Ledger, 'unfinished' | 'finishCrossings'>;
  readonly everyMs?: number;
  /** Told of every half that another pool refused, and what became of it. */
  readonly onRefused: (refused: Awaited<ReturnType<Ledger['finishCrossings']>>[number]) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Finishes, as long as the service runs, what crosses pools and was left by half: by a command of this process that the
 * log did not answer, or by another node that is gone. Each round takes up what the round before had found already.
 */
export class FinishingSchedule {
  readonly #options: FinishingOptions;
  readonly #timer: NodeJS.Timeout;
  #seen: ReadonlySet<string> = new Set();
  #round: Promise<void> = Promise.resolve();

  constructor(options: FinishingOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.round(), options.everyMs ?? EVERY_MS);
    this.#timer.unref();
  }

  /** One round after another; never fails. */
  round(): Promise<void> {
    this.#round = this.#round.then(() => this.#finish());
    return this.#round;
  }

  /** Waits for a round that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  async #finish(): Promise<void> {
    const { ledger, onRefused, onFailure } = this.#options;
    try {
      const unfinished = new Set((await ledger.unfinished()).map(({ eventId }) => eventId));
      const stuck = new Set([...unfinished].filter((id) => this.#seen.has(id)));
      this.#seen = unfinished;
      if (stuck.size === 0) return;
      for (const refused of await ledger.finishCrossings(stuck)) onRefused(refused);
    } catch (error) {
      onFailure(error);
    }
  }
}
