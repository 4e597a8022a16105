import { HASH_BYTES, type Hash, nodeHash, splitHashes } from './merkle-hash';
import { requireTreeSize, type SubtreeCoordinate } from './merkle-tree';

/** C2SP tlog-tiles: a full tile is 256 hashes wide and as a subtree eight levels high. */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;
export const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

/** Levels of tiles that a tree of 2^53 leaves can have; the specification's own limit is 63. */
const MAX_TILE_LEVEL = 63;

/** Hashes `index·256` to before `index·256 + width` of the complete subtrees with 256^level leaves. */
export interface TileCoordinate {
  readonly level: number;
  readonly index: number;
  /** 1 to 256; less is a partial tile. */
  readonly width: number;
}

/** @throws RangeError when no tile can be so wide */
export const requireTileWidth = (width: number): void => {
  if (width < 1 || width > TILE_WIDTH) throw new RangeError(`no tile is ${width} hashes wide`);
};

/** Complete subtrees of 256^level leaves in a tree of that size. */
export const hashesAtLevel = (size: number, level: number): number => {
  let count = requireTreeSize(size);
  for (let step = 0; step < level && count > 0; step += 1) count = Math.floor(count / TILE_WIDTH);
  return count;
};

/** Width of a tile in a tree of that size; 0 where there is none. */
export const tileWidth = (size: number, level: number, index: number): number =>
  Math.max(0, Math.min(TILE_WIDTH, hashesAtLevel(size, level) - index * TILE_WIDTH));

/** Every tile of a tree of that size, level by level from the leaves up, the partial ones at their right edges. */
export function* tilesOfTree(size: number): Generator<TileCoordinate> {
  for (let level = 0; hashesAtLevel(size, level) > 0; level += 1) {
    const count = hashesAtLevel(size, level);
    for (let index = 0; index * TILE_WIDTH < count; index += 1) {
      yield { level, index, width: tileWidth(size, level, index) };
    }
  }
}

/** `1234067` → `x001/x234/067`. */
const indexPath = (index: number): string => {
  const groups: string[] = [];
  let rest = index;
  do {
    groups.unshift(String(rest % 1000).padStart(3, '0'));
    rest = Math.floor(rest / 1000);
  } while (rest > 0);
  return groups.map((group, place) => (place < groups.length - 1 ? `x${group}` : group)).join('/');
};

const widthSuffix = (width: number): string => (width === TILE_WIDTH ? '' : `.p/${width}`);

/** Path of a tile under the log's prefix, without a leading slash: `tile/<L>/<N>[.p/<W>]`. */
export const tilePath = ({ level, index, width }: TileCoordinate): string =>
  `tile/${level}/${indexPath(index)}${widthSuffix(width)}`;

/** What a log serves under `tile/`. */
export type TileResource =
  | ({ readonly kind: 'tile' } & TileCoordinate)
  /** Leaves in the specification's framing; `data` is the name that this ledger promises, `entries` the specification's. */
  | { readonly kind: 'entries'; readonly index: number; readonly width: number }
  /** The same leaves in a framing without the 64 KiB limit. */
  | { readonly kind: 'wide-entries'; readonly index: number; readonly width: number };

/** Path of the entry bundle with the leaves of a level-0 tile. */
export const entryBundlePath = (
  { index, width }: { readonly index: number; readonly width: number },
  name: 'data' | 'entries' | 'wide' = 'data',
): string => `tile/${name}/${indexPath(index)}${widthSuffix(width)}`;

const RESOURCE_PATH = /^tile\/(0|[1-9]\d?|data|entries|wide)\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Reads a path under the log's prefix; null when it is none that the specification allows. */
export const parseTilePath = (path: string): TileResource | null => {
  const match = RESOURCE_PATH.exec(path);
  if (match === null) return null;
  const [, name = '', leading = '', last = '', suffix] = match;
  const index = Number(leading.replace(/[x/]/g, '') + last);
  const width = suffix === undefined ? TILE_WIDTH : Number(suffix);
  // One resource has one path: no needless groups of zeros, and a full tile is not written as a partial one.
  if (!Number.isSafeInteger(index * TILE_WIDTH) || (suffix !== undefined && width >= TILE_WIDTH)) return null;
  if (leading.startsWith('x000')) return null;
  switch (name) {
    case 'data':
    case 'entries':
      return { kind: 'entries', index, width };
    case 'wide':
      return { kind: 'wide-entries', index, width };
    default: {
      const level = Number(name);
      return level > MAX_TILE_LEVEL ? null : { kind: 'tile', level, index, width };
    }
  }
};

/** A tile that the tree should have, and has not or not whole. */
export class TileMissing extends RangeError {
  /** @param hash number of the first hash at the tile's level that is not there */
  constructor(
    { level, index, width }: TileCoordinate,
    readonly hash: number,
  ) {
    super(`the tree has no tile ${level}/${index} of width ${width}: hash ${hash} is missing`);
    this.name = 'TileMissing';
  }
}

/** Tile and, within it, the hashes that a complete subtree is made of. */
export interface SubtreeInTile {
  readonly level: number;
  readonly index: number;
  readonly from: number;
  /** A power of two. */
  readonly count: number;
}

/** Where the hashes of a subtree are found: in the tile at the next level of tiles below it. */
export const subtreeInTile = ({ level, index }: SubtreeCoordinate): SubtreeInTile => {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const count = 2 ** (level % TILE_HEIGHT);
  const first = index * count;
  return { level: tileLevel, index: Math.floor(first / TILE_WIDTH), from: first % TILE_WIDTH, count };
};

/** Hash over a power of two of neighbouring hashes. */
export const foldHashes = (hashes: readonly Hash[]): Hash => {
  let row = hashes;
  while (row.length > 1) {
    if (row.length % 2 !== 0) throw new RangeError(`${hashes.length} hashes are no complete subtree`);
    row = Array.from({ length: row.length / 2 }, (_, pair) =>
      nodeHash(row[pair * 2] as Hash, row[pair * 2 + 1] as Hash),
    );
  }
  const [folded] = row;
  if (folded === undefined) throw new RangeError('no hashes to fold');
  return folded;
};

/** Hash of a subtree from the bytes of its tile. */
export const subtreeHash = (tile: Uint8Array, { from, count }: Pick<SubtreeInTile, 'from' | 'count'>): Hash => {
  const hashes = splitHashes(tile.subarray(from * HASH_BYTES, (from + count) * HASH_BYTES));
  if (hashes.length !== count) throw new RangeError(`the tile has no hashes ${from} to ${from + count}`);
  return foldHashes(hashes);
};
