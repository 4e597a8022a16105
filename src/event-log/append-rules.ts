import { canonicalEvent } from './canonical-event';
import type { LedgerEvent } from './event';
import type { SealedEvent, StreamAppend } from './event-log';

/** Index pairs [append, event]: which event of which append takes the next position. */
export type AppendOrder = readonly (readonly [append: number, event: number])[];

export const isSealed = (event: LedgerEvent | SealedEvent): event is SealedEvent => 'canonical' in event;

/** The text that is stored for an event. */
export const storedText = (event: LedgerEvent | SealedEvent): string =>
  isSealed(event) ? event.canonical : canonicalEvent(event);

/**
 * What every engine demands of a caller: at least one event, each written for the stream and revision it is appended
 * at. Anything else would put a lie into the log, so it is a defect of the caller and not a refusal.
 */
export const assertWellFormed = (append: StreamAppend): void => {
  const { stream, expectedRevision, events } = append;
  if (events.length === 0) throw new Error(`an append to ${stream} without events`);
  if (stream === '') throw new Error('an append to a stream without a name');
  let revision = expectedRevision;
  for (const event of events) {
    revision += 1;
    if (!isSealed(event) && (event.stream !== stream || event.revision !== revision)) {
      throw new Error(`event ${event.id} says ${event.stream}@${event.revision}, not ${stream}@${revision}`);
    }
  }
};

/** Appends of one unit: no stream twice, and an order that names each event once, a stream's own in their order. */
export const assertUnit = (appends: readonly StreamAppend[], order: AppendOrder | undefined): void => {
  appends.forEach(assertWellFormed);
  if (new Set(appends.map((append) => append.stream)).size !== appends.length) {
    throw new Error('a unit names a stream twice');
  }
  if (order === undefined) return;
  const next = appends.map(() => 0);
  for (const [append, event] of order) {
    if (next[append] !== event) throw new Error(`the order of a unit names event [${append}, ${event}] out of turn`);
    next[append] = event + 1;
  }
  appends.forEach((append, index) => {
    if (next[index] !== append.events.length) throw new Error(`the order of a unit leaves out events of ${append.stream}`);
  });
};

/** The order of a unit that names none: append after append. */
export const plainOrder = (appends: readonly StreamAppend[]): AppendOrder =>
  appends.flatMap((append, index) => append.events.map((_, event) => [index, event] as const));
