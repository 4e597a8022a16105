import { canonicalEvent } from './canonical-event';
import type { LedgerEvent } from './event';
import { isUuid } from './event-id';
import type { MovedStream, RestsOn, SealedEvent, StreamAppend, StreamRevision } from './event-log';
import { categoryOf } from './stream-categories';

/** Index pairs [append, event]: which event of which append takes the next position. */
export type AppendOrder = readonly (readonly [append: number, event: number])[];

/** An append whose events are in the form that is stored. */
export interface SealedAppend extends StreamAppend {
  readonly events: readonly SealedEvent[];
}

/** Of what was written behind the look, the first in a stream that nothing should have been written to; null: none. */
export const movedBeside = (
  own: string,
  { streams, nothingElse }: RestsOn,
  written: Iterable<StreamRevision>,
): MovedStream | null => {
  const named = new Set([own, ...streams.map(({ stream }) => stream)]);
  for (const { stream, revision } of written) {
    if (named.has(stream) || nothingElse?.categories.includes(categoryOf(stream)) !== true) continue;
    return { stream, revision: revision - 1, actualRevision: revision };
  }
  return null;
};

const isSealed = (event: LedgerEvent | SealedEvent): event is SealedEvent => 'canonical' in event;

/**
 * What every engine demands of a caller: at least one event, each with a UUID and written for the stream and revision
 * it is appended at. Anything else would put a lie into the log, so it is a defect of the caller and not a refusal.
 * Found here, before anything waits together, it harms no neighbour.
 */
export const sealAppend = (append: StreamAppend): SealedAppend => {
  const { stream, expectedRevision, events, restsOn } = append;
  if (events.length === 0) throw new Error(`an append to ${stream} without events`);
  if (stream === '') throw new Error('an append to a stream without a name');
  for (const event of events) {
    if (!isUuid(event.id)) throw new Error(`the id of an event is not a UUID: ${event.id}`);
  }
  if (restsOn?.some(({ streams }) => streams.some((each) => each.stream === stream)) === true) {
    throw new Error(`an append to ${stream} that rests on ${stream} itself`);
  }
  if (events.every(isSealed)) return { stream, expectedRevision, events, restsOn };
  return {
    stream,
    expectedRevision,
    restsOn,
    events: events.map((event, index) => {
      if (isSealed(event)) return event;
      const revision = expectedRevision + 1 + index;
      if (event.stream !== stream || event.revision !== revision) {
        throw new Error(`event ${event.id} says ${event.stream}@${event.revision}, not ${stream}@${revision}`);
      }
      return { id: event.id, canonical: canonicalEvent(event) };
    }),
  };
};

/**
 * Appends of one unit: no stream twice, and an order that names each event once, a stream's own in their order.
 * @param unit `whole`: some of them may hold no event, and only ask where a stream is
 */
export const sealUnit = (
  appends: readonly StreamAppend[],
  order: AppendOrder | undefined,
  unit: 'whole' | 'cut' = 'cut',
): readonly SealedAppend[] => {
  if (appends.some(({ restsOn }) => restsOn !== undefined)) throw new Error('a unit asks of streams by appends');
  if (new Set(appends.map((append) => append.stream)).size !== appends.length) {
    throw new Error('a unit names a stream twice');
  }
  if (order !== undefined) assertOrder(appends, order);
  const asksOnly = ({ events }: StreamAppend): boolean => unit === 'whole' && events.length === 0;
  if (appends.length > 0 && appends.every(asksOnly)) throw new Error('a unit without events');
  return appends.map((append) =>
    asksOnly(append)
      ? { stream: append.stream, expectedRevision: append.expectedRevision, events: [] }
      : sealAppend(append),
  );
};

const assertOrder = (appends: readonly StreamAppend[], order: AppendOrder): void => {
  const next = appends.map(() => 0);
  for (const [append, event] of order) {
    if (next[append] !== event) throw new Error(`the order of a unit names event [${append}, ${event}] out of turn`);
    next[append] = event + 1;
  }
  appends.forEach(({ stream, events }, index) => {
    if (next[index] !== events.length) throw new Error(`the order of a unit leaves out events of ${stream}`);
  });
};

/** The order of a unit that names none: append after append. */
export const plainOrder = (appends: readonly StreamAppend[]): AppendOrder =>
  appends.flatMap((append, index) => append.events.map((_, event) => [index, event] as const));
