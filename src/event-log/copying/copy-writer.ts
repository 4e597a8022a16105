import type { AppendOrder } from '../append-rules';
import type { StoredEvent } from '../event';
import { EventIdConflict, type EventLog, RevisionConflict, type SealedEvent, type StreamAppend } from '../event-log';
import { targetWritten } from './copy-failure';

/** Writes copied events in the order of the source, at the revisions that they have there. */
export type CopyWriter = (events: readonly StoredEvent[]) => Promise<void>;

export const copyWriter = (target: EventLog): CopyWriter => {
  const write = target.unitsCanBeCut === true ? oneAppendARun(target) : oneUnitAPage(target);
  return async (events) => {
    try {
      await write(events);
    } catch (error) {
      if (error instanceof RevisionConflict) throw targetWritten(error.stream);
      if (error instanceof EventIdConflict) throw targetWritten(error.eventId);
      throw error;
    }
  };
};

/**
 * Neighbouring events of one stream are one append. The next waits for it: two that are under way together may change
 * places, and the order of the whole log is what the tree is made of.
 */
const oneAppendARun =
  (target: EventLog): CopyWriter =>
  async (events) => {
    for (const run of runsOf(events)) await target.append(run);
  };

/** Where a unit is one transaction, a page of events costs one flush, whatever streams they are of. */
const oneUnitAPage =
  (target: EventLog): CopyWriter =>
  async (events) => {
    const appends: MutableAppend[] = [];
    const places = new Map<string, number>();
    const order: [number, number][] = [];
    for (const event of events) {
      let place = places.get(event.stream);
      if (place === undefined) {
        place = appends.length;
        places.set(event.stream, place);
        appends.push(appendFrom(event, []));
      }
      const append = appends[place] as MutableAppend;
      order.push([place, append.events.length]);
      append.events.push(sealedEvent(event));
    }
    await target.appendTogether(appends, order satisfies AppendOrder);
  };

interface MutableAppend extends StreamAppend {
  readonly events: SealedEvent[];
}

/** Appends that keep the order of the events: each as long as its stream has neighbours. */
export const runsOf = (events: readonly StoredEvent[]): readonly StreamAppend[] => {
  const runs: MutableAppend[] = [];
  for (const event of events) {
    const run = runs.at(-1);
    if (run?.stream === event.stream) run.events.push(sealedEvent(event));
    else runs.push(appendFrom(event, [sealedEvent(event)]));
  }
  return runs;
};

const appendFrom = ({ stream, revision }: StoredEvent, events: SealedEvent[]): MutableAppend => ({
  stream,
  expectedRevision: revision - 1,
  events,
  lastPositionSuffices: true,
});

/** The id is taken from the bytes themselves, so that the copy has the ids that its content names. */
const sealedEvent = ({ canonical }: StoredEvent): SealedEvent => ({
  id: (JSON.parse(canonical) as { readonly id: string }).id,
  canonical,
});
