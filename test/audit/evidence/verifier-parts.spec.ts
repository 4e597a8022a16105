import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

import fc from 'fast-check';
import { deflateSync } from 'fflate';

import { ManyProofs } from '../../../src/audit/evidence/many-proofs';
import { type EvidenceVerifier, loadVerifier, verifierScript } from '../../../src/audit/evidence/verifier-file';
import { openCheckpoint } from '../../../src/audit/proofs/checkpoint';
import { Ed25519Cosigner } from '../../../src/audit/proofs/signer';
import { ed25519KeyBytes, parseVerifierKey } from '../../../src/audit/proofs/verifier';
import { canonicalJson } from '../../../src/event-log/canonical-json';
import { MemoryTreeStore } from '../../../src/event-log/tree/memory-tree-store';
import { leafHash } from '../../../src/event-log/tree/merkle-hash';
import { consistencyProof, inclusionProof } from '../../../src/event-log/tree/merkle-proof';
import { rootAt, subtreesOf } from '../../../src/event-log/tree/tree-store';
import { checkpointOf, rowsOf, sampleEvents, signer } from '../proofs/ledger-sample';

type Bytes = Uint8Array;

/** What the parts of the verifier share among themselves. */
interface Parts {
  readonly sha256: (bytes: Bytes) => Bytes;
  readonly sha512: (bytes: Bytes) => Bytes;
  readonly verifyEd25519Here: (key: Bytes, message: Bytes, signature: Bytes) => boolean;
  readonly verifyEd25519: (key: Bytes, message: Bytes, signature: Bytes) => Promise<boolean>;
  readonly verifyEd25519OnPlatform: (key: Bytes, message: Bytes, signature: Bytes) => Promise<boolean | null>;
  readonly inflate: (packed: Bytes, size: number) => Bytes | null;
  readonly isIncluded: (leaf: Bytes, index: number, size: number, proof: readonly Bytes[], root: Bytes) => boolean;
  readonly isConsistent: (from: number, to: number, proof: readonly Bytes[], old: Bytes, root: Bytes) => boolean;
  readonly canonicalJson: (value: unknown) => string;
  readonly base64Bytes: (text: string) => Bytes | null;
  readonly base64Of: (bytes: Bytes) => string;
  readonly parseCheckpoint: (bytes: Bytes) => object;
  readonly parseVerifierKey: (text: string) => object | null;
  readonly signaturesBy: (checkpoint: object, keys: readonly (object | null)[]) => Promise<readonly object[]>;
}

const NAMES = [
  'sha256',
  'sha512',
  'verifyEd25519Here',
  'verifyEd25519',
  'verifyEd25519OnPlatform',
  'inflate',
  'isIncluded',
  'isConsistent',
  'canonicalJson',
  'base64Bytes',
  'base64Of',
  'parseCheckpoint',
  'parseVerifierKey',
  'signaturesBy',
];

const loadParts = (): Parts => {
  const script = verifierScript();
  const opened = script.replace('ownModule.exports = {', `ownModule.exports = { ${NAMES.join(', ')},`);
  if (opened === script) throw new Error('the parts cannot be reached');
  return loadVerifier(opened) as EvidenceVerifier & Parts;
};

const parts = loadParts();
const same = (left: Bytes | null, right: Bytes | null): boolean =>
  left !== null && right !== null && Buffer.compare(left, right) === 0;

