import type Database from 'better-sqlite3';

import { type AppendOrder, movedBeside } from '../append-rules';
import type { Position } from '../event';
import { uuidBytes, writeUuidBytes } from '../event-id';
import { type Appended, type MovedStream, NO_STREAM, type RestsOn, type StreamAppend } from '../event-log';
import { type Hash, leafHash } from '../tree/merkle-hash';
import type { TreeFrontier } from '../tree/merkle-tree';
import { growTree } from '../tree/tree-store';
import { isSqliteError } from './sqlite-failure';
import { TreeTables } from './tree-tables';

/** An event as text, or as the bytes of that text where it came from another thread. */
export interface WriterEvent {
  readonly id: string;
  readonly canonical: string | Buffer;
}

/** What one caller asks to be stored: one append, or many as a whole. */
export interface WriterUnit {
  readonly appends: readonly WriterAppend[];
  readonly order: AppendOrder | undefined;
}

export interface WriterAppend {
  readonly stream: string;
  readonly expectedRevision: number;
  readonly events: readonly WriterEvent[];
  readonly restsOn?: readonly RestsOn[] | undefined;
}

/** Why a unit was not stored now, in a form that can go from thread to thread. */
export type Exception =
  | { readonly kind: 'repeated'; readonly appended: readonly Appended[] }
  | {
      readonly kind: 'revision-conflict';
      readonly stream: string;
      readonly expectedRevision: number;
      readonly actualRevision: number;
    }
  | { readonly kind: 'facts-moved'; readonly moved: readonly [MovedStream, ...MovedStream[]] }
  | { readonly kind: 'id-conflict'; readonly eventId: string };

/** Stored: the position of the unit's first event, which the others follow without a gap. */
type Verdict = Position | Exception;

export interface Committed {
  readonly verdicts: readonly Verdict[];
  /** Last position before and after; what lies between is this commit's own. */
  readonly before: Position;
  readonly after: Position;
}

/** Names of streams whose revision is remembered; beyond it they are forgotten and read again. */
const REMEMBERED_STREAMS = 200_000;

/** No version of the data: nothing is known of the file. */
const UNKNOWN_VERSION = -1;

const NONE_MOVED: readonly MovedStream[] = [];

interface StreamHead {
  /** Null as long as the stream has no event. */
  streamId: number | null;
  revision: number;
  /** What the file said when it was asked; all behind it is this writer's own. */
  readonly readRevision: number;
}

type StoredIdentity = readonly [position: number, id: Buffer, canonical: string];

/** What the caller of a stored unit is told, from the position of its first event. */
export const appendedFrom = (
  first: Position,
  { appends, order }: Pick<WriterUnit, 'order'> & { readonly appends: readonly StreamAppend[] },
): readonly Appended[] => {
  const positions: Position[][] = appends.map(() => []);
  let next = first;
  if (order === undefined) {
    appends.forEach(({ events }, append) => {
      for (let event = 0; event < events.length; event += 1) (positions[append] as Position[]).push(next++);
    });
  } else {
    for (const [append] of order) (positions[append] as Position[]).push(next++);
  }
  return appends.map(({ expectedRevision, events }, append) => ({
    revision: expectedRevision + events.length,
    positions: positions[append] as Position[],
  }));
};

/** Writes to the file of an embedded log: one transaction for many callers, each judged by itself. */
export class LogWriter {
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #transaction: Database.Transaction<(units: readonly WriterUnit[], careful: boolean) => Committed>;
  readonly #tree: TreeTables;
  readonly #idScratch = Buffer.alloc(16);

  /** What the file is known to hold, true as long as no other connection has committed. */
  #heads = new Map<string, StreamHead>();
  #lastPosition: Position = 0;
  #knownVersion = UNKNOWN_VERSION;
  #frontier: TreeFrontier | null = null;

  /** Leaf hashes of the events that this commit has stored so far. */
  #leaves: Hash[] = [];

  constructor(database: Database.Database) {
    this.#statements = prepareStatements(database);
    this.#tree = new TreeTables(database);
    this.#transaction = database.transaction((units, careful) => this.#judgeAll(units, careful));
  }

