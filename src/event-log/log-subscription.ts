import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Subscription, SubscriptionHandlers } from './event-log';
import type { Position, StoredEvent } from './event';

/** Events handed over at once: enough that a transaction per batch costs little, a megabyte or so of memory. */
const BATCH_EVENTS = 1000;

/** A handler or a disk that fails is tried again soon, then ever more rarely. */
const FIRST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 5000;

export interface SubscriptionSource {
  readonly after: Position;
  readonly read: (after: Position, limit: number) => Promise<readonly StoredEvent[]>;
  /** Called once when the subscription has been closed. */
  readonly onClosed: (subscription: LogSubscription) => void;
}

/**
 * A subscription of an engine that can be read from a position on and can say that there may be more: delivers what
 * there is, then waits to be woken. It never ends by itself; every failure is told and tried again.
 */
export class LogSubscription implements Subscription {
  readonly #source: SubscriptionSource;
  readonly #handlers: SubscriptionHandlers;
  readonly #running: Promise<void>;
  #position: Position;
  #closed = false;
  #mayHaveMore = true;
  #stopWaiting: (() => void) | null = null;

  constructor(source: SubscriptionSource, handlers: SubscriptionHandlers) {
    this.#source = source;
    this.#handlers = handlers;
    this.#position = source.after;
    this.#running = this.#run();
  }

  /** There may be events that were not read yet. */
  wake(): void {
    this.#mayHaveMore = true;
    this.#stopWaiting?.();
  }

  /** Not to be awaited inside `onEvents`, because it waits for that very call. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#source.onClosed(this);
      this.#stopWaiting?.();
    }
    await this.#running;
  }

  async #run(): Promise<void> {
    let caughtUpTold = false;
    while (!this.#closed) {
      // Requests and timers get their turn between batches, also while a long log is read.
      await nextTurn();
      this.#mayHaveMore = false;
      const events = await this.#untilItSucceeds(() => this.#source.read(this.#position, BATCH_EVENTS));
      if (events === undefined) return;
      if (events.length === 0) {
        if (!caughtUpTold) this.#tellCaughtUp();
        caughtUpTold = true;
        await this.#untilWoken();
        continue;
      }
      caughtUpTold = false;
      const handled = await this.#untilItSucceeds(async () => {
        await this.#handlers.onEvents(events);
        return true;
      });
      if (handled === undefined) return;
      this.#position = events.at(-1)?.position ?? this.#position;
    }
  }

  #tellCaughtUp(): void {
    try {
      this.#handlers.onCaughtUp?.();
    } catch (error) {
      this.#handlers.onError?.(error);
    }
  }

  /** The action's result, or undefined when the subscription was closed before it succeeded. */
  async #untilItSucceeds<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
    for (let delayMs = FIRST_RETRY_MS; !this.#closed; delayMs = Math.min(delayMs * 2, LONGEST_RETRY_MS)) {
      try {
        return await action();
      } catch (error) {
        this.#handlers.onError?.(error);
        await this.#pause(delayMs);
      }
    }
    return undefined;
  }

  async #untilWoken(): Promise<void> {
    if (this.#mayHaveMore || this.#closed) return;
    await new Promise<void>((resolve) => {
      this.#stopWaiting = resolve;
    });
    this.#stopWaiting = null;
  }

  /** The timer keeps the process alive: a command that waits for a retry must not end as if all were done. */
  async #pause(delayMs: number): Promise<void> {
    if (this.#closed) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, delayMs);
      this.#stopWaiting = () => {
        if (this.#closed) resolve();
      };
    });
    clearTimeout(timer);
    this.#stopWaiting = null;
  }
}
