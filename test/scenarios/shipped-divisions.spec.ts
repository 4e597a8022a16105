import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { isRowRefusal } from '../../src/importing/row-refusal';
import { readLedgers } from '../../src/importing/read-ledgers';
import { ACTOR, cleanUp, emptyLedger } from './support/ledgers';

afterEach(cleanUp);

const FOLDER = join(__dirname, '..', '..', 'data', 'divisions');
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.csv'));

const divisionsOf = async (file: string): Promise<readonly string[]> => {
  const codes: string[] = [];
  for await (const item of readLedgers([join(FOLDER, file)])) {
    if (isRowRefusal(item) || item.ledger !== 'divisions') throw new Error(JSON.stringify(item));
    codes.push(item.divisionCode);
  }
  return codes;
};

it('ships seven counties complete, 2,336 villages, each with everything above it', async () => {
  let villages = 0;
  const counties: string[] = [];
  for (const file of files) {
    const codes = new Set(await divisionsOf(file));
    for (const code of codes) {
      const above = { 12: 9, 9: 6, 6: 4, 4: 2 }[code.length];
      if (above !== undefined) expect(codes).toContain(code.slice(0, above));
      if (code.length === 12) villages += 1;
      if (code.length === 6) counties.push(code);
    }
  }
  expect(counties.sort()).toEqual(['152222', '220112', '370323', '370831', '371525', '630222', '630224']);
  expect(villages).toBe(2336);
});

it('ships files that `yichi import` takes as they are', async () => {
  const ledger = await emptyLedger('memory:');
  const report = await ledger.importFiles([join(FOLDER, '630222-minhe.csv')], { actor: ACTOR });
  expect(report).toMatchObject({ stored: 354, unchanged: 0, refused: 0 });
});
