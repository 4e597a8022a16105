import type { Position } from '../../event-log/event';
import { isDamage } from '../../event-log/log-failure';
import { type Finding, finding } from './finding';
import { HASH_BYTES, type Hash, sameHash, splitHashes } from '../../event-log/tree/merkle-hash';
import { foldHashes, hashesAtLevel, TILE_WIDTH, TileMissing, tileWidth } from '../../event-log/tree/tiles';
import type { TreeReader } from '../../event-log/tree/tree-store';

/** A tile, or why there is none. */
type TileReading = { readonly tile: Uint8Array } | { readonly fault: Finding };

/** Compares the hashes that the engine keeps with the events, and with one another. */
export class TreeCheck {
  readonly #reader: TreeReader;
  /** Leaves that the tree had when the check began. */
  readonly size: number;
  #tileIndex = -1;
  #tile: Uint8Array | null = null;

  private constructor(reader: TreeReader, size: number) {
    this.#reader = reader;
    this.size = size;
  }

  static async open(reader: TreeReader): Promise<TreeCheck> {
    return new TreeCheck(reader, await reader.size());
  }

  /** True when the hash of a leaf needs no reading. */
  isAtHand(index: number): boolean {
    return index >= this.size || Math.floor(index / TILE_WIDTH) === this.#tileIndex;
  }

  /** Reads the tile with the hash of a leaf. */
  async turnTo(index: number): Promise<readonly Finding[]> {
    this.#tileIndex = Math.floor(index / TILE_WIDTH);
    const read = await this.#read(0, this.#tileIndex);
    this.#tile = 'tile' in read ? read.tile : null;
    return 'tile' in read ? [] : [read.fault];
  }

  /** Compares a leaf with what is kept of it, in the tile at hand. */
  checkLeaf(index: number, position: Position, leaf: Hash): readonly Finding[] {
    if (this.#tile === null || index >= this.size) return [];
    const at = (index % TILE_WIDTH) * HASH_BYTES;
    if (sameHash(this.#tile.subarray(at, at + HASH_BYTES), leaf)) return [];
    return [
      finding(
        'EVENT_ALTERED',
        position,
        `位置 ${position} 的事件与记账时留下的哈希不符：事件或哈希被改动`,
        `the event at position ${position} does not fit the hash that was kept of it: one of them was altered`,
      ),
    ];
  }

  /** Whether the hashes of full tiles, from a level up, are those of the tiles below them. */
  async checkLevels(from = 1): Promise<readonly Finding[]> {
    const findings: Finding[] = [];
    for (let level = from; hashesAtLevel(this.size, level) > 0; level += 1) {
      const count = hashesAtLevel(this.size, level);
      for (let tileIndex = 0; tileIndex * TILE_WIDTH < count; tileIndex += 1) {
        findings.push(...(await this.#checkTile(level, tileIndex)));
      }
    }
    return findings;
  }

  async #checkTile(level: number, tileIndex: number): Promise<readonly Finding[]> {
    const above = await this.#read(level, tileIndex);
    if ('fault' in above) return [above.fault];
    const findings: Finding[] = [];
    for (const [place, kept] of splitHashes(above.tile).entries()) {
      const below = await this.#read(level - 1, tileIndex * TILE_WIDTH + place);
      // What cannot be read below was told when it was asked for as itself.
      if ('fault' in below || sameHash(foldHashes(splitHashes(below.tile)), kept)) continue;
      const first = (tileIndex * TILE_WIDTH + place) * TILE_WIDTH ** level + 1;
      findings.push(
        finding(
          'TREE_ALTERED',
          first,
          `哈希树第 ${level} 层与其下层不符，涉及位置 ${first} 至 ${first + TILE_WIDTH ** level - 1}`,
          `level ${level} of the tree does not fit the level below, positions ${first} to ${first + TILE_WIDTH ** level - 1}`,
        ),
      );
    }
    return findings;
  }

  async #read(level: number, index: number): Promise<TileReading> {
    const width = tileWidth(this.size, level, index);
    let reason: string;
    let missing: number;
    try {
      const tile = await this.#reader.readTile({ level, index, width });
      if (tile.length === width * HASH_BYTES) return { tile };
      reason = `${tile.length} ≠ ${width * HASH_BYTES}`;
      missing = index * TILE_WIDTH + Math.floor(tile.length / HASH_BYTES);
    } catch (error) {
      if (!(error instanceof RangeError) && !isDamage(error)) throw error;
      reason = error.message;
      missing = error instanceof TileMissing ? error.hash : index * TILE_WIDTH;
    }
    const first = missing * TILE_WIDTH ** level + 1;
    return {
      fault: finding(
        'TREE_UNREADABLE',
        first,
        `哈希树缺少第 ${level} 层第 ${index} 块（自位置 ${first} 起）：${reason}`,
        `tile ${level}/${index} of the tree, from position ${first}, is missing or damaged: ${reason}`,
      ),
    };
  }
}
