import { createHash } from 'node:crypto';

import fc from 'fast-check';

import { commandIdFrom, eventId, isUuid, uuidBytes, uuidV5, YICHI_NAMESPACE } from '../../src/event-log/event-id';

/** RFC 9562 section 5.5 step by step. */
const byTheBook = (namespace: string, name: string): string => {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};

describe('ids', () => {
  it('follow RFC 9562: its own example', () => {
    expect(uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
  });

  it('follow RFC 9562 for any namespace and name', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string({ unit: 'grapheme' }), (namespace, name) =>
        expect(uuidV5(namespace, name)).toBe(byTheBook(namespace, name)),
      ),
    );
  });

  it('of events are those of the index as text in the command’s namespace', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat({ max: 2000 }), (commandId, index) => {
        expect(eventId(commandId, index)).toBe(byTheBook(commandId, String(index)));
        expect(eventId(commandId.toUpperCase(), index)).toBe(eventId(commandId, index));
      }),
    );
  });

  it('of commands follow from a text for ever', () => {
    expect(isUuid(YICHI_NAMESPACE)).toBe(true);
    expect(commandIdFrom('青财农〔2024〕12号')).toBe(byTheBook(YICHI_NAMESPACE, '青财农〔2024〕12号'));
    // What offices have stored under these ids must be found again by every later version.
    expect(YICHI_NAMESPACE).toBe('6f5f0a0e-3d0b-5c6e-9a53-6c1f4f2f7b11');
  });

  it('are told from other texts', () => {
    for (const text of [
      '',
      '42',
      '2ed6657d-e927-568b-95e1-2665a8aea6a',
      '2ed6657de927568b95e12665a8aea6a2',
      'g'.repeat(36),
    ]) {
      expect(isUuid(text)).toBe(false);
      expect(() => uuidBytes(text)).toThrow(RangeError);
    }
    expect(isUuid('2ED6657D-E927-568B-95E1-2665A8AEA6A2')).toBe(true);
  });

  it('as bytes are those of their digits', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(uuidBytes(uuid).toString('hex')).toBe(uuid.replaceAll('-', ''));
        expect(uuidBytes(uuid.toUpperCase())).toEqual(uuidBytes(uuid));
      }),
    );
  });
});
