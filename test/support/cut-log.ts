import type { AppendOrder } from '../../src/event-log/append-rules';
import type { Position, StoredEvent } from '../../src/event-log/event';
import type {
  Appended,
  EventLog,
  StreamAppend,
  Subscription,
  SubscriptionHandlers,
} from '../../src/event-log/event-log';
import { isHousekeeping } from '../../src/event-log/housekeeping';
import type { LogTree } from '../../src/event-log/tree/log-tree';
import { MemoryEventLog } from '../../src/event-log/memory/memory-event-log';

/** The connection is gone: nothing of the append was stored. */
export class CutOff extends Error {
  constructor() {
    super('cut off');
    this.name = 'CutOff';
  }
}

/**
 * A log whose units can be cut in two, like one on a server: one append a stream, no tree of its own, and streams of
 * the housekeeping that only `readStream` shows. It can be told to fail after so many appends.
 */
export class CutLog implements EventLog {
  readonly engine = 'cut';
  readonly unitsCanBeCut = true;
  readonly inner: MemoryEventLog;
  tree?: LogTree;
  /** Appends that still succeed. */
  appendsLeft = Infinity;
  /** Streams of the appends that were stored, in order. */
  readonly appended: string[] = [];

  readonly #isItsOwn: boolean;

  /** @param shared what other nodes hold open as well; it is left open */
  constructor(shared?: MemoryEventLog) {
    this.#isItsOwn = shared === undefined;
    this.inner = shared ?? new MemoryEventLog();
  }

  showTree(tree: LogTree): void {
    this.tree = tree;
  }

  async append(append: StreamAppend): Promise<Appended> {
    if (this.appendsLeft <= 0) throw new CutOff();
    this.appendsLeft -= 1;
    const answer = await this.inner.append(append);
    this.appended.push(append.stream);
    return answer;
  }

  async appendTogether(appends: readonly StreamAppend[], _order?: AppendOrder): Promise<readonly Appended[]> {
    const answers: Appended[] = [];
    for (const append of appends) answers.push(await this.append(append));
    return answers;
  }

  readStream(stream: string, fromRevision: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.inner.readStream(stream, fromRevision, limit);
  }

  async readAll(after: Position, limit: number): Promise<readonly StoredEvent[]> {
    for (let from = after; ;) {
      const page = await this.inner.readAll(from, limit);
      const shown = page.filter(({ stream }) => !isHousekeeping(stream));
      const last = page.at(-1);
      if (shown.length > 0 || last === undefined) return shown;
      from = last.position;
    }
  }

  readAt(position: Position): Promise<StoredEvent | null> {
    return this.inner.readAt(position);
  }

  subscribeAll(after: Position, handlers: SubscriptionHandlers): Subscription {
    return this.inner.subscribeAll(after, {
      ...handlers,
      onEvents: async (events) => {
        const shown = events.filter(({ stream }) => !isHousekeeping(stream));
        if (shown.length > 0) await handlers.onEvents(shown);
      },
    });
  }

  /** Position of the last event that readAll shows. */
  async head(): Promise<Position> {
    const all = await this.inner.readAll(0, Infinity);
    return all.findLast(({ stream }) => !isHousekeeping(stream))?.position ?? 0;
  }

  async close(): Promise<void> {
    if (this.#isItsOwn) await this.inner.close();
  }
}
