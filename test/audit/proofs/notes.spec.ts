import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  cosignCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from '../../../src/audit/proofs/checkpoint';
import { openLogSigner, openWitnessSigner } from '../../../src/audit/proofs/key-file';
import { EMPTY_ROOT, leafHash } from '../../../src/event-log/tree/merkle-hash';
import { addSignatures, formatNote, parseNote, parseSignatureLine, verifyNote } from '../../../src/audit/proofs/note';
import { Ed25519Cosigner, Ed25519Signer } from '../../../src/audit/proofs/signer';
import { formatProof, parseProof, verifyProof } from '../../../src/audit/proofs/tlog-proof';
import { formatVerifierKey, parseVerifierKey, SIGNATURE_TYPE } from '../../../src/audit/proofs/verifier';

/** The first key of RFC 8032 section 7.1; its signatures, made by another implementation, are the expected texts here. */
const KEY = createPrivateKey({
  key: Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'),
  ]),
  format: 'der',
  type: 'pkcs8',
});
const ORIGIN = 'ledger.example/630222';
const LOG_KEY = 'ledger.example/630222+c827c012+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea';
const WITNESS_KEY = 'audit.example/w1+a56f45a8+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea';
const TEXT = `${ORIGIN}\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n`;
const LOG_LINE =
  '— ledger.example/630222 yCfAEhIEBtBLZ/3JLmJbFRjSYJMfifGswb7QhNAVAHeMqqwwE46q24Eqdqt9adz/HjF6Zf+R45tdvLVCKqf21e52oQc=\n';
const WITNESS_LINE =
  '— audit.example/w1 pW9FqAAAAABmWmSAebjz6sjT/qL0b6/CIE5CvsDD52GsHJpnOzpOMh/5VzT4+AdfXFlA54A+AfJDRWlQJ+rQLOtSYQYAZnE+YfhdDA==\n';
const NOTE = `${TEXT}\n${LOG_LINE}`;
const COSIGNED = `${NOTE}${WITNESS_LINE}`;
const SEEN_AT = 1_717_200_000;

const log = parseVerifierKey(LOG_KEY);
const witness = parseVerifierKey(WITNESS_KEY);
const root = Buffer.from('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328', 'hex');

const refusal = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
  return 'accepted';
};

describe('signing', () => {
  it('makes the checkpoint, the cosignature and the keys that another implementation makes', async () => {
    const signer = new Ed25519Signer(ORIGIN, KEY);
    const cosigner = new Ed25519Cosigner('audit.example/w1', KEY, () => new Date(SEEN_AT * 1000 + 999));
    expect(signer.verifierKey).toBe(LOG_KEY);
    expect(cosigner.verifierKey).toBe(WITNESS_KEY);
    expect(await signCheckpoint({ origin: ORIGIN, size: 8, root, extensions: [] }, [signer])).toBe(NOTE);
    expect(await cosignCheckpoint(parseNote(NOTE), cosigner)).toBe(WITNESS_LINE);
  });

  it.each(['', 'two words', 'a+b', 'line\nfeed', 'no\u00a0break', 'tab\t'])('refuses the name %j', (name) => {
    expect(refusal(() => new Ed25519Signer(name, KEY))).toBe('KEY_NAME_INVALID');
  });

  it('never signs a checkpoint that would be read as another', async () => {
    const signer = new Ed25519Signer(ORIGIN, KEY);
    for (const origin of ['', `${ORIGIN}\n9`, 'a\n\nb']) {
      await expect(signCheckpoint({ origin, size: 8, root, extensions: [] }, [signer])).rejects.toThrow();
    }
  });
});

