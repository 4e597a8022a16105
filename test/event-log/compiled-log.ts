import { compileSources } from '../support/compile-sources';

/** Scripts that a plain Node can run. */
export interface CompiledLog {
  /** The process that test/event-log/writer.ts describes. */
  readonly writer: string;
  /** The writer's thread of the SQLite log. */
  readonly thread: string;
  /** The module that starts the thread beside it. */
  readonly walCopies: string;
}

/** Compiles the event log, and what the child processes of these tests run, into a directory. */
export const compileLog = (directory: string): CompiledLog => {
  const compiled = compileSources(directory, [
    'src/event-log',
    'src/platform',
    'test/event-log/purse.ts',
    'test/event-log/writer.ts',
  ]);
  return {
    writer: compiled('test/event-log/writer.ts'),
    thread: compiled('src/event-log/sqlite/log-writer-thread.ts'),
    walCopies: compiled('src/event-log/sqlite/wal-copies.ts'),
  };
};
