import type Database from 'better-sqlite3';

import type { Position } from '../event';
import { isUuid, uuidBytes, uuidText } from '../event-id';
import type { LogTree, StoredLeaf } from '../tree/log-tree';
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
}

const storedLeaf = ([position, stream, revision, id, bytes]: LeafRow): StoredLeaf => ({
  position,
  bytes,
  stream,
  revision,
  id: uuidText(id),
});

const prepareStatements = (database: Database.Database) => ({
  positionOfId: database.prepare('SELECT position FROM event WHERE id = ?').pluck(),
  hasPosition: database.prepare('SELECT 1 FROM event WHERE position = ?').pluck(),
  // An event whose stream was taken away by force is read all the same: whoever verifies must see it.
  readLeaves: database
    .prepare(
      `SELECT position, coalesce(name, ''), revision, id, CAST(canonical AS BLOB)
       FROM event LEFT JOIN stream USING (stream_id) WHERE position > ? ORDER BY position LIMIT ?`,
    )
    .raw(),
});
