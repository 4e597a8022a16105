import { type Hash, splitHashes } from './merkle-hash';
import { TreeFrontier } from './merkle-tree';
import { requireTileWidth, TILE_WIDTH, type TileCoordinate, TileMissing } from './tiles';
import { growTree, type TreeReader } from './tree-store';

/** A tree in memory, for unit tests and for auditors who rebuild one from exported leaves. */
export class MemoryTreeStore implements TreeReader {
  readonly #frontier = new TreeFrontier();
  /** Hashes by level of tiles. */
  readonly #levels: Hash[][] = [[]];

  append(leaves: readonly Hash[]): void {
    const { runs, fullTiles } = growTree(this.#frontier, leaves);
    for (const { hashes } of runs) this.#level(0).push(...splitHashes(hashes));
    for (const { level, hash } of fullTiles) this.#level(level).push(hash);
  }

  root(): Hash {
    return this.#frontier.root();
  }

  async size(): Promise<number> {
    return this.#frontier.size;
  }

  async readTile(tile: TileCoordinate): Promise<Uint8Array> {
    const { level, index, width } = tile;
    requireTileWidth(width);
    const from = index * TILE_WIDTH;
    const hashes = this.#levels[level]?.slice(from, from + width) ?? [];
    if (hashes.length < width) throw new TileMissing(tile, from + hashes.length);
    return Buffer.concat(hashes);
  }

  #level(level: number): Hash[] {
    const known = this.#levels[level];
    if (known !== undefined) return known;
    const added: Hash[] = [];
    this.#levels[level] = added;
    return added;
  }
}
