import type { SingleBar } from 'cli-progress';

import type { Terminal } from './terminal';

/** A bar appears only for what takes longer than this; faster work should not flicker. */
const PATIENCE_MS = 1000;

/** How often a log file that is not a terminal gets a line. */
const LINE_EVERY_MS = 2000;

/**
 * Told how far a step is; `total` is null as long as nobody knows it. Where both are positions of the log, which count
 * bytes on a server, `events` says how many events were done.
 */
export type Update = (done: number, total: number | null, events?: number) => void;

/**
 * Progress of one long step on stderr: a bar on a terminal, now and then a line elsewhere. A program that asked for
 * JSON is told nothing of it.
 */
export class Progress {
  readonly #label: string;
  readonly #isWanted: boolean;
  readonly #startedAt = Date.now();
  #bar: SingleBar | null = null;
  #lineAt = 0;

  constructor(terminal: Terminal, zh: string, en: string) {
    this.#label = terminal.say(zh, en);
    this.#isWanted = !terminal.json;
  }

  update(...[done, total, events]: Parameters<Update>): void {
    if (!this.#isWanted) return;
    const now = Date.now();
    if (now - this.#startedAt < PATIENCE_MS) return;
    if (!process.stderr.isTTY || total === null) {
      if (now - this.#lineAt < LINE_EVERY_MS) return;
      this.#lineAt = now;
      process.stderr.write(`${this.#label} ${told(done, total, events)}\n`);
      return;
    }
    const count = { count: events === undefined ? `${done}/${total}` : String(events) };
    if (this.#bar === null) {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- only long work pays for loading it
      const { SingleBar: Bar } = require('cli-progress') as typeof import('cli-progress');
      this.#bar = new Bar({
        format: `${this.#label} [{bar}] {percentage}% {count} {eta_formatted}`,
        stream: process.stderr,
        hideCursor: true,
      });
      this.#bar.start(total, done, count);
    }
    this.#bar.setTotal(total);
    this.#bar.update(done, count);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}

const told: (...of: Parameters<Update>) => string = (done, total, events) => {
  if (total === null) return String(events ?? done);
  return events === undefined ? `${done}/${total}` : `${events} (${Math.floor((done / Math.max(total, 1)) * 100)}%)`;
};

/** Shows the progress of a step that may fail, and gives the terminal back whatever happens. */
export const withProgress = async <Result>(
  terminal: Terminal,
  zh: string,
  en: string,
  work: (update: Update) => Promise<Result>,
): Promise<Result> => {
  const progress = new Progress(terminal, zh, en);
  try {
    return await work((...told) => progress.update(...told));
  } finally {
    progress.stop();
  }
};
