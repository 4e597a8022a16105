import { isUtf8 } from 'node:buffer';

import fc from 'fast-check';

import { readPlainEvent } from '../../../src/audit/proofs/plain-event';
import { canonicalEvent } from '../../../src/event-log/canonical-event';
import type { Json, LedgerEvent } from '../../../src/event-log/event';
import { rowsOf, sampleEvents } from './ledger-sample';

const events = sampleEvents(40);
const rows = rowsOf(events);

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const FIELDS = 14;

/** The long way: reads the event as any program does, and says all that a plain event must be. */
const isSound = (bytes: Buffer, row: { readonly stream: string; readonly revision: number; readonly id: string }) => {
  const text = bytes.toString('utf8');
  const event = JSON.parse(text) as LedgerEvent;
  const { actor, basis, effectiveOn, recordedAt, schemaVersion, type } = event;
  return (
    canonicalEvent(event) === text &&
    Object.keys(event).length === FIELDS &&
    event.stream === row.stream &&
    event.revision === row.revision &&
    event.id === row.id &&
    [actor.id, actor.role, basis].every((filled) => filled.trim() !== '') &&
    Object.keys(actor).length === 3 &&
    /^\d{4}-\d\d-\d\d$/.test(effectiveOn) &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(recordedAt) &&
    schemaVersion >= 1 &&
    type !== ''
  );
};

const rowOf = (event: LedgerEvent) => ({ stream: event.stream, revision: event.revision, id: event.id });

const movementsOf = (text: string): unknown =>
  (JSON.parse(text) as { readonly data: { readonly movements?: unknown } }).data.movements;

it('reads what ledgers write, with every movement as it stands there', () => {
  for (const { bytes, ...row } of rows) {
    const text = latin1(bytes);
    const { id, commandId } = JSON.parse(text) as LedgerEvent;
    expect(readPlainEvent(text, row)).toEqual({ id, commandId, movements: movementsOf(text) });
  }
});

it('reads names and codes in Chinese', () => {
  const event: LedgerEvent = { ...(events[0] as LedgerEvent), stream: 'project-村道1号', data: { name: '拉毛村道路' } };
  const text = latin1(Buffer.from(canonicalEvent(event)));
  expect(readPlainEvent(text, rowOf(event))).toMatchObject({ id: event.id, movements: undefined });
  expect(readPlainEvent(text, { ...rowOf(event), stream: 'project-村道2号' })).toBeNull();
});

it('never takes for sound what has one byte changed and is not', () => {
  const replacements = [...Buffer.from(' "\\{}[]:,.0-1eaZ\u00e9\n')];
  let accepted = 0;
  for (const { bytes, stream, revision, id = '' } of [rows[0], rows[7]] as typeof rows) {
    for (let at = 0; at < bytes.length; at += 1) {
      for (const replacement of replacements) {
        const changed = Buffer.from(bytes);
        changed[at] = replacement;
        if (!isUtf8(changed) || readPlainEvent(latin1(changed), { stream, revision, id }) === null) continue;
        accepted += 1;
        expect([changed.toString('utf8'), isSound(changed, { stream, revision, id })]).toEqual([
          expect.anything(),
          true,
        ]);
      }
    }
  }
  // Another letter in a name is as plain as the first.
  expect(accepted).toBeGreaterThan(100);
});

it('never takes for sound what has one byte more or less and is not', () => {
  const { bytes, stream, revision, id = '' } = rows[7] as (typeof rows)[number];
  for (let at = 0; at < bytes.length; at += 1) {
    const whole = Buffer.from(bytes);
    const rest = whole.subarray(at + 1);
    for (const changed of [
      Buffer.concat([whole.subarray(0, at), rest]),
      ...[...Buffer.from(' 0,"-')].map((byte) =>
        Buffer.concat([whole.subarray(0, at), Buffer.from([byte]), whole.subarray(at)]),
      ),
    ]) {
      if (!isUtf8(changed) || readPlainEvent(latin1(changed), { stream, revision, id }) === null) continue;
      expect([changed.toString('utf8'), isSound(changed, { stream, revision, id })]).toEqual([expect.anything(), true]);
    }
  }
});

/** Written by JSON.stringify, which keeps whatever order the keys have. */
const withData = (event: LedgerEvent, data: unknown): string => canonicalEvent(event, JSON.stringify(data) ?? 'null');

it('takes data for canonical only where writing it again gives the same text', () => {
  const [event] = events as [LedgerEvent];
  let read = 0;
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 5 }), (data) => {
      const text = withData(event, data);
      const plain = readPlainEvent(latin1(Buffer.from(text)), rowOf(event));
      if (plain === null) return;
      read += 1;
      expect(canonicalEvent({ ...event, data: JSON.parse(JSON.stringify(data)) as Json })).toBe(text);
      expect(plain.movements).toEqual(data['movements']);
    }),
    { numRuns: 2000 },
  );
  expect(read).toBeGreaterThan(100);
});

it.each([
  ['keys out of order', '{"b":1,"a":2}'],
  ['a key twice', '{"a":1,"a":1}'],
  ['white space', '{"a": 1}'],
  ['an escape', '{"a":"\\u0041"}'],
  ['a leading zero', '{"a":01}'],
  ['a negative zero', '{"a":-0}'],
  ['a fraction', '{"a":1.0}'],
  ['an exponent', '{"a":1e2}'],
  ['a number beyond what is exact', '{"a":12345678901234567890}'],
  ['a control character', '{"a":"\u0001"}'],
  ['a comma too many', '{"a":[1,]}'],
  ['nothing between commas', '{"a":[1,,2]}'],
  ['no end', '{"a":[1'],
  ['levels beyond number', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`],
  [
    'a movement with a member too many',
    '{"movements":[{"amount":"1.00","from":"a","more":1,"quotaLine":"l","to":"b"}]}',
  ],
  ['a movement that is none', '{"movements":[1]}'],
  ['movements that are no list', '{"movements":{}}'],
])('leaves to the long way: %s', (_, data) => {
  const [event] = events as [LedgerEvent];
  expect(readPlainEvent(latin1(Buffer.from(canonicalEvent(event, data))), rowOf(event))).toBeNull();
});