  /**
   * Stores what can be stored, durably, and answers each unit. When it throws, nothing at all was stored.
   *
   * @throws SqliteError
   */
  commit(units: readonly WriterUnit[]): Committed {
    try {
      return this.#commitAll(units);
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  #commitAll(units: readonly WriterUnit[]): Committed {
    try {
      return this.#transaction.immediate(units, false);
    } catch (error) {
      if (!isSqliteError(error, 'SQLITE_CONSTRAINT_UNIQUE')) throw error;
      // Some id is in the log already. Nothing was stored; now every id is looked up before it is written.
      this.#forget();
      return this.#transaction.immediate(units, true);
    }
  }

  #judgeAll(units: readonly WriterUnit[], careful: boolean): Committed {
    this.#learnFromOthers();
    const before = this.#lastPosition;
    this.#leaves = [];
    const verdicts = units.map((unit) => this.#judge(unit, careful));
    this.#growTree(before);
    return { verdicts, before, after: this.#lastPosition };
  }

  /** Inside a transaction: forgets what may no longer be so because another connection has committed. */
  #learnFromOthers(): void {
    const version = this.#statements.dataVersion.get() as number;
    if (version === this.#knownVersion && this.#heads.size <= REMEMBERED_STREAMS) return;
    this.#heads.clear();
    this.#frontier = null;
    this.#lastPosition = this.#statements.lastPosition.get() as number;
    this.#knownVersion = version;
  }

  #forget(): void {
    this.#heads.clear();
    this.#frontier = null;
    this.#knownVersion = UNKNOWN_VERSION;
  }

  /** Puts what this commit has stored into the tree, in the same transaction. */
  #growTree(eventsBefore: number): void {
    if (this.#leaves.length === 0) return;
    this.#frontier ??= this.#tree.frontier(eventsBefore);
    this.#tree.insert(growTree(this.#frontier, this.#leaves));
  }

  #judge(unit: WriterUnit, careful: boolean): Verdict {
    const repeats = new Map<string, Appended>();
    let conflict: Exception | null = null;
    for (const append of unit.appends) {
      const { revision } = this.#head(append.stream);
      const { stream, expectedRevision } = append;
      if (revision === expectedRevision) continue;
      conflict ??= { kind: 'revision-conflict', stream, expectedRevision, actualRevision: revision };
      const repeat = append.events.length === 0 ? null : this.#firstAnswer(append);
      if (repeat !== null) repeats.set(stream, repeat);
    }
    if (conflict !== null) {
      // What a unit only asked about may have moved on since it was stored.
      const storing = unit.appends.filter(({ events }) => events.length > 0);
      return repeats.size < storing.length
        ? conflict
        : {
            kind: 'repeated',
            appended: unit.appends.map(
              ({ stream, expectedRevision }) => repeats.get(stream) ?? { revision: expectedRevision, positions: [] },
            ),
          };
    }
    for (const { stream, restsOn } of unit.appends) {
      const [first, ...others] = restsOn === undefined ? NONE_MOVED : this.#moved(stream, restsOn);
      if (first !== undefined) return { kind: 'facts-moved', moved: [first, ...others] };
    }
    if (careful) {
      const eventId = this.#takenId(unit);
      if (eventId !== null) return { kind: 'id-conflict', eventId };
    }
    return this.#insert(unit);
  }

