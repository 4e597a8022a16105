import { parentPort } from 'node:worker_threads';

import { foldTile } from './fold-tile';

/** Folds the tiles of each message and sends them back, until it is ended. */
parentPort?.on('message', (tiles: readonly Uint8Array[]) => {
  const folded = tiles.map(foldTile);
  parentPort?.postMessage(
    folded,
    folded.map(({ buffer }) => buffer),
  );
});
