import type { FactLimit } from '../../balances/moment';
import type { ReadSnapshot } from '../../projecting/read-database';

/** The 红字冲销 that took an entry back. */
export interface Reversal {
  readonly position: number;
  readonly eventId: string;
  readonly documentNo: string | null;
  /** Business date as a number yyyymmdd. */
  readonly day: number;
}

/**
 * What stands at a moment. An entry is taken back when a 红字冲销 of it is recorded within the moment and has not been
 * taken back itself. Such an entry and its reversal move the same money there and back; neither counts as money that a
 * document moved, both are history.
 */
export class Standing {
  readonly #snapshot: ReadSnapshot;
  readonly #limit: FactLimit;
  readonly #known = new Map<string, Reversal | null>();

  constructor(snapshot: ReadSnapshot, limit: FactLimit) {
    this.#snapshot = snapshot;
    this.#limit = limit;
  }

  /** The reversal by which an event is taken back; null where it stands. */
  reversalOf(eventId: string, after = 0): Reversal | null {
    const known = this.#known.get(eventId);
    if (known !== undefined) return known;
    // Reversals of a reversal come after it, so this ends whatever the log says.
    const reversal =
      this.#reversalsOf(eventId, after).find((each) => this.reversalOf(each.eventId, each.position) === null) ?? null;
    this.#known.set(eventId, reversal);
    return reversal;
  }

  #reversalsOf(eventId: string, after: number): readonly Reversal[] {
    return this.#snapshot
      .all<readonly [number, string, string | null, number]>(
        `SELECT position, id, document_no, effective_on FROM event
          WHERE reversed_event_id = ? AND position > ? AND position <= ? AND effective_on <= ? ORDER BY position`,
        eventId,
        after,
        this.#limit.position,
        this.#limit.day,
      )
      .map(([position, id, documentNo, day]) => ({ position, eventId: id, documentNo, day }));
  }
}
