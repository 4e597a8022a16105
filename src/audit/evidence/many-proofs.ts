import { HASH_BYTES, type Hash } from '../../event-log/tree/merkle-hash';
import { completeSubtrees, joinSubtrees, type SubtreeCoordinate } from '../../event-log/tree/merkle-tree';
import { subtreeInTile, TILE_HEIGHT, TILE_WIDTH, type TileCoordinate, tileWidth } from '../../event-log/tree/tiles';
import type { TreeReader } from '../../event-log/tree/tree-store';
import { rowStart } from './fold-tile';
import { foldTiles } from './fold-tiles';

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
  /** Folded tiles by `level/index`. */
  readonly #tiles = new Map<string, FoldedTile>();
  /** Each hash that was asked for, once, by the key of its subtree. */
  readonly #hashes = new Map<number, Hash>();
  #leaves: readonly number[] = [];
  #folding: Promise<void> = Promise.resolve();

  constructor(reader: TreeReader, size: number) {
    this.#reader = reader;
    this.#size = size;
  }

  /**
   * Reads what the proofs of some leaves are made of, and has it worked on: with many leaves in threads, so that the
   * caller can do something else before it asks for the proofs.
   *
   * @param leaves in ascending order, each below the tree's size
   */
  async begin(leaves: readonly number[]): Promise<void> {
    const wanted = [...this.#wantedTiles(leaves)];
    const tiles: Uint8Array[] = [];
    for (const [, tile] of wanted) tiles.push(await this.#reader.readTile(tile));
    this.#leaves = leaves;
    this.#folding = foldTiles(tiles).then((folded) => {
      wanted.forEach(([key, { width }], place) => {
        this.#tiles.set(key, { width, rows: Buffer.from(folded[place] ?? new Uint8Array()) });
      });
    });
    // Whoever never asks for the proofs has failed at something else.
    this.#folding.catch(() => undefined);
  }

  /** The proofs of the leaves that were begun with. */
  async prove(): Promise<readonly LeafProof[]> {
    await this.#folding;
    return this.#leaves.map((index) => ({ index, hashes: this.#path(index) }));
  }

  #wantedTiles(leaves: readonly number[]): ReadonlyMap<string, TileCoordinate> {
    const wanted = new Map<string, TileCoordinate>();
    const want = (level: number, index: number): void => {
      const key = tileKey(level, index);
      const width = tileWidth(this.#size, level, index);
      if (width > 0 && !wanted.has(key)) wanted.set(key, { level, index, width });
    };
    for (let level = 0; tileWidth(this.#size, level, 0) > 0; level += 1) {
      for (const leaf of leaves) want(level, Math.floor(leaf / TILE_WIDTH ** (level + 1)));
      // What is not complete at the right edge is put together from the last tile of every level.
      want(level, Math.floor(Math.floor(this.#size / TILE_WIDTH ** level) / TILE_WIDTH));
    }
    return wanted;
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
    const key = level * KEYS_OF_A_LEVEL + index;
    const known = this.#hashes.get(key);
    if (known !== undefined) return known;
    const start = index * 2 ** level;
    const end = start + 2 ** level;
    const hash =
      end <= this.#size
        ? this.#complete({ level, index })
        : joinSubtrees(completeSubtrees({ start, end: this.#size }).map((part) => this.#complete(part)));
    this.#hashes.set(key, hash);
    return hash;
  }

  #complete(subtree: SubtreeCoordinate): Hash {
    const { level, index, from, count } = subtreeInTile(subtree);
    const tile = this.#tiles.get(tileKey(level, index));
    const at = tile === undefined ? 0 : (rowStart(tile.width, subtree.level % TILE_HEIGHT) + from / count) * HASH_BYTES;
    const hash = tile?.rows.subarray(at, at + HASH_BYTES);
    if (hash?.length !== HASH_BYTES) {
      throw new RangeError(`subtree ${subtree.level}/${subtree.index} is in no tile that was read`);
    }
    return hash;
  }
}

interface FoldedTile {
  readonly width: number;
  /** As foldTile gives them. */
  readonly rows: Buffer;
}

/** No level of a tree that can be counted has more subtrees, and no tree more than a hundred levels. */
const KEYS_OF_A_LEVEL = 2 ** 46;

const tileKey = (level: number, index: number): string => `${level}/${index}`;

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
