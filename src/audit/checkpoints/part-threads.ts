import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { LogTree } from '../../event-log/tree/log-tree';
import type { EventSpan } from '../proofs/event-check';
import { checkPart, type LogPart } from '../proofs/part-check';
import { partsOf } from '../proofs/verify-in-parts';

export interface PartProgress {
  readonly events: number;
}

export interface PartDone {
  readonly span: EventSpan | null;
}

/** Compiled beside this file. Where only the sources are, as in unit tests, there are no threads. */
const SCRIPT = join(__dirname, 'verify-thread.js');

/** A thread takes some tens of milliseconds and megabytes, which a small log is not worth. */
const LEAST_EVENTS_OF_A_PART = 20_000;

/** The disk and the memory are shared; beyond this more threads gain little. */
const MOST_THREADS = 8;

export interface Threads {
  /** The compiled script of a thread; another than the usual one for tests. */
  readonly script?: string;
  readonly leastEventsOfAPart?: number;
}

/** Into how many parts it is worth to divide a log; one: none. */
export const worthwhileParts = (size: number, { script = SCRIPT, leastEventsOfAPart }: Threads): readonly LogPart[] => {
  const least = leastEventsOfAPart ?? LEAST_EVENTS_OF_A_PART;
  const count = Math.min(availableParallelism(), MOST_THREADS, Math.floor(size / least));
  return count > 1 && existsSync(script) ? partsOf(size, count) : partsOf(size, 1);
};

/** Checks the first part in this thread and every other one in a thread of its own. */
export const checkInThreads =
  (file: string, tree: LogTree, { script = SCRIPT }: Threads, onProgress: (events: number) => void) =>
  (part: LogPart): Promise<EventSpan | null> => {
    if (part.from === 0) return checkPart(tree, part, onProgress);
    return new Promise((resolve, reject) => {
      const worker = new Worker(script, { workerData: { file, part } });
      worker.on('message', (message: PartProgress | PartDone) => {
        if ('events' in message) onProgress(message.events);
        else resolve(message.span);
      });
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('a thread ended before it had checked its part')));
    });
  };