describe('a signed note', () => {
  it('is believed when a known key has signed it, others being ignored', () => {
    expect(verifyNote(parseNote(COSIGNED), [log])).toEqual([{ name: ORIGIN, keyId: 0xc827c012 }]);
    expect(verifyNote(parseNote(COSIGNED), [log, witness])).toEqual([
      { name: ORIGIN, keyId: 0xc827c012 },
      { name: 'audit.example/w1', keyId: 0xa56f45a8, timestamp: SEEN_AT },
    ]);
    const unknown = `${NOTE}— other.example/x ${Buffer.from('whatever it is').toString('base64')}\n`;
    expect(verifyNote(parseNote(unknown), [log])).toHaveLength(1);
  });

  it('is refused whole when a known key’s signature does not fit, even beside a good one', () => {
    const forged = LOG_LINE.replace('yCfAEhIE', 'yCfAEhIF');
    expect(refusal(() => verifyNote(parseNote(`${TEXT}\n${forged}`), [log]))).toBe('SIGNATURE_INVALID');
    expect(refusal(() => verifyNote(parseNote(`${NOTE}${forged}`), [log]))).toBe('SIGNATURE_INVALID');
    expect(refusal(() => verifyNote(parseNote(NOTE.replace('\n8\n', '\n9\n')), [log]))).toBe('SIGNATURE_INVALID');
    expect(refusal(() => verifyNote(parseNote(NOTE), [witness]))).toBe('SIGNATURE_MISSING');
    const later = WITNESS_LINE.replace('AAAAABmWmSA', 'AAAAABmWmSB');
    expect(refusal(() => verifyNote(parseNote(`${TEXT}\n${later}`), [witness]))).toBe('SIGNATURE_INVALID');
  });

  it('may have empty lines in its text', () => {
    const note = parseNote(`a\n\nb\n\n${LOG_LINE}`);
    expect(note.text).toBe('a\n\nb\n');
    expect(formatNote(note)).toBe(`a\n\nb\n\n${LOG_LINE}`);
  });

  it.each([
    ['no signatures', TEXT],
    ['no signature lines', `${TEXT}\n`],
    ['carriage returns', NOTE.replaceAll('\n', '\r\n')],
    ['no last line feed', NOTE.slice(0, -1)],
    ['a hyphen instead of the dash', NOTE.replace('—', '-')],
    ['base64 without padding', NOTE.replace('oQc=', 'oQc')],
    ['base64 with a stray bit', NOTE.replace('oQc=', 'oQd=')],
    ['base64 for addresses', NOTE.replaceAll('/', '_')],
    ['text after the signature', NOTE.replace('oQc=\n', 'oQc= x\n')],
    ['a control character', NOTE.replace('\n8\n', '\n8\u0000\n')],
    ['a signature of nothing', `${TEXT}\n— ${ORIGIN} yCfAEg==\n`],
  ])('with %s is none', (_, note) => {
    expect(refusal(() => parseNote(note))).toBe('NOTE_MALFORMED');
    expect(refusal(() => parseNote(Buffer.from(note)))).toBe('NOTE_MALFORMED');
  });

  it('is none when it is not UTF-8', () => {
    expect(refusal(() => parseNote(Buffer.concat([Buffer.of(0xff), Buffer.from(NOTE)])))).toBe('NOTE_MALFORMED');
  });

  it('takes sixteen cosignatures and does not keep one twice', () => {
    const line = parseSignatureLine(WITNESS_LINE.slice(0, -1));
    const many = Array.from({ length: 16 }, (_, index) => ({ ...line, name: `w${index}` }));
    const note = addSignatures(parseNote(NOTE), [...many, line]);
    expect(parseNote(formatNote(note)).signatures).toHaveLength(18);
    expect(addSignatures(note, [line]).signatures).toHaveLength(18);
  });
});

describe('a verifier key', () => {
  it.each([
    LOG_KEY.replace('c827c012', 'c827c013'),
    LOG_KEY.replace('c827c012', 'C827C012'),
    LOG_KEY.replace('630222+', '630223+'),
    LOG_KEY.replace('+Add', '+BNd'),
    LOG_KEY.slice(0, -4),
    'ledger.example',
    '',
  ])('%s is none', (text) => {
    expect(refusal(() => parseVerifierKey(text))).toBe('VERIFIER_KEY_INVALID');
  });
});

