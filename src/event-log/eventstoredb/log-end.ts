import { BEFORE_FIRST, type Position } from '../event';

/** Where the ledger ends on a server that others may use as well. */
export interface EndOfLog {
  /** Position of the ledger's last event, or 0. */
  readonly event: Position;
  /** Position of a record, the event itself or one behind it: none between the two is the ledger's. */
  readonly lookedTo: Position;
}

/** The newest record of the server, whoever wrote it. */
export interface NewestRecord {
  readonly position: Position;
  readonly isOfLedger: boolean;
}

/** What is asked of the server to find the end. */
export interface SearchedLog {
  /** Null where there is none at all. */
  newest(): Promise<NewestRecord | null>;
  /** The ledger's last event among what lies from a record on, `none`, or `many` when there is more than one page. */
  lastFrom(position: Position): Promise<Position | 'none' | 'many'>;
  /** The ledger's last event of all, or 0: looked for from the server's end backwards, however far it lies. */
  lastOfAll(): Promise<Position>;
  isEvent(position: Position): Promise<boolean>;
  /** What was put on record last; null where nothing was, or where it may not be read. */
  recorded(): Promise<EndOfLog | null>;
  /** Puts it on record, so that nobody has to look through the same again. */
  record(end: EndOfLog): void;
}

/**
 * Positions count bytes: so much is looked through in a tenth of a second or two. More of others' records behind the
 * ledger's last event are worth putting on record.
 */
export const FAR_BYTES = 8 * 1024 * 1024;

/**
 * Finds the ledger's last event in a time that does not grow with what others have written behind it. The newest record
 * of all is read at once; where it is not the ledger's, only what has come since one last looked is looked through, by
 * this object or by whoever put on record how far it has looked. What is known is asked for again before it counts: the
 * server may have been restored from an older backup.
 */
export class LogEnd {
  readonly #log: SearchedLog;
  #known: EndOfLog | null = null;
  /** How far the last end that was put on record had been looked for; null while that is not known. */
  #recordedTo: Position | null = null;
  #searching: Promise<unknown> | null = null;

  constructor(log: SearchedLog) {
    this.#log = log;
  }

  /** What was found last; null before. */
  get known(): EndOfLog | null {
    return this.#known;
  }

  /** What is known has turned out not to be so. */
  forget(): void {
    this.#known = null;
  }

  /** The end at a moment after this was asked. */
  async find(): Promise<EndOfLog> {
    const before = this.#known;
    const newest = await this.#log.newest();
    if (newest === null) return this.#found({ event: BEFORE_FIRST, lookedTo: BEFORE_FIRST });
    const { position } = newest;
    if (newest.isOfLedger) return this.#found({ event: position, lookedTo: position });
    // Nothing that was known before can lie behind the newest record, unless the server has gone back.
    if (before !== null && before === this.#known && before.lookedTo > position) this.forget();
    for (;;) {
      if (this.#known !== null && this.#known.lookedTo >= position) return this.#known;
      if (this.#searching !== null) {
        await this.#searching.catch(() => undefined);
        continue;
      }
      const search = this.#search(position).finally(() => (this.#searching = null));
      this.#searching = search;
      return search;
    }
  }

  #found(end: EndOfLog): EndOfLog {
    if (this.#known === null || this.#known.lookedTo < end.lookedTo) this.#known = end;
    return end;
  }

  async #search(newest: Position): Promise<EndOfLog> {
    const start = await this.#start(newest);
    const event = (start === null ? null : await this.#goOnFrom(start)) ?? (await this.#log.lastOfAll());
    const end = { event, lookedTo: Math.max(newest, event) };
    this.#known = end;
    if (end.lookedTo - end.event > FAR_BYTES) await this.#record(end);
    return end;
  }

  async #record(end: EndOfLog): Promise<void> {
    if (this.#recordedTo === null) await this.#recorded();
    if (end.lookedTo - (this.#recordedTo ?? 0) <= FAR_BYTES) return;
    this.#recordedTo = end.lookedTo;
    this.#log.record(end);
  }

  async #recorded(): Promise<EndOfLog | null> {
    const recorded = await this.#log.recorded();
    this.#recordedTo = recorded?.lookedTo ?? BEFORE_FIRST;
    return recorded;
  }

  /** From where on it is enough to look. */
  async #start(newest: Position): Promise<EndOfLog | null> {
    const known = this.#known;
    if (known !== null && newest - known.lookedTo <= FAR_BYTES) return known;
    const recorded = await this.#recorded();
    const furthest = recorded !== null && recorded.lookedTo > (known?.lookedTo ?? -1) ? recorded : known;
    return furthest === null || furthest.lookedTo > newest ? null : furthest;
  }

  /** Null when what was known is not so, or when too much has come since. */
  async #goOnFrom({ event, lookedTo }: EndOfLog): Promise<Position | null> {
    const [isThere, last] = await Promise.all([
      event === BEFORE_FIRST ? true : this.#log.isEvent(event),
      this.#log.lastFrom(lookedTo),
    ]);
    if (!isThere || last === 'many') return null;
    return last === 'none' ? event : last;
  }
}
