import type { StoredLeaf } from '../../event-log/tree/log-tree';
import { endOfNumber, endOfObject, endOfString, NOT_PLAIN } from './canonical-scan';

/** A movement as an event has it. */
export interface PlainMovement {
  readonly quotaLine: string;
  readonly from: string;
  readonly to: string;
  readonly amount: string;
}

/** What else is to be known of an event that is by itself as it should be. */
export interface PlainEvent {
  readonly id: string;
  readonly commandId: string;
  /** Undefined: it has none. */
  readonly movements: readonly PlainMovement[] | undefined;
}

const RECORDED_AT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const EFFECTIVE_ON = /^\d{4}-\d\d-\d\d$/;

/**
 * Reads an event as nearly all of them are: canonical, complete, as its row says, with an actor and a basis. Null for
 * any other, which is then looked at slowly, to say what is wrong with it, if anything. The canonical form of an event
 * is so narrow that one reading from left to right tells it, which takes a fifth of making an object of the text and a
 * text of the object again.
 *
 * @param text valid UTF-8 with one character for each byte: what is not ASCII is not what it says, but texts differ and
 *   are equal as their bytes do
 */
export const readPlainEvent = (
  text: string,
  { stream, revision, id: rowId }: Pick<StoredLeaf, 'stream' | 'revision' | 'id'>,
): PlainEvent | null => {
  const reading = new EventReading(text);
  const hasWho =
    reading.string('{"actor":{"division":"') &&
    reading.filled(',"id":"') &&
    reading.filled(',"role":"') &&
    reading.filled('},"basis":"') &&
    (reading.skip(',"causationId":null') || reading.string(',"causationId":"'));
  if (!hasWho || !reading.string(',"commandId":"')) return null;
  const commandId = reading.value();
  if (!reading.string(',"correlationId":"')) return null;
  const data = reading.data();
  if (data === null) return null;
  if (!reading.string(',"effectiveOn":"') || !EFFECTIVE_ON.test(reading.value())) return null;
  if (!reading.string(',"id":"')) return null;
  const id = reading.value();
  const isWhole =
    (rowId === undefined || rowId === id) &&
    reading.skip(',"metadata":') &&
    reading.object() &&
    reading.string(',"recordedAt":"') &&
    RECORDED_AT.test(reading.value()) &&
    reading.skip(`,"revision":${revision},"schemaVersion":`) &&
    reading.version() &&
    reading.string(',"stream":"') &&
    isSameName(reading.value(), stream) &&
    reading.string(',"type":"') &&
    reading.value() !== '' &&
    reading.endsWith('}');
  return isWhole ? { id, commandId, movements: data.movements } : null;
};

/** Names of streams are ASCII but for the codes of some projects. */
const isSameName = (bytes: string, name: string): boolean =>
  bytes === name || bytes === Buffer.from(name, 'utf8').toString('latin1');

/** First bytes of white space in UTF-8: with others a text cannot begin that is nothing but white space. */
const SPACE_BYTES: readonly number[] = [0xc2, 0xe1, 0xe2, 0xe3, 0xef];
const SPACE = 0x20;

/** Goes through an event from left to right. */
class EventReading {
  readonly #text: string;
  #at = 0;
  /** The string that was read last. */
  #from = 0;
  #to = 0;

  constructor(text: string) {
    this.#text = text;
  }

  skip(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  endsWith(expected: string): boolean {
    return this.skip(expected) && this.#at === this.#text.length;
  }

  /** @param before what stands before the string, with its opening quote */
  string(before: string): boolean {
    if (!this.skip(before)) return false;
    this.#from = this.#at;
    this.#to = endOfString(this.#text, this.#from);
    this.#at = this.#to + 1;
    return this.#to !== NOT_PLAIN;
  }

  /** A string that is more than white space. */
  filled(before: string): boolean {
    if (!this.string(before) || this.#from === this.#to) return false;
    const first = this.#text.charCodeAt(this.#from);
    return first > SPACE && !SPACE_BYTES.includes(first);
  }

  /** The string that was read last. */
  value(): string {
    return this.#text.slice(this.#from, this.#to);
  }

  object(): boolean {
    this.#at = endOfObject(this.#text, this.#at);
    return this.#at !== NOT_PLAIN;
  }

  /** A whole number from 1 on. */
  version(): boolean {
    const from = this.#at;
    this.#at = endOfNumber(this.#text, from);
    return this.#at !== NOT_PLAIN && Number(this.#text.slice(from, this.#at)) >= 1;
  }

  /** The event's data with its movements; null when they are not as movements are. */
  data(): { readonly movements: readonly PlainMovement[] | undefined } | null {
    if (!this.skip(',"data":')) return null;
    let movementsAt = NOT_PLAIN;
    const end = endOfObject(this.#text, this.#at, (keyFrom, keyTo, valueFrom) => {
      if (keyTo - keyFrom === MOVEMENTS.length && this.#text.startsWith(MOVEMENTS, keyFrom)) movementsAt = valueFrom;
    });
    if (end === NOT_PLAIN) return null;
    this.#at = movementsAt;
    const movements = movementsAt === NOT_PLAIN ? undefined : this.#movements();
    this.#at = end;
    return movements === null ? null : { movements };
  }

  #movements(): readonly PlainMovement[] | null {
    const movements: PlainMovement[] = [];
    if (this.skip('[]')) return movements;
    for (let before = '[{"amount":"'; this.string(before); before = ',{"amount":"') {
      const amount = this.value();
      if (!this.string(',"from":"')) return null;
      const from = this.value();
      if (!this.string(',"quotaLine":"')) return null;
      const quotaLine = this.value();
      if (!this.string(',"to":"')) return null;
      movements.push({ quotaLine, from, to: this.value(), amount });
      if (!this.skip('}')) return null;
      if (this.skip(']')) return movements;
    }
    return null;
  }
}

const MOVEMENTS = 'movements';