describe('an Ed25519 key', () => {
  const keyOf = (hex: string): string =>
    formatVerifierKey('w.example', SIGNATURE_TYPE.ed25519, Buffer.from(hex, 'hex'));

  // RFC 8032 writes each point in one way; the other ways, and keys that anybody can sign for, platforms often take.
  it.each([
    ['0', '00'.repeat(32)],
    ['1', `01${'00'.repeat(31)}`],
    ['1, with the sign of a zero', `01${'00'.repeat(30)}80`],
    ['-1', `ec${'ff'.repeat(30)}7f`],
    ['1 beyond the field', `ee${'ff'.repeat(30)}7f`],
    ['0 beyond the field', `ed${'ff'.repeat(30)}7f`],
    ['of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['of order 8, too', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'],
  ])('is refused when its y is %s', (_, hex) => {
    expect(refusal(() => parseVerifierKey(keyOf(hex)))).toBe('VERIFIER_KEY_INVALID');
  });
});

describe('a checkpoint', () => {
  it('opens with the log’s key and tells who has cosigned it', () => {
    const opened = openCheckpoint(COSIGNED, { log: [log], witnesses: [witness], witnessesNeeded: 1 });
    expect(opened.checkpoint).toEqual({ origin: ORIGIN, size: 8, root, extensions: [] });
    expect(opened.cosignatures).toEqual([{ name: 'audit.example/w1', keyId: 0xa56f45a8, timestamp: SEEN_AT }]);
  });

  it('is refused without enough witnesses, of another log, or cosigned only', () => {
    expect(refusal(() => openCheckpoint(NOTE, { log: [log], witnesses: [witness], witnessesNeeded: 1 }))).toBe(
      'SIGNATURE_MISSING',
    );
    expect(refusal(() => openCheckpoint(NOTE, { log: [log], origin: 'other.example' }))).toBe(
      'CHECKPOINT_ORIGIN_DIFFERS',
    );
    expect(refusal(() => openCheckpoint(`${TEXT}\n${WITNESS_LINE}`, { log: [log], witnesses: [witness] }))).toBe(
      'SIGNATURE_MISSING',
    );
  });

  it.each([
    TEXT.replace('\n8\n', '\n08\n'),
    TEXT.replace('\n8\n', '\n-8\n'),
    TEXT.replace('\n8\n', '\n8 \n'),
    TEXT.replace('\n8\n', '\n9007199254740993\n'),
    TEXT.replace('\n8\n', '\n'),
    TEXT.replace('XcnaeacG', ''),
    TEXT.replace('Qyg=', 'Qyh='),
    `${TEXT}\n`,
    `\n${TEXT}`,
    TEXT.slice(0, -1),
  ])('is not read from %j', (text) => {
    expect(refusal(() => parseCheckpoint(text))).toBe('CHECKPOINT_MALFORMED');
  });

  it('of one log is not signed by another’s key, although both are trusted', async () => {
    const other = new Ed25519Signer('other.example', generateKeyPairSync('ed25519').privateKey);
    const both = [log, parseVerifierKey(other.verifierKey)];
    const forged = await signCheckpoint({ origin: ORIGIN, size: 9, root, extensions: [] }, [other]);
    expect(refusal(() => openCheckpoint(forged, { log: both }))).toBe('SIGNATURE_MISSING');
    expect(refusal(() => openCheckpoint(forged, { log: both, origin: ORIGIN }))).toBe('SIGNATURE_MISSING');
    const own = await signCheckpoint({ origin: 'other.example', size: 9, root, extensions: [] }, [other]);
    expect(openCheckpoint(own, { log: both }).checkpoint.size).toBe(9);
    expect(openCheckpoint(NOTE, { log: both }).checkpoint.size).toBe(8);
  });

  it('cannot be looked at without a key, which is said', () => {
    expect(refusal(() => openCheckpoint(NOTE, { log: [] }))).toBe('LOG_KEY_MISSING');
  });

  it('of no leaves has the root of the empty tree', async () => {
    const signer = new Ed25519Signer(ORIGIN, KEY);
    const empty = { origin: ORIGIN, size: 0, extensions: [] };
    const good = await signCheckpoint({ ...empty, root: EMPTY_ROOT }, [signer]);
    expect(openCheckpoint(good, { log: [log] }).checkpoint.size).toBe(0);
    const bad = await signCheckpoint({ ...empty, root }, [signer]);
    expect(refusal(() => openCheckpoint(bad, { log: [log] }))).toBe('EMPTY_TREE_ROOT');
  });
});

