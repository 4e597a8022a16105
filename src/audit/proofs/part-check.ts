import type { LogTree } from '../../event-log/tree/log-tree';
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

/** Events read at once: whole tiles. */
const PAGE = 16 * TILE_WIDTH;

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
  const events = new EventCheck(true);
  for (let from = part.from; from < part.to; from += PAGE) {
    const limit = Math.min(PAGE, part.to - from);
    const leaves = await tree.readLeaves(from, limit);
    if (leaves.length !== limit) return null;
    for (let first = 0; first < limit; first += TILE_WIDTH) {
      const tileIndex = (from + first) / TILE_WIDTH;
      const tile = await soundTile(tree, part.size, tileIndex);
      if (tile === null) return null;
      for (let place = 0; place < TILE_WIDTH && first + place < limit; place += 1) {
        const leaf = leaves[first + place];
        if (leaf === undefined || leaf.position !== from + first + place + 1) return null;
        const at = place * HASH_BYTES;
        if (!sameHash(tile.subarray(at, at + HASH_BYTES), leafHash(leaf.bytes))) return null;
        if (events.check(leaf).length > 0) return null;
      }
    }
    onProgress(limit);
  }
  return events.span();
};

/** A tile of leaf hashes that fits the hash that is kept of it; null when it does not, or is not there. */
const soundTile = async (tree: LogTree, size: number, index: number): Promise<Uint8Array | null> => {
  try {
    const width = tileWidth(size, 0, index);
    const tile = await tree.readTile({ level: 0, index, width });
    if (width < TILE_WIDTH) return tile;
    const place = index % TILE_WIDTH;
    const above = await tree.readTile({ level: 1, index: Math.floor(index / TILE_WIDTH), width: place + 1 });
    return sameHash(foldHashes(splitHashes(tile)), above.subarray(place * HASH_BYTES)) ? tile : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
};
