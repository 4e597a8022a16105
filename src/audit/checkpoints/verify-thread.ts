import { parentPort, workerData } from 'node:worker_threads';

import { SqliteEventLog } from '../../event-log/sqlite/sqlite-event-log';
import { checkPart, type LogPart } from '../proofs/part-check';
import type { PartDone, PartProgress } from './part-threads';

/** A thread that checks one part of an embedded log on a connection of its own. */
const run = async ({ file, part }: { readonly file: string; readonly part: LogPart }): Promise<void> => {
  const log = new SqliteEventLog({ file });
  try {
    const span = await checkPart(log.tree, part, (events) => {
      parentPort?.postMessage({ events } satisfies PartProgress);
    });
    parentPort?.postMessage({ span } satisfies PartDone);
  } finally {
    await log.close();
  }
};

void run(workerData as { readonly file: string; readonly part: LogPart });
