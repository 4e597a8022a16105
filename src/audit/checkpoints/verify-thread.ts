import { parentPort, workerData } from 'node:worker_threads';

import { faultsOfLogFile } from '../../event-log/sqlite/log-file-check';
import { SqliteEventLog } from '../../event-log/sqlite/sqlite-event-log';
import { assertNever } from '../../platform/domain-error';
import { faultsOfReadFile } from '../../projecting/read-file-check';
import { checkPart, type LogPart } from '../proofs/part-check';
import type { FileDone, PartDone, PartProgress, ReadFileDone, ThreadTask } from './part-threads';

/** A thread that checks one part of an embedded log, or a file, on a connection of its own. */
const run = async (task: ThreadTask): Promise<void> => {
  switch (task.kind) {
    case 'part':
      return runPart(task.file, task.part);
    case 'log-file':
      return parentPort?.postMessage({ faults: faultsOfLogFile(task.file) } satisfies FileDone);
    case 'read-file':
      return parentPort?.postMessage({ causes: faultsOfReadFile(task.file) } satisfies ReadFileDone);
    default:
      return assertNever(task);
  }
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
