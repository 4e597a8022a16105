import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { faultsOfLogFile, type LogFileFault } from '../../event-log/sqlite/log-file-check';
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

export interface FileDone {
  readonly faults: readonly LogFileFault[];
}

/** What a thread is to do: to check a part of the log, or with none the file itself. */
export interface ThreadTask {
  readonly file: string;
  readonly part: LogPart | null;
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
    return inThread<EventSpan | null>(script, { file, part }, (message: PartProgress | PartDone, done) => {
      if ('events' in message) onProgress(message.events);
      else done(message.span);
    });
  };

/** What is wrong with the file itself, looked for in a thread of its own where the log is worth one. */
export const checkFile = (
  file: string,
  isWorthThread: boolean,
  { script = SCRIPT }: Threads,
): Promise<readonly LogFileFault[]> =>
  isWorthThread
    ? inThread<readonly LogFileFault[]>(script, { file, part: null }, ({ faults }: FileDone, done) => done(faults))
    : Promise.resolve(faultsOfLogFile(file));

const inThread = <Result>(
  script: string,
  task: ThreadTask,
  // What a thread of ours sends is known by what it was asked.
  onMessage: (message: never, done: (result: Result) => void) => void,
): Promise<Result> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData: task });
    worker.on('message', (message) => onMessage(message as never, resolve));
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('a thread ended before it had done its work')));
  });
