import Database from 'better-sqlite3';

import { HASH_BYTES } from '../tree/merkle-hash';
import type { TreeFrontier } from '../tree/merkle-tree';
import { requireTileWidth, TILE_BYTES, TILE_WIDTH, type TileCoordinate, TileMissing } from '../tree/tiles';
import { openFrontier, type TreeRows } from '../tree/tree-store';

/**
 * The Merkle tree beside the events, leaf number = position − 1. A run is the leaf hashes of one commit as far as they
 * lie in one tile; `full_tile` holds the hash over each tile that was filled, which is a hash of the tile above it.
 */
export const TREE_SCHEMA = `
  CREATE TABLE leaf_run (
    first INTEGER PRIMARY KEY CHECK (first >= 0),
    hashes BLOB NOT NULL CHECK (length(hashes) BETWEEN ${HASH_BYTES} AND ${TILE_BYTES} AND length(hashes) % ${HASH_BYTES} = 0)
  ) STRICT;
  CREATE TABLE full_tile (
    level INTEGER NOT NULL CHECK (level > 0),
    tile_index INTEGER NOT NULL CHECK (tile_index >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = ${HASH_BYTES}),
    PRIMARY KEY (level, tile_index)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER leaf_run_is_never_changed BEFORE UPDATE ON leaf_run BEGIN
    SELECT RAISE(ABORT, 'hashes are never changed');
  END;
  CREATE TRIGGER leaf_run_is_never_deleted BEFORE DELETE ON leaf_run BEGIN
    SELECT RAISE(ABORT, 'hashes are never deleted');
  END;
  CREATE TRIGGER full_tile_is_never_changed BEFORE UPDATE ON full_tile BEGIN
    SELECT RAISE(ABORT, 'hashes are never changed');
  END;
  CREATE TRIGGER full_tile_is_never_deleted BEFORE DELETE ON full_tile BEGIN
    SELECT RAISE(ABORT, 'hashes are never deleted');
  END;
`;

type RunRow = readonly [first: number, hashes: Buffer];
type FullTileRow = readonly [index: number, hash: Buffer];

/** Reads and writes the tables above; what belongs together is the caller's transaction. */
export class TreeTables {
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: Database.Database) {
    this.#statements = prepareStatements(database);
  }

  /** Leaves. */
  size(): number {
    return (this.#statements.size.get() as number | undefined) ?? 0;
  }

  /** @throws TileMissing when the tables do not hold the whole tile */
  readTile(tile: TileCoordinate): Buffer {
    const { level, index, width } = tile;
    requireTileWidth(width);
    const bytes = Buffer.allocUnsafe(width * HASH_BYTES);
    const from = index * TILE_WIDTH;
    const rows =
      level === 0
        ? (this.#statements.readRuns.all(from, from + width) as RunRow[])
        : (this.#statements.readFullTiles.all(level, from, from + width) as FullTileRow[]);
    let next = from;
    for (const [first, hashes] of rows) {
      // Where a row is missing, the hashes after it are not the ones that they would be taken for.
      if (first !== next) break;
      hashes.copy(bytes, (first - from) * HASH_BYTES);
      next += hashes.length / HASH_BYTES;
    }
    if (next < from + width) throw new TileMissing(tile, next);
    return bytes;
  }

  /**
   * The edge of the tree, from which a writer goes on, as it is after so many events.
   *
   * @throws SqliteError when the tables do not hold it: appending would only hide the damage
   */
  frontier(events: number): TreeFrontier {
    try {
      const size = this.size();
      if (size !== events) throw new RangeError(`the tree has ${size} leaves and the log ${events} events`);
      return openFrontier(size, (tile) => this.readTile(tile));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new Database.SqliteError(error.message, 'SQLITE_CORRUPT');
    }
  }

  insert({ runs, fullTiles }: TreeRows): void {
    for (const { first, hashes } of runs) this.#statements.insertRun.run(first, hashes);
    for (const { level, index, hash } of fullTiles) this.#statements.insertFullTile.run(level, index, hash);
  }
}

const prepareStatements = (database: Database.Database) => ({
  size: database
    .prepare(`SELECT first + length(hashes) / ${HASH_BYTES} FROM leaf_run ORDER BY first DESC LIMIT 1`)
    .pluck(),
  readRuns: database.prepare('SELECT first, hashes FROM leaf_run WHERE first >= ? AND first < ? ORDER BY first').raw(),
  readFullTiles: database
    .prepare(
      'SELECT tile_index, hash FROM full_tile WHERE level = ? AND tile_index >= ? AND tile_index < ? ORDER BY tile_index',
    )
    .raw(),
  insertRun: database.prepare('INSERT INTO leaf_run (first, hashes) VALUES (?, ?)'),
  insertFullTile: database.prepare('INSERT INTO full_tile (level, tile_index, hash) VALUES (?, ?, ?)'),
});
