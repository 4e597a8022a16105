import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { encode } from 'iconv-lite';

import { LEDGER_KINDS } from '../../src/importing/ledger-row';
import { sumFen } from '../../src/money/fen';
import { readAll } from './support/files';

const EXAMPLES = join(__dirname, '../fixtures/examples');

/** Rows and total fen of each ledger, by a count of lines and a sum that share nothing with the reader. */
const countedByHand = (folder: string, name: string): { readonly rows: number; readonly fen: bigint } => {
  const bytes = readFileSync(join(folder, name));
  const utf8 = bytes.toString('utf8');
  const text = utf8.includes('\ufffd') ? new TextDecoder('gb18030').decode(bytes) : utf8;
  const [header = '', ...lines] = text
    .replace(/^\ufeff/, '')
    .replace(/"([^"]*)"/g, (_, quoted: string) => quoted.replaceAll(',', ''))
    .trim()
    .split(/\r?\n/);
  const columns = header.split(',');
  let fen = 0n;
  for (const line of lines) {
    const cells = line.split(',');
    const amount = cells[columns.indexOf('金额')] ?? '';
    const decimals = cells[columns.indexOf('单位')] === '万元' ? 6 : 2;
    const plain = amount.replace(/[０-９．]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
    const [whole = '', fraction = ''] = plain.split('.');
    fen += BigInt(whole + fraction.padEnd(decimals, '0'));
  }
  return { rows: lines.length, fen };
};

describe.each(['1', '2', '3'])('example %s: a province’s own ledgers', (example) => {
  const folder = join(EXAMPLES, example);
  const names = readdirSync(folder).filter((name) => name.endsWith('.csv'));

  it('are all fourteen read without a refusal', async () => {
    const { rows, refusals } = await readAll(...names.map((name) => join(folder, name)));
    expect(refusals).toEqual([]);
    expect(new Set(rows.map((row) => row.ledger))).toEqual(new Set(LEDGER_KINDS));
  });

  it.each(names)('%s: every row and every fen of it', async (name) => {
    const { rows } = await readAll(join(folder, name));
    const total = sumFen(rows.flatMap((row) => ('amount' in row ? [row.amount] : [])));
    expect({ rows: rows.length, fen: BigInt(total) }).toEqual(countedByHand(folder, name));
  });
});

it('the examples are in both encodings, so that both are tried', () => {
  const encodings = ['1', '2', '3'].flatMap((example) =>
    readdirSync(join(EXAMPLES, example))
      .filter((name) => name.endsWith('.csv'))
      .map((name) => {
        const bytes = readFileSync(join(EXAMPLES, example, name));
        const gb = new TextDecoder('gb18030').decode(bytes);
        return encode(gb, 'gb18030').equals(bytes) && !bytes.toString('utf8').includes('区划') ? 'gb18030' : 'utf-8';
      }),
  );
  expect(new Set(encodings)).toEqual(new Set(['gb18030', 'utf-8']));
});
