import { hash } from 'node:crypto';

import { HASH_BYTES } from '../../event-log/tree/merkle-hash';
import { TILE_HEIGHT } from '../../event-log/tree/tiles';

/** RFC 6962: what is hashed of a node is `0x01 ‖ left ‖ right`. */
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES);
nodeInput[0] = 1;

/**
 * A tile's hashes and, behind them, those of all complete subtrees in it, height by height, as one row of bytes. A
 * million of them are needed for one bundle, so that none becomes an object of its own.
 */
export const foldTile = (tile: Uint8Array): Uint8Array<ArrayBuffer> => {
  const width = tile.length / HASH_BYTES;
  const rows = Buffer.from(new ArrayBuffer(rowStart(width, TILE_HEIGHT) * HASH_BYTES));
  rows.set(tile);
  for (let height = 1; height < TILE_HEIGHT; height += 1) {
    const below = rowStart(width, height - 1) * HASH_BYTES;
    const row = rowStart(width, height) * HASH_BYTES;
    const count = Math.floor(width / 2 ** height);
    for (let index = 0; index < count; index += 1) {
      const left = below + index * 2 * HASH_BYTES;
      nodeInput.set(rows.subarray(left, left + 2 * HASH_BYTES), 1);
      rows.write(hash('sha256', nodeInput, 'binary'), row + index * HASH_BYTES, 'binary');
    }
  }
  return rows;
};

/** How many hashes of a tile of some width lie before those of a height. */
export const rowStart = (width: number, height: number): number => {
  let start = 0;
  for (let below = 0; below < height; below += 1) start += Math.floor(width / 2 ** below);
  return start;
};
