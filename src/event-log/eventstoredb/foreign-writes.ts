import { BEFORE_FIRST, type Position } from '../event';
import { NO_STREAM } from '../event-log';
import type { EndOfLog } from './log-end';
import { followRequest } from './read-requests';
import type { ReadEvent, ReadMessage } from './read-message';
import type { Reading } from './server-client';
import type { ServerConnection } from './server-connection';

export interface WatchedLog {
  readonly connection: ServerConnection;
  /** What the names of the ledger's streams begin with. */
  readonly prefixes: readonly string[];
  readonly end: () => Promise<EndOfLog>;
  /** A subscription that stays behind the log for so long is given up. */
  readonly silenceMs: number;
}

/**
 * Whatever comes in proves that all before it has come in; so much later that is no proof any more. It is the age that
 * readers were always promised at most.
 */
const PROVEN_FOR_MS = 100;

/** Where nothing comes in, a proof is asked for before the last one has grown too old. */
const PROOF_WANTED_MS = 50;

/** Streams whose last foreign write is remembered; beyond it all count as written to. */
const MOST_STREAMS = 50_000;

/**
 * What was written before the subscription began is not known of it, and whoever asks has looked at the stream a moment
 * before. A look that is older than this has met with a server that is in trouble.
 */
const LOOKS_ARE_YOUNGER_MS = 1000;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/**
 * Counts what others write, by a subscription of its own. It only ever answers a number while that subscription is
 * proven to be at the log's end, and begins again, with all numbers changed, when it breaks. Nothing that is stored
 * rests on it: appends have their expected revisions.
 */
export class ForeignWrites {
  readonly #log: WatchedLog;
  /** The server's ids of events of our own that have not come in yet. */
  readonly #awaited = new Set<string>();
  readonly #byStream = new Map<string, { readonly writes: number; readonly revision: number }>();
  /** What is not in the map was not written to since. */
  #rememberedFrom = Infinity;
  #writes = 0;
  /** What counts for a stream that is not in the map. */
  #others = 0;
  #reading: Reading | null = null;
  #isOpening = false;
  #isLive = false;
  #isAsking = false;
  #openedAt = 0;
  #seen: Position = BEFORE_FIRST;
  /** The oldest answer to an append of our own whose event has not come in. */
  #answered: { readonly position: Position; readonly at: number } | null = null;
  #provenAt = -Infinity;
  #behindSince: number | null = null;
  #pauseMs = FIRST_PAUSE_MS;
  #notBefore = 0;
  #closed = false;

  constructor(log: WatchedLog) {
    this.#log = log;
  }

