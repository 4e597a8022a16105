import { createHash } from 'node:crypto';

import { unzipSync } from 'fflate';

import { type EvidenceVerifier, loadVerifier } from '../../../src/audit/evidence/verifier-file';
import { withTemporaryLedger } from '../../support/temporary-ledger';
import { COUNTY } from '../../support/small-ledger';
import { codesOf, evidenceOf, payAndCorrect, payForTheRoad, playTheRoad, script, setBookmark } from './sample-ledger';

/*
 * Whatever is changed in a bundle, by whoever puts the manifest right afterwards, is refused: nothing in it is there that
 * is neither proven nor computed anew.
 */

type Files = ReadonlyMap<string, Uint8Array>;
type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

const SCOPES = [
  [`division:${COUNTY}`, 'whole', { asOf: '2024-04-30' }],
  ['project:ROAD-1', 'whole', { at: '年中' }],
  ['project:ROAD-1', 'extract', {}],
  ['document:文1', 'whole', {}],
  ['document:下1', 'whole', {}],
  ['document:安1', 'extract', {}],
  ['document:收1', 'whole', { asOf: '2024-05-01' }],
  ['payment:支2', 'whole', {}],
  ['payment:支2', 'extract', {}],
  ['payment:支5', 'extract', {}],
  ['document:红-支5', 'extract', {}],
] as const;

/** Bytes so many are a file's; fewer may be written over by what is hashed next. */
const LEAST_REMEMBERED = 10_000;

/**
 * The verifier with the platform's hashes, which are the same and let it be run thousands of times. Hashes and texts of the
 * large files that no change touches are remembered: they are the same bytes in every bundle that is tried.
 */
const quickVerifier = (): EvidenceVerifier => {
  const remembered = (name: string, body: string): string => `
    const known_${name} = new WeakMap();
    const ${name} = (bytes) => {
      const known = known_${name}.get(bytes);
      if (known !== undefined) return known;
      const made = ${body};
      if (bytes.length > ${LEAST_REMEMBERED}) known_${name}.set(bytes, made);
      return made;
    };`;
  const hash = `new Uint8Array(require('node:crypto').createHash('sha256').update(bytes).digest())`;
  const quick = [
    ['const sha256 = (message) => {', `${remembered('sha256', hash)} const slowSha256 = (message) => {`],
    ['const textOf = (bytes) => {', `${remembered('textOf', 'slowTextOf(bytes)')} const slowTextOf = (bytes) => {`],
  ].reduce((text, [own = '', other = '']) => {
    if (!text.includes(own)) throw new Error(`the verifier has no ${own}`);
    return text.replace(own, () => other);
  }, script);
  return loadVerifier(quick);
};
const verifier = quickVerifier();

const JSON_FILES = ['manifest.json', 'balances.json', 'trace.json'] as const;

const bundles = new Map<string, Files>();
let key: string;

beforeAll(
  () =>
    withTemporaryLedger(async (ledger) => {
      await playTheRoad(ledger);
      await setBookmark(ledger, '年中');
      await payForTheRoad(ledger, '支4', '2024-06-01', '1.00');
      await payAndCorrect(ledger, '支5', ['2.34', '2.43']);
      await ledger.checkpoints.make();
      key = await ledger.checkpoints.verifierKey();
      for (const [scope, coverage, moment] of SCOPES) {
        const { archive } = await evidenceOf(ledger, scope, moment, coverage);
        bundles.set(nameOf(scope, coverage), new Map(Object.entries(unzipSync(archive))));
      }
    }),
  120_000,
);

const nameOf = (scope: string, coverage: string): string => `${scope} ${coverage}`;
const bundleOf = (scope: string, coverage: string): Files => bundles.get(nameOf(scope, coverage)) ?? new Map();

const textOf = (files: Files, name: string): string => Buffer.from(files.get(name) ?? []).toString('utf8');
const jsonFile = (value: Json): string => `${JSON.stringify(value, null, 2)}\n`;

/** A copy with another content of a file, and the hashes in the manifest put right. */
const withFile = (files: Files, name: string, content: string | Uint8Array): Files => {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  const changed = new Map([...files, [name, bytes]]);
  if (name === 'manifest.json') return changed;
  const manifest = JSON.parse(textOf(files, 'manifest.json')) as { files: { name: string }[] };
  manifest.files = manifest.files.map((line) =>
    line.name === name ? { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') } : line,
  );
  changed.set('manifest.json', Buffer.from(jsonFile(manifest as unknown as Json), 'utf8'));
  return changed;
};

const verify = async (files: Files): Promise<readonly string[]> =>
  codesOf((await verifier.verifyFiles(files, { keys: [key], verifier: script })).findings);

const otherValue = (value: string | number | boolean | null): Json => {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (value === null) return '2024-01-01';
  if (/^-?[\d,]+\.\d\d$/.test(value)) return value.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));
  return `${value}1`;
};

