import type { DomainError } from '../platform/domain-error';
import type { LedgerEvent, Position, StoredEvent } from './event';
import type { LogTree } from './tree/log-tree';

/** The revision a stream must be at for an append to succeed; −1: the stream does not exist yet. */
export type ExpectedRevision = number;

export const NO_STREAM: ExpectedRevision = -1;

/**
 * An event in its canonical form already. An import keeps a hundred thousand of them in little memory, because
 * `canonical` may be a getter over packed bytes.
 */
export interface SealedEvent {
  readonly id: string;
  /** Canonical JSON of the LedgerEvent, with the stream and revision it is appended at. */
  readonly canonical: string;
}

/** Where a stream was when somebody looked at it; −1: it was not there. */
export interface StreamRevision {
  readonly stream: string;
  readonly revision: number;
}

/** What one decision rests on, outside the stream that it is stored in. */
export interface RestsOn {
  readonly streams: readonly StreamRevision[];
  /** Beside them, nothing was stored behind a position in streams of some categories, which were searched up to there. */
  readonly nothingElse?: { readonly categories: readonly string[]; readonly after: Position };
}

/** Events for one stream. Their revisions are expectedRevision+1, +2, … */
export interface StreamAppend {
  readonly stream: string;
  readonly expectedRevision: ExpectedRevision;
  /**
   * At least one. In a unit that is all or nothing an append without events asks only that the stream is where it is
   * expected: whatever the unit was decided by has not moved when it is stored.
   */
  readonly events: readonly (LedgerEvent | SealedEvent)[];
  /**
   * The caller only wants to know from which position on all of it can be seen: where each event's own position costs
   * another reading, the last one's is answered for all of them.
   */
  readonly lastPositionSuffices?: true;
  /**
   * What the decisions rest on whose events these are; of a single append only, and never its own stream. Nothing is
   * stored where somebody else has moved one of these streams since (FactsMoved). What this object itself has stored
   * meanwhile need not count: whoever writes through it keeps decisions apart that rest on each other. A log without
   * transactions over streams asks right before it writes.
   */
  readonly restsOn?: readonly RestsOn[] | undefined;
}

export interface Appended {
  /** Revision of the last event of the append. */
  readonly revision: number;
  /** Position of each event, in order. */
  readonly positions: readonly Position[];
}

/** The stream was not at the expected revision; nothing of the append (or of the whole unit) was stored. */
export class RevisionConflict extends Error {
  constructor(
    readonly stream: string,
    readonly expectedRevision: ExpectedRevision,
    readonly actualRevision: number,
  ) {
    super(`stream ${stream} is at revision ${actualRevision}, not ${expectedRevision}`);
    this.name = 'RevisionConflict';
  }
}

/** A stream that is not where it was looked at any more. */
export interface MovedStream extends StreamRevision {
  readonly actualRevision: number;
}

/** Streams have moved that an append rests on, and nothing of it was stored: whatever it was decided by is to be looked at anew. */
export class FactsMoved extends Error {
  constructor(readonly moved: readonly [MovedStream, ...MovedStream[]]) {
    super(
      `what was looked at has moved: ${moved.map((each) => `${each.stream}@${each.revision} is at ${each.actualRevision}`).join(', ')}`,
    );
    this.name = 'FactsMoved';
  }
}

/** An event id is in the log already, in another place: the same command id was used for another stream. */
export class EventIdConflict extends Error {
  constructor(readonly eventId: string) {
    super(`event id ${eventId} is in the log already`);
    this.name = 'EventIdConflict';
  }
}

/** How a subscription over a network is doing. */
export interface SubscriptionCondition {
  /** `retrying`: there is no connection; it is tried again. */
  readonly state: 'opening' | 'catching-up' | 'live' | 'retrying';
  /** Everything up to here has come in. */
  readonly position: Position;
  /** How often it had to begin again. */
  readonly reconnects: number;
  /** Why it had to the last time. */
  readonly lastFailure: string | null;
}

export interface Subscription {
  /** Stops delivery; resolves once a batch that is being handled has been handled. */
  close(): Promise<void>;
}

