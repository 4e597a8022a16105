/**
 * RFC 8785 (JCS) canonical JSON: keys in UTF-16 order, no white space, ECMAScript numbers. Properties whose value is
 * undefined are left out. Lone surrogates, NaN and infinities are refused, as the RFC demands.
 */
export const canonicalJson = (value: unknown): string => {
  switch (typeof value) {
    case 'string':
      return canonicalString(value);
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError(`not a JSON number: ${value}`);
      return JSON.stringify(value);
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

/** A JSON string. Nearly every text of the ledger needs no escape, and finding that out is cheaper than escaping. */
export const canonicalString = (text: string): string => {
  if (!NEEDS_CARE.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new RangeError('text with a lone surrogate has no canonical form');
  return JSON.stringify(text);
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
  for (const key of sortedKeys(object)) {
    const value = object[key];
    if (value === undefined) continue;
    json += `${json === '' ? '{' : ','}${quotedKey(key)}${canonicalJson(value)}`;
  }
  return json === '' ? '{}' : `${json}}`;
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

/** Property names come from code and repeat for ever; names that come from data must not fill the memory. */
const REMEMBERED_KEYS = 1024;
const quotedKeys = new Map<string, string>();

const quotedKey = (key: string): string => {
  const known = quotedKeys.get(key);
  if (known !== undefined) return known;
  const quoted = `${canonicalString(key)}:`;
  if (quotedKeys.size < REMEMBERED_KEYS) quotedKeys.set(key, quoted);
  return quoted;
};
