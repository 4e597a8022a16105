/**
 * Finds the ends of JSON values that are in canonical form (RFC 8785) by being plain: without escapes, with keys in
 * ASCII and whole numbers of few digits, which nearly all values of the ledger are. Every function takes the place where
 * something begins and gives the place behind it, or NOT_PLAIN: that value may be canonical all the same, but telling so
 * takes more.
 *
 * Texts are valid UTF-8 with one character for each byte.
 */

export const NOT_PLAIN = -1;

/** Deeper values than any event has; nobody may exhaust the stack. */
const MOST_LEVELS = 16;

/** Whole numbers of so many digits are written by every program alike. */
const MOST_DIGITS = 15;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const END_BRACKET = 0x5d;
const LETTER_F = 0x66;
const LETTER_N = 0x6e;
const LETTER_T = 0x74;
const BRACE = 0x7b;
const END_BRACE = 0x7d;
const LAST_ASCII = 0x7e;

/** @param at behind the opening quote; the place of the closing one is given */
export const endOfString = (text: string, at: number): number => {
  for (let index = at; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index;
    if (code < SPACE || code === BACKSLASH) return NOT_PLAIN;
  }
  return NOT_PLAIN;
};

/** Told of a member of an object: where its key and its value begin and end. */
export type VisitMember = (keyFrom: number, keyTo: number, valueFrom: number, valueTo: number) => void;

/** @param visit told of the object's own members, not of those of objects in it */
export const endOfObject = (text: string, at: number, visit?: VisitMember, level = 0): number => {
  if (text.charCodeAt(at) !== BRACE || level >= MOST_LEVELS) return NOT_PLAIN;
  if (text.charCodeAt(at + 1) === END_BRACE) return at + 2;
  let lastFrom = 0;
  let lastTo = 0;
  for (let keyFrom = at + 2; text.charCodeAt(keyFrom - 1) === QUOTE;) {
    const keyTo = endOfKey(text, keyFrom);
    if (keyTo === NOT_PLAIN || text.charCodeAt(keyTo + 1) !== COLON) return NOT_PLAIN;
    if (lastFrom > 0 && !isBefore(text, lastFrom, lastTo, keyFrom, keyTo)) return NOT_PLAIN;
    const end = endOfValue(text, keyTo + 2, level + 1);
    if (end === NOT_PLAIN) return NOT_PLAIN;
    visit?.(keyFrom, keyTo, keyTo + 2, end);
    const next = text.charCodeAt(end);
    if (next === END_BRACE) return end + 1;
    if (next !== COMMA) return NOT_PLAIN;
    lastFrom = keyFrom;
    lastTo = keyTo;
    keyFrom = end + 2;
  }
  return NOT_PLAIN;
};

const endOfKey = (text: string, at: number): number => {
  for (let index = at; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index;
    // Beyond ASCII the order of bytes is not the order that keys must have.
    if (code < SPACE || code > LAST_ASCII || code === BACKSLASH) return NOT_PLAIN;
  }
  return NOT_PLAIN;
};

/** Whether one key comes before another, and is not the same. */
const isBefore = (text: string, leftFrom: number, leftTo: number, rightFrom: number, rightTo: number): boolean => {
  const length = Math.min(leftTo - leftFrom, rightTo - rightFrom);
  for (let index = 0; index < length; index += 1) {
    const difference = text.charCodeAt(leftFrom + index) - text.charCodeAt(rightFrom + index);
    if (difference !== 0) return difference < 0;
  }
  return leftTo - leftFrom < rightTo - rightFrom;
};

const endOfValue = (text: string, at: number, level: number): number => {
  const code = text.charCodeAt(at);
  switch (code) {
    case QUOTE: {
      const end = endOfString(text, at + 1);
      return end === NOT_PLAIN ? NOT_PLAIN : end + 1;
    }
    case BRACE:
      return endOfObject(text, at, undefined, level);
    case BRACKET:
      return endOfArray(text, at, level);
    case LETTER_T:
      return text.startsWith('true', at) ? at + 4 : NOT_PLAIN;
    case LETTER_F:
      return text.startsWith('false', at) ? at + 5 : NOT_PLAIN;
    case LETTER_N:
      return text.startsWith('null', at) ? at + 4 : NOT_PLAIN;
    default:
      return endOfNumber(text, at);
  }
};

const endOfArray = (text: string, at: number, level: number): number => {
  if (level >= MOST_LEVELS) return NOT_PLAIN;
  if (text.charCodeAt(at + 1) === END_BRACKET) return at + 2;
  for (let from = at + 1; from < text.length;) {
    const end = endOfValue(text, from, level + 1);
    if (end === NOT_PLAIN) return NOT_PLAIN;
    const next = text.charCodeAt(end);
    if (next === END_BRACKET) return end + 1;
    if (next !== COMMA) return NOT_PLAIN;
    from = end + 1;
  }
  return NOT_PLAIN;
};

/** The end of a whole number; what goes on behind it as no whole number does is for the caller to notice. */
export const endOfNumber = (text: string, at: number): number => {
  const isNegative = text.charCodeAt(at) === MINUS;
  const from = isNegative ? at + 1 : at;
  let index = from;
  while (index < text.length && isDigit(text.charCodeAt(index))) index += 1;
  const digits = index - from;
  if (digits === 0 || digits > MOST_DIGITS) return NOT_PLAIN;
  // A zero leads no number, and is not negative.
  if (text.charCodeAt(from) === DIGIT_0 && (digits > 1 || isNegative)) return NOT_PLAIN;
  return index;
};

const isDigit = (code: number): boolean => code >= DIGIT_0 && code <= DIGIT_9;
