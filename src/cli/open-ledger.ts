import type { Actor } from '../event-log/event';
import type { Ledger } from '../ledger/ledger';
import type { CommandContext } from './program';
import { Progress } from './progress';

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

/** Brings the read model up to the log before a question is asked, with a bar when that takes a while. */
export const catchUp = async (ledger: Ledger, { terminal }: CommandContext): Promise<void> => {
  const progress = new Progress(terminal, '更新读模型', 'Updating the read model');
  try {
    await ledger.catchUp((done, total) => progress.update(done, total));
  } finally {
    progress.stop();
  }
};

/** Who sits at the command line: the operating system's user. */
export const commandLineActor = async (): Promise<Actor> => {
  const { userInfo } = await import('node:os');
  return { id: userInfo().username, role: 'operator', division: '' };
};
