/** A JSON value: what an event's data may hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Who did it. Every event has one. `division` is the actor's own division code, or `""` for the system itself. */
export interface Actor {
  readonly id: string;
  readonly role: string;
  readonly division: string;
}

/** What a decision yields: a past-tense fact with its business date. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** The circumstances of a command that every event it causes carries. */
export interface CommandEnvelope {
  /** UUID; the same id twice gives the first answer again. */
  readonly commandId: string;
  readonly actor: Actor;
  /** Business date `YYYY-MM-DD`, Asia/Shanghai. */
  readonly effectiveOn: string;
  /** Groups everything that one request or import caused; UUID or any token of up to 64 characters. */
  readonly correlationId: string;
  /** Id of the event that caused this command, or null. */
  readonly causationId: string | null;
  /** Number of the document the command rests on (文号, 凭证号). */
  readonly basis: string;
  /** Flat strings, so that every engine can keep them. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * A stored event without the engine's own position. Its canonical JSON (RFC 8785) is what is stored, exported and
 * hashed; see canonical-json.ts.
 */
export interface LedgerEvent<Type extends string = string, Data = unknown> extends DomainEvent<Type, Data> {
  /** UUIDv5 of command id and index. */
  readonly id: string;
  readonly schemaVersion: number;
  readonly stream: string;
  /** 0-based, without gaps. */
  readonly revision: number;
  /** UTC, ISO 8601 with milliseconds and `Z`. */
  readonly recordedAt: string;
  readonly effectiveOn: string;
  readonly actor: Actor;
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly basis: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Place in the whole log: greater is later. The engine's own; SQLite counts from 1 without gaps. 0 is before the first event. */
export type Position = number;

export const BEFORE_FIRST: Position = 0;

/** An event as read back, with the engine's position. */
export type RecordedEvent<Type extends string = string, Data = unknown> = LedgerEvent<Type, Data> & {
  readonly position: Position;
};

/** The stored bytes of one event, for readers that hash or copy instead of interpreting. */
export interface StoredEvent {
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  /** Canonical JSON of the LedgerEvent, as stored. */
  readonly canonical: string;
}
