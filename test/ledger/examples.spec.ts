import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse } from 'csv-parse/sync';
import { stringify } from './support/csv-text';

import { balances, balancesJson } from '../../src/balances/balances';
import { parseBalancesRequest } from '../../src/balances/balances-query';
import type { Ledger } from '../../src/ledger/ledger';
import { TESTER, withTemporaryLedger } from '../support/temporary-ledger';

const EXAMPLES = join(__dirname, '..', 'fixtures', 'examples');

type Expected = Record<string, Record<string, Record<string, Record<string, string>>>>;

const filesOf = (example: string): string[] =>
  readdirSync(join(EXAMPLES, example))
    .filter((name) => name.endsWith('.csv'))
    .map((name) => join(EXAMPLES, example, name));

const expectedOf = (example: string): Expected =>
  JSON.parse(readFileSync(join(EXAMPLES, example, 'expected.json'), 'utf8')) as Expected;

/** Every balance that differs, in words; a key whose measures are all zero may be absent. */
const differences = (ledger: Ledger, expected: Expected): string[] => {
  const found: string[] = [];
  for (const [by, moments] of Object.entries(expected)) {
    for (const [moment, keys] of Object.entries(moments)) {
      const asOf = moment === 'all' ? {} : { asOf: moment };
      const answer = balancesJson(balances(ledger.readModel, parseBalancesRequest({ by, ...asOf })));
      const actual = new Map(answer.rows.map((row) => [row.key, row.measures as Record<string, string>]));
      for (const [key, measures] of Object.entries(keys)) {
        for (const [measure, amount] of Object.entries(measures)) {
          const got = actual.get(key)?.[measure] ?? '0.00';
          if (got !== amount) found.push(`${by} ${moment} ${key} ${measure}: expected ${amount}, got ${got}`);
        }
      }
      for (const [key, measures] of actual) {
        if (keys[key] === undefined && Object.values(measures).some((amount) => amount !== '0.00')) {
          found.push(`${by} ${moment} ${key}: not expected`);
        }
      }
    }
  }
  return found;
};

const decode = (path: string): string => {
  const bytes = readFileSync(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030', { fatal: true }).decode(bytes);
  }
};

const DATE_COLUMNS = ['日期', '下达日期'];

/** Splits an example's files by month of business date; registries and projects come first, as `0000-00`. */
const splitByMonth = (example: string, directory: string): string[][] => {
  const months = new Map<string, string[]>();
  for (const path of filesOf(example)) {
    const [header = [], ...rows] = parse(decode(path), { bom: true }) as string[][];
    const dateColumn = header.findIndex((name) => DATE_COLUMNS.includes(name));
    const byMonth = new Map<string, string[][]>();
    for (const row of rows) {
      const date = dateColumn < 0 ? null : /(\d{4})\D(\d{1,2})/.exec(row[dateColumn] ?? '');
      const month = date === null ? '0000-00' : `${date[1]}-${String(date[2]).padStart(2, '0')}`;
      byMonth.set(month, [...(byMonth.get(month) ?? []), row]);
    }
    for (const [month, monthRows] of byMonth) {
      const folder = join(directory, month);
      mkdirSync(folder, { recursive: true });
      const target = join(folder, path.split('/').at(-1) ?? '');
      writeFileSync(target, stringify([header, ...monthRows]));
      months.set(month, [...(months.get(month) ?? []), target]);
    }
  }
  return [...months].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, files]) => files);
};

describe.each(['1', '2', '3'])('the worked ledger %s', (example) => {
  const expected = expectedOf(example);

  it('gives every expected balance when imported in one call, again after a rebuild, and nothing new the second time', () =>
    withTemporaryLedger(async (ledger) => {
      const first = await ledger.importFiles(filesOf(example), { actor: TESTER });
      expect(first.stored).toBeGreaterThan(200);
      await ledger.catchUp();
      expect(differences(ledger, expected)).toEqual([]);
      await ledger.readModel.rebuild();
      expect(differences(ledger, expected)).toEqual([]);
      const second = await ledger.importFiles(filesOf(example), { actor: TESTER });
      expect(second).toMatchObject({ stored: 0, unchanged: first.stored, position: first.position });
    }));

  it('and when imported month by month', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'yichi-months-'));
    try {
      await withTemporaryLedger(async (ledger) => {
        const months = splitByMonth(example, directory);
        expect(months.length).toBeGreaterThan(12);
        for (const files of months) await ledger.importFiles(files, { actor: TESTER });
        await ledger.catchUp();
        expect(differences(ledger, expected)).toEqual([]);
      });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('a dry run stores nothing', () =>
    withTemporaryLedger(async (ledger) => {
      const dry = await ledger.importFiles(filesOf(example), { actor: TESTER, dryRun: true });
      expect(dry.stored).toBeGreaterThan(200);
      expect(await ledger.log.head()).toBe(0);
    }));
});