export interface SubscriptionHandlers {
  /** Called with one batch at a time, in order, never concurrently. A rejection is retried with the same batch. */
  readonly onEvents: (events: readonly StoredEvent[]) => Promise<void>;
  /** Called when the reader has reached the end of the log, each time anew. */
  readonly onCaughtUp?: () => void;
  /** Called for every failure before it is retried with backoff; a subscription never ends by itself. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The log of record. Every adapter passes test/event-log/event-log.contract.ts. Failures of the engine itself
 * (disk full, unreachable, corrupt) surface as DomainError of kind `unavailable`.
 */
export interface EventLog {
  /** Name of the engine, for people: `sqlite`, `memory`, `eventstoredb`. */
  readonly engine: string;

  /**
   * Set where appendTogether is not all or nothing, so that it can be cut off between two streams: whoever writes many
   * streams there orders them and has to be able to go on.
   */
  readonly unitsCanBeCut?: true;

  /** The Merkle tree, where the engine keeps it with the events; absent where somebody follows the log and keeps it. */
  readonly tree?: LogTree;

  /** Set where the engine keeps no tree: shows the one that somebody keeps by following the log as `tree` from now on. */
  showTree?(tree: LogTree): void;

  /**
   * Appends to one stream, durably, all or nothing. Repeating exactly the same events at the same expected revision
   * answers as the first time; the embedded engines compare every byte, others may compare the ids alone.
   * @throws RevisionConflict, FactsMoved, EventIdConflict, DomainError(unavailable)
   */
  append(append: StreamAppend): Promise<Appended>;

  /**
   * Appends to many streams as one unit, in the order given: on the embedded engines all or nothing. Positions follow
   * the order in which `order` names the events when it is given (index pairs [append, event]), otherwise the appends' order.
   *
   * @param onStored told how many events each append has stored, where they are stored one after another
   */
  appendTogether(
    appends: readonly StreamAppend[],
    order?: readonly (readonly [append: number, event: number])[],
    onStored?: (events: number) => void,
  ): Promise<readonly Appended[]>;

  /** Events of a stream from a revision on, at most `limit`, in order; empty when there are none. */
  readStream(stream: string, fromRevision: number, limit: number): Promise<readonly StoredEvent[]>;

  /** Events after an event's position, or after 0, at most `limit`, in order. */
  readAll(after: Position, limit: number): Promise<readonly StoredEvent[]>;

  /**
   * The event at a position, or null when there is none. A log that many nodes share throws when the position lies
   * behind its end: whoever knows of it has seen events that the log does not have any more.
   */
  readAt(position: Position): Promise<StoredEvent | null>;

  /** Delivers every event after a position, now and in future, until closed. */
  subscribeAll(after: Position, handlers: SubscriptionHandlers): Subscription;

  /** Position of the last event, or 0. */
  head(): Promise<Position>;

  /**
   * A number that is another one when anybody but this object has written since, known to a few milliseconds and so
   * cheap that every read can ask. Engines that cannot tell leave it out; NaN where it is not known at the moment. Where
   * others write all the time, an engine may tell of one stream alone when it is named.
   */
  foreignWrites?(stream?: string): number;

  /**
   * Whether an event could be stored now, as far as it can be told without storing one; left out where only storing tells.
   * @throws DomainError(unavailable)
   */
  requireStorable?(): Promise<void>;

  /**
   * Why the log cannot be asked anything at the moment, as far as that is known without asking it; null when it can, or
   * nobody knows. Left out where it needs no network.
   */
  away?(): DomainError | null;

  /** Tells each time that the log has come to be away, so that nobody who only waits for others goes on waiting. */
  whenAway?(listener: (failure: DomainError) => void): void;

  /**
   * Whether a log that lets one wait is there, as far as is known without asking it: it is neither away nor refusing calls.
   * Left out where it needs no network.
   */
  isThere?(): boolean;

  /** Whoever is about to stop waits for nothing under way longer than a few seconds more. */
  giveUpSoon?(): void;

  /** How the open subscriptions are doing; left out where they need no network. */
  conditions?(): readonly SubscriptionCondition[];

  close(): Promise<void>;
}
