import { canonicalEvent } from '../canonical-event';
import type { LedgerEvent } from '../event';
import { uuidV5 } from '../event-id';
import type { SealedEvent } from '../event-log';

/**
 * How an event lies in the server: its data alone as JSON, so that a projection there finds it under `event.data`, and
 * everything else as flat texts in the metadata. The canonical bytes are put together from the two again.
 */
export interface StoredForm {
  /** Follows from every byte of the event, so that the server knows a repeat by what it says and not by its name. */
  readonly id: string;
  readonly type: string;
  /** Canonical JSON. */
  readonly data: Buffer;
  /** JSON of an object of texts. */
  readonly metadata: Buffer;
}

/** What a server hands back of an event. */
export interface ServerEvent {
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** Written into every event, so that a later form can be told from this one. */
const FORM = '1';

/** Marks the keys of an event's own metadata, so that they never meet those of the envelope. */
const OWN_KEY = 'meta:';

/** The texts of the metadata. The envelope's are always there, except `causationId`, which may be missing. */
type Envelope = Readonly<Record<string, string>>;

/** Where an event is to lie. */
export interface Place {
  readonly stream: string;
  readonly revision: number;
}

/** An event ready to be sent, and the command it comes from. */
export interface FormedEvent {
  readonly form: StoredForm;
  readonly commandId: string;
  readonly canonical: string;
}

/** Stands before an event's data in its canonical form, once and nowhere else: in a text the quotes would be escaped. */
const BEFORE_DATA = ',"data":';

/** @throws Error when the event would not come back from its place to the last byte; a defect of the caller */
export const toStoredForm = (sealed: SealedEvent, { stream, revision }: Place): FormedEvent => {
  const { canonical } = sealed;
  const event = JSON.parse(canonical) as LedgerEvent;
  const metadata = envelopeOf(event);
  const isFlat = Object.values(metadata).every((value) => typeof value === 'string');
  // Whatever the form cannot carry is found here, and not when somebody wants it back.
  const frame = isFlat && event.id === sealed.id ? canonicalOf(stream, revision, event.type, '', metadata) : null;
  const data = frame === null ? null : within(canonical, frame);
  if (data === null) {
    throw new Error(`event ${sealed.id} at ${stream}@${revision} has no form in the server that gives back its bytes`);
  }
  const form = {
    id: uuidV5(sealed.id, canonical),
    type: event.type,
    data: Buffer.from(data, 'utf8'),
    metadata: Buffer.from(JSON.stringify(metadata), 'utf8'),
  };
  return { form, commandId: event.commandId, canonical };
};

/** The data that make the canonical form of it, put into the frame; null when nothing does. */
const within = (canonical: string, frame: string): string | null => {
  const split = frame.indexOf(BEFORE_DATA) + BEFORE_DATA.length;
  const [head, tail] = [frame.slice(0, split), frame.slice(split)];
  const isFramed = canonical.length > frame.length && canonical.startsWith(head) && canonical.endsWith(tail);
  return isFramed ? canonical.slice(head.length, canonical.length - tail.length) : null;
};

/** The canonical bytes of an event; null when somebody else has written it. */
export const fromServer = (event: ServerEvent): string | null => {
  const metadata = readMetadata(event.metadata);
  return metadata === null ? null : canonicalOf(event.stream, event.revision, event.type, utf8(event.data), metadata);
};

const envelopeOf = (event: LedgerEvent): Envelope => {
  const texts: Record<string, string> = {
    form: FORM,
    id: event.id,
    schemaVersion: String(event.schemaVersion),
    recordedAt: event.recordedAt,
    effectiveOn: event.effectiveOn,
    actorId: event.actor.id,
    actorRole: event.actor.role,
    actorDivision: event.actor.division,
    commandId: event.commandId,
    correlationId: event.correlationId,
    basis: event.basis,
  };
  if (event.causationId !== null) texts['causationId'] = event.causationId;
  for (const [key, value] of Object.entries(event.metadata)) texts[`${OWN_KEY}${key}`] = value;
  return texts;
};

const WHOLE_NUMBER = /^(0|[1-9]\d{0,8})$/;

/** The canonical bytes; null when the metadata are not those of an event of ours. */
const canonicalOf = (stream: string, revision: number, type: string, data: string, texts: Envelope): string | null => {
  const { form, id, schemaVersion, recordedAt, effectiveOn, actorId, actorRole, actorDivision } = texts;
  const { commandId, correlationId, causationId, basis } = texts;
  if (form !== FORM || id === undefined || schemaVersion === undefined || !WHOLE_NUMBER.test(schemaVersion))
    return null;
  if (recordedAt === undefined || effectiveOn === undefined || basis === undefined) return null;
  if (actorId === undefined || actorRole === undefined || actorDivision === undefined) return null;
  if (commandId === undefined || correlationId === undefined) return null;
  // Without a prototype, so that even a key `__proto__` is only a key.
  const metadata = Object.create(null) as Record<string, string>;
  for (const key of Object.keys(texts)) {
    if (key.startsWith(OWN_KEY)) metadata[key.slice(OWN_KEY.length)] = texts[key] as string;
  }
  return canonicalEvent(
    {
      id,
      type,
      stream,
      revision,
      schemaVersion: Number(schemaVersion),
      recordedAt,
      effectiveOn,
      actor: { id: actorId, role: actorRole, division: actorDivision },
      commandId,
      correlationId,
      causationId: causationId ?? null,
      basis,
      metadata,
      data: null,
    },
    data,
  );
};

const readMetadata = (bytes: Uint8Array): Envelope | null => {
  let read: unknown;
  try {
    read = JSON.parse(utf8(bytes));
  } catch {
    return null;
  }
  if (typeof read !== 'object' || read === null) return null;
  return Object.values(read).every((value) => typeof value === 'string') ? (read as Envelope) : null;
};

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
