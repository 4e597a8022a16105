import { parentPort, workerData } from 'node:worker_threads';

import { openLogFile } from './open-log-file';

/**
 * The thread that copies the write-ahead log into the main file of the log that `workerData` names, on a connection of
 * its own, while another goes on writing. It answers every request but the last when its copy is over.
 */
const port = parentPort;
if (port === null) throw new Error('the write-ahead log is copied in a thread of its own');

const database = openLogFile(String(workerData));
const copy = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

port.on('message', (request: 'copy' | 'close') => {
  if (request === 'close') {
    database.close();
    port.close();
    return;
  }
  try {
    copy.get();
  } catch {
    // A disk that is full or out of reach is told to whoever writes; what was not copied waits in the write-ahead log.
  }
  port.postMessage('copied');
});
