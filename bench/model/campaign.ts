import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { Way } from './try-history';

/** One history of a campaign, played. */
export interface PlayedHistory {
  readonly seed: number;
  readonly way: Way;
  /** How often the model said what, by outcome and code. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly failure: { readonly kind: string; readonly message: string } | null;
}

/** What a thread is asked: to play the history of a seed, or to make a failing one short. */
export interface HistoryOrder {
  readonly seed: number;
  readonly shrink: boolean;
}

export type HistoryAnswer =
  | { readonly is: 'played'; readonly played: PlayedHistory }
  | { readonly is: 'shrunk'; readonly seed: number; readonly report: string };

/** What a campaign has seen so far. */
export class CampaignFigures {
  histories = 0;
  commands = 0;
  readonly ways = new Map<string, number>();
  readonly verdicts = new Map<string, number>();
  /** By kind, the seeds that came out so. */
  readonly failures = new Map<string, number[]>();
  readonly #began = performance.now();

  add({ seed, way, verdicts, failure }: PlayedHistory): void {
    this.histories += 1;
    this.#count(this.ways, way, 1);
    for (const [verdict, times] of Object.entries(verdicts)) {
      this.commands += times;
      this.#count(this.verdicts, verdict, times);
    }
    if (failure !== null) this.failures.set(failure.kind, [...(this.failures.get(failure.kind) ?? []), seed]);
  }

  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  get differing(): number {
    return [...this.failures.values()].reduce((sum, seeds) => sum + seeds.length, 0);
  }

  /** One line. */
  text(): string {
    const refused = [...this.verdicts].filter(([verdict]) => verdict.startsWith('refused'));
    const told = ['accepted', 'unchanged', 'repeated'].map((name) => `${this.verdicts.get(name) ?? 0} ${name}`);
    return [
      `${this.histories} histories, ${this.commands} commands`,
      ...told,
      `${refused.reduce((sum, [, times]) => sum + times, 0)} refused`,
      `${this.differing} disagreements`,
      `${this.seconds.toFixed(0)} s`,
    ].join(', ');
  }

  /** Every figure, a line each. */
  summary(): string {
    const most = (counts: ReadonlyMap<string, number>): string =>
      [...counts]
        .sort(([, one], [, other]) => other - one)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ');
    return [
      this.text(),
      `ways: ${most(this.ways)}`,
      `what the model said: ${most(this.verdicts)}`,
      ...[...this.failures].map(
        ([kind, seeds]) => `${seeds.length} times (seeds ${seeds.slice(0, 10).join()}): ${kind}`,
      ),
    ].join('\n');
  }

  #count(counts: Map<string, number>, name: string, times: number): void {
    counts.set(name, (counts.get(name) ?? 0) + times);
  }
}

export interface CampaignOptions {
  readonly histories: number;
  readonly seed: number;
  readonly onPlayed: (figures: CampaignFigures) => void;
  /** The first of each kind of disagreement, made short. */
  readonly onReport: (report: string) => void;
}

const THREAD_SCRIPT = join(__dirname, 'campaign-thread.js');
/** Histories make many objects that are forgotten at once. */
const YOUNG_OBJECTS_MB = 64;

/** Plays histories in as many threads as there are processors. */
export class Campaign {
  readonly figures = new CampaignFigures();
  readonly #options: CampaignOptions;
  #next: number;
  #end: number;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#next = options.seed;
    this.#end = options.seed + options.histories;
  }

  /** Seed of the first history that has not begun; what began before it is played to its end. */
  get next(): number {
    return this.#next;
  }

  /** No further history is begun. */
  stop(): void {
    this.#end = this.#next;
  }

  async run(): Promise<void> {
    const threads = Math.min(availableParallelism(), this.#options.histories);
    await Promise.all(Array.from({ length: threads }, () => this.#work()));
  }

  #work(): Promise<void> {
    const thread = new Worker(THREAD_SCRIPT, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_OBJECTS_MB } });
    return new Promise<void>((resolve, reject) => {
      const order = (next: HistoryOrder): void => thread.postMessage(next);
      const goOn = (): void => {
        if (this.#next >= this.#end) return thread.postMessage(null);
        order({ seed: this.#next, shrink: false });
        this.#next += 1;
      };
      thread.on('message', (answer: HistoryAnswer) => {
        if (answer.is === 'shrunk') {
          this.#options.onReport(answer.report);
          return goOn();
        }
        const { seed, failure } = answer.played;
        const isNew = failure !== null && !this.figures.failures.has(failure.kind);
        this.figures.add(answer.played);
        this.#options.onPlayed(this.figures);
        if (isNew) order({ seed, shrink: true });
        else goOn();
      });
      thread.once('error', reject);
      thread.once('exit', () => resolve());
      goOn();
    });
  }
}
