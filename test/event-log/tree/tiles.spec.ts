import { decodeEntryBundle, encodeEntryBundle, framingFor } from '../../../src/audit/proofs/entry-bundle';
import { entryBundlePath, parseTilePath, tilePath, tilesOfTree } from '../../../src/event-log/tree/tiles';

describe('tiles', () => {
  it('have the paths of the specification', () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 1, index: 0, width: 17 })).toBe('tile/1/000.p/17');
    expect(tilePath({ level: 0, index: 1067, width: 1 })).toBe('tile/0/x001/067.p/1');
    expect(entryBundlePath({ index: 273, width: 112 })).toBe('tile/data/273.p/112');
    expect(entryBundlePath({ index: 1000, width: 256 }, 'entries')).toBe('tile/entries/x001/000');
  });

  it('are read from the paths that they are written as', () => {
    for (const tile of [
      { level: 0, index: 0, width: 256 },
      { level: 3, index: 999, width: 255 },
      { level: 63, index: 1_000_000, width: 1 },
    ]) {
      expect(parseTilePath(tilePath(tile))).toEqual({ kind: 'tile', ...tile });
    }
    expect(parseTilePath('tile/data/x001/067')).toEqual({ kind: 'entries', index: 1067, width: 256 });
    expect(parseTilePath('tile/entries/x001/067.p/3')).toEqual({ kind: 'entries', index: 1067, width: 3 });
    expect(parseTilePath('tile/wide/000')).toEqual({ kind: 'wide-entries', index: 0, width: 256 });
  });

  it.each([
    'tile/0/0',
    'tile/0/0000',
    'tile/00/000',
    'tile/64/000',
    'tile/0/x000/067',
    'tile/0/001/067',
    'tile/0/x001/x067',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/-1/000',
    'tile/0/000/',
    '/tile/0/000',
    'tile/leaf/000',
    'tile/0/x999/x999/x999/x999/x999/x999/999',
  ])('are not read from %s', (path) => {
    expect(parseTilePath(path)).toBeNull();
  });

  it('of 70,000 leaves are those that the specification counts', () => {
    const byKind = new Map<string, number>();
    for (const { level, width } of tilesOfTree(70_000)) {
      const kind = `${level}/${width}`;
      byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
    }
    expect(Object.fromEntries(byKind)).toEqual({ '0/256': 273, '0/112': 1, '1/256': 1, '1/17': 1, '2/1': 1 });
    expect([...tilesOfTree(256)]).toEqual([
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
    expect([...tilesOfTree(0)]).toEqual([]);
  });
});

describe('entry bundles', () => {
  it('put a big-endian uint16 before each leaf', () => {
    const leaves = [Buffer.from('{}'), Buffer.alloc(0), Buffer.alloc(300, 'x')];
    const bundle = encodeEntryBundle(leaves);
    expect(bundle.subarray(0, 8).toString('hex')).toBe('00027b7d0000012c');
    expect(decodeEntryBundle(bundle)).toEqual(leaves);
  });

  it('take a leaf of 65,535 bytes, and a larger one only in the wide framing', () => {
    const largest = [Buffer.alloc(65_535, 'a')];
    expect(framingFor(largest)).toBe('standard');
    expect(decodeEntryBundle(encodeEntryBundle(largest))).toEqual(largest);
    const larger = [Buffer.alloc(65_536, 'a'), Buffer.from('b')];
    expect(framingFor(larger)).toBe('wide');
    expect(() => encodeEntryBundle(larger)).toThrow(RangeError);
    expect(decodeEntryBundle(encodeEntryBundle(larger, 'wide'), 'wide')).toEqual(larger);
  });

  it('are refused when cut short', () => {
    const bundle = encodeEntryBundle([Buffer.from('abc'), Buffer.from('def')]);
    for (let length = 1; length < bundle.length; length += 1) {
      if (length === 5) continue;
      expect(() => decodeEntryBundle(bundle.subarray(0, length))).toThrow(RangeError);
    }
  });
});
