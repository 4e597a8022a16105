import type { Actor } from '../event-log/event';
import type { Ledger } from '../ledger/ledger';
import type { CommandContext } from './program';
import { withProgress } from './progress';
import type { Terminal } from './terminal';

/** Opens the ledger, runs the work on it, and closes it whatever happens. */
export const withLedger = async <Result>(
  { settings }: CommandContext,
  work: (ledger: Ledger) => Promise<Result>,
  now?: () => Date,
): Promise<Result> => {
  const { Ledger: Opened } = await import('../ledger/ledger');
  const ledger = await Opened.open(settings, now);
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
};

/** Brings the read model up to the log, with a bar when that takes a while. */
export const catchUpShown = (ledger: Ledger, terminal: Terminal): Promise<number> =>
  withProgress(terminal, '更新读模型', 'Updating the read model', (update) => ledger.catchUp(update));

/**
 * Brings the read model up to the log before a question is asked. An empty ledger is
 * said to be one, with its place: more often than not the directory was mistyped.
 */
export const catchUp = async (ledger: Ledger, { settings, terminal }: CommandContext): Promise<void> => {
  if ((await catchUpShown(ledger, terminal)) > 0) return;
  terminal.message(
    `账本为空（数据目录 ${settings.dataDir}）。用 --data 指明已有的账本，或用 yichi import 导入台账。`,
    `The ledger is empty (data directory ${settings.dataDir}). Name the one you mean by --data, or import ledgers with yichi import.`,
  );
};

/** Who sits at the command line: the operating system's user. */
export const commandLineActor = async (): Promise<Actor> => {
  const { default: os } = await import('node:os');
  const { isSystemError } = await import('../platform/system-error');
  try {
    return { id: os.userInfo().username, role: 'operator', division: '' };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // In a container the user often has a number and no name.
    return { id: `uid-${process.getuid?.()}`, role: 'operator', division: '' };
  }
};
