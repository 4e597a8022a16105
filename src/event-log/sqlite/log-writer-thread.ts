import { parentPort, workerData } from 'node:worker_threads';

import { DomainError } from '../../platform/domain-error';
import { LogWriter, type WriterUnit } from './log-writer';
import type { PackedUnit, WriterReply, WriterRequest } from './log-writer-message';
import { openLogFile } from './open-log-file';

/**
 * The thread that writes while the main thread decides what comes next. It has a connection of its own to the file
 * that `workerData` names and answers every commit in order.
 */
const port = parentPort;
if (port === null) throw new Error('the log writer runs in a thread of its own');

const database = openLogFile(String(workerData));
const writer = new LogWriter(database);

const unpack = (units: readonly PackedUnit[], texts: SharedArrayBuffer): readonly WriterUnit[] => {
  let from = 0;
  return units.map(({ appends, order }) => ({
    order,
    appends: appends.map(({ stream, expectedRevision, ids, lengths }) => ({
      stream,
      expectedRevision,
      events: ids.map((id, index) => {
        const length = lengths[index] ?? 0;
        const canonical = Buffer.from(texts, from, length);
        from += length;
        return { id, canonical };
      }),
    })),
  }));
};

const answer = (request: Extract<WriterRequest, { kind: 'commit' }>): WriterReply => {
  try {
    return { kind: 'committed', committed: writer.commit(unpack(request.units, request.texts)) };
  } catch (error) {
    const { name, message } = error as Error;
    const code = error instanceof DomainError ? error.code : String((error as { code?: unknown }).code ?? '');
    return { kind: 'failed', name, code, message };
  }
};

port.on('message', (request: WriterRequest) => {
  if (request.kind === 'commit') {
    port.postMessage(answer(request));
    return;
  }
  database.close();
  port.close();
});
