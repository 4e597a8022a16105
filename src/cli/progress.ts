import type { SingleBar } from 'cli-progress';

import type { Terminal } from './terminal';

/** A bar appears only for what takes longer than this; faster work should not flicker. */
const PATIENCE_MS = 1000;

/** How often a log file that is not a terminal gets a line. */
const LINE_EVERY_MS = 2000;

/** Whether what is done is a number that means something to people, or only how much of the whole it is. */
export type Measure = 'count' | 'share';

/** Positions count events in the engines' own files, and bytes on a server. */
export const measureOf = ({ engine }: { readonly engine: string }): Measure =>
  engine === 'eventstoredb' ? 'share' : 'count';

/**
 * Progress of one long step on stderr: a bar on a terminal, now and then a line elsewhere. A program that asked for
 * JSON is told nothing of it.
 */
export class Progress {
  readonly #label: string;
  readonly #isWanted: boolean;
  readonly #measure: Measure;
  readonly #startedAt = Date.now();
  #bar: SingleBar | null = null;
  #lineAt = 0;

  constructor(terminal: Terminal, zh: string, en: string, measure: Measure = 'count') {
    this.#label = terminal.say(zh, en);
    this.#measure = measure;
    this.#isWanted = !terminal.json;
  }

  /** `total` is null as long as nobody knows it. */
  update(done: number, total: number | null): void {
    if (!this.#isWanted) return;
    const now = Date.now();
    if (now - this.#startedAt < PATIENCE_MS) return;
    if (!process.stderr.isTTY || total === null) {
      if (now - this.#lineAt < LINE_EVERY_MS) return;
      this.#lineAt = now;
      process.stderr.write(`${this.#label} ${this.#told(done, total)}\n`);
      return;
    }
    if (this.#bar === null) {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- only long work pays for loading it
      const { SingleBar: Bar } = require('cli-progress') as typeof import('cli-progress');
      this.#bar = new Bar({
        format: `${this.#label} [{bar}] {percentage}%${this.#measure === 'count' ? ' {value}/{total}' : ''} {eta_formatted}`,
        stream: process.stderr,
        hideCursor: true,
      });
      this.#bar.start(total, done);
    }
    this.#bar.setTotal(total);
    this.#bar.update(done);
  }

  #told(done: number, total: number | null): string {
    if (total === null) return String(done);
    return this.#measure === 'count' ? `${done}/${total}` : `${Math.floor((done / Math.max(total, 1)) * 100)}%`;
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}

/** Shows the progress of a step that may fail, and gives the terminal back whatever happens. */
export const withProgress = async <Result>(
  terminal: Terminal,
  zh: string,
  en: string,
  work: (update: (done: number, total: number | null) => void) => Promise<Result>,
  measure: Measure = 'count',
): Promise<Result> => {
  const progress = new Progress(terminal, zh, en, measure);
  try {
    return await work((done, total) => progress.update(done, total));
  } finally {
    progress.stop();
  }
};
