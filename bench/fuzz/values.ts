import type { Schema } from './contract';
import type { Draw } from './draw';

/** Texts that programs stumble over. */
const ODD_TEXTS: readonly string[] = [
  ...['', ' ', '\t', '\n', '0', '-0', '1e3', 'NaN', 'null', 'undefined', 'true', '[]', '{}'],
  ...[
    '../../etc/passwd',
    '%00',
    '\u0000',
    "'; --",
    '<script>',
    '=1+1',
    '${x}',
    '\\',
    '"',
    '/',
    ':',
    '|',
    '?',
    '#',
    '&',
  ],
  ...[
    '\u200b',
    '\u202e',
    '\ufeff',
    '\ufffd',
    '\ud800',
    '𠮷',
    'é',
    'e\u0301',
    'Ａ１',
    'ﬁ',
    '〔2024〕',
    '（2024）',
    '__proto__',
  ],
  ...['9007199254740993', '999999999999999999999.99', '1000000000000.00', '1000000000000.01', '0.00', '0.01', '-1.00'],
  ...['2024-02-30', '2024-2-3', '9999-12-31', '1949-01-01', '2099-12-31', '2024', '2024-13', '11', '63', '630222'],
  ...['x'.repeat(64), 'x'.repeat(65), '村'.repeat(200), '𠮷'.repeat(200), 'y'.repeat(5000)],
];

const ODD_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e21, 2 ** 53, [], {}, [[]], [null], { a: 1 }, ['x', 'x']],
];

const ALPHABET = [...'0123456789aZ-_.〔〕（）() \t/:|"\\\u0000\u200b\u202e\ud800𠮷村Ａ;'];

/** Most are small, so that many of them fit together; few are at the edge of what is taken. */
const amountOf = (draw: Draw): string =>
  draw.oneIn(20)
    ? draw.of(['1000000000000.00', '999999999999.99', '0.01'])
    : `${draw.below(2000)}.${String(draw.below(100)).padStart(2, '0')}`;

/** A text with one character put in, taken out, doubled or replaced. */
const bent = (text: string, draw: Draw): string => {
  const at = draw.below(text.length + 1);
  const more = draw.of(ALPHABET);
  switch (draw.below(4)) {
    case 0:
      return text.slice(0, at) + more + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + more + text.slice(at + 1);
    default:
      return text.slice(0, at) + text.slice(Math.max(0, at - 1));
  }
};

/** What values are made from: the schemas that others refer to, and what the service has answered so far, by field. */
export interface Material {
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly known: ReadonlyMap<string, readonly string[]>;
}

/** How often a value is not what its schema wants: once in so many. */
export type Oddness = number;

/** Makes values by a schema, most of them such as a real client would send. */
export class Values {
  readonly #material: Material;
  readonly #draw: Draw;

  constructor(material: Material, draw: Draw) {
    this.#material = material;
    this.#draw = draw;
  }

  /** @param field name under which the value is sent, by which known values are found */
  of(schema: Schema, field: string, oddness: Oddness): unknown {
    const draw = this.#draw;
    if (draw.oneIn(oddness)) return draw.oneIn(2) ? draw.of(ODD_TEXTS) : draw.of(ODD_VALUES);
    const whole = this.#resolved(schema);
    if (whole['nullable'] === true && draw.oneIn(3)) return null;
    if (Array.isArray(whole['enum'])) return draw.of(whole['enum'] as readonly unknown[]);
    switch (whole['type']) {
      case 'object':
        return this.#object(whole, oddness);
      case 'array':
        return this.#list(whole, field, oddness);
      case 'boolean':
        return draw.oneIn(2);
      case 'integer':
      case 'number':
        return draw.oneIn(4) ? draw.of([1949, 2099, 2025, 0]) : (whole['example'] ?? 2024);
      default:
        return this.#text(whole, field, oddness);
    }
  }

  #object(schema: Schema, oddness: Oddness): unknown {
    const draw = this.#draw;
    const required = new Set(schema['required'] as readonly string[] | undefined);
    const object: Record<string, unknown> = {};
    for (const [name, property] of Object.entries((schema['properties'] ?? {}) as Record<string, Schema>)) {
      // The approval of an adjustment is out of place with nearly every entry.
      const absent = required.has(name) ? draw.oneIn(oddness * 4) : !draw.oneIn(name === 'adjustment' ? 20 : 2);
      if (!absent) object[name] = this.of(property, name, oddness);
    }
    if (draw.oneIn(oddness * 4)) object[draw.of(['surplus', 'constructor', '', 'x'.repeat(300)])] = 1;
    return object;
  }

  #list(schema: Schema, field: string, oddness: Oddness): unknown {
    const draw = this.#draw;
    const length = draw.oneIn(200) ? 2001 : draw.below(4) + (draw.oneIn(8) ? 0 : 1);
    const items = Array.from({ length }, () => this.of((schema['items'] ?? {}) as Schema, field, oddness));
    if (items.length > 0 && draw.oneIn(8)) items.push(items[0]);
    return items;
  }

  #text(schema: Schema, field: string, oddness: Oddness): string {
    const draw = this.#draw;
    if (field === 'amount') return amountOf(draw);
    const example = String(schema['example'] ?? 'x');
    const known = this.#material.known.get(field) ?? [];
    const text = known.length > 0 && !draw.oneIn(4) ? draw.of(known) : example;
    return draw.oneIn(Math.max(4, Math.floor(oddness / 4))) ? bent(text, draw) : text;
  }

  #resolved(schema: Schema): Schema {
    const [inner] = Array.isArray(schema['allOf']) ? (schema['allOf'] as readonly Schema[]) : [];
    const reference = String(schema['$ref'] ?? inner?.['$ref'] ?? '');
    if (reference === '') return schema;
    const found = this.#material.schemas[reference.replace('#/components/schemas/', '')];
    if (found === undefined) throw new Error(`the document has no ${reference}`);
    return { ...found, ...(schema['nullable'] === true ? { nullable: true } : {}) };
  }
}
