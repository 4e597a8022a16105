import Database from 'better-sqlite3';

import type { Position } from '../event';
import { isUuid, uuidBytes, uuidText } from '../event-id';
import type { LogTree, PackedReader, StoredLeaf } from '../tree/log-tree';
import { PackedLeaves } from '../tree/packed-leaves';
import type { TileCoordinate } from '../tree/tiles';
import { TreeTables } from './tree-tables';

type LeafRow = readonly [position: number, stream: string, revision: number, id: Buffer, bytes: Buffer];

/** Does a piece of reading and tells its failure as the log tells it. */
export type Read = <Result>(query: () => Result) => Promise<Result>;

/** The tree that the embedded log writes with its events. */
export class SqliteLogTree implements LogTree {
  readonly #tables: TreeTables;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #read: Read;

  constructor(database: Database.Database, read: Read) {
    this.#tables = new TreeTables(database);
    this.#statements = prepareStatements(database);
    this.#read = read;
  }

  size(): Promise<number> {
    return this.#read(() => this.#tables.size());
  }

  readTile(tile: TileCoordinate): Promise<Uint8Array> {
    return this.#read(() => this.#tables.readTile(tile));
  }

  leafAt(position: Position): Promise<number | null> {
    return this.#read(() => (this.#statements.hasPosition.get(position) === undefined ? null : position - 1));
  }

  leafOfEvent(eventId: string): Promise<number | null> {
    return this.#read(() => {
      const position = isUuid(eventId) ? this.#statements.positionOfId.get(uuidBytes(eventId)) : undefined;
      return position === undefined ? null : (position as Position) - 1;
    });
  }

  readLeaves(firstLeaf: number, limit: number): Promise<readonly StoredLeaf[]> {
    return this.#read(() => (this.#statements.readLeaves.all(firstLeaf, limit) as LeafRow[]).map(storedLeaf));
  }

  /** Remembers the names of streams for as long as the reader is used: they are never changed. */
  packedReader(): PackedReader {
    const names = new Map<number, string>();
    return (firstLeaf, count) => this.#read(() => this.#readPacked(firstLeaf, count, names));
  }

  #readPacked(firstLeaf: number, count: number, names: Map<number, string>): PackedLeaves | null {
    const row = packedRow(() => this.#statements.readPacked.get(firstLeaf, firstLeaf + count) as PackedRow);
    if (row === null) return null;
    const [events, memory, lengths, streams, revisions, ids] = row;
    if (events !== count || memory === null || ids === null) return null;
    return PackedLeaves.of({
      firstLeaf,
      memory,
      lengths: numbersIn(lengths),
      streams: numbersIn(streams).map((stream) => this.#nameOf(stream, names)),
      revisions: numbersIn(revisions),
      ids,
    });
  }

  #nameOf(stream: number, names: Map<number, string>): string {
    let name = names.get(stream);
    if (name === undefined) {
      name = (this.#statements.streamName.get(stream) as string | undefined) ?? '';
      names.set(stream, name);
    }
    return name;
  }
}

type PackedRow = readonly [
  events: number,
  memory: Buffer | null,
  lengths: string | null,
  streams: string | null,
  revisions: string | null,
  ids: string | null,
];

const numbersIn = (list: string | null): readonly number[] => (list ?? '').split(',').map(Number);

/** Null where the events are too large for one value of the engine. */
const packedRow = (query: () => PackedRow): PackedRow | null => {
  try {
    return query();
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_TOOBIG') return null;
    throw error;
  }
};

/** @throws SqliteError when the row breaks the rules of its table, which only damaged pages make it do */
const storedLeaf = ([position, stream, revision, id, bytes]: LeafRow): StoredLeaf => {
  const isWhole = Buffer.isBuffer(id) && Buffer.isBuffer(bytes) && Number.isSafeInteger(revision);
  if (!isWhole)
    throw new Database.SqliteError(`the event at position ${position} is no row of events`, 'SQLITE_CORRUPT');
  return { position, bytes, stream, revision, id: uuidText(id) };
};

const prepareStatements = (database: Database.Database) => ({
  positionOfId: database.prepare('SELECT position FROM event WHERE id = ?').pluck(),
  hasPosition: database.prepare('SELECT 1 FROM event WHERE position = ?').pluck(),
  streamName: database.prepare('SELECT name FROM stream WHERE stream_id = ?').pluck(),
  // Rows come by their positions, which are the table's own order.
  readPacked: database
    .prepare(
      `SELECT count(*), CAST(char(10) || group_concat(canonical, char(10)) AS BLOB),
              group_concat(octet_length(canonical)), group_concat(stream_id), group_concat(revision),
              group_concat(lower(hex(id)), '')
       FROM event WHERE position > ? AND position <= ?`,
    )
    .raw(),
  // An event whose stream was taken away by force is read all the same: whoever verifies must see it.
  readLeaves: database
    .prepare(
      `SELECT position, coalesce(name, ''), revision, id, CAST(canonical AS BLOB)
       FROM event LEFT JOIN stream USING (stream_id) WHERE position > ? ORDER BY position LIMIT ?`,
    )
    .raw(),
});
