import { BEFORE_FIRST, type Position, type StoredEvent } from '../event';
import type { Subscription, SubscriptionCondition, SubscriptionHandlers } from '../event-log';
import { LogSubscription } from '../log-subscription';
import type { LogEnd } from './log-end';
import { followRequest, type Place } from './read-requests';
import type { ReadEvent } from './read-message';
import type { ServerConnection } from './server-connection';
import { logPositionUnknown, NotAPosition } from './server-failure';
import { ServerFeed } from './server-feed';

/** What a follower needs of the log it follows. */
export interface FollowedLog {
  readonly at: string;
  readonly connection: ServerConnection;
  /** What the names of the ledger's streams begin with. */
  readonly prefixes: readonly string[];
  readonly head: () => Promise<Position>;
  /** Whether there is an event of the ledger at a position. */
  readonly isEvent: (position: Position) => Promise<boolean>;
  readonly end: Pick<LogEnd, 'known' | 'forget'>;
  readonly toStored: (event: ReadEvent) => StoredEvent;
  /** A subscription that says nothing for so long is looked after. */
  readonly silenceMs: number;
  readonly onClosed: (follower: LogFollower) => void;
}

/** Events that were written together arrive together, but not in one piece. */
const LINGER_MS = 15;

/** Pauses before another attempt are LogSubscription's; this much is added at random, so that not all come at once. */
const JITTER_MS = 100;

/**
 * A subscription to the server that outlives every failure: it begins again behind the last event that was handled,
 * and notices when the server has fallen silent while the log goes on.
 */
export class LogFollower implements Subscription {
  readonly #log: FollowedLog;
  readonly #subscription: LogSubscription;
  readonly #watch: NodeJS.Timeout;
  #feed: ServerFeed | null = null;
  /** How far the server has looked, and behind which event: nothing of the ledger lies between the two. */
  #looked: { readonly after: Position; readonly to: Place } | null = null;
  /** The subscription has begun behind what was looked through before. */
  #hasSkipped = false;
  #signal: (() => void) | null = null;
  #lingered = false;
  #closed = false;
  #position: Position;
  #reconnects = -1;
  #lastFailure: string | null = null;
  #messagesBefore = -1;
  #isSuspect = false;

  constructor(log: FollowedLog, after: Position, handlers: SubscriptionHandlers) {
    this.#log = log;
    this.#position = after;
    this.#subscription = new LogSubscription(
      {
        after,
        read: (position, limit) => this.#read(position, limit),
        onClosed: () => log.onClosed(this),
      },
      handlers,
    );
    this.#watch = setInterval(() => void this.#listen(), log.silenceMs).unref();
  }

  condition(): SubscriptionCondition {
    const state = this.#feed?.state ?? (this.#lastFailure === null ? 'opening' : 'retrying');
    return {
      state,
      position: Math.max(this.#position, this.#feed?.seen ?? BEFORE_FIRST),
      reconnects: Math.max(0, this.#reconnects),
      lastFailure: this.#lastFailure,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    this.#feed?.close();
    this.#wake();
    await this.#subscription.close();
    this.#feed?.close();
  }

  /** Answers what has come in; nothing when the end has been reached; fails when the server has. */
  async #read(after: Position, limit: number): Promise<readonly StoredEvent[]> {
    this.#position = after;
    try {
      const feed = (this.#feed ??= await this.#open(after));
      for (;;) {
        await this.#gather(feed, limit);
        if (this.#closed) return [];
        const events = feed.take(limit);
        if (events.length > 0) {
          this.#lingered = false;
          return events;
        }
        if (feed.failure !== null) throw feed.failure;
        const isLive = feed.state === 'live';
        if (isLive && this.#lingered) return [];
        this.#lingered = isLive;
        await this.#untilSignalled(isLive ? LINGER_MS : this.#log.silenceMs);
      }
    } catch (error) {
      const place = this.#feed?.lookedTo ?? null;
      if (place !== null) this.#looked = { after: place.after, to: place.to };
      this.#feed?.close();
      this.#feed = null;
      throw await this.#explained(error, after);
    }
  }

  /** While there is much to come, it is worth a moment to take it in large portions. */
  async #gather(feed: ServerFeed, limit: number): Promise<void> {
    const until = performance.now() + LINGER_MS;
    while (feed.state !== 'live' && feed.held > 0 && feed.held < limit && feed.failure === null && !this.#closed) {
      const left = until - performance.now();
      if (left <= 0) return;
      await this.#untilSignalled(left);
    }
  }

  async #open(after: Position): Promise<ServerFeed> {
    this.#reconnects += 1;
    this.#lingered = false;
    this.#messagesBefore = -1;
    const { at, connection, prefixes, toStored } = this.#log;
    if (this.#reconnects > 0) await this.#untilSignalled(Math.random() * JITTER_MS);
    // A server follows without a word from a position that it does not have, and leaves out what comes before it.
    if (after !== BEFORE_FIRST && !(await this.#log.isEvent(after))) {
      throw logPositionUnknown(at, after, await this.#log.head());
    }
    const beginning = this.#beginning(after);
    this.#hasSkipped = beginning !== after && beginning !== 'start';
    const reading = await connection.follow(followRequest(prefixes, beginning));
    return new ServerFeed(reading, at, after, toStored, () => this.#wake());
  }

  /** What others wrote behind the event is not looked through again. */
  #beginning(after: Position): Place | Position | 'start' {
    if (this.#looked?.after === after) return this.#looked.to;
    const { known } = this.#log.end;
    if (known !== null && known.event === after && known.lookedTo > after) return known.lookedTo;
    return after === BEFORE_FIRST ? 'start' : after;
  }

  async #explained(error: unknown, after: Position): Promise<unknown> {
    const failed = this.#log.connection.failure(error, after);
    let explained: unknown = error;
    if (failed.kind === 'unknown') this.#log.connection.renew();
    else if (failed.failure instanceof NotAPosition && this.#hasSkipped) {
      // What others wrote there has been tidied up, or the server was restored: the event itself will tell.
      this.#looked = null;
      this.#log.end.forget();
    } else if (failed.failure instanceof NotAPosition) {
      explained = logPositionUnknown(this.#log.at, after, await this.#log.head().catch(() => BEFORE_FIRST));
    } else explained = failed.failure;
    this.#lastFailure = failed.kind === 'unknown' ? failed.cause.raw : String((explained as Error).message);
    return explained;
  }

  /** Called at intervals: a subscription that dies may do so without a word. */
  async #listen(): Promise<void> {
    const feed = this.#feed;
    if (feed === null || feed.failure !== null || feed.held > 0) return;
    const isSilent = feed.messages === this.#messagesBefore;
    this.#messagesBefore = feed.messages;
    if (!isSilent) {
      this.#isSuspect = false;
      return;
    }
    const head = await this.#log.head().catch(() => null);
    if (head === null || feed !== this.#feed || feed.messages !== this.#messagesBefore) return;
    const isBehind = feed.state === 'opening' || head > feed.seen;
    if (isBehind && this.#isSuspect) feed.fail(new Error(`silent behind position ${feed.seen}, the log is at ${head}`));
    else if (!isBehind && feed.state === 'catching-up') feed.becomeLive();
    this.#isSuspect = isBehind;
  }

  #wake(): void {
    this.#signal?.();
    this.#subscription.wake();
  }

  async #untilSignalled(atMostMs: number): Promise<void> {
    if (this.#closed) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#signal = resolve;
      timer = setTimeout(resolve, atMostMs);
    });
    clearTimeout(timer);
    this.#signal = null;
  }
}