describe('the verifier’s own arithmetic', () => {
  it('hashes as the platform does, at every length around its blocks', () => {
    for (let length = 0; length < 300; length += 1) {
      const bytes = Buffer.alloc(length, length % 251);
      expect(same(parts.sha256(bytes), createHash('sha256').update(bytes).digest())).toBe(true);
      expect(same(parts.sha512(bytes), createHash('sha512').update(bytes).digest())).toBe(true);
    }
  });

  it('agrees with the platform on signatures, good and bad', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      const key = ed25519KeyBytes(publicKey);
      const message = Buffer.from(`第 ${round} 个检查点\n`.repeat(round));
      const good = sign(null, message, privateKey);
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8((round * 9) % 64) ^ (1 << round), (round * 9) % 64);
      for (const [signature, verdict] of [
        [good, true],
        [bad, false],
      ] as const) {
        expect(parts.verifyEd25519Here(key, message, signature)).toBe(verdict);
        expect(await parts.verifyEd25519OnPlatform(key, message, signature)).toBe(verdict);
      }
      expect(parts.verifyEd25519Here(key, Buffer.concat([message, message, Buffer.from('x')]), good)).toBe(false);
    }
  });

  it('knows the test vectors of RFC 8032, and refuses an S that is not below the order of the group', () => {
    const hex = (text: string): Buffer => Buffer.from(text, 'hex');
    const key = hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const signature = hex(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
    expect(parts.verifyEd25519Here(key, hex('72'), signature)).toBe(true);
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
    const shifted = Buffer.concat([signature.subarray(0, 32), hex(s.toString(16).padStart(64, '0')).reverse()]);
    expect(parts.verifyEd25519Here(key, hex('72'), shifted)).toBe(false);
    expect(parts.verifyEd25519Here(Buffer.alloc(32, 0xff), hex('72'), signature)).toBe(false);
  });

  it.each([
    ['a zero with a sign', `01${'00'.repeat(30)}80`],
    ['a number beyond the field', `ee${'ff'.repeat(30)}7f`],
    ['a key of small order, which anybody can sign for', `01${'00'.repeat(31)}`],
  ])('is of one mind with every platform on %s: it is no key', async (_, hex) => {
    const key = Buffer.from(hex, 'hex');
    // With the neutral point as key, R = S·B holds for every text: here S = 0.
    const signature = Buffer.concat([Buffer.from(`01${'00'.repeat(31)}`, 'hex'), Buffer.alloc(32)]);
    expect(await parts.verifyEd25519(key, Buffer.from('任何内容'), signature)).toBe(false);
    expect(parts.verifyEd25519Here(key, Buffer.from('任何内容'), signature)).toBe(false);
    const name = 'ledger.example';
    const typed = Buffer.concat([Buffer.from([1]), key]);
    const id = createHash('sha256').update(`${name}\n`).update(typed).digest('hex').slice(0, 8);
    expect(parts.parseVerifierKey(`${name}+${id}+${typed.toString('base64')}`)).toBeNull();
  });

  it('takes no leaf and no root but of 32 bytes', () => {
    const nothing = Buffer.alloc(0);
    const hash = Buffer.alloc(32, 1);
    expect(parts.isIncluded(nothing, 0, 1, [], nothing)).toBe(false);
    expect(parts.isIncluded(hash, 0, 1, [], hash)).toBe(true);
    expect(parts.isConsistent(1, 1, [], nothing, nothing)).toBe(false);
    expect(parts.isConsistent(1, 1, [], hash, hash)).toBe(true);
  });

  it('takes apart whatever a packer puts together, and nothing else', () => {
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc
        .array(fc.constantFrom('村', '项目', '0.00', '{"a":'), { maxLength: 2000 })
        .map((words) => Buffer.from(words.join(''))),
      fc.nat({ max: 70_000 }).map((length) => Buffer.alloc(length, 7)),
    );
    fc.assert(
      fc.property(content, fc.constantFrom(0, 1, 6, 9), (bytes, level) => {
        for (const packed of [
          deflateRawSync(bytes, { level }),
          deflateSync(bytes, { level: level as 0 | 1 | 6 | 9 }),
        ]) {
          expect(same(parts.inflate(packed, bytes.length), bytes)).toBe(true);
          expect(parts.inflate(packed, bytes.length + 1)).toBeNull();
          if (bytes.length > 0) expect(parts.inflate(packed, bytes.length - 1)).toBeNull();
          expect(parts.inflate(packed.subarray(0, packed.length - 1), bytes.length)).toBeNull();
          expect(parts.inflate(Buffer.concat([packed, Buffer.from([0])]), bytes.length)).toBeNull();
        }
      }),
      { numRuns: 60 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 1000 }), (noise, size) => {
        const taken = parts.inflate(noise, size);
        expect(taken === null || taken.length === size).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('writes and reads base64 as the platform does, each row of bytes in one way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(parts.base64Of(bytes)).toBe(text);
        expect(same(parts.base64Bytes(text), bytes)).toBe(true);
      }),
    );
    for (const text of ['A', 'AB', 'AB=', 'AB=A', 'AR==', 'A-==', 'AA==\n', 'é===']) {
      expect(parts.base64Bytes(text)).toBeNull();
    }
  });

  it('has the same canonical form', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parts.canonicalJson(value)).toBe(canonicalJson(value));
      }),
    );
    expect(() => parts.canonicalJson(JSON.parse('"\\ud800"'))).toThrow();
  });
});

