import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { faultsOfLogFile, type LogFileFault } from '../../event-log/sqlite/log-file-check';
import type { LogTree } from '../../event-log/tree/log-tree';
import type { EventSpan } from '../proofs/event-check';
import type { Cause } from '../../platform/system-cause';
import { faultsOfReadFile } from '../../projecting/read-file-check';
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

export interface ReadFileDone {
  readonly causes: readonly Cause[];
}

/** What a thread is to do with a file: to check a part of the log that it holds, or itself. */
export type ThreadTask =
  | { readonly kind: 'part'; readonly file: string; readonly part: LogPart }
  | { readonly kind: 'log-file' | 'read-file'; readonly file: string };

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
  /** Of a file of read tables, from which on a thread looks through it. */
  readonly leastBytesOfAFile?: number;
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
    return inThread<EventSpan | null>(
      script,
      { kind: 'part', file, part },
      (message: PartProgress | PartDone, done) => {
        if ('events' in message) onProgress(message.events);
        else done(message.span);
      },
    );
  };

/** What is wrong with the file itself, looked for in a thread of its own where the log is worth one. */
export const checkFile = (
  file: string,
  isWorthThread: boolean,
  { script = SCRIPT }: Threads,
): Promise<readonly LogFileFault[]> =>
  isWorthThread
    ? inThread<readonly LogFileFault[]>(script, { kind: 'log-file', file }, ({ faults }: FileDone, done) =>
        done(faults),
      )
    : Promise.resolve(faultsOfLogFile(file));

/** A thread is worth it from so many bytes on: SQLite looks through some hundred million in a second. */
const LEAST_BYTES_OF_A_FILE = 16_000_000;

/** What is wrong with the file of the read tables, looked for in a thread of its own where it is large. */
export const checkReadFile = async (
  file: string,
  { script = SCRIPT, leastBytesOfAFile = LEAST_BYTES_OF_A_FILE }: Threads = {},
): Promise<readonly Cause[]> =>
  existsSync(script) && statSync(file).size >= leastBytesOfAFile
    ? inThread<readonly Cause[]>(script, { kind: 'read-file', file }, ({ causes }: ReadFileDone, done) => done(causes))
    : faultsOfReadFile(file);

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
