import type { CommandEnvelope, DomainEvent, LedgerEvent } from './event';
import type { RestsOn } from './event-log';

/**
 * A kind of stream: how its state starts and how events change it. `evolve` is deterministic and reads only its
 * event; it may change the state it is given in place and returns it, because one mailbox owns the state and drops it
 * whenever an append fails.
 */
export interface StreamKind<State, Event extends DomainEvent> {
  /** Category of the streams: the part of the name before the first `-`. */
  readonly category: string;
  /** Newest schema version of the events that it writes. */
  readonly schemaVersion: number;
  readonly initial: (stream: string) => State;
  readonly evolve: (state: State, event: LedgerEvent<Event['type'], Event['data']>) => State;
}

/** When a decision is recorded, and on what: given to it, because it reads no clock. */
export interface DecidedAt {
  /** ISO 8601 in UTC, as it will stand in the events. */
  readonly recordedAt: string;
  /** Of the state that it is decided on. */
  readonly revision: number;
}

/** One request to one stream. */
export interface StreamCommand<State, Event extends DomainEvent> {
  readonly stream: string;
  readonly kind: StreamKind<State, Event>;
  readonly envelope: CommandEnvelope;
  /** Name and content of the command in canonical JSON or a hash of it: the same command id with another is refused. */
  readonly fingerprint: string;
  /**
   * Pure: what happens, or a thrown DomainError. No events means that the ledger already says so. Called again after
   * a conflict.
   */
  readonly decide: (state: State, at: DecidedAt) => readonly Event[];
  /**
   * Other streams that the decision was made by. Where others have moved one before it is stored, the command fails with
   * FactsMoved, so that whoever looked at them looks again. A unit of work asks of all streams that it was used for.
   */
  readonly restsOn?: RestsOn | undefined;
}

/** What the caller learns. */
export interface CommandAnswer {
  readonly eventIds: readonly string[];
  /** Position of the last event; for `unchanged` the position known when it was answered. */
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  /** True when nothing was stored: the same command or document was there already. */
  readonly unchanged: boolean;
}
