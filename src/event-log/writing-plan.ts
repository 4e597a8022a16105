import type { SealedAppend } from './append-rules';

/** Where an event stands in the plan. */
interface Place {
  /** Number of its stream, in the order in which the work first came to each. */
  readonly streamNumber: number;
  /** 0: all its causes lie in the log or come before its stream; each step of a cause from a later stream adds one. */
  readonly round: number;
}

interface PlannedAppend extends Place {
  readonly append: SealedAppend;
}

interface PlannedStream {
  readonly number: number;
  /** Of its latest event; it never goes back, because a stream's events are stored in their order. */
  round: number;
}

/**
 * In which order the events of a unit are stored where they cannot be stored together: stream after stream, in the
 * order in which the work came to them (registries, projects, pools), and no event before the one that caused it. An
 * event whose cause lies in a later stream waits, with all that follow it in its own stream, for the next round.
 *
 * What an earlier run of the same work has stored takes its place in the plan as well, so that the rest is stored in
 * the order that it would have had: however often the work is cut off, the log ends the same.
 */
export class WritingPlan {
  readonly #streams = new Map<string, PlannedStream>();
  readonly #places = new Map<string, Place>();

  /** Told of every command's events in the order of the work, of those that are stored already as well. */
  add(stream: string, eventIds: readonly string[], causationId: string | null): void {
    const planned = this.#planned(stream);
    const cause = causationId === null ? undefined : this.#places.get(causationId);
    if (cause !== undefined) {
      const round = cause.streamNumber > planned.number ? cause.round + 1 : cause.round;
      planned.round = Math.max(planned.round, round);
    }
    for (const id of eventIds) {
      this.#places.set(id, { streamNumber: planned.number, round: planned.round });
    }
  }

  /** The appends in the order in which they are to be stored, those of each round together; no stream is twice in one. */
  rounds(appends: readonly SealedAppend[]): readonly (readonly SealedAppend[])[] {
    const parts = appends
      .flatMap((append) => this.#parts(append))
      .sort((left, right) => left.round - right.round || left.streamNumber - right.streamNumber);
    const rounds = new Map<number, SealedAppend[]>();
    for (const { round, append } of parts) {
      const known = rounds.get(round);
      if (known === undefined) rounds.set(round, [append]);
      else known.push(append);
    }
    return [...rounds.values()];
  }

  clear(): void {
    this.#streams.clear();
    this.#places.clear();
  }

  /** A command's events are of one round, so that no command is stored in part. */
  #parts({ stream, expectedRevision, events }: SealedAppend): readonly PlannedAppend[] {
    const parts: PlannedAppend[] = [];
    for (let from = 0; from < events.length;) {
      const { round, streamNumber } = this.#placeOf(events[from]?.id ?? '');
      let to = from + 1;
      while (to < events.length && this.#placeOf(events[to]?.id ?? '').round === round) to += 1;
      const append = { stream, expectedRevision: expectedRevision + from, events: events.slice(from, to) };
      parts.push({ round, streamNumber, append });
      from = to;
    }
    return parts;
  }

  #placeOf(eventId: string): Place {
    const place = this.#places.get(eventId);
    if (place === undefined) throw new Error(`event ${eventId} is not planned`);
    return place;
  }

  #planned(stream: string): PlannedStream {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const planned = { number: this.#streams.size, round: 0 };
    this.#streams.set(stream, planned);
    return planned;
  }
}
