import { unzipSync } from 'fflate';

import { leafHash } from '../../../src/event-log/tree/merkle-hash';
import { MemoryTreeStore } from '../../../src/event-log/tree/memory-tree-store';
import { signCheckpoint } from '../../../src/audit/proofs/checkpoint';
import { formatNote, parseNote } from '../../../src/audit/proofs/note';
import { formatProofs, ManyProofs } from '../../../src/audit/evidence/many-proofs';
import { zipFiles } from '../../../src/audit/evidence/zip-files';
import type { EvidenceVerdict } from '../../../src/audit/evidence/verifier-file';
import { COUNTY } from '../../support/small-ledger';
import { withTemporaryLedger } from '../../support/temporary-ledger';
import { signer as otherLedger } from '../proofs/ledger-sample';
import {
  codesOf,
  evidenceOf,
  payForTheRoad,
  playTheRoad,
  reverse,
  script,
  setBookmark,
  verifier,
} from './sample-ledger';

type Files = Map<string, Uint8Array>;

/** What an honest ledger gave out, and its key. */
let honest: Uint8Array;
let honestReversal: Uint8Array;
let laterCheckpoint: string;
let key: string;

beforeAll(() =>
  withTemporaryLedger(async (ledger) => {
    await playTheRoad(ledger);
    await reverse(ledger, '红-支5', '2024-06-01', await payForTheRoad(ledger, '支5', '2024-06-01', '2.34'));
    await setBookmark(ledger, '年中');
    await payForTheRoad(ledger, '支3', '2024-06-01', '1.00');
    await ledger.checkpoints.make();
    honest = (await evidenceOf(ledger, 'project:ROAD-1', { at: '年中' })).archive;
    honestReversal = (await evidenceOf(ledger, 'document:红-支5', {}, 'extract')).archive;
    await payForTheRoad(ledger, '支4', '2024-06-02', '1.00');
    laterCheckpoint = (await ledger.checkpoints.make()).note;
    key = await ledger.checkpoints.verifierKey();
  }),
);

const text = (files: Files, name: string): string => Buffer.from(files.get(name) ?? []).toString('utf8');
const put = (files: Files, name: string, content: string): void => void files.set(name, Buffer.from(content, 'utf8'));
const change = (files: Files, name: string, edit: (content: string) => string): void => {
  const before = text(files, name);
  const after = edit(before);
  if (after === before) throw new Error(`${name} was not changed`);
  put(files, name, after);
};

const filesOf = (archive: Uint8Array): Files => new Map(Object.entries(unzipSync(archive)));

const verifyFiles = async (files: Files, keys: readonly string[] = [key]): Promise<EvidenceVerdict> =>
  verifier.verifyArchive(await zipFiles(files), { keys, verifier: script });

/** Makes report and manifest anew, as somebody would who knows how they come about. */
const reseal = (files: Files, parts: { readonly report: boolean } = { report: true }): void => {
  const bundle = verifier.readBundle(files);
  if (parts.report) put(files, 'report.html', verifier.renderReport(bundle));
  put(files, 'manifest.json', verifier.manifestOf(bundle));
};

interface Manifest {
  scope: { kind: string; id: string };
  coverage: string;
  moment: { asOf: string | null; treeSize: number; bookmark: { name: string; eventId: string } | null };
  streams: { stream: string; whole: boolean }[];
}

const changeManifest = (files: Files, edit: (manifest: Manifest) => void): void =>
  change(files, 'manifest.json', (content) => {
    const manifest = JSON.parse(content) as Manifest;
    edit(manifest);
    return JSON.stringify(manifest);
  });

/** Another list of reversed entries in the trace, in its own form. */
const changeReversed = (files: Files, edit: (reversed: readonly object[]) => readonly unknown[] | undefined): void =>
  change(files, 'trace.json', (content) => {
    const trace = JSON.parse(content) as { readonly reversed: readonly object[] };
    return `${JSON.stringify({ ...trace, reversed: edit(trace.reversed) }, null, 2)}\n`;
  });