  /**
   * What another connection has written since it was looked at. A head lives as long as no other connection commits,
   * so what this one has put behind it was there for whoever decides here to see.
   */
  #moved(stream: string, restsOn: readonly RestsOn[]): readonly MovedStream[] {
    let moved: MovedStream[] | null = null;
    for (const each of restsOn) {
      for (const looked of each.streams) {
        const { readRevision, revision } = this.#head(looked.stream);
        if (looked.revision >= readRevision && looked.revision <= revision) continue;
        (moved ??= []).push({ ...looked, actualRevision: revision });
      }
      const after = each.nothingElse?.after ?? this.#lastPosition;
      const beside = after < this.#lastPosition ? movedBeside(stream, each, this.#writtenAfter(after)) : null;
      if (beside !== null) (moved ??= []).push(beside);
    }
    return moved ?? NONE_MOVED;
  }

  *#writtenAfter(position: Position): Generator<{ readonly stream: string; readonly revision: number }> {
    const rows = this.#statements.writtenAfter.iterate(position);
    for (const row of rows as Iterable<readonly [string, number]>) yield { stream: row[0], revision: row[1] };
  }

  #head(stream: string): StreamHead {
    const known = this.#heads.get(stream);
    if (known !== undefined) return known;
    const streamId = (this.#statements.streamId.get(stream) as number | undefined) ?? null;
    const revision = streamId === null ? NO_STREAM : (this.#statements.lastRevision.get(streamId) as number);
    const head = { streamId, revision, readRevision: revision };
    this.#heads.set(stream, head);
    return head;
  }

  /**
   * The answer that the same events got when they were stored; null when they are not the same to the last byte. Two
   * processes that decide one command id for different contents make the same ids, and only one of them may be told
   * that it was stored.
   */
  #firstAnswer({ stream, expectedRevision, events }: WriterAppend): Appended | null {
    const head = this.#head(stream);
    if (head.streamId === null || expectedRevision + events.length > head.revision) return null;
    const positions: Position[] = [];
    for (const [index, event] of events.entries()) {
      const stored = this.#statements.identity.get(head.streamId, expectedRevision + 1 + index) as StoredIdentity;
      const [position, id, canonical] = stored;
      if (!id.equals(uuidBytes(event.id)) || canonical !== event.canonical.toString()) return null;
      positions.push(position);
    }
    return { revision: expectedRevision + events.length, positions };
  }

  #takenId(unit: WriterUnit): string | null {
    const own = new Set<string>();
    for (const append of unit.appends) {
      for (const event of append.events) {
        const id = event.id.toLowerCase();
        if (own.has(id) || this.#statements.hasId.get(uuidBytes(id)) !== undefined) return event.id;
        own.add(id);
      }
    }
    return null;
  }

  /** The one place where events come into the table: whatever is kept beside them is written here, with them. */
  #insert({ appends, order }: WriterUnit): Position {
    const first = this.#lastPosition + 1;
    const heads = appends.map(({ stream, events }) =>
      events.length === 0 ? this.#head(stream) : this.#headWithRow(stream),
    );
    if (order === undefined) {
      for (let append = 0; append < appends.length; append += 1) {
        const { events } = appends[append] as WriterAppend;
        for (const event of events) this.#insertOne(heads[append] as StreamHead, event);
      }
    } else {
      for (const [append, index] of order) {
        this.#insertOne(heads[append] as StreamHead, (appends[append] as WriterAppend).events[index] as WriterEvent);
      }
    }
    return first;
  }

  #insertOne(head: StreamHead, event: WriterEvent): void {
    const position = this.#lastPosition + 1;
    const revision = head.revision + 1;
    writeUuidBytes(event.id, this.#idScratch);
    const { canonical } = event;
    const { insertEvent, insertEventBytes } = this.#statements;
    const insert = typeof canonical === 'string' ? insertEvent : insertEventBytes;
    insert.run(position, head.streamId, revision, this.#idScratch, canonical);
    this.#leaves.push(leafHash(canonical));
    this.#lastPosition = position;
    head.revision = revision;
  }

  #headWithRow(stream: string): StreamHead {
    const head = this.#head(stream);
    head.streamId ??= Number(this.#statements.insertStream.run(stream).lastInsertRowid);
    return head;
  }
}

const prepareStatements = (database: Database.Database) => ({
  dataVersion: database.prepare('PRAGMA data_version').pluck(),
  lastPosition: database.prepare('SELECT coalesce(max(position), 0) FROM event').pluck(),
  streamId: database.prepare('SELECT stream_id FROM stream WHERE name = ?').pluck(),
  lastRevision: database.prepare(`SELECT coalesce(max(revision), ${NO_STREAM}) FROM event WHERE stream_id = ?`).pluck(),
  hasId: database.prepare('SELECT 1 FROM event WHERE id = ?').pluck(),
  identity: database.prepare('SELECT position, id, canonical FROM event WHERE stream_id = ? AND revision = ?').raw(),
  writtenAfter: database
    .prepare(
      'SELECT stream.name, event.revision FROM event JOIN stream USING (stream_id) WHERE event.position > ? ORDER BY event.position',
    )
    .raw(),
  insertStream: database.prepare('INSERT INTO stream (name) VALUES (?)'),
  insertEvent: database.prepare(
    'INSERT INTO event (position, stream_id, revision, id, canonical) VALUES (?, ?, ?, ?, ?)',
  ),
  // The bytes are valid UTF-8 already; the cast only says that they are text.
  insertEventBytes: database.prepare(
    'INSERT INTO event (position, stream_id, revision, id, canonical) VALUES (?, ?, ?, ?, CAST(? AS TEXT))',
  ),
});
