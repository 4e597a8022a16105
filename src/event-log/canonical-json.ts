/**
 * RFC 8785 (JCS) canonical JSON: keys in UTF-16 order, no white space, ECMAScript numbers. Properties whose value is
 * undefined are left out. Lone surrogates, NaN and infinities are refused, as the RFC demands.
 */
export const canonicalJson = (value: unknown): string => {
  switch (typeof value) {
    case 'string':
      return `"${canonicalText(value)}"`;
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError(`not a JSON number: ${value}`);
      // RFC 8785 section 3.2.2.3 asks for ECMAScript's own form of numbers.
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value as Record<string, unknown>);
    default:
      throw new TypeError(`not a JSON value: ${typeof value}`);
  }
};

/** Characters that JSON escapes, and surrogates, which may stand alone; a text without them is its own JSON. */
const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/;

/**
 * What stands between the quotes of a JSON string. Nearly every text of the ledger needs no escape, and finding that
 * out is cheaper than escaping. Without the quotes, because they can be written with their neighbours: the fewer pieces
 * a text is put together from, the sooner it is written out.
 */
export const canonicalText = (text: string): string => {
  if (!NEEDS_CARE.test(text)) return text;
  if (!text.isWellFormed()) throw new RangeError('text with a lone surrogate has no canonical form');
  return JSON.stringify(text).slice(1, -1);
};

const canonicalArray = (items: readonly unknown[]): string => {
  if (items.length === 0) return '[]';
  let json = `[${canonicalJson(items[0])}`;
  for (let index = 1; index < items.length; index += 1) {
    json += `,${canonicalJson(items[index])}`;
  }
  return `${json}]`;
};

const canonicalObject = (object: Record<string, unknown>): string => {
  let json = '';
  let after: keyof KeyPieces = 'atStart';
  for (const key of sortedKeys(object)) {
    const value = object[key];
    if (value === undefined) continue;
    const piece = keyPieces(key)[after];
    if (typeof value === 'string') {
      json += piece.beforeText + canonicalText(value);
      after = 'afterText';
    } else {
      json += piece.before + canonicalJson(value);
      after = 'afterValue';
    }
  }
  switch (after) {
    case 'atStart':
      return '{}';
    case 'afterText':
      return `${json}"}`;
    case 'afterValue':
      return `${json}}`;
  }
};

/** Objects of events have few keys, mostly in order already: insertion beats a general sort there. */
const INSERTION_SORT_KEYS = 16;

/** JavaScript compares strings by UTF-16 code units, which is the order that the RFC asks for. */
const sortedKeys = (object: Record<string, unknown>): readonly string[] => {
  const keys = Object.keys(object);
  if (keys.length > INSERTION_SORT_KEYS) return keys.sort();
  for (let index = 1; index < keys.length; index += 1) {
    const key = keys[index] as string;
    let place = index;
    while (place > 0 && (keys[place - 1] as string) > key) {
      keys[place] = keys[place - 1] as string;
      place -= 1;
    }
    if (place !== index) keys[place] = key;
  }
  return keys;
};

/** What stands before a property's value: `"key":` with what parts it from its neighbour, and with the quote of a text. */
interface KeyPiece {
  readonly before: string;
  readonly beforeText: string;
}

/** By what the property follows. The quote that ends a text belongs to the piece behind it. */
interface KeyPieces {
  readonly atStart: KeyPiece;
  readonly afterText: KeyPiece;
  readonly afterValue: KeyPiece;
}

/** Property names come from code and repeat for ever; names that come from data must not fill the memory. */
const REMEMBERED_KEYS = 1024;
const rememberedKeys = new Map<string, KeyPieces>();

const keyPieces = (key: string): KeyPieces => rememberedKeys.get(key) ?? newKeyPieces(key);

const newKeyPieces = (key: string): KeyPieces => {
  const quoted = `"${canonicalText(key)}":`;
  const piece = (start: string): KeyPiece => ({ before: start + quoted, beforeText: `${start}${quoted}"` });
  const pieces: KeyPieces = { atStart: piece('{'), afterText: piece('",'), afterValue: piece(',') };
  if (rememberedKeys.size < REMEMBERED_KEYS) rememberedKeys.set(key, pieces);
  return pieces;
};
