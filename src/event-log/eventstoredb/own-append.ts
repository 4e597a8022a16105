import type { PlacedEvent } from './server-connection';

/** An append's last event comes in about when its answer does; after so long it is rather read. */
const SEEN_WITHIN_MS = 100;

/** An append of our own that somebody who follows the log watches for. */
export class OwnAppend {
  readonly #lastId: string;
  readonly #forget: () => void;
  #last: PlacedEvent | null = null;
  #signal: (() => void) | null = null;

  /** @param forget called when its events are to count as anybody's */
  constructor(ids: readonly string[], forget: () => void) {
    this.#lastId = ids.at(-1) ?? '';
    this.#forget = forget;
  }

  see(event: PlacedEvent): void {
    if (event.id !== this.#lastId) return;
    this.#last = event;
    this.#signal?.();
  }

  /** It has not come about, or nobody knows. */
  forget(): void {
    this.#forget();
  }

  /** The last event as it came in; null when it has not come soon. */
  async last(): Promise<PlacedEvent | null> {
    if (this.#last === null) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#signal = resolve;
        timer = setTimeout(resolve, SEEN_WITHIN_MS);
      });
      clearTimeout(timer);
    }
    return this.#last;
  }
}
