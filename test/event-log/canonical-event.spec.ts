import canonicalize from 'canonicalize';
import fc from 'fast-check';

import { canonicalEvent } from '../../src/event-log/canonical-event';
import { canonicalJson } from '../../src/event-log/canonical-json';
import type { LedgerEvent } from '../../src/event-log/event';
import { sampleEvent } from './sample-event';

/** Texts of every kind that JSON treats differently; fast-check leaves lone surrogates out of `grapheme` and `full`. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\u0000', '\u001f', '\u007f', '\u2028', '𠮷', '水', 'a', '/') }),
);
const key = fc.oneof(text, fc.constantFrom('a', 'b', 'A', '10', '9', 'é', '\ufb33', '😀', '', '__proto__x'));
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 24 }),
  ),
})).value;

const event: fc.Arbitrary<LedgerEvent> = fc.record({
  id: text,
  type: text,
  schemaVersion: fc.nat(),
  stream: text,
  revision: fc.nat(),
  recordedAt: text,
  effectiveOn: text,
  actor: fc.record({ id: text, role: text, division: text }),
  commandId: text,
  correlationId: text,
  causationId: fc.option(text),
  basis: text,
  metadata: fc.dictionary(key, text),
  data: json,
});

describe('canonical JSON', () => {
  it('is RFC 8785, as an independent implementation writes it', () => {
    fc.assert(
      fc.property(json, (value) => expect(canonicalJson(value)).toBe(canonicalize(value))),
      { numRuns: 1000 },
    );
  });

  it('of an event is the same by the short way and by the general one', () => {
    fc.assert(
      fc.property(event, (value) => {
        expect(canonicalEvent(value)).toBe(canonicalize(value));
        expect(canonicalEvent(value)).toBe(canonicalJson(value));
      }),
      { numRuns: 500 },
    );
  });

  it('writes each text by itself, whatever the same property held in the object before', () => {
    const objects = fc.array(
      fc.record({ note: fc.constantFrom('水', '"', '\\', '', 'a\u0000', '😀'), year: fc.nat({ max: 1 }) }),
    );
    fc.assert(fc.property(objects, (value) => expect(canonicalJson(value)).toBe(canonicalize(value))));
    expect(() => canonicalJson([{ note: '水' }, { note: '\ud83d' }, { note: '\ud83d' }])).toThrow(RangeError);
  });

  it('orders keys by UTF-16 code units, as the example of the RFC does', () => {
    const example = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 };
    expect(canonicalJson(example)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });

  it('leaves out what is undefined', () => {
    expect(canonicalJson({ a: undefined, b: 1, c: undefined })).toBe('{"b":1}');
    expect(canonicalJson({ a: undefined })).toBe('{}');
  });

  it.each([
    ['a lone surrogate', 'a\ud800b'],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    ['NaN', Number.NaN],
    ['an infinity', Number.POSITIVE_INFINITY],
    ['undefined', undefined],
    ['undefined in a list', [undefined]],
    ['a bigint', 1n],
    ['a function', () => 1],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow();
    expect(() => canonicalEvent(sampleEvent('pool-1', 0, { data: value }))).toThrow();
  });
});
