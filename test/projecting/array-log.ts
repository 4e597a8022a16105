import { canonicalEvent } from '../../src/event-log/canonical-event';
import type { LedgerEvent, StoredEvent } from '../../src/event-log/event';
import type { EventLog, Subscription, SubscriptionHandlers } from '../../src/event-log/event-log';

/** The reading side of a log, over an array: position n is the n-th event. */
export class ArrayLog implements EventLog {
  readonly engine = 'array';
  readonly stored: StoredEvent[] = [];
  readonly #revisions = new Map<string, number>();
  readonly #wake = new Set<() => void>();

  add(event: LedgerEvent): StoredEvent {
    const revision = (this.#revisions.get(event.stream) ?? -1) + 1;
    this.#revisions.set(event.stream, revision);
    const stored = {
      position: this.stored.length + 1,
      stream: event.stream,
      revision,
      canonical: canonicalEvent({ ...event, revision }),
    };
    this.stored.push(stored);
    for (const wake of this.#wake) wake();
    return stored;
  }

  async readAll(after: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.stored.slice(after, after + limit);
  }

  async readAt(position: number): Promise<StoredEvent | null> {
    return this.stored.find((event) => event.position === position) ?? null;
  }

  async head(): Promise<number> {
    return this.stored.length;
  }

  subscribeAll(after: number, handlers: SubscriptionHandlers): Subscription {
    let position = after;
    let running = Promise.resolve();
    const deliver = (): void => {
      running = running.then(async () => {
        for (let attempt = 0; position < this.stored.length && attempt < 5; attempt += 1) {
          const events = this.stored.slice(position, position + 3);
          try {
            await handlers.onEvents(events);
            position += events.length;
            attempt = -1;
          } catch (error) {
            handlers.onError?.(error);
          }
        }
        handlers.onCaughtUp?.();
      });
    };
    this.#wake.add(deliver);
    deliver();
    return {
      close: async () => {
        this.#wake.delete(deliver);
        await running;
      },
    };
  }

  async append(): Promise<never> {
    throw new Error('only for reading');
  }

  async appendTogether(): Promise<never> {
    throw new Error('only for reading');
  }

  async readStream(stream: string, fromRevision: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.stored.filter((event) => event.stream === stream && event.revision >= fromRevision).slice(0, limit);
  }

  async close(): Promise<void> {
    this.#wake.clear();
  }
}
