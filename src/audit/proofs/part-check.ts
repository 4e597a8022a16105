import { isUtf8 } from 'node:buffer';

import { isDamage } from '../../event-log/log-failure';
import type { LogTree, PackedReader, StoredLeaf } from '../../event-log/tree/log-tree';
import { HASH_BYTES, leafHash, sameHash, splitHashes } from '../../event-log/tree/merkle-hash';
import { foldHashes, TILE_WIDTH, tileWidth } from '../../event-log/tree/tiles';
import { EventCheck, type EventSpan } from './event-check';

/** Leaves `from`, which begins a tile, to before `to`, which ends one or the log. */
export interface LogPart {
  readonly from: number;
  readonly to: number;
  /** Leaves of the whole tree. */
  readonly size: number;
}

/** Events read at once: whole tiles, and not so many that an engine could not hand them out in one piece. */
const PAGE = 4 * TILE_WIDTH;

/**
 * Checks a part of a log whose positions count from 1: each event, the events against their hashes, and those against
 * the tiles above. Null when anything is wrong; what it is, and where, is for the checking from the first event on to
 * find.
 */
export const checkPart = async (
  tree: LogTree,
  part: LogPart,
  onProgress: (events: number) => void = () => undefined,
): Promise<EventSpan | null> => {
  try {
    return await checkReadable(tree, part, onProgress);
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  }
};

const checkReadable = async (
  tree: LogTree,
  part: LogPart,
  onProgress: (events: number) => void,
): Promise<EventSpan | null> => {
  const events = new EventCheck(true);
  const readPacked = tree.packedReader?.();
  const tiles = new SoundTiles(tree, part.size);
  for (let from = part.from; from < part.to; from += PAGE) {
    const limit = Math.min(PAGE, part.to - from);
    const page = await readPage(tree, readPacked, from, limit);
    if (page === null) return null;
    for (let first = 0; first < limit; first += TILE_WIDTH) {
      const tile = await tiles.read((from + first) / TILE_WIDTH);
      if (tile === null || !isSound(page, first, Math.min(first + TILE_WIDTH, limit), tile, events)) return null;
    }
    onProgress(limit);
  }
  return events.span();
};

/** Events of a page, from one place to before another, against the hashes of their tile. */
const isSound = (page: Page, from: number, to: number, tile: string, events: EventCheck): boolean => {
  for (let place = from; place < to; place += 1) {
    const at = (place - from) * HASH_BYTES;
    if (tile.slice(at, at + HASH_BYTES) !== page.hash(place)) return false;
    if (events.check(page.leaf(place), page.text(place)).length > 0) return false;
  }
  return true;
};

/** Events at their places; hashes and texts have one character for each byte. */
interface Page {
  leaf(place: number): StoredLeaf;
  hash(place: number): string;
  /** Undefined: not known to be valid UTF-8. */
  text(place: number): string | undefined;
}

const readPage = async (
  tree: LogTree,
  readPacked: PackedReader | undefined,
  from: number,
  limit: number,
): Promise<Page | null> => {
  const packed = (await readPacked?.(from, limit)) ?? null;
  // What is valid as a whole is so in every leaf, because bytes of ASCII stand between them.
  if (packed !== null && isUtf8(packed.memory)) return packed;
  const leaves = await tree.readLeaves(from, limit);
  const isGapless = leaves.length === limit && leaves.every(({ position }, index) => position === from + index + 1);
  return isGapless ? new RowPage(leaves) : null;
};

class RowPage implements Page {
  readonly #leaves: readonly StoredLeaf[];

  constructor(leaves: readonly StoredLeaf[]) {
    this.#leaves = leaves;
  }

  leaf(place: number): StoredLeaf {
    return this.#leaves[place] as StoredLeaf;
  }

  hash(place: number): string {
    return leafHash(this.leaf(place).bytes).toString('latin1');
  }

  text(): undefined {
    return undefined;
  }
}

/** Tiles of leaf hashes that fit the hash that is kept of each. */
class SoundTiles {
  readonly #tree: LogTree;
  readonly #size: number;
  /** The tile above those that are read now. */
  #above: { readonly index: number; readonly tile: Uint8Array } | null = null;

  constructor(tree: LogTree, size: number) {
    this.#tree = tree;
    this.#size = size;
  }

  /** One character for each byte; null when the tile does not fit, or is not there. */
  async read(index: number): Promise<string | null> {
    try {
      const width = tileWidth(this.#size, 0, index);
      const tile = await this.#tree.readTile({ level: 0, index, width });
      if (width === TILE_WIDTH && !sameHash(foldHashes(splitHashes(tile)), await this.#hashAbove(index))) return null;
      return Buffer.from(tile.buffer, tile.byteOffset, tile.length).toString('latin1');
    } catch (error) {
      if (error instanceof RangeError || isDamage(error)) return null;
      throw error;
    }
  }

  async #hashAbove(index: number): Promise<Uint8Array> {
    const above = Math.floor(index / TILE_WIDTH);
    if (this.#above?.index !== above) {
      const width = tileWidth(this.#size, 1, above);
      this.#above = { index: above, tile: await this.#tree.readTile({ level: 1, index: above, width }) };
    }
    const at = (index % TILE_WIDTH) * HASH_BYTES;
    return this.#above.tile.subarray(at, at + HASH_BYTES);
  }
}