/** Lines of events and proofs, which belong together. */
const changeLines = (files: Files, edit: (events: string[], proofs: string[]) => void): void => {
  const events = text(files, 'events.jsonl').trimEnd().split('\n');
  const proofs = wholeProofs(text(files, 'proofs.txt').trimEnd().split('\n'));
  edit(events, proofs);
  put(files, 'events.jsonl', events.map((line) => `${line}\n`).join(''));
  put(files, 'proofs.txt', proofs.map((line) => `${line}\n`).join(''));
};

/** Proofs without the short form that leans on the line before. */
const wholeProofs = (lines: readonly string[]): string[] => {
  let previous: readonly string[] = [];
  return lines.map((line) => {
    const [index = '', ...words] = line.split(' ');
    const shared = words.at(-1)?.startsWith('=') === true ? Number(words.pop()?.slice(1)) : 0;
    previous = [...words, ...(shared === 0 ? [] : previous.slice(-shared))];
    return [index, ...previous].join(' ');
  });
};

const indexOf = (events: readonly string[], part: string): number => {
  const index = events.findIndex((line) => line.includes(part));
  if (index < 0) throw new Error(`no event holds ${part}`);
  return index;
};

describe('an honest bundle', () => {
  it('is verified, and proves where its streams end', async () => {
    const verdict = await verifyFiles(filesOf(honest));
    expect(verdict.findings).toEqual([]);
    expect(codesOf(verdict.proven)).toContain('STREAM_ENDS');
  });

  it('is still itself when report and manifest are made anew', async () => {
    const files = filesOf(honest);
    reseal(files);
    expect(await zipFiles(files)).toEqual(new Uint8Array(honest));
  });
});

describe('a bundle whose files were touched', () => {
  const NAMES = [
    'balances.json',
    'checkpoint.txt',
    'events.jsonl',
    'log-key.txt',
    'manifest.json',
    'projections/county-balance.js',
    'projections/department-balance.js',
    'projections/prelude.js',
    'projections/project-balance.js',
    'projections/village-balance.js',
    'proofs.txt',
    'report.html',
    'trace.json',
    'verify.cjs',
    'verify.html',
  ] as const;

  it('names them all', () => expect([...filesOf(honest).keys()].sort()).toEqual([...NAMES].sort()));

  it.each(NAMES)('is found out when one character of %s is another', async (name) => {
    const files = filesOf(honest);
    const bytes = Buffer.from(files.get(name) ?? []);
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    files.set(name, bytes);
    expect((await verifyFiles(files)).ok).toBe(false);
  });

  it.each(NAMES)('is found out when %s is missing', async (name) => {
    const files = filesOf(honest);
    files.delete(name);
    expect((await verifyFiles(files)).ok).toBe(false);
  });

  it('is found out when a file was added, named in the manifest or not', async () => {
    const files = filesOf(honest);
    put(files, 'note.txt', '另有说明');
    expect(codesOf((await verifyFiles(files)).findings)).toContain('FILE_UNKNOWN');
  });
});

