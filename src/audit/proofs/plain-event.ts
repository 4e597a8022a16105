import { isUtf8 } from 'node:buffer';

import type { LedgerEvent } from '../../event-log/event';
import type { StoredLeaf } from '../../event-log/tree/log-tree';

/**
 * Reads an event as nearly all of them are: canonical, complete, as its row says, with an actor and a basis. Null for
 * any other, which is then looked at slowly, to say what is wrong with it, if anything.
 *
 * Each byte is read as one character, which takes half the time of decoding. So texts that are not ASCII are not what
 * they say, but they differ and are equal as their bytes do.
 */
export const readPlainEvent = (bytes: Buffer, leaf: StoredLeaf): LedgerEvent | null => {
  if (!isUtf8(bytes)) return null;
  const text = bytes.toString('latin1');
  // Half of a surrogate pair can hide in an escape.
  if (text.includes('\\')) return null;
  const event = parse(text);
  if (!isObject(event) || !isEnvelope(event) || !isAsItsRow(event, leaf) || !hasWhoAndWhen(event)) return null;
  return isPlainlyCanonical(event, text) ? event : null;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isEnvelope = (fields: Record<string, unknown>): fields is Record<string, unknown> & LedgerEvent => {
  const { actor, basis, causationId, commandId, correlationId, data, effectiveOn } = fields;
  const { id, metadata, recordedAt, revision, schemaVersion, stream, type } = fields;
  return (
    typeof id === 'string' &&
    typeof type === 'string' &&
    typeof stream === 'string' &&
    typeof revision === 'number' &&
    typeof schemaVersion === 'number' &&
    typeof recordedAt === 'string' &&
    typeof effectiveOn === 'string' &&
    typeof commandId === 'string' &&
    typeof correlationId === 'string' &&
    (typeof causationId === 'string' || causationId === null) &&
    typeof basis === 'string' &&
    isObject(actor) &&
    isObject(metadata) &&
    isObject(data)
  );
};

const isAsItsRow = (event: LedgerEvent, { stream, revision, id = event.id }: StoredLeaf): boolean =>
  event.stream === stream && event.revision === revision && event.id === id;

const RECORDED_AT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const EFFECTIVE_ON = /^\d{4}-\d\d-\d\d$/;

const hasWhoAndWhen = ({ actor, basis, recordedAt, effectiveOn, schemaVersion, type }: LedgerEvent): boolean =>
  isPlainlyFilled(actor.id) &&
  isPlainlyFilled(actor.role) &&
  typeof actor.division === 'string' &&
  isPlainlyFilled(basis) &&
  RECORDED_AT.test(recordedAt) &&
  EFFECTIVE_ON.test(effectiveOn) &&
  Number.isSafeInteger(schemaVersion) &&
  schemaVersion >= 1 &&
  type !== '';

/** First bytes of white space in UTF-8: with others a text cannot begin that is nothing but white space. */
const SPACE_BYTES: readonly number[] = [0xc2, 0xe1, 0xe2, 0xe3, 0xef];
const SPACE = 0x20;

const isPlainlyFilled = (text: unknown): boolean => {
  if (typeof text !== 'string' || text === '') return false;
  const first = text.charCodeAt(0);
  return first > SPACE && !SPACE_BYTES.includes(first);
};

const ENVELOPE_KEYS = 14;
const ACTOR_KEYS = 3;

/**
 * True for canonical events alone: written again as it was read it is the same, its keys are in order, and there are no
 * more than an event has.
 */
const isPlainlyCanonical = (event: Record<string, unknown> & LedgerEvent, text: string): boolean =>
  countKeys(event) === ENVELOPE_KEYS &&
  countKeys(event.actor) === ACTOR_KEYS &&
  hasKeysInOrder(event) &&
  JSON.stringify(event) === text;

const countKeys = (object: object): number => {
  let count = 0;
  for (const _ in object) count += 1;
  return count;
};

/** Keys of numbers are not kept in their order, and are found out of order here; beyond ASCII the order is another one. */
const hasKeysInOrder = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(hasKeysInOrder);
  let last = '';
  for (const key in value) {
    if (key < last || !isAscii(key) || !hasKeysInOrder((value as Record<string, unknown>)[key])) return false;
    last = key;
  }
  return true;
};

/** Names of members come from code and repeat for ever; others must not fill the memory. */
const MOST_KEYS = 1000;
const asciiKeys = new Set<string>();

const isAscii = (key: string): boolean => {
  if (asciiKeys.has(key)) return true;
  if (!/^[ -~]*$/.test(key)) return false;
  if (asciiKeys.size < MOST_KEYS) asciiKeys.add(key);
  return true;
};
