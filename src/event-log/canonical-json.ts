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
  const keys = Object.keys(object);
  const [first] = keys;
  if (first === undefined) return '{}';
  const { order, pieces } = shapeOf(first, keys);
  // One list is read faster than properties one by one, which are found anew for each of the many kinds of object.
  const values = Object.values(object);
  let json = '';
  let after: keyof KeyPieces = 'atStart';
  for (let place = 0; place < order.length; place += 1) {
    const value = values[order[place] as number];
    if (value === undefined) continue;
    const property = pieces[place] as KeyPieces;
    const piece = property[after];
    // Pieces are put on one by one: a text that grows at its end only is written out sooner than one made of pairs.
    if (typeof value === 'string') {
      json += piece.beforeText;
      json += value === property.lastPlain ? value : textOf(property, value);
      after = 'afterText';
    } else {
      json += piece.before;
      json += canonicalJson(value);
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

/** Texts up to this length are remembered, which holds codes, dates and names and keeps the memory small. */
const REMEMBERED_TEXT = 64;

const textOf = (property: KeyPieces, value: string): string => {
  const text = canonicalText(value);
  if (text === value && value.length <= REMEMBERED_TEXT) property.lastPlain = value;
  return text;
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
  /** The last text of the property that needed no escape. Entries repeat each other, and that is seen sooner. */
  lastPlain: string;
}

const newKeyPieces = (key: string): KeyPieces => {
  const quoted = `"${canonicalText(key)}":`;
  const piece = (start: string): KeyPiece => ({ before: start + quoted, beforeText: `${start}${quoted}"` });
  return { atStart: piece('{'), afterText: piece('",'), afterValue: piece(','), lastPlain: '' };
};

/** Objects with the same keys in the same order: what is written before each value, and whose turn it is. */
interface Shape {
  readonly keys: readonly string[];
  /** In canonical order: the places of the keys, and their pieces. */
  readonly order: readonly number[];
  readonly pieces: readonly KeyPieces[];
}

/** Shapes come from code, are small and repeat for ever; those that come from data must not fill the memory. */
const REMEMBERED_KEYS = 32;
const REMEMBERED_FIRST_KEYS = 256;
const REMEMBERED_SHAPES_OF_A_FIRST_KEY = 8;
const rememberedShapes = new Map<string, Shape[]>();

const shapeOf = (first: string, keys: readonly string[]): Shape => {
  const shapes = rememberedShapes.get(first);
  if (shapes !== undefined) {
    for (const shape of shapes) {
      if (haveSameKeys(shape.keys, keys)) return shape;
    }
  }
  return newShape(first, keys, shapes);
};

const haveSameKeys = (left: readonly string[], right: readonly string[]): boolean => {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) {
    if (left[index] !== right[index]) return false;
  }
  return true;
};

const newShape = (first: string, keys: readonly string[], shapes: Shape[] | undefined): Shape => {
  // JavaScript compares strings by UTF-16 code units, which is the order that the RFC asks for.
  const order = keys
    .map((_, place) => place)
    .sort((left, right) => ((keys[left] ?? '') < (keys[right] ?? '') ? -1 : 1));
  const shape: Shape = { keys, order, pieces: order.map((place) => newKeyPieces(keys[place] ?? '')) };
  if (keys.length > REMEMBERED_KEYS) return shape;
  if (shapes === undefined) {
    if (rememberedShapes.size < REMEMBERED_FIRST_KEYS) rememberedShapes.set(first, [shape]);
  } else if (shapes.length < REMEMBERED_SHAPES_OF_A_FIRST_KEY) {
    shapes.push(shape);
  }
  return shape;
};