describe('a bundle by somebody who knows how it is made', () => {
  const CASES: readonly (readonly [name: string, code: string, forge: (files: Files) => void])[] = [
    [
      'another amount in an event',
      'INCLUSION_NOT_PROVEN',
      (files) =>
        changeLines(files, (events) =>
          events.splice(0, events.length, ...events.map((line) => line.replace('"120.00"', '"120.01"'))),
        ),
    ],
    [
      'another payee',
      'INCLUSION_NOT_PROVEN',
      (files) => change(files, 'events.jsonl', (content) => content.replace('公路养护公司', '公路养护集团')),
    ],
    [
      'another time of recording',
      'INCLUSION_NOT_PROVEN',
      (files) => change(files, 'events.jsonl', (content) => content.replace(/"recordedAt":"2/, '"recordedAt":"1')),
    ],
    [
      'two events swapped with their proofs',
      'EVENTS_OUT_OF_ORDER',
      (files) =>
        changeLines(files, (events, proofs) => {
          const [first, second] = [indexOf(events, '"支1"'), indexOf(events, '"支2"')];
          for (const lines of [events, proofs])
            [lines[first], lines[second]] = [lines[second] ?? '', lines[first] ?? ''];
        }),
    ],
    [
      'two events swapped, their proofs not',
      'INCLUSION_NOT_PROVEN',
      (files) =>
        changeLines(files, (events) => {
          const [first, second] = [indexOf(events, '"支1"'), indexOf(events, '"支2"')];
          [events[first], events[second]] = [events[second] ?? '', events[first] ?? ''];
        }),
    ],
    [
      'the proof of another event',
      'INCLUSION_NOT_PROVEN',
      (files) =>
        changeLines(files, (events, proofs) => {
          const [first, second] = [indexOf(events, '"支1"'), indexOf(events, '"支2"')];
          const [, ...hashes] = (proofs[second] ?? '').split(' ');
          proofs[first] = [(proofs[first] ?? '').split(' ')[0], ...hashes].join(' ');
        }),
    ],
    [
      'a proof one hash short',
      'INCLUSION_NOT_PROVEN',
      (files) => changeLines(files, (_events, proofs) => proofs.splice(3, 1, (proofs[3] ?? '').replace(/ \S+$/, ''))),
    ],
    [
      'a payment left out of its stream',
      'REVISION_GAP',
      (files) =>
        changeLines(files, (events, proofs) => {
          const index = indexOf(events, '"支1"');
          for (const lines of [events, proofs]) lines.splice(index, 1);
        }),
    ],
    [
      'the last payment before the moment left out, though another followed',
      'REVISION_GAP',
      (files) =>
        changeLines(files, (events, proofs) => {
          const index = indexOf(events, '"红-支5"');
          for (const lines of [events, proofs]) lines.splice(index, 1);
        }),
    ],
    [
      'a stream that is said to be an extract',
      'STREAM_NOT_WHOLE',
      (files) =>
        changeManifest(files, (manifest) => {
          for (const line of manifest.streams) if (line.stream === `pool-${COUNTY}-2024`) line.whole = false;
        }),
    ],
    [
      'an event twice',
      'EVENTS_OUT_OF_ORDER',
      (files) =>
        changeLines(files, (events, proofs) => {
          const index = indexOf(events, '"支1"');
          for (const lines of [events, proofs]) lines.splice(index, 0, lines[index] ?? '');
        }),
    ],
    [
      'the checkpoint of another moment',
      'INCLUSION_NOT_PROVEN',
      (files) => put(files, 'checkpoint.txt', laterCheckpoint),
    ],
    [
      'another root over the old signature',
      'SIGNATURE_INVALID',
      (files) =>
        change(files, 'checkpoint.txt', (note) =>
          note.replace(
            /\n(\S)(\S{42}=)\n/,
            (_, first: string, rest: string) => `\n${first === 'A' ? 'B' : 'A'}${rest}\n`,
          ),
        ),
    ],
    [
      'a checkpoint without its signature',
      'CHECKPOINT_MALFORMED',
      (files) => change(files, 'checkpoint.txt', (note) => note.replace(/— .*\n/, '')),
    ],
    ['the ledger’s key replaced', 'KEY_DIFFERS', (files) => put(files, 'log-key.txt', `${otherLedger.verifierKey}\n`)],
    [
      'other balances',
      'BALANCES_DIFFER',
      (files) => change(files, 'balances.json', (content) => content.replace('"paid": "150.00"', '"paid": "150.01"')),
    ],
    [
      'a balance more',
      'BALANCES_DIFFER',
      (files) => change(files, 'balances.json', (content) => content.replace('"accounts"', '"note": "", "accounts"')),
    ],
    [
      'another trace',
      'TRACE_DIFFERS',
      (files) => change(files, 'trace.json', (content) => content.replaceAll('"500.00"', '"600.00"')),
    ],
    [
      'a trace with an event less',
      'TRACE_DIFFERS',
      (files) => change(files, 'trace.json', (content) => content.replace(/,\s*"[0-9a-f-]{36}"/, '')),
    ],
    [
      'a reversed entry of another amount',
      'TRACE_DIFFERS',
      (files) => changeReversed(files, ([entry]) => [{ ...entry, amount: '2.35' }]),
    ],
    ['a reversed entry concealed', 'TRACE_DIFFERS', (files) => changeReversed(files, () => [])],
    ['reversed entries left out whole', 'TRACE_DIFFERS', (files) => changeReversed(files, () => undefined)],
    [
      'a reversed entry made up',
      'TRACE_DIFFERS',
      (files) => changeReversed(files, ([entry]) => [entry, { ...entry, documentNo: '支1', amount: '120.00' }]),
    ],
    [
      'a reversed entry by another reversal',
      'TRACE_DIFFERS',
      (files) => changeReversed(files, ([entry]) => [{ ...entry, reversalNo: '红-支6' }]),
    ],
    [
      'a projection that shows more paid',
      'PROJECTION_UNKNOWN',
      (files) =>
        change(files, 'projections/prelude.js', (source) =>
          source.replace('cell.paid = addFen(cell.paid, amount);', 'cell.paid = addFen(cell.paid, amount * 2);'),
        ),
    ],
    [
      'a projection that reaches for the machine',
      'PROJECTION_UNKNOWN',
      (files) =>
        change(
          files,
          'projections/prelude.js',
          (source) => `${source}\nimport('x').catch((e) => e.constructor.constructor('return process')().exit(0));\n`,
        ),
    ],
    [
      'an earlier moment',
      'MOMENT_NOT_PROVEN',
      (files) => changeManifest(files, ({ moment }) => void (moment.treeSize -= 1)),
    ],
    [
      'another bookmark’s name',
      'BOOKMARK_DIFFERS',
      (files) =>
        changeManifest(
          files,
          ({ moment }) => void (moment.bookmark = { name: '年终', eventId: moment.bookmark?.eventId ?? '' }),
        ),
    ],
    [
      'another business date',
      'BALANCES_DIFFER',
      (files) => changeManifest(files, ({ moment }) => void (moment.asOf = '2024-03-31')),
    ],
    ['another scope', 'BALANCES_DIFFER', (files) => changeManifest(files, ({ scope }) => void (scope.id = 'ROAD-2'))],
    [
      'another program in the page',
      'VERIFIER_PAGE_DIFFERS',
      (files) => change(files, 'verify.html', (page) => page.replace('findings.length === 0', 'true')),
    ],
    [
      'another program beside the page',
      'VERIFIER_PAGE_DIFFERS',
      (files) => change(files, 'verify.cjs', (program) => program.replace('findings.length === 0', 'true')),
    ],
    [
      'an event after the moment that proves nothing',
      'EVENT_OUT_OF_PLACE',
      (files) =>
        changeManifest(files, (manifest) => {
          manifest.coverage = 'extract';
          manifest.streams = [];
        }),
    ],
  ];

  it.each(CASES)('is found out: %s', async (_name, code, forge) => {
    const files = filesOf(honest);
    forge(files);
    try {
      reseal(files);
    } catch {
      // What cannot be read any more cannot be sealed either.
    }
    const verdict = await verifyFiles(files);
    expect(codesOf(verdict.findings)).toContain(code);
    expect(verdict).toMatchObject({ ok: false, proven: [], notProven: [] });
  });

  it('is found out when an extract of a reversal conceals what it took back, in the trace as well', async () => {
    const files = filesOf(honestReversal);
    let concealed = '';
    changeLines(files, (events, proofs) => {
      const index = indexOf(events, '"PaymentExecuted"');
      concealed = (JSON.parse(events[index] ?? '') as { readonly id: string }).id;
      for (const lines of [events, proofs]) lines.splice(index, 1);
    });
    change(files, 'trace.json', (content) => {
      const trace = JSON.parse(content) as { readonly events: readonly string[] };
      const events = trace.events.filter((id) => id !== concealed);
      return `${JSON.stringify({ ...trace, reversed: [], events }, null, 2)}\n`;
    });
    reseal(files);
    expect(codesOf((await verifyFiles(files)).findings)).toContain('REVERSED_MISSING');
  });

  it('is found out when another program was put into it, in the page as well', async () => {
    const files = filesOf(honest);
    change(files, 'verify.cjs', (program) => program.replace('findings.length === 0', 'true'));
    put(files, 'verify.html', verifier.pageAround(text(files, 'verify.cjs')));
    reseal(files);
    expect(codesOf((await verifyFiles(files)).findings)).toEqual(['PROGRAM_UNKNOWN']);
  });

  it('is found out when a file was added and the manifest names it', async () => {
    const files = filesOf(honest);
    put(files, 'a-report-corrected.html', '<p>已支付 0.00</p>');
    reseal(files);
    const { findings } = await verifyFiles(files);
    expect(findings.map(({ code, file }) => ({ code, file }))).toEqual([
      { code: 'FILE_UNKNOWN', file: 'a-report-corrected.html' },
    ]);
  });

  it('is told to be of an earlier format, where trace and report could not be computed anew', async () => {
    const files = filesOf(honest);
    change(files, 'manifest.json', (content) => content.replace('yichi-evidence/2', 'yichi-evidence/1'));
    expect(codesOf((await verifyFiles(files)).findings)).toEqual(['FORMAT_UNKNOWN']);
  });

  it('shows no letter in a verdict that a terminal obeys', async () => {
    const files = filesOf(honest);
    put(files, '\u001b[2J\u001b[32m通过 VERIFIED\u202e.txt', 'x');
    const told = verifier.verdictText(await verifier.verifyFiles(files, { keys: [key], verifier: script }));
    expect(told).toContain('\\u{1b}[32m通过 VERIFIED\\u{202e}.txt');
    expect(told.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('is found out when the report says something else', async () => {
    const files = filesOf(honest);
    change(files, 'report.html', (report) => report.replaceAll('150.00', '15.00'));
    reseal(files, { report: false });
    expect(codesOf((await verifyFiles(files)).findings)).toEqual(['REPORT_DIFFERS']);
  });

  it('is found out when a whole ledger was made up, by the key that the auditor holds and by it alone', async () => {
    const files = filesOf(honest);
    const events = text(files, 'events.jsonl').replace('公路养护公司', '公路养护集团').trimEnd().split('\n');
    const tree = new MemoryTreeStore();
    tree.append(events.map((line) => leafHash(line)));
    const size = events.length;
    put(files, 'events.jsonl', events.map((line) => `${line}\n`).join(''));
    const proofs = new ManyProofs(tree, size);
    await proofs.begin(events.map((_, index) => index));
    put(files, 'proofs.txt', formatProofs(await proofs.prove()));
    const checkpoint = { origin: otherLedger.name, size, root: tree.root(), extensions: [] };
    put(files, 'checkpoint.txt', await signCheckpoint(checkpoint, [otherLedger]));
    put(files, 'log-key.txt', `${otherLedger.verifierKey}\n`);
    changeManifest(files, ({ moment, streams }) => {
      Object.assign(moment, {
        treeSize: size,
        treeRoot: tree.root().toString('base64'),
        bookmark: null,
        consistency: [],
      });
      void streams;
    });
    change(files, 'balances.json', (content) =>
      content.replace('"paid": "150.00"', '"paid": "151.00"').replace('"unspent": "320.00"', '"unspent": "319.00"'),
    );
    const withoutKey = await verifyFiles(files, []);
    expect(codesOf(withoutKey.findings)).not.toContain('INCLUSION_NOT_PROVEN');
    expect(codesOf((await verifyFiles(files)).findings)).toContain('CHECKPOINT_OF_OTHER_LEDGER');
  });

  it.each(['its own', 'the other’s'])(
    'is found out when another ledger has signed it that the auditor trusts as well, with %s key enclosed',
    async (enclosed) => {
      const files = filesOf(honest);
      const { text: body } = parseNote(text(files, 'checkpoint.txt'));
      put(files, 'checkpoint.txt', formatNote({ text: body, signatures: [await otherLedger.sign(body)] }));
      if (enclosed !== 'its own') put(files, 'log-key.txt', `${otherLedger.verifierKey}\n`);
      reseal(files);
      const verdict = await verifyFiles(files, [key, otherLedger.verifierKey]);
      expect(verdict.ok).toBe(false);
      expect(codesOf(verdict.findings)).toEqual([enclosed === 'its own' ? 'SIGNATURE_MISSING' : 'KEY_DIFFERS']);
    },
  );

  it('says that nobody vouches for the key when none is given', async () => {
    const verdict = await verifyFiles(filesOf(honest), []);
    expect(verdict).toMatchObject({ ok: true, keySource: 'bundle' });
    expect(codesOf(verdict.notProven)).toContain('KEY_FROM_BUNDLE');
    expect(codesOf(verdict.proven)).not.toContain('SIGNED');
  });

  it('demands the cosignature of every witness whose key is given', async () => {
    const witness = 'witness.example+7b1b29a6+BF2pcMLRiIPsHVOBIlOGlWRbzlW0oKh5kxhR+4Rr4nHY';
    const verdict = await verifyFiles(filesOf(honest), [key, witness]);
    expect(verdict.ok).toBe(false);
  });
});

describe('an archive that was made to deceive', () => {
  const refusedAs = async (archive: Uint8Array): Promise<readonly string[]> =>
    codesOf((await verifier.verifyArchive(archive, { keys: [key] })).findings);

  it.each(['../evil.txt', '/evil.txt', 'c:\\evil.txt', 'a/../../evil.txt', 'Verify.CJS', 'projections/..'])(
    'is refused for the name %s',
    async (name) => {
      const files = filesOf(honest);
      put(files, name, 'x');
      expect(await refusedAs(await zipFiles(files))).toEqual(['ZIP_REFUSED']);
    },
  );

  it('is refused when an entry is more than it says', async () => {
    const bomb = new Map([['manifest.json', new Uint8Array(64 * 1024 * 1024)]]);
    const archive = Buffer.from(await zipFiles(bomb));
    // Both headers say that a thousand bytes come out.
    archive.writeUInt32LE(1000, 22);
    archive.writeUInt32LE(1000, archive.lastIndexOf(Buffer.from('PK\u0001\u0002')) + 24);
    expect(await refusedAs(archive)).toEqual(['ZIP_REFUSED']);
  });

  it('is refused when it says that more comes out than anybody needs, before anything is taken out', async () => {
    const archive = Buffer.from(await zipFiles(new Map([['manifest.json', new Uint8Array(1000)]])));
    archive.writeUInt32LE(0xfffffff0, 22);
    archive.writeUInt32LE(0xfffffff0, archive.lastIndexOf(Buffer.from('PK\u0001\u0002')) + 24);
    expect(await refusedAs(archive)).toEqual(['ZIP_REFUSED']);
  });

  it.each([
    ['something before it', (archive: Buffer) => Buffer.concat([Buffer.from('x'), archive])],
    ['something after it', (archive: Buffer) => Buffer.concat([archive, Buffer.from('x')])],
    ['half of it', (archive: Buffer) => archive.subarray(0, archive.length / 2)],
    ['nothing', () => Buffer.alloc(0)],
  ] as const)('is refused with %s', async (_name, forge) => {
    expect(await refusedAs(forge(Buffer.from(honest)))).toEqual(['ZIP_REFUSED']);
  });

  it('never passes with other content, whichever byte is flipped', async () => {
    const files = filesOf(honest);
    for (let round = 0; round < 30; round += 1) {
      const archive = Buffer.from(honest);
      const at = (round * 7919 + 13) % archive.length;
      archive.writeUInt8(archive.readUInt8(at) ^ (1 << (round % 8)), at);
      const verdict = await verifier.verifyArchive(archive, { keys: [key] });
      // Some bytes of an archive, such as times, mean nothing to anybody.
      if (verdict.ok) expect(filesOf(archive)).toEqual(files);
    }
  });
});
