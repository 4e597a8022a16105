import { parentPort, workerData } from 'node:worker_threads';

import { faultsOfLogFile } from '../../event-log/sqlite/log-file-check';
import { SqliteEventLog } from '../../event-log/sqlite/sqlite-event-log';
import { checkPart, type LogPart } from '../proofs/part-check';
import type { FileDone, PartDone, PartProgress, ThreadTask } from './part-threads';

/** A thread that checks one part of an embedded log, or its file, on a connection of its own. */
const run = async ({ file, part }: ThreadTask): Promise<void> => {
  if (part === null) parentPort?.postMessage({ faults: faultsOfLogFile(file) } satisfies FileDone);
  else await runPart(file, part);
};

const runPart = async (file: string, part: LogPart): Promise<void> => {
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

void run(workerData as ThreadTask);
