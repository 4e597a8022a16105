import fc from 'fast-check';

import { EntryPlaces } from '../../../src/audit/proofs/entry-places';

it('gives the positions of every id that was added, however many there are', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 3000, size: 'max' }), (ids) => {
      const places = new EntryPlaces();
      for (const [index, id] of ids.entries()) places.add(id, index + 1);
      for (const [index, id] of ids.entries()) expect(places.of(id)).toContain(index + 1);
    }),
    { numRuns: 20 },
  );
});

it('knows nothing of an id that was not added', () => {
  const places = new EntryPlaces();
  for (let index = 1; index <= 10_000; index += 1) places.add(`id-${index}`, index);
  expect(places.of('id-10001')).toEqual([]);
});

it('gives both positions where two ids meet, so that an event has to be looked at', () => {
  // Two texts of one FNV-1a hash.
  const places = new EntryPlaces();
  places.add('costarring', 7);
  places.add('liquid', 8);
  expect(places.of('liquid')).toEqual([7, 8]);
});