describe('a proof', () => {
  const PROOF = [
    'c2sp.org/tlog-proof@v1',
    'index 0',
    'lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=',
    'Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=',
    'a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=',
    '',
    COSIGNED,
  ].join('\n');

  it('is read, proves its leaf and no other, and is written as it was', () => {
    const proof = parseProof(PROOF);
    expect(proof.index).toBe(0);
    expect(formatProof(proof)).toBe(PROOF);
    expect(verifyProof(proof, leafHash(''), { log: [log] }).checkpoint.size).toBe(8);
    expect(refusal(() => verifyProof(proof, leafHash('0'), { log: [log] }))).toBe('INCLUSION_NOT_PROVEN');
    expect(refusal(() => verifyProof({ ...proof, index: 1 }, leafHash(''), { log: [log] }))).toBe(
      'INCLUSION_NOT_PROVEN',
    );
    expect(refusal(() => verifyProof(proof, leafHash(''), { log: [witness] }))).toBe('CHECKPOINT_ORIGIN_DIFFERS');
  });

  it('may carry something extra, which nothing vouches for', () => {
    const proof = parseProof(PROOF.replace('index 0', `extra ${Buffer.from('附注').toString('base64')}\nindex 0`));
    expect(proof.extra?.toString()).toBe('附注');
    expect(parseProof(formatProof(proof))).toEqual(proof);
  });

  it.each(
    [
      PROOF.replace('@v1', '@v2'),
      PROOF.replace('index 0', 'index 00'),
      PROOF.replace('index 0', 'index -1'),
      PROOF.replace('index 0\n', ''),
      PROOF.replace('index 0', 'extra x\nindex 0'),
      PROOF.replace('J z8c=', ''),
      PROOF.replace('Jz8c=', 'Jz8='),
      PROOF.split('\n\n', 1).join(''),
    ].filter((text) => text !== PROOF),
  )('is not read when malformed (%#)', (text) => {
    expect(refusal(() => parseProof(text))).toBe('PROOF_MALFORMED');
  });
});

describe('a key file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-key-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is made at first use for its owner alone, and is the same log ever after', async () => {
    const file = join(directory, 'deep', 'log-key.pem');
    const first = openLogSigner(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(openLogSigner(file).verifierKey).toBe(first.verifierKey);
    expect(first.name).toMatch(/^yichi\.local\/log\/[0-9a-f]{16}$/);
    expect(openLogSigner(file, 'ledger.example/x').name).toBe('ledger.example/x');
    expect(openWitnessSigner(file).name).toMatch(/^yichi\.local\/witness\//);
    const checkpoint = { origin: first.name, size: 8, root, extensions: [] };
    const note = await signCheckpoint(checkpoint, [first]);
    expect(openCheckpoint(note, { log: [parseVerifierKey(first.verifierKey)] }).checkpoint).toEqual(checkpoint);
  });

  it('that holds something else is refused and left as it is', () => {
    const file = join(directory, 'other.pem');
    writeFileSync(file, 'no key');
    expect(refusal(() => openLogSigner(file))).toBe('LOG_KEY_UNUSABLE');
    expect(refusal(() => openLogSigner(join(file, 'below')))).toBe('LOG_KEY_UNUSABLE');
    expect(readFileSync(file, 'utf8')).toBe('no key');
  });
});