describe('the verifier’s tree', () => {
  const SIZE = 777;
  const rows = rowsOf(sampleEvents(SIZE));
  const leaves = rows.map(({ bytes }) => leafHash(bytes));
  const tree = new MemoryTreeStore();
  beforeAll(() => tree.append(leaves));

  it('accepts the log’s proofs for every leaf, and for no other leaf, place, size or root', async () => {
    for (const size of [1, 2, 3, 255, 256, 257, 512, 700, SIZE]) {
      const root = await rootAt(tree, size);
      const indexes = leaves
        .slice(0, size)
        .flatMap((_, index) => (index % 13 === 0 || index > size - 3 ? [index] : []));
      const many = new ManyProofs(tree, size);
      await many.begin(indexes);
      for (const { index, hashes } of await many.prove()) {
        const leaf = leaves[index] ?? Buffer.alloc(0);
        expect(hashes).toEqual(await inclusionProof(index, size, subtreesOf(tree, size)));
        expect(parts.isIncluded(leaf, index, size, hashes, root)).toBe(true);
        if (size > 1) expect(parts.isIncluded(leaf, index === 0 ? 1 : index - 1, size, hashes, root)).toBe(false);
        expect(parts.isIncluded(Buffer.alloc(32, 1), index, size, hashes, root)).toBe(false);
        expect(parts.isIncluded(leaf, index, size, hashes, Buffer.alloc(32))).toBe(false);
        expect(parts.isIncluded(leaf, index, size, [...hashes, leaf], root)).toBe(false);
      }
    }
  });

  it('accepts that one tree begins with another, and no other pair', async () => {
    for (const [from, to] of [
      [1, 2],
      [255, 256],
      [256, 700],
      [300, 301],
      [512, SIZE],
      [SIZE, SIZE],
    ] as const) {
      const proof = await consistencyProof(from, to, subtreesOf(tree, to));
      const [old, root] = [await rootAt(tree, from), await rootAt(tree, to)];
      expect(parts.isConsistent(from, to, proof, old, root)).toBe(true);
      expect(parts.isConsistent(from, to, proof, root, old)).toBe(from === to);
      expect(parts.isConsistent(from, to, [...proof, old], old, root)).toBe(false);
      if (from > 1) expect(parts.isConsistent(from - 1, to, proof, old, root)).toBe(false);
    }
  });

  it('reads notes and keys as the ledger does, and believes the same signatures', async () => {
    const { note } = await checkpointOf(rows);
    const witness = new Ed25519Cosigner('witness.example/1', generateKeyPairSync('ed25519').privateKey);
    const read = parts.parseCheckpoint(Buffer.from(note as string));
    const key = parts.parseVerifierKey(signer.verifierKey);
    expect(await parts.signaturesBy(read, [key])).toMatchObject([{ name: signer.name, time: 0 }]);
    expect(openCheckpoint(note, { log: [parseVerifierKey(signer.verifierKey)] }).checkpoint).toMatchObject({
      origin: signer.name,
      size: SIZE,
    });
    expect(await parts.signaturesBy(read, [parts.parseVerifierKey(witness.verifierKey)])).toEqual([]);
    expect(parts.parseVerifierKey(signer.verifierKey.replace(/\+.{8}\+/, '+00000000+'))).toBeNull();
    expect(() => parts.parseCheckpoint(Buffer.from((note as string).replaceAll('\n', '\r\n')))).toThrow();
  });

  it('reads when a witness cosigned', async () => {
    const at = new Date('2024-07-01T00:00:00Z');
    const witness = new Ed25519Cosigner('witness.example/1', generateKeyPairSync('ed25519').privateKey, () => at);
    const { note } = await checkpointOf(rows);
    const [body = ''] = (note as string).split('\n\n');
    const { name, keyId, signature } = await witness.sign(`${body}\n`);
    const id = Buffer.alloc(4);
    id.writeUInt32BE(keyId);
    const cosigned = `${note as string}— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
    const key = parts.parseVerifierKey(witness.verifierKey);
    const read = parts.parseCheckpoint(Buffer.from(cosigned));
    expect(await parts.signaturesBy(read, [key])).toEqual([{ name, time: at.getTime() / 1000 }]);
    const moved = Buffer.from(signature);
    moved.writeUInt8(1, 7);
    const forged = `${note as string}— ${name} ${Buffer.concat([id, moved]).toString('base64')}\n`;
    await expect(parts.signaturesBy(parts.parseCheckpoint(Buffer.from(forged)), [key])).rejects.toMatchObject({
      finding: { code: 'SIGNATURE_INVALID' },
    });
  });
});
