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

const canonicalString = (text: string): string => {
  if (!text.isWellFormed()) throw new RangeError('text with a lone surrogate has no canonical form');
  return JSON.stringify(text);
};

const canonicalArray = (items: readonly unknown[]): string => {
  let json = '[';
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) json += ',';
    json += canonicalJson(items[index]);
  }
  return `${json}]`;
};

const canonicalObject = (object: Record<string, unknown>): string => {
  const keys = Object.keys(object).sort();
  let json = '{';
  for (const key of keys) {
    const value = object[key];
    if (value === undefined) continue;
    if (json.length > 1) json += ',';
    json += `${canonicalString(key)}:${canonicalJson(value)}`;
  }
  return `${json}}`;
};
