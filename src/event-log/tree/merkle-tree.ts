import { EMPTY_ROOT, type Hash, nodeHash } from './merkle-hash';

/** Leaves `start` to before `end`. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** A complete subtree: number `index` of those with 2^level leaves. */
export interface SubtreeCoordinate {
  readonly level: number;
  readonly index: number;
}

/** Sizes are safe integers, beyond what bit operators can hold. */
export const requireTreeSize = (size: number): number => {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`not a tree size: ${size}`);
  return size;
};

/** The largest power of two smaller than `count`, which is where RFC 6962 splits a list of so many leaves. */
export const splitPoint = (count: number): number => {
  if (count < 2) throw new RangeError(`a list of ${count} cannot be split`);
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
};

/**
 * The complete subtrees, from left to right, that a range is made of. The range must be one that the RFC's splitting
 * yields, so that each subtree is at most as large as the one on its left.
 */
export const completeSubtrees = ({ start, end }: LeafRange): readonly SubtreeCoordinate[] => {
  const subtrees: SubtreeCoordinate[] = [];
  let from = start;
  while (from < end) {
    let level = 0;
    let leaves = 1;
    while (from + leaves * 2 <= end) {
      leaves *= 2;
      level += 1;
    }
    if (from % leaves !== 0) throw new RangeError(`leaves ${start} to ${end} are no subtree`);
    subtrees.push({ level, index: from / leaves });
    from += leaves;
  }
  return subtrees;
};

/** Hash of a subtree from the complete subtrees that it is made of. */
export const joinSubtrees = (hashes: readonly Hash[]): Hash => {
  let joined: Hash | undefined;
  for (let index = hashes.length - 1; index >= 0; index -= 1) {
    const left = hashes[index] as Hash;
    joined = joined === undefined ? left : nodeHash(left, joined);
  }
  return joined ?? EMPTY_ROOT;
};

/** Told of every subtree that an append completes, leaves included, from small to large. */
export type OnSubtree = (level: number, index: number, hash: Hash) => void;

/**
 * The right edge of a growing tree: the hashes of its complete subtrees, of which there are as many as its size has
 * ones in binary. Appending costs one node on average, and the root costs as many as there are subtrees.
 */
export class TreeFrontier {
  #size: number;
  readonly #subtrees: Hash[];

  /** @param subtrees hashes of completeSubtrees of the whole tree */
  constructor(size = 0, subtrees: readonly Hash[] = []) {
    this.#size = requireTreeSize(size);
    this.#subtrees = [...subtrees];
    const expected = completeSubtrees({ start: 0, end: size }).length;
    if (subtrees.length !== expected) {
      throw new RangeError(`a tree of ${size} has ${expected} subtrees at its edge, not ${subtrees.length}`);
    }
  }

  /** Leaves. */
  get size(): number {
    return this.#size;
  }

  append(leaf: Hash, onSubtree?: OnSubtree): void {
    let hash = leaf;
    let level = 0;
    let index = this.#size;
    onSubtree?.(level, index, hash);
    while (index % 2 === 1) {
      hash = nodeHash(this.#subtrees.pop() as Hash, hash);
      level += 1;
      index = (index - 1) / 2;
      onSubtree?.(level, index, hash);
    }
    this.#subtrees.push(hash);
    this.#size = requireTreeSize(this.#size + 1);
  }

  root(): Hash {
    return joinSubtrees(this.#subtrees);
  }
}
