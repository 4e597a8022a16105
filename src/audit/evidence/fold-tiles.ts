import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { foldTile } from './fold-tile';

/** Compiled beside this file. Where only the sources are, as in unit tests, there is no thread. */
const THREAD_SCRIPT = join(__dirname, 'fold-tiles-thread.js');

/** A thread takes some 40 ms to start, in which the main one folds this many. */
const TILES_WORTH_THREADS = 250;

/** More would not get more work than they cost. */
const MOST_THREADS = 4;

/** Folds tiles, in threads where there are many, so that the caller can do something else meanwhile. */
export const foldTiles = async (tiles: readonly Uint8Array[]): Promise<readonly Uint8Array[]> => {
  if (tiles.length < TILES_WORTH_THREADS || !existsSync(THREAD_SCRIPT)) return tiles.map(foldTile);
  const threads = Math.min(MOST_THREADS, availableParallelism());
  const share = Math.ceil(tiles.length / threads);
  const parts = await Promise.all(
    Array.from({ length: threads }, (_, part) => foldInThread(tiles.slice(part * share, (part + 1) * share))),
  );
  return parts.flat();
};

const foldInThread = async (tiles: readonly Uint8Array[]): Promise<readonly Uint8Array[]> => {
  const thread = new Worker(THREAD_SCRIPT);
  try {
    thread.postMessage(tiles);
    const [folded] = (await once(thread, 'message')) as [readonly Uint8Array[]];
    return folded;
  } finally {
    await thread.terminate();
  }
};
