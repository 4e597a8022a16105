import { BEFORE_FIRST, type Position, type StoredEvent } from '../event';
import type { EventLog } from '../event-log';
import { isHousekeeping } from '../housekeeping';

/** Events read at once: a megabyte or so. */
const PAGE_EVENTS = 1000;

/** Reads a log's events from the beginning, as many at a time as somebody wants, up to a position. */
export class LogPages {
  readonly #log: EventLog;
  readonly #upTo: Position;
  #after: Position;
  #waiting: readonly StoredEvent[] = [];
  #ended = false;

  constructor(log: EventLog, upTo: Position, after: Position = BEFORE_FIRST) {
    this.#log = log;
    this.#upTo = upTo;
    this.#after = after;
  }

  /** The next events, at most so many and fewer only at the end. */
  async take(count: number): Promise<readonly StoredEvent[]> {
    const taken: StoredEvent[] = [];
    while (taken.length < count) {
      if (this.#waiting.length === 0) await this.#fill();
      if (this.#waiting.length === 0) break;
      const room = count - taken.length;
      taken.push(...this.#waiting.slice(0, room));
      this.#waiting = this.#waiting.slice(room);
    }
    return taken;
  }

  page(): Promise<readonly StoredEvent[]> {
    return this.take(PAGE_EVENTS);
  }

  async #fill(): Promise<void> {
    while (!this.#ended && this.#waiting.length === 0) {
      const page = await this.#log.readAll(this.#after, PAGE_EVENTS);
      const last = page.at(-1);
      if (last === undefined || last.position >= this.#upTo) this.#ended = true;
      if (last !== undefined) this.#after = last.position;
      this.#waiting = page.filter(({ position, stream }) => position <= this.#upTo && !isHousekeeping(stream));
    }
  }
}

/** Position of the event with this number in the log, counted from 1; null when there are not so many. */
export const positionOfEvent = async (log: EventLog, number: number): Promise<Position | null> => {
  const pages = new LogPages(log, await log.head());
  for (let left = number; left > 0;) {
    const page = await pages.take(Math.min(left, PAGE_EVENTS));
    left -= page.length;
    const last = page.at(-1);
    if (last === undefined) return null;
    if (left === 0) return last.position;
  }
  return null;
};
