import { parentPort, workerData } from 'node:worker_threads';

import { LogWriter } from './log-writer';
import type { WriterReply, WriterRequest, WriterThreadData } from './log-writer-message';
import { openLogFile } from './open-log-file';
import { packReply, unpackUnits } from './packed-units';
import { WalCopies } from './wal-copies';

/**
 * The thread that writes while the main thread decides what comes next. It has a connection of its own to the file
 * that its data names and answers every commit in order.
 */
const port = parentPort;
if (port === null) throw new Error('the log writer runs in a thread of its own');

const { file, walPages } = workerData as WriterThreadData;
const database = openLogFile(file);
const writer = new LogWriter(database);
const copies = new WalCopies(database, file, walPages);

const answer = ({ units, texts }: Extract<WriterRequest, { kind: 'commit' }>): WriterReply => {
  try {
    return packReply(writer.commit(unpackUnits(units, texts)));
  } catch (error) {
    const { name, message } = error as Error;
    return { kind: 'failed', name, code: String((error as { code?: unknown }).code ?? ''), message };
  }
};

port.on('message', (request: WriterRequest) => {
  if (request.kind === 'commit') {
    port.postMessage(answer(request));
    copies.afterCommit();
    return;
  }
  void copies.close().then(() => {
    database.close();
    port.close();
  });
});
