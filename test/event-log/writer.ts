import { writeSync } from 'node:fs';

import { CommandRunner } from '../../src/event-log/command-runner';
import { SqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log';
import { payIn } from './purse';

/**
 * A process that is killed: each of its writers books one command after another from a given number on and says on
 * stdout, before it goes on, what was acknowledged. Arguments: file, events from which on the log writes in a thread of
 * its own, and the first number of each writer.
 */
const [, , file = '', threadFromEvents = '', ...firstNumbers] = process.argv;

const STREAMS = 3;
const STDOUT = 1;

/** The thread has the write-ahead log copied all the time, so that processes are killed in the midst of that as well. */
const walPages = { copied: 20, startedOver: 60 };

const log = new SqliteEventLog({ file, threadFromEvents: Number.parseInt(threadFromEvents, 10), walPages });
const runner = new CommandRunner(log, { now: () => new Date() });

const write = async (writer: number, first: number): Promise<void> => {
  const stream = `purse-${writer % STREAMS}`;
  for (let number = first; ; number += 1) {
    const { eventIds, position, revision, unchanged } = await runner.execute(payIn(stream, 1, `${writer}/${number}`));
    // A synchronous write: once it has returned, the line is in the file, whatever happens to this process.
    writeSync(STDOUT, `${JSON.stringify({ writer, number, stream, eventIds, position, revision, unchanged })}\n`);
  }
};

void Promise.all(firstNumbers.map((first, writer) => write(writer, Number.parseInt(first, 10)))).catch((error) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