/** Every way of changing one thing: another value, one member less, one more. */
function* changesOf(value: Json, path: string): Generator<readonly [path: string, changed: Json]> {
  if (Array.isArray(value)) {
    if (value.length > 0) yield [`${path} shortened`, value.slice(0, -1)];
    if (value.length > 1) yield [`${path} turned round`, [...value].reverse()];
    if (value.length > 0) yield [`${path} repeated`, [...value, value[0] ?? null]];
    for (const [index, part] of value.entries()) {
      for (const [at, changed] of changesOf(part, `${path}.${index}`)) yield [at, value.with(index, changed)];
    }
  } else if (typeof value === 'object' && value !== null) {
    yield [`${path} with more`, { ...value, note: '1.00' }];
    for (const [name, part] of Object.entries(value)) {
      // What one file of a list lacks, another may lack as well.
      if (!/\.files\.[1-9]/.test(path)) {
        yield [`${path}.${name} left out`, Object.fromEntries(Object.entries(value).filter(([each]) => each !== name))];
      }
      for (const [at, changed] of changesOf(part, `${path}.${name}`)) yield [at, { ...value, [name]: changed }];
    }
  } else {
    yield [path, otherValue(value)];
  }
}

describe.each(SCOPES)('evidence of %s (%s)', (scope, coverage) => {
  it('is verified as it is', async () => {
    expect(await verify(bundleOf(scope, coverage))).toEqual([]);
  });

  it.each(JSON_FILES)(
    'is refused whatever is changed in %s',
    async (name) => {
      const files = bundleOf(scope, coverage);
      const survivors: string[] = [];
      let tried = 0;
      for (const [path, changed] of changesOf(JSON.parse(textOf(files, name)) as Json, name)) {
        tried += 1;
        if ((await verify(withFile(files, name, jsonFile(changed)))).length === 0) survivors.push(path);
      }
      expect(survivors).toEqual([]);
      expect(tried).toBeGreaterThan(10);
    },
    240_000,
  );

  it.each([...JSON_FILES, 'events.jsonl', 'proofs.txt', 'report.html', 'log-key.txt'])(
    'is refused when %s says the same in another form',
    async (name) => {
      const files = bundleOf(scope, coverage);
      const text = textOf(files, name);
      const others = [`${text}\n`, ` ${text}`, text.replace(/\n/g, '\r\n'), `\ufeff${text}`];
      if (name.endsWith('.json')) others.push(JSON.stringify(JSON.parse(text)));
      for (const other of others) expect(await verify(withFile(files, name, other))).not.toEqual([]);
    },
  );
});

describe('evidence of a project, in its other files', () => {
  const files = (): Files => bundleOf('project:ROAD-1', 'whole');

  it('is refused whatever is changed in an event', async () => {
    const lines = textOf(files(), 'events.jsonl').trimEnd().split('\n');
    const survivors: string[] = [];
    for (const [index, line] of lines.entries()) {
      if (index % 7 !== 0) continue;
      for (const [path, changed] of changesOf(JSON.parse(line) as Json, `event ${index}`)) {
        const text = lines.with(index, JSON.stringify(changed)).map((each) => `${each}\n`);
        if ((await verify(withFile(files(), 'events.jsonl', text.join('')))).length === 0) survivors.push(path);
      }
    }
    expect(survivors).toEqual([]);
  }, 240_000);

  it.each(['report.html', 'verify.html', 'verify.cjs', 'projections/prelude.js', 'proofs.txt', 'checkpoint.txt'])(
    'is refused whichever letter of %s is another',
    async (name) => {
      const bytes = Buffer.from(files().get(name) ?? []);
      const survivors: number[] = [];
      const step = Math.max(1, Math.floor(bytes.length / 25));
      for (let at = 0; at < bytes.length; at += step) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
        if ((await verify(withFile(files(), name, changed))).length === 0) survivors.push(at);
      }
      expect(survivors).toEqual([]);
    },
    120_000,
  );

  it('is refused with any file more, whatever it is called', async () => {
    for (const name of ['a-report-corrected.html', 'balances.csv', 'projections/other.js', 'README', 'report.xlsx']) {
      const more = new Map([...files(), [name, Buffer.from('已支付 0.00')]]);
      const resealed = new Map([
        ...more,
        ['manifest.json', Buffer.from(verifier.manifestOf(verifier.readBundle(more)), 'utf8')],
      ]);
      expect(await verify(resealed)).toEqual(['FILE_UNKNOWN']);
    }
  });
});
