import type { LogTree } from '../../event-log/tree/log-tree';
import type { CheckpointDesk } from './checkpoint-desk';
import type { KeptCheckpoint } from './kept-checkpoint';
import type { OnTrouble } from './place';

export interface CheckpointScheduleOptions {
  readonly desk: Pick<CheckpointDesk, 'latest' | 'make'>;
  readonly tree: Pick<LogTree, 'size'>;
  /** A checkpoint is made after so many new events … */
  readonly events: number;
  /** … or after so many seconds, when there is any new event. */
  readonly seconds: number;
  readonly onMade?: (kept: KeptCheckpoint) => void;
  readonly onTrouble?: OnTrouble;
  /** A checkpoint that could not be made; it is tried again after `seconds`. */
  readonly onFailure?: (error: unknown) => void;
  readonly clock?: () => number;
}

/** How often it is looked whether there is enough that is new. */
const LOOK_EVERY_MS = 1000;

/** Makes checkpoints while the service runs. */
export class CheckpointSchedule {
  readonly #options: CheckpointScheduleOptions;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #busy: Promise<void> | null = null;
  /** Size of the last checkpoint that is known to have been made and published. */
  #size: number | null = null;
  #since: number;
  #failed = false;

  constructor(options: CheckpointScheduleOptions) {
    this.#options = options;
    this.#now = options.clock ?? (() => performance.now());
    this.#since = this.#now();
    const every = Math.min(LOOK_EVERY_MS, options.seconds * 1000);
    this.#timer = setInterval(() => void this.look(), every).unref();
  }

  /** Makes a checkpoint if it is time. */
  look(): Promise<void> {
    this.#busy ??= this.#look().finally(() => {
      this.#busy = null;
    });
    return this.#busy;
  }

  /** Waits for a checkpoint that is being made; no other begins. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#busy;
  }

  async #look(): Promise<void> {
    const { desk, tree, events, seconds, onMade, onTrouble, onFailure } = this.#options;
    try {
      this.#size ??= (await desk.latest())?.size ?? 0;
      const fresh = (await tree.size()) - this.#size;
      const waited = this.#now() - this.#since >= seconds * 1000;
      const isTime = this.#failed ? waited : fresh >= events || (fresh !== 0 && waited);
      if (!isTime) return;
      const kept = await desk.make(onTrouble);
      this.#size = kept.size;
      this.#failed = false;
      onMade?.(kept);
    } catch (error) {
      this.#failed = true;
      onFailure?.(error);
    }
    this.#since = this.#now();
  }
}
