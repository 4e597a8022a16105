import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';

import Database from 'better-sqlite3';

import { makeDirectory } from '../../platform/make-directory';
import type { Position, StoredEvent } from '../event';
import { logForeign } from '../log-failure';
import { sqliteFailure } from '../sqlite/sqlite-failure';
import { TREE_SCHEMA, TreeTables } from '../sqlite/tree-tables';
import { type Hash, leafHash, splitHashes } from '../tree/merkle-hash';
import type { TreeFrontier } from '../tree/merkle-tree';
import { TILE_WIDTH, type TileCoordinate, tileWidth } from '../tree/tiles';
import { growTree } from '../tree/tree-store';

/** `YICT` in ASCII: a tree of Yichi's that follows a log. */
const APPLICATION_ID = 0x59494354;

/** Another process of the same data directory follows with the same file; its transactions take milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

/** Everything is only ever inserted. `node` has one row: who this data directory is among those that share the log. */
const SCHEMA = `
  ${TREE_SCHEMA}
  CREATE TABLE leaf_position (
    leaf INTEGER PRIMARY KEY CHECK (leaf >= 0),
    position INTEGER NOT NULL UNIQUE CHECK (position > 0)
  ) STRICT;
  CREATE TABLE node (
    id TEXT NOT NULL
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
`;

export interface FollowedLeaf {
  readonly leaf: number;
  readonly position: Position;
  readonly hash: Hash;
}

type PositionRow = readonly [leaf: number, position: Position];

/**
 * The file in which a node keeps the tree of a log that keeps none: hashes of leaves and of full tiles, and the position
 * of each leaf, which are inserted in one transaction. It can be thrown away: it is made from the log alone.
 */
export class TreeFile {
  readonly file: string;
  readonly #database: Database.Database;
  readonly #tables: TreeTables;
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #insert: Database.Transaction<(events: readonly StoredEvent[]) => void>;
  #frontier: TreeFrontier | null = null;

  /** @throws DomainError(unavailable) */
  constructor(file: string) {
    this.file = file;
    this.#database = openDatabase(file);
    this.#tables = new TreeTables(this.#database);
    this.#statements = prepareStatements(this.#database);
    this.#insert = this.#database.transaction((events) => this.#insertNew(events));
  }

  /** Id of this node among those that share the log. */
  get node(): string {
    return this.#try(() => this.#statements.node.get() as string);
  }

  size(): number {
    return this.#try(() => this.#tables.size());
  }

  /** Position of the last leaf's event, or 0. */
  lastPosition(): Position {
    return this.#try(() => (this.#statements.lastPosition.get() as Position | undefined) ?? 0);
  }

  /** @throws RangeError when the tree does not have the tile */
  readTile(tile: TileCoordinate): Buffer {
    return this.#try(() => this.#tables.readTile(tile));
  }

  leafAt(position: Position): number | null {
    return this.#try(() => (this.#statements.leafAt.get(position) as number | undefined) ?? null);
  }

  /** Position of a leaf's event; 0 for the leaf before the first. */
  positionOf(leaf: number): Position {
    return this.#try(() => (this.#statements.positionOf.get(leaf) as Position | undefined) ?? 0);
  }

  /** What is kept of the leaves `from` to before `to`. */
  leaves(from: number, to: number): readonly FollowedLeaf[] {
    return this.#try(() => {
      const rows = this.#statements.positions.all(from, to) as PositionRow[];
      const hashes = this.#hashes(from, to);
      return rows.map(([leaf, position]) => ({ leaf, position, hash: hashes[leaf - from] as Hash }));
    });
  }

  /**
   * Appends what of these events is not in the tree yet. They follow one another in the log, and begin at the latest
   * with the one after the last leaf's.
   */
  append(events: readonly StoredEvent[]): void {
    this.#try(() => {
      try {
        this.#insert.immediate(events);
      } catch (error) {
        // Whatever failed, the edge in memory may hold leaves that are not stored.
        this.#frontier = null;
        throw error;
      }
    });
  }

  close(): void {
    this.#database.close();
  }

  #insertNew(events: readonly StoredEvent[]): void {
    // Another process, or another reader of this one, may have inserted some of them.
    const last = this.lastPosition();
    const fresh = events.filter(({ position }) => position > last);
    if (fresh.length === 0) return;
    const size = this.#tables.size();
    if (this.#frontier?.size !== size) this.#frontier = this.#tables.frontier(size);
    this.#tables.insert(
      growTree(
        this.#frontier,
        fresh.map(({ canonical }) => leafHash(canonical)),
      ),
    );
    fresh.forEach(({ position }, index) => this.#statements.insertPosition.run(size + index, position));
  }

  #hashes(from: number, to: number): readonly Hash[] {
    const size = this.#tables.size();
    const hashes: Hash[] = [];
    for (let tile = Math.floor(from / TILE_WIDTH); tile * TILE_WIDTH < Math.min(to, size); tile += 1) {
      const width = tileWidth(size, 0, tile);
      hashes.push(...splitHashes(this.#tables.readTile({ level: 0, index: tile, width })));
    }
    return hashes.slice(from % TILE_WIDTH, (from % TILE_WIDTH) + (to - from));
  }

  #try<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (error) {
      throw sqliteFailure(error, this.file);
    }
  }
}

const openDatabase = (file: string): Database.Database => {
  let database: Database.Database | undefined;
  try {
    makeDirectory(dirname(file));
    database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    database.pragma('journal_mode = WAL');
    const opened = database;
    const create = database.transaction(() => {
      const tables = opened.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
      if (tables !== 0) return;
      opened.exec(SCHEMA);
      opened.prepare('INSERT INTO node (id) VALUES (?)').run(randomUUID());
    });
    create.immediate();
    if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw logForeign(file);
    return database;
  } catch (error) {
    database?.close();
    throw sqliteFailure(error, file);
  }
};

const prepareStatements = (database: Database.Database) => ({
  node: database.prepare('SELECT id FROM node').pluck(),
  lastPosition: database.prepare('SELECT position FROM leaf_position ORDER BY leaf DESC LIMIT 1').pluck(),
  leafAt: database.prepare('SELECT leaf FROM leaf_position WHERE position = ?').pluck(),
  positionOf: database.prepare('SELECT position FROM leaf_position WHERE leaf = ?').pluck(),
  positions: database
    .prepare('SELECT leaf, position FROM leaf_position WHERE leaf >= ? AND leaf < ? ORDER BY leaf')
    .raw(),
  insertPosition: database.prepare('INSERT INTO leaf_position (leaf, position) VALUES (?, ?)'),
});
