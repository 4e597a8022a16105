import { createHash } from 'node:crypto';

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The definitions of RFC 6962 section 2.1, word for word and slow: what everything faster is compared with. */
export const naiveRoot = (leaves: readonly Uint8Array[]): Buffer => {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0] as Uint8Array);
  const k = naiveSplit(leaves.length);
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
};

export const naivePath = (index: number, leaves: readonly Uint8Array[]): readonly Buffer[] => {
  if (leaves.length <= 1) return [];
  const k = naiveSplit(leaves.length);
  return index < k
    ? [...naivePath(index, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(index - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
};

export const naiveConsistency = (oldSize: number, leaves: readonly Uint8Array[], whole = true): readonly Buffer[] => {
  if (oldSize === leaves.length) return whole ? [] : [naiveRoot(leaves)];
  const k = naiveSplit(leaves.length);
  return oldSize <= k
    ? [...naiveConsistency(oldSize, leaves.slice(0, k), whole), naiveRoot(leaves.slice(k))]
    : [...naiveConsistency(oldSize - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
};

const naiveSplit = (count: number): number => {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
};
