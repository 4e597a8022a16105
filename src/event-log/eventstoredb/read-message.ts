import type { Place } from './read-requests';
import type { ServerEvent } from './stored-form';
import { WireReader } from './wire-reader';

/** An event of the server with its id there and its place in the whole. */
export interface ReadEvent extends ServerEvent {
  readonly id: string;
  readonly position: number;
}

/** What a reading or a subscription brings. */
export type ReadMessage =
  | { readonly kind: 'event'; readonly event: ReadEvent }
  /** Everything up to here has been looked through. */
  | { readonly kind: 'checkpoint'; readonly place: Place }
  | { readonly kind: 'confirmation' | 'no-stream' | 'caught-up' | 'fell-behind' | 'other' };

/** Fields of ReadResp, as the protocol numbers them. */
const EVENT = 1;
const CONFIRMATION = 2;
const CHECKPOINT = 3;
const STREAM_NOT_FOUND = 4;
const CAUGHT_UP = 8;
const FELL_BEHIND = 9;

const OTHER: ReadMessage = { kind: 'other' };

/** @throws Error when these are not the bytes of such a message */
export const readMessage = (bytes: Buffer): ReadMessage => {
  const message = new WireReader(bytes);
  let read: ReadMessage = OTHER;
  for (let field = message.field(); field !== 0; field = message.field()) {
    if (field === EVENT) read = resolvedEvent(message.part());
    else if (field === CHECKPOINT) read = { kind: 'checkpoint', place: placeIn(message.part()) };
    else {
      message.skip();
      if (field === CONFIRMATION) read = { kind: 'confirmation' };
      else if (field === STREAM_NOT_FOUND) read = { kind: 'no-stream' };
      else if (field === CAUGHT_UP) read = { kind: 'caught-up' };
      else if (field === FELL_BEHIND) read = { kind: 'fell-behind' };
    }
  }
  return read;
};

/** Of an event and the link that led to it only the event. */
const resolvedEvent = (message: WireReader): ReadMessage =>
  message.find(1, () => ({ kind: 'event', event: recordedEvent(message.part()) }) as const, OTHER);

const NOTHING: Uint8Array = Buffer.alloc(0);

const recordedEvent = (message: WireReader): ReadEvent => {
  const event = { id: '', stream: '', revision: 0, position: 0, type: '', metadata: NOTHING, data: NOTHING };
  for (let field = message.field(); field !== 0; field = message.field()) {
    if (field === 1) event.id = textIn(message.part(), 2);
    else if (field === 2) event.stream = textIn(message.part(), 3);
    else if (field === 3) event.revision = message.number();
    else if (field === 5) event.position = message.number();
    else if (field === 6) event.type = typeIn(message.part()) ?? event.type;
    else if (field === 7) event.metadata = message.bytes();
    else if (field === 8) event.data = message.bytes();
    else message.skip();
  }
  return event;
};

/** The one text of a message that has only that. */
const textIn = (message: WireReader, wanted: number): string => message.find(wanted, () => message.text(), '');

/** An entry of the server's own metadata: key and value. Only the type is of interest. */
const typeIn = (message: WireReader): string | null => {
  let isType = false;
  let value: string | null = null;
  for (let field = message.field(); field !== 0; field = message.field()) {
    if (field === 1) isType = message.text() === 'type';
    else if (field === 2 && isType) value = message.text();
    else message.skip();
  }
  return value;
};

const placeIn = (message: WireReader): Place => {
  const place = { commit: 0, prepare: 0 };
  for (let field = message.field(); field !== 0; field = message.field()) {
    if (field === 1) place.commit = message.number();
    else if (field === 2) place.prepare = message.number();
    else message.skip();
  }
  return place;
};
