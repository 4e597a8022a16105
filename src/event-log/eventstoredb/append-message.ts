import type { StoredForm } from './stored-form';
import { WireReader } from './wire-reader';
import { WireWriter } from './wire-writer';

/** One append as it goes over a stream that many share. */
export interface AppendMessage {
  /** UUID by which the answer is known. */
  readonly number: string;
  readonly stream: string;
  /** −1: the stream does not exist. */
  readonly expectedRevision: number;
  readonly deadlineMs: number;
  readonly events: readonly StoredForm[];
}

/** What the server said to it; `refused` for whatever reason, which a call of its own will tell exactly. */
export type AppendReply =
  | { readonly kind: 'stored'; readonly revision: number; readonly position: number }
  | { readonly kind: 'conflict'; readonly actualRevision: number }
  | { readonly kind: 'refused'; readonly detail: string };

/** Fields of BatchAppendReq and of its parts, as the protocol numbers them. */
const NUMBER = 1;
const OPTIONS = 2;
const PROPOSED = 3;
const IS_FINAL = 4;
const UUID_TEXT = 2;
const STREAM = { identifier: 1, name: 3 } as const;
const EXPECTED = { revision: 2, noStream: 3 } as const;
const DEADLINE = { duration: 7, seconds: 1, nanoseconds: 2 } as const;
const EVENT = { id: 1, metadata: 2, customMetadata: 3, data: 4 } as const;
const ENTRY = { key: 1, value: 2 } as const;

const NS_PER_MS = 1e6;

/** Rather too much than too little: names and ids of an append, and of each event beside its texts. */
const APPEND_BYTES = 256;
const EVENT_BYTES = 192;

export const appendMessage = ({ number, stream, expectedRevision, deadlineMs, events }: AppendMessage): Buffer => {
  const eventBytes = events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length + EVENT_BYTES, 0);
  const writer = new WireWriter(eventBytes + APPEND_BYTES);
  writer.number(IS_FINAL, 1);
  for (let index = events.length - 1; index >= 0; index -= 1) writeEvent(writer, events[index] as StoredForm);
  writer.part(OPTIONS, () => {
    writer.part(DEADLINE.duration, () => {
      writer.number(DEADLINE.nanoseconds, (deadlineMs % 1000) * NS_PER_MS);
      writer.number(DEADLINE.seconds, Math.floor(deadlineMs / 1000));
    });
    if (expectedRevision < 0) writer.part(EXPECTED.noStream, () => undefined);
    else writer.number(EXPECTED.revision, expectedRevision);
    writer.part(STREAM.identifier, () => writer.text(STREAM.name, stream));
  });
  writer.part(NUMBER, () => writer.text(UUID_TEXT, number));
  return writer.message();
};

const writeEvent = (writer: WireWriter, { id, type, data, metadata }: StoredForm): void =>
  writer.part(PROPOSED, () => {
    writer.bytes(EVENT.data, data);
    writer.bytes(EVENT.customMetadata, metadata);
    writeEntry(writer, 'content-type', 'application/json');
    writeEntry(writer, 'type', type);
    writer.part(EVENT.id, () => writer.text(UUID_TEXT, id));
  });

const writeEntry = (writer: WireWriter, key: string, value: string): void =>
  writer.part(EVENT.metadata, () => {
    writer.text(ENTRY.value, value);
    writer.text(ENTRY.key, key);
  });

/** Fields of BatchAppendResp and of its parts. */
const ERROR = 2;
const SUCCESS = 3;
const STATUS = { code: 1, text: 2, details: 3 } as const;
const DETAILS_VALUE = 2;

/** The server's code for an append at another revision than the stream's. */
const ALREADY_EXISTS = 6;

/** @throws Error when these are not the bytes of such a message */
export const appendReply = (bytes: Buffer): { readonly number: string; readonly reply: AppendReply } => {
  const message = new WireReader(bytes);
  let number = '';
  let reply: AppendReply = { kind: 'refused', detail: 'an answer without a result' };
  for (let field = message.field(); field !== 0; field = message.field()) {
    if (field === NUMBER) number = uuidText(message.part());
    else if (field === ERROR) reply = failed(message.part());
    else if (field === SUCCESS) reply = stored(message.part());
    else message.skip();
  }
  return { number, reply };
};

const uuidText = (message: WireReader): string => message.find(UUID_TEXT, () => message.text(), '');

const stored = (message: WireReader): AppendReply => {
  let revision = Number.NaN;
  let position = Number.NaN;
  for (let field = message.field(); field !== 0; field = message.field()) {
    if (field === 1) revision = message.number();
    else if (field === 3) position = firstNumber(message.part());
    else message.skip();
  }
  const isKnown = Number.isSafeInteger(revision) && Number.isSafeInteger(position);
  return isKnown ? { kind: 'stored', revision, position } : { kind: 'refused', detail: 'stored without a position' };
};

const failed = (message: WireReader): AppendReply => {
  let code = 0;
  let detail = '';
  let details: Buffer | null = null;
  for (let field = message.field(); field !== 0; field = message.field()) {
    if (field === STATUS.code) code = message.number();
    else if (field === STATUS.text) detail = message.text();
    else if (field === STATUS.details) details = detailsValue(message.part());
    else message.skip();
  }
  if (code !== ALREADY_EXISTS || details === null) return { kind: 'refused', detail };
  const actualRevision = firstNumber(new WireReader(details));
  // A stream without events has no number, or the greatest there is.
  return { kind: 'conflict', actualRevision: Number.isSafeInteger(actualRevision) ? actualRevision : -1 };
};

const detailsValue = (message: WireReader): Buffer | null => message.find(DETAILS_VALUE, () => message.bytes(), null);

/** The number in field 1; NaN where it is left out although it has a meaning of its own then. */
const firstNumber = (message: WireReader): number => message.find(1, () => message.number(), Number.NaN);
