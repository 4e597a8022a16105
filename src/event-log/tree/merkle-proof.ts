import { EMPTY_ROOT, HASH_BYTES, type Hash, nodeHash, sameHash } from './merkle-hash';
import { completeSubtrees, joinSubtrees, type LeafRange, requireTreeSize, splitPoint } from './merkle-tree';
import type { SubtreeCoordinate } from './merkle-tree';

/** No tree that can be counted needs a longer proof. */
export const MAX_PROOF_HASHES = 63;

/** Hashes of complete subtrees; they may be asked for together. */
export type ReadSubtrees = (subtrees: readonly SubtreeCoordinate[]) => Promise<readonly Hash[]>;

/**
 * The subtrees whose hashes are the inclusion proof of a leaf, from the leaf's sibling to the root's child: PATH of
 * RFC 6962 section 2.1.1.
 */
export const inclusionRanges = (index: number, size: number): readonly LeafRange[] => {
  requireTreeSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`a tree of ${size} has no leaf ${index}`);
  }
  const fromRoot: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      fromRoot.push({ start: middle, end });
      end = middle;
    } else {
      fromRoot.push({ start, end: middle });
      start = middle;
    }
  }
  return fromRoot.reverse();
};

/** The subtrees whose hashes are the consistency proof between two sizes: PROOF of RFC 6962 section 2.1.2. */
export const consistencyRanges = (oldSize: number, size: number): readonly LeafRange[] => {
  requireTreeSize(oldSize);
  requireTreeSize(size);
  if (oldSize > size) throw new RangeError(`a tree of ${size} does not come after one of ${oldSize}`);
  // Everything is consistent with nothing, and a tree with itself.
  if (oldSize === 0 || oldSize === size) return [];
  const fromRoot: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end !== oldSize) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      fromRoot.push({ start: middle, end });
      end = middle;
    } else {
      fromRoot.push({ start, end: middle });
      start = middle;
    }
  }
  // Where the old tree is a complete subtree from the first leaf on, the verifier has its hash already.
  if (start > 0) fromRoot.push({ start, end });
  return fromRoot.reverse();
};

/** Hashes of ranges that the RFC's splitting yields, read in one go. */
const rangeHashes = async (ranges: readonly LeafRange[], read: ReadSubtrees): Promise<readonly Hash[]> => {
  const parts = ranges.map(completeSubtrees);
  const hashes = await read(parts.flat());
  let next = 0;
  return parts.map((part) => {
    const own = hashes.slice(next, next + part.length);
    next += part.length;
    return joinSubtrees(own);
  });
};

export const inclusionProof = (index: number, size: number, read: ReadSubtrees): Promise<readonly Hash[]> =>
  rangeHashes(inclusionRanges(index, size), read);

export const consistencyProof = (oldSize: number, size: number, read: ReadSubtrees): Promise<readonly Hash[]> =>
  rangeHashes(consistencyRanges(oldSize, size), read);

/** Root of the tree of the first `size` leaves. */
export const treeRoot = async (size: number, read: ReadSubtrees): Promise<Hash> => {
  const [root] = await rangeHashes([{ start: 0, end: requireTreeSize(size) }], read);
  return root as Hash;
};

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);
const areHashes = (hashes: readonly Uint8Array[]): boolean =>
  hashes.length <= MAX_PROOF_HASHES && hashes.every((hash) => hash.length === HASH_BYTES);

/**
 * Whether a leaf of this hash is number `index` of the `size` leaves under a root: RFC 9162 section 2.1.3.2. It never
 * throws; what is malformed proves nothing.
 */
export const verifyInclusion = (
  leaf: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
  root: Hash,
): boolean => {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, root]) || !areHashes(proof)) return false;
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && sameHash(hash, root);
};

/**
 * Whether the tree of `size` leaves under `root` begins with all leaves of the one under `oldRoot`: RFC 9162 section
 * 2.1.4.2. It never throws; what is malformed proves nothing.
 */
export const verifyConsistency = (
  oldSize: number,
  size: number,
  proof: readonly Hash[],
  oldRoot: Hash,
  root: Hash,
): boolean => {
  if (!isCount(oldSize) || !isCount(size) || oldSize > size) return false;
  if (!areHashes([oldRoot, root]) || !areHashes(proof)) return false;
  if (size === 0 && !sameHash(root, EMPTY_ROOT)) return false;
  if (oldSize === 0) return proof.length === 0 && sameHash(oldRoot, EMPTY_ROOT);
  if (oldSize === size) return proof.length === 0 && sameHash(oldRoot, root);

  let node = oldSize - 1;
  let last = size - 1;
  while (isOdd(node)) {
    node = half(node);
    last = half(last);
  }
  // A complete old tree is its own beginning of the path and is not repeated in the proof.
  const path = node === 0 ? [oldRoot, ...proof] : proof;
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let oldHash = first;
  let hash = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      oldHash = nodeHash(sibling, oldHash);
      hash = nodeHash(sibling, hash);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && sameHash(oldHash, oldRoot) && sameHash(hash, root);
};