  /** Another number when others have written (to that stream) since; NaN where that is not known. */
  count(stream?: string): number {
    const now = performance.now();
    if (this.#reading === null) {
      void this.#open(now);
      return Number.NaN;
    }
    if (!this.#isLive) {
      if (now - this.#openedAt > this.#log.silenceMs) this.#fail(this.#reading, new Error('never caught up'));
      return Number.NaN;
    }
    const age = now - this.#provenAt;
    if (age >= PROOF_WANTED_MS) void this.#ask(this.#reading);
    if (age >= PROVEN_FOR_MS || this.#isLate(now)) return Number.NaN;
    return stream === undefined ? this.#writes : (this.#byStream.get(stream)?.writes ?? this.#others);
  }

  /** The newest revision of a stream that is known to be another's, −1 for none lately; null where it has to be asked for. */
  newestRevision(stream: string): number | null {
    const isKnown = performance.now() - this.#rememberedFrom >= LOOKS_ARE_YOUNGER_MS;
    if (!isKnown || Number.isNaN(this.count(stream))) return null;
    return this.#byStream.get(stream)?.revision ?? NO_STREAM;
  }

  /** To be told before an append is sent, so that its events are known for our own when they come in. */
  expect(ids: readonly string[]): void {
    if (this.#isLive) for (const id of ids) this.#awaited.add(id);
  }

  /** What was expected is stored up to here; a subscription that does not bring it soon is behind. */
  stored(ids: readonly string[], position: Position): void {
    // A repeat was stored before, and does not come in again.
    if (position <= this.#seen) this.forget(ids);
    else this.#answered ??= { position, at: performance.now() };
  }

  /** What was expected is not stored by us, or nobody knows. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.#awaited.delete(id);
  }

  close(): void {
    this.#closed = true;
    if (this.#reading !== null) this.#fail(this.#reading, new Error('closed'));
  }

  async #open(now: number): Promise<void> {
    if (this.#isOpening || this.#closed || now < this.#notBefore) return;
    this.#isOpening = true;
    try {
      const { event, lookedTo } = await this.#log.end();
      const reading = await this.#log.connection.follow(
        followRequest(this.#log.prefixes, lookedTo === BEFORE_FIRST ? 'start' : lookedTo),
      );
      reading.on('error', (error) => this.#fail(reading, error));
      reading.on('end', () => this.#fail(reading, new Error('the server has ended the subscription')));
      reading.on('data', (message: ReadMessage) => this.#receive(reading, message));
      this.#reading = reading;
      this.#openedAt = performance.now();
      this.#rememberedFrom = this.#openedAt;
      this.#seen = event;
      this.#answered = null;
      if (this.#closed) this.close();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isOpening = false;
    }
  }

  #receive(reading: Reading, message: ReadMessage): void {
    if (reading !== this.#reading) return;
    this.#provenAt = performance.now();
    this.#behindSince = null;
    if (message.kind === 'caught-up') {
      this.#isLive = true;
      this.#pauseMs = FIRST_PAUSE_MS;
    } else if (message.kind === 'fell-behind') {
      this.#isLive = false;
      this.#openedAt = this.#provenAt;
    } else if (message.kind === 'event') {
      this.#receiveEvent(reading, message.event);
    }
  }

  #receiveEvent(reading: Reading, { id, stream, revision, position }: ReadEvent): void {
    if (!Number.isSafeInteger(position)) {
      this.#fail(reading, new Error('an event without a position'));
      return;
    }
    this.#seen = Math.max(this.#seen, position);
    if (this.#answered !== null && this.#answered.position <= this.#seen) this.#answered = null;
    if (!this.#awaited.delete(id)) this.#count(stream, revision);
  }

  #isLate(now: number): boolean {
    return this.#answered !== null && now - this.#answered.at > PROVEN_FOR_MS;
  }

  #count(stream: string, revision: number): void {
    this.#writes += 1;
    if (this.#byStream.size >= MOST_STREAMS) this.#forgetStreams();
    this.#byStream.set(stream, { writes: this.#writes, revision });
  }

  #forgetStreams(): void {
    this.#byStream.clear();
    this.#others = this.#writes;
    this.#rememberedFrom = performance.now();
  }

  /** Asks for the log's end: whoever has seen it has seen everything up to the moment of asking. */
  async #ask(reading: Reading): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const askedAt = performance.now();
    try {
      const { event: head } = await this.#log.end();
      if (reading !== this.#reading) return;
      if (head <= this.#seen) {
        this.#provenAt = Math.max(this.#provenAt, askedAt);
        this.#behindSince = null;
      } else {
        this.#behindSince ??= askedAt;
        if (askedAt - this.#behindSince > this.#log.silenceMs) this.#fail(reading, new Error('silent'));
      }
    } catch {
      // There is no proof then; the subscription itself says when it breaks.
    } finally {
      this.#isAsking = false;
    }
  }

  #fail(reading: Reading, error: unknown): void {
    if (reading !== this.#reading) return;
    this.#reading = null;
    this.#isLive = false;
    this.#provenAt = -Infinity;
    this.#behindSince = null;
    // What is written until the next subscription is nobody's, and may be everybody's.
    this.#writes += 1;
    this.#forgetStreams();
    this.#awaited.clear();
    reading.cancel();
    this.#failed(error);
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    if (this.#log.connection.failure(error).kind === 'unknown') this.#log.connection.renew();
    this.#notBefore = performance.now() + this.#pauseMs * (0.5 + Math.random() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
