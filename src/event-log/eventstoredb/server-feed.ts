import { assertNever } from '../../platform/domain-error';
import type { Position, StoredEvent } from '../event';
import type { ReadEvent, ReadMessage } from './read-message';
import type { Place } from './read-requests';
import type { Reading } from './server-client';
import { hasPlace } from './server-connection';
import { logServerOutdated } from './server-failure';

/** Events held for a slow reader; then the server is made to wait. A megabyte or a few. */
const MOST_HELD = 4096;
const FEWEST_HELD = 1024;

/** As many as are taken at once: worth waking whoever waits for a large portion. */
const PORTION = 1000;

/** `opening` until the server confirms, then `catching-up`, then `live` once it says that its end was reached. */
export type FeedState = 'opening' | 'catching-up' | 'live';

/**
 * What comes in on one subscription, from its beginning until it fails. It holds what its reader has not yet taken, and
 * drops what it has had before.
 */
export class ServerFeed {
  readonly #reading: Reading;
  readonly #at: string;
  readonly #toStored: (event: ReadEvent) => StoredEvent;
  readonly #signal: () => void;
  #held: StoredEvent[] = [];
  #paused = false;
  #state: FeedState = 'opening';
  #failure: unknown = null;
  /** Everything up to here has been seen, also where nothing passed the filter. */
  #seen: Position;
  #lastEvent: Position;
  #place: Place | null = null;
  #messages = 0;

  /**
   * @param after position behind which the subscription was asked to begin
   * @param toStored throws when an event is not one of ours
   * @param signal called whenever something has changed
   */
  constructor(
    reading: Reading,
    at: string,
    after: Position,
    toStored: (event: ReadEvent) => StoredEvent,
    signal: () => void,
  ) {
    this.#reading = reading;
    this.#at = at;
    this.#toStored = toStored;
    this.#signal = signal;
    this.#seen = after;
    this.#lastEvent = after;
    reading.on('data', (message: ReadMessage) => this.#receive(message));
    reading.on('error', (error) => this.fail(error));
    reading.on('end', () => this.fail(new Error('the server has ended the subscription')));
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Why no more comes; null while all is well. */
  get failure(): unknown {
    return this.#failure;
  }

  get seen(): Position {
    return this.#seen;
  }

  /** The last place that the server has told behind the last event; null before it has told any. */
  get lookedTo(): { readonly after: Position; readonly to: Place } | null {
    return this.#place === null ? null : { after: this.#lastEvent, to: this.#place };
  }

  /** Counts what came in, so that silence can be noticed. */
  get messages(): number {
    return this.#messages;
  }

  /** Events that wait to be taken. */
  get held(): number {
    return this.#held.length;
  }

  /** The next events, at most so many. */
  take(limit: number): readonly StoredEvent[] {
    const events = this.#held.splice(0, limit);
    if (this.#paused && this.#held.length < FEWEST_HELD && this.#failure === null) {
      this.#paused = false;
      this.#reading.resume();
    }
    return events;
  }

  /** The end was reached although the server has not said so. */
  becomeLive(): void {
    this.#state = 'live';
    this.#signal();
  }

  fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#reading.cancel();
    this.#signal();
  }

  /** Nothing is wanted any more. */
  close(): void {
    this.fail(new Error('closed'));
  }

  #receive(message: ReadMessage): void {
    if (this.#failure !== null) return;
    this.#messages += 1;
    switch (message.kind) {
      case 'event':
        this.#receiveEvent(message.event);
        return;
      case 'checkpoint':
        this.#look(message.place);
        return;
      case 'caught-up':
        this.becomeLive();
        return;
      case 'confirmation':
        if (this.#state === 'opening') this.#state = 'catching-up';
        return;
      case 'fell-behind':
      case 'no-stream':
      case 'other':
        return;
      default:
        assertNever(message);
    }
  }

  #look(place: Place): void {
    if (!Number.isSafeInteger(place.commit)) return;
    this.#seen = Math.max(this.#seen, place.commit);
    if (place.commit > this.#lastEvent) this.#place = place;
  }

  #receiveEvent(event: ReadEvent): void {
    try {
      if (!hasPlace(event)) throw logServerOutdated(this.#at, null);
      if (event.position <= this.#lastEvent) return;
      const stored = this.#toStored(event);
      this.#lastEvent = event.position;
      this.#place = null;
      this.#seen = Math.max(this.#seen, event.position);
      this.#held.push(stored);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.#held.length >= MOST_HELD && !this.#paused) {
      this.#paused = true;
      this.#reading.pause();
    }
    if (this.#held.length === 1 || this.#held.length === PORTION) this.#signal();
  }
}
