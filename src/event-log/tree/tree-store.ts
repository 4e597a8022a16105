import { HASH_BYTES, type Hash } from './merkle-hash';
import type { ReadSubtrees } from './merkle-proof';
import { completeSubtrees, joinSubtrees, type SubtreeCoordinate, TreeFrontier } from './merkle-tree';
import { subtreeHash, subtreeInTile, TILE_HEIGHT, TILE_WIDTH, type TileCoordinate, tileWidth } from './tiles';

/** The tree of a log for reading, be it in the log's own file, behind HTTP or in a directory of tiles. */
export interface TreeReader {
  /** Leaves. */
  size(): Promise<number>;
  /**
   * The tile's hashes, 32 bytes each. A partial tile of a larger tree is the beginning of what is there now.
   * @throws RangeError when the tree does not have it; other errors when it cannot be asked
   */
  readTile(tile: TileCoordinate): Promise<Uint8Array>;
}

/** Neighbouring leaf hashes of one commit, never beyond the end of a tile. */
export interface LeafRun {
  /** Number of the first of them. */
  readonly first: number;
  /** 1 to 256 of them, one after another. */
  readonly hashes: Buffer;
}

/** Hash of a full tile: number `index` of the hashes at tile level `level`, which is 1 or more. */
export interface FullTileHash {
  readonly level: number;
  readonly index: number;
  readonly hash: Hash;
}

/**
 * What an engine stores, in the transaction of the events themselves, when leaves are appended. Everything is only
 * ever inserted: a run of leaf hashes for each commit and tile that it touches, and a hash for each tile that it fills.
 */
export interface TreeRows {
  readonly runs: readonly LeafRun[];
  readonly fullTiles: readonly FullTileHash[];
}

/** Appends leaves to the frontier and says what is to be stored. When storing fails, the frontier is of no use any more. */
export const growTree = (frontier: TreeFrontier, leaves: readonly Hash[]): TreeRows => {
  const fullTiles: FullTileHash[] = [];
  const first = frontier.size;
  const onSubtree = (level: number, index: number, hash: Hash): void => {
    if (level > 0 && level % TILE_HEIGHT === 0) fullTiles.push({ level: level / TILE_HEIGHT, index, hash });
  };
  for (const leaf of leaves) frontier.append(leaf, onSubtree);
  return { runs: leafRuns(first, leaves), fullTiles };
};

const leafRuns = (first: number, leaves: readonly Hash[]): readonly LeafRun[] => {
  const runs: LeafRun[] = [];
  for (let from = 0; from < leaves.length;) {
    const room = TILE_WIDTH - ((first + from) % TILE_WIDTH);
    const run = leaves.slice(from, from + room);
    runs.push({ first: first + from, hashes: Buffer.concat(run, run.length * HASH_BYTES) });
    from += run.length;
  }
  return runs;
};

const tileKey = (level: number, index: number): string => `${level}/${index}`;

/** The tiles, each once, in which the hashes of these subtrees of a tree of `size` leaves are found. */
export const tilesFor = (size: number, subtrees: readonly SubtreeCoordinate[]): readonly TileCoordinate[] => {
  const tiles = new Map<string, TileCoordinate>();
  for (const subtree of subtrees) {
    const { level, index } = subtreeInTile(subtree);
    tiles.set(tileKey(level, index), { level, index, width: tileWidth(size, level, index) });
  }
  return [...tiles.values()];
};

/** Hashes of subtrees from the bytes of the tiles that tilesFor names, in its order. */
const hashesFromTiles = (
  subtrees: readonly SubtreeCoordinate[],
  tiles: readonly TileCoordinate[],
  bytes: readonly Uint8Array[],
): readonly Hash[] => {
  const read = new Map(tiles.map(({ level, index }, place) => [tileKey(level, index), bytes[place]]));
  return subtrees.map((subtree) => {
    const found = subtreeInTile(subtree);
    const tile = read.get(tileKey(found.level, found.index));
    if (tile === undefined) throw new Error(`tile ${found.level}/${found.index} was not read`);
    return subtreeHash(tile, found);
  });
};

/** Reads the hashes of subtrees of a tree of `size` leaves, which may have grown since. */
export const subtreesOf =
  (reader: TreeReader, size: number): ReadSubtrees =>
  async (subtrees) => {
    const tiles = tilesFor(size, subtrees);
    const bytes = await Promise.all(tiles.map((tile) => reader.readTile(tile)));
    return hashesFromTiles(subtrees, tiles, bytes);
  };

/** Root of the first `size` leaves of a tree, which may have grown since. */
export const rootAt = async (reader: TreeReader, size: number): Promise<Hash> =>
  joinSubtrees(await subtreesOf(reader, size)(completeSubtrees({ start: 0, end: size })));

/** The frontier of a tree of `size` leaves, for a writer that begins; `readTile` is its own synchronous reading. */
export const openFrontier = (size: number, readTile: (tile: TileCoordinate) => Uint8Array): TreeFrontier => {
  const subtrees = completeSubtrees({ start: 0, end: size });
  const tiles = tilesFor(size, subtrees);
  return new TreeFrontier(size, hashesFromTiles(subtrees, tiles, tiles.map(readTile)));
};
