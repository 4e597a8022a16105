import { randomUUID } from 'node:crypto';

import fc from 'fast-check';

import { canonicalJson } from '../../../src/event-log/canonical-json';
import type { LedgerEvent } from '../../../src/event-log/event';
import { fromServer, type ServerEvent, toStoredForm } from '../../../src/event-log/eventstoredb/stored-form';
import { sampleEvent } from '../sample-event';

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((value) => value.isWellFormed());
const texts = fc.dictionary(text, text, { maxKeys: 5 });

/** Any JSON, with the keys and numbers that tend to go wrong. */
const { data } = fc.letrec((tie) => ({
  data: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('data'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('10', '9', '__proto__', 'constructor', 'ä', 'a')), tie('data'), {
      maxKeys: 5,
    }),
  ),
}));

const anyEvent: fc.Arbitrary<LedgerEvent> = fc
  .record({
    type: text,
    schemaVersion: fc.integer({ min: 1, max: 999 }),
    recordedAt: text,
    effectiveOn: text,
    actor: fc.record({ id: text, role: text, division: text }),
    correlationId: text,
    causationId: fc.option(fc.uuid()),
    basis: text,
    metadata: texts,
    data,
  })
  .map((different) => sampleEvent('pool-630222-2024', 7, different as Partial<LedgerEvent>));

const place = { stream: 'pool-630222-2024', revision: 7 };

const stored = (event: LedgerEvent): ServerEvent => {
  const { form } = toStoredForm({ id: event.id, canonical: canonicalJson(event) }, place);
  return { ...form, stream: place.stream, revision: place.revision };
};

describe('the form of an event in the server', () => {
  it('gives back the canonical bytes of every event', () =>
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(fromServer(stored(event))).toBe(canonicalJson(event));
      }),
      { numRuns: 1000 },
    ));

  it('has the data of the domain as its data, and flat texts as metadata', () => {
    const event = sampleEvent(place.stream, place.revision, {
      data: { 金额: '1.00', lines: [{ b: 1, a: 2 }] },
      metadata: { command: 'AppropriateFunds', seal: 'a@1' },
    });
    const form = stored(event);
    expect(JSON.parse(Buffer.from(form.data).toString())).toEqual(event.data);
    expect(form.type).toBe(event.type);
    const metadata = JSON.parse(Buffer.from(form.metadata).toString()) as Record<string, unknown>;
    expect(Object.values(metadata).every((value) => typeof value === 'string')).toBe(true);
    expect(metadata).toMatchObject({ basis: event.basis, actorRole: 'clerk', 'meta:seal': 'a@1' });
  });

  it('has a name on the server that follows from every byte', () => {
    const event = sampleEvent(place.stream, place.revision);
    const named = (each: LedgerEvent): string =>
      toStoredForm({ id: each.id, canonical: canonicalJson(each) }, place).form.id;
    expect(named({ ...event })).toBe(named(event));
    const others = [
      { ...event, recordedAt: '2024-03-01T02:03:04.006Z' },
      { ...event, data: { amount: '1.00' } },
      { ...event, metadata: { a: 'b' } },
    ];
    expect(new Set([event, ...others].map(named)).size).toBe(4);
  });

  it.each<[string, Partial<LedgerEvent>]>([
    ['another stream', { stream: 'pool-1' }],
    ['another revision', { revision: 8 }],
  ])('refuses an event that says %s than its place', (_, different) => {
    const event = { ...sampleEvent(place.stream, place.revision), ...different };
    expect(() => toStoredForm({ id: event.id, canonical: canonicalJson(event) }, place)).toThrow(/no form/);
  });

  it('refuses what it cannot give back: an unknown member, another id, texts that are none', () => {
    const event = sampleEvent(place.stream, place.revision);
    const attempts = [
      { id: event.id, canonical: canonicalJson({ ...event, more: 1 }) },
      { id: randomUUID(), canonical: canonicalJson(event) },
      { id: event.id, canonical: canonicalJson({ ...event, metadata: { number: 1 } }) },
      { id: event.id, canonical: `${canonicalJson(event)} ` },
    ];
    for (const sealed of attempts) expect(() => toStoredForm(sealed, place)).toThrow(/no form/);
  });

  it.each<[string, Partial<Record<'metadata' | 'type', string>>]>([
    ['no metadata', { metadata: '' }],
    ['metadata that are no JSON', { metadata: '{' }],
    ['metadata of another program', { metadata: '{"$correlationId":"1"}' }],
    ['metadata that are no texts', { metadata: '{"form":1}' }],
    ['another form', { metadata: '{"form":"2"}' }],
  ])('knows an event with %s as somebody else’s', (_, { metadata = '' }) => {
    const event = { ...stored(sampleEvent(place.stream, place.revision)), metadata: Buffer.from(metadata) };
    expect(fromServer(event)).toBeNull();
  });
});
