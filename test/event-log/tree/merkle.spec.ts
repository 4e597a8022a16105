import fc from 'fast-check';

import { MemoryTreeStore } from '../../../src/event-log/tree/memory-tree-store';
import { EMPTY_ROOT, leafHash } from '../../../src/event-log/tree/merkle-hash';
import {
  consistencyProof,
  inclusionProof,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/event-log/tree/merkle-proof';
import { TreeFrontier } from '../../../src/event-log/tree/merkle-tree';
import { openFrontier, subtreesOf } from '../../../src/event-log/tree/tree-store';
import { naiveConsistency, naivePath, naiveRoot } from './naive-tree';

/** The leaves that Certificate Transparency's own tests use, and the roots of the trees of the first 0 to 8 of them. */
const CT_LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const CT_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const numberedLeaves = (count: number): readonly Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(`leaf ${index}`));

const storeOf = (leaves: readonly Uint8Array[]): MemoryTreeStore => {
  const store = new MemoryTreeStore();
  store.append(leaves.map(leafHash));
  return store;
};

describe('the Merkle tree of RFC 6962', () => {
  it('has the roots of Certificate Transparency’s test leaves', () => {
    const frontier = new TreeFrontier();
    const roots = [frontier.root().toString('hex')];
    for (const leaf of CT_LEAVES) {
      frontier.append(leafHash(Buffer.from(leaf, 'hex')));
      roots.push(frontier.root().toString('hex'));
    }
    expect(roots).toEqual(CT_ROOTS);
    expect(EMPTY_ROOT.toString('hex')).toBe(CT_ROOTS[0]);
  });

  it('hashes a text as its UTF-8 bytes, however long', () => {
    for (const text of ['', 'a', '县😀', '指标'.repeat(40_000)]) {
      expect(leafHash(text)).toEqual(naiveRoot([Buffer.from(text)]));
      expect(leafHash(Buffer.from(text))).toEqual(naiveRoot([Buffer.from(text)]));
    }
  });

  it('has the root of the definition at every size, whatever the commits it grew by', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 70 }), { maxLength: 6 }), (commits) => {
        const store = new MemoryTreeStore();
        const leaves: Buffer[] = [];
        for (const commit of commits) {
          const added = Array.from({ length: commit }, (_, index) => Buffer.from(`${leaves.length + index}`));
          leaves.push(...added);
          store.append(added.map(leafHash));
          expect(store.root()).toEqual(naiveRoot(leaves));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('proves by tiles what the definition proves, over several levels of tiles', async () => {
    const leaves = numberedLeaves(700);
    const store = storeOf(leaves);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), fc.nat(), fc.nat(), async (size, a, b) => {
        const index = a % size;
        const oldSize = (b % size) + 1;
        const read = subtreesOf(store, size);
        const first = leaves.slice(0, size);
        const root = naiveRoot(first);
        expect(await treeRoot(size, read)).toEqual(root);
        const path = await inclusionProof(index, size, read);
        expect(path).toEqual(naivePath(index, first));
        expect(verifyInclusion(leafHash(leaves[index] as Buffer), index, size, path, root)).toBe(true);
        const proof = await consistencyProof(oldSize, size, read);
        expect(proof).toEqual(naiveConsistency(oldSize, first));
        expect(verifyConsistency(oldSize, size, proof, naiveRoot(leaves.slice(0, oldSize)), root)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('proves across a tree whose third level of tiles has begun', async () => {
    const size = 256 * 256 + 300;
    const store = storeOf(numberedLeaves(size));
    const read = subtreesOf(store, size);
    expect(await treeRoot(size, read)).toEqual(store.root());
    for (const index of [0, 255, 256, 65_535, 65_536, size - 1]) {
      const path = await inclusionProof(index, size, read);
      expect(verifyInclusion(leafHash(`leaf ${index}`), index, size, path, store.root())).toBe(true);
    }
    const oldRoot = await treeRoot(65_537, subtreesOf(store, 65_537));
    const proof = await consistencyProof(65_537, size, read);
    expect(verifyConsistency(65_537, size, proof, oldRoot, store.root())).toBe(true);
  });

  it('begins again at any size from what is stored', async () => {
    const leaves = numberedLeaves(1100).map(leafHash);
    for (const size of [0, 1, 255, 256, 257, 512, 1023]) {
      const store = new MemoryTreeStore();
      store.append(leaves.slice(0, size));
      const tiles = new Map<string, Uint8Array>();
      for (const level of [0, 1]) {
        for (let index = 0; index < 4; index += 1) {
          for (let width = 256; width > 0; width -= 1) {
            try {
              tiles.set(`${level}/${index}/${width}`, await store.readTile({ level, index, width }));
            } catch {
              // Not there in a tree of this size.
            }
          }
        }
      }
      const frontier = openFrontier(
        size,
        ({ level, index, width }) => tiles.get(`${level}/${index}/${width}`) as Buffer,
      );
      expect(frontier.root()).toEqual(store.root());
      frontier.append(leaves[size] as Buffer);
      store.append(leaves.slice(size, size + 1));
      expect(frontier.root()).toEqual(store.root());
    }
  });
});

describe('verification of proofs', () => {
  const leaves = numberedLeaves(40);
  const store = storeOf(leaves);

  it('refuses every altered inclusion proof', async () => {
    for (let size = 1; size <= 40; size += 1) {
      const root = naiveRoot(leaves.slice(0, size));
      for (let index = 0; index < size; index += 1) {
        const leaf = leafHash(leaves[index] as Buffer);
        const proof = await inclusionProof(index, size, subtreesOf(store, size));
        const flipped = proof.map((hash, place) => proof.map((other, at) => (at === place ? flip(hash) : other)));
        for (const wrong of [...flipped, [...proof, root], [root, ...proof], proof.slice(1), proof.slice(0, -1)]) {
          if (wrong.length === proof.length && wrong.every((hash, place) => hash.equals(proof[place] as Buffer)))
            continue;
          expect(verifyInclusion(leaf, index, size, wrong, root)).toBe(false);
        }
        expect(verifyInclusion(flip(leaf), index, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, proof, flip(root))).toBe(false);
        for (const other of [index - 1, index + 1, size, -1, 0.5, Number.NaN]) {
          if (other !== index) expect(verifyInclusion(leaf, other, size, proof, root)).toBe(false);
        }
      }
    }
  });

  it('refuses every altered consistency proof', async () => {
    for (let size = 1; size <= 40; size += 1) {
      const root = naiveRoot(leaves.slice(0, size));
      for (let oldSize = 1; oldSize <= size; oldSize += 1) {
        const oldRoot = naiveRoot(leaves.slice(0, oldSize));
        const proof = await consistencyProof(oldSize, size, subtreesOf(store, size));
        expect(verifyConsistency(oldSize, size, proof, oldRoot, root)).toBe(true);
        expect(verifyConsistency(oldSize, size, proof, flip(oldRoot), root)).toBe(false);
        expect(verifyConsistency(oldSize, size, proof, oldRoot, flip(root))).toBe(false);
        expect(verifyConsistency(oldSize, size, [...proof, root], oldRoot, root)).toBe(false);
        if (proof.length > 0) expect(verifyConsistency(oldSize, size, proof.slice(1), oldRoot, root)).toBe(false);
        for (const place of proof.keys()) {
          const wrong = proof.map((hash, at) => (at === place ? flip(hash) : hash));
          expect(verifyConsistency(oldSize, size, wrong, oldRoot, root)).toBe(false);
        }
      }
    }
  });

  it('accepts the empty tree before every tree, with no proof, and a tree before no smaller one', () => {
    const root = naiveRoot(leaves);
    expect(verifyConsistency(0, 40, [], EMPTY_ROOT, root)).toBe(true);
    expect(verifyConsistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)).toBe(true);
    expect(verifyConsistency(0, 0, [], EMPTY_ROOT, root)).toBe(false);
    expect(verifyConsistency(0, 40, [root], EMPTY_ROOT, root)).toBe(false);
    expect(verifyConsistency(40, 39, [], root, root)).toBe(false);
  });
});

const flip = (hash: Buffer): Buffer => {
  const flipped = Buffer.from(hash);
  flipped[7] = (flipped[7] as number) ^ 0x20;
  return flipped;
};
