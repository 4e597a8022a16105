import { type Hash, nodeHash, splitHashes } from '../../event-log/tree/merkle-hash';
import { completeSubtrees, joinSubtrees } from '../../event-log/tree/merkle-tree';
import { subtreeInTile, TILE_HEIGHT, TILE_WIDTH, type TileCoordinate, tileWidth } from '../../event-log/tree/tiles';
import type { TreeReader } from '../../event-log/tree/tree-store';

/** The inclusion proof of one leaf, from its sibling to the root's child. */
export interface LeafProof {
  readonly index: number;
  readonly hashes: readonly Hash[];
}

/**
 * Inclusion proofs of many leaves of one tree. Every tile is read once and folded once, so that ten thousand proofs
 * cost little more than the tiles that they lie in, and neighbours share the very same hashes.
 */
export class ManyProofs {
  readonly #reader: TreeReader;
  readonly #size: number;
  /** Rows of a tile from its own hashes up, by `level/index`. */
  readonly #tiles = new Map<string, readonly (readonly Hash[])[]>();
  readonly #rightEdges = new Map<number, Hash>();

  constructor(reader: TreeReader, size: number) {
    this.#reader = reader;
    this.#size = size;
  }

  /** @param leaves in ascending order, each below the tree's size */
  async prove(leaves: readonly number[]): Promise<readonly LeafProof[]> {
    await this.#readTiles(leaves);
    return leaves.map((index) => ({ index, hashes: this.#path(index) }));
  }

  async #readTiles(leaves: readonly number[]): Promise<void> {
    const wanted = new Map<string, TileCoordinate>();
    for (let level = 0; tileWidth(this.#size, level, 0) > 0; level += 1) {
      for (const leaf of leaves) this.#want(wanted, level, Math.floor(leaf / TILE_WIDTH ** (level + 1)));
      // What is not complete at the right edge is put together from the last tile of every level.
      this.#want(wanted, level, Math.floor((this.#size - 1) / TILE_WIDTH ** (level + 1)));
      this.#want(wanted, level, Math.floor(Math.floor(this.#size / TILE_WIDTH ** level) / TILE_WIDTH));
    }
    for (const [key, tile] of wanted) {
      this.#tiles.set(key, foldTile(splitHashes(await this.#reader.readTile(tile))));
    }
  }

  #want(wanted: Map<string, TileCoordinate>, level: number, index: number): void {
    const key = `${level}/${index}`;
    const width = tileWidth(this.#size, level, index);
    if (width > 0 && !wanted.has(key)) wanted.set(key, { level, index, width });
  }

  /** PATH of RFC 6962, level by level. */
  #path(leaf: number): readonly Hash[] {
    const hashes: Hash[] = [];
    let node = leaf;
    let last = this.#size - 1;
    for (let level = 0; last > 0; level += 1) {
      const sibling = node % 2 === 1 ? node - 1 : node + 1;
      if (sibling <= last) hashes.push(this.#subtree(level, sibling));
      node = Math.floor(node / 2);
      last = Math.floor(last / 2);
    }
    return hashes;
  }

  /** Hash over the leaves `index · 2^level` to the next subtree or to the end of the tree. */
  #subtree(level: number, index: number): Hash {
    const leaves = 2 ** level;
    if ((index + 1) * leaves <= this.#size) return this.#complete(level, index);
    const known = this.#rightEdges.get(level);
    if (known !== undefined) return known;
    const parts = completeSubtrees({ start: index * leaves, end: this.#size });
    const joined = joinSubtrees(parts.map((part) => this.#complete(part.level, part.index)));
    this.#rightEdges.set(level, joined);
    return joined;
  }

  #complete(level: number, index: number): Hash {
    const place = subtreeInTile({ level, index });
    const rows = this.#tiles.get(`${place.level}/${place.index}`);
    const hash = rows?.[level % TILE_HEIGHT]?.[place.from / place.count];
    if (hash === undefined) throw new RangeError(`subtree ${level}/${index} is in no tile that was read`);
    return hash;
  }
}

/** All complete subtrees of a tile by their height. */
const foldTile = (hashes: readonly Hash[]): readonly (readonly Hash[])[] => {
  const rows: (readonly Hash[])[] = [hashes];
  for (let height = 1; height < TILE_HEIGHT; height += 1) {
    const below = rows[height - 1] as readonly Hash[];
    const row: Hash[] = [];
    for (let pair = 0; pair + 1 < below.length; pair += 2) {
      row.push(nodeHash(below[pair] as Hash, below[pair + 1] as Hash));
    }
    rows.push(row);
  }
  return rows;
};

/**
 * One line a proof: the leaf's number and the hashes. `=n` at the end stands for the last n hashes of the line before,
 * which neighbours share.
 */
export const formatProofs = (proofs: readonly LeafProof[]): string => {
  let previous: readonly Hash[] = [];
  const lines: string[] = [];
  for (const { index, hashes } of proofs) {
    const shared = sharedEnd(hashes, previous);
    const own = hashes.slice(0, hashes.length - shared).map((hash) => hash.toString('base64'));
    lines.push([String(index), ...own, ...(shared > 0 ? [`=${shared}`] : [])].join(' '));
    previous = hashes;
  }
  return lines.map((line) => `${line}\n`).join('');
};

const sharedEnd = (left: readonly Hash[], right: readonly Hash[]): number => {
  const most = Math.min(left.length, right.length);
  let shared = 0;
  // One subtree's hash is one object, so that nothing needs to be compared byte by byte.
  while (shared < most && left[left.length - 1 - shared] === right[right.length - 1 - shared]) shared += 1;
  return shared;
};
