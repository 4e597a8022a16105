import { EMPTY_ROOT, type Hash, leafHash } from '../../event-log/tree/merkle-hash';
import type { LogTree, StoredLeaf } from '../../event-log/tree/log-tree';
import {
  consistencyProof,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
} from '../../event-log/tree/merkle-proof';
import { rootAt, subtreesOf } from '../../event-log/tree/tree-store';
import { decodeBase64 } from '../proofs/base64';
import { formatProof } from '../proofs/tlog-proof';
import { treeDamaged } from './checkpoint-failure';
import type { KeptCheckpoint } from './kept-checkpoint';

/** That an event is in the tree of a checkpoint. */
export interface InclusionProof {
  readonly leaf: StoredLeaf;
  /** Number of the leaf, from 0. */
  readonly index: number;
  readonly leafHash: Hash;
  /** From the leaf's sibling to the root's child. */
  readonly hashes: readonly Hash[];
  readonly checkpoint: KeptCheckpoint;
  /** C2SP tlog-proof. */
  readonly text: string;
}

/**
 * Proves that a leaf is under a checkpoint, and checks the proof before it gives it away.
 *
 * @throws DomainError TREE_DAMAGED when event and hashes do not fit; RangeError when the checkpoint has no such leaf
 */
export const proveInclusion = async (
  tree: LogTree,
  index: number,
  checkpoint: KeptCheckpoint,
): Promise<InclusionProof> => {
  const { size, root, note } = checkpoint;
  if (index >= size) throw new RangeError(`a checkpoint of ${size} has no leaf ${index}`);
  const [leaf] = await tree.readLeaves(index, 1);
  if (leaf === undefined) throw treeDamaged(`leaf ${index}`);
  const hash = leafHash(leaf.bytes);
  const hashes = await reading(inclusionProof(index, size, subtreesOf(tree, size)));
  if (!verifyInclusion(hash, index, size, hashes, decodeBase64(root) ?? EMPTY_ROOT)) {
    throw treeDamaged(`leaf ${index} of ${size}`);
  }
  return { leaf, index, leafHash: hash, hashes, checkpoint, text: formatProof({ index, hashes, checkpoint: note }) };
};

/** That the tree of the larger size begins with the smaller one. */
export interface ConsistencyProof {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Hash;
  readonly toRoot: Hash;
  readonly hashes: readonly Hash[];
}

/** @throws DomainError TREE_DAMAGED; RangeError for sizes that the tree does not have */
export const proveConsistency = async (tree: LogTree, from: number, to: number): Promise<ConsistencyProof> => {
  const size = await tree.size();
  if (from > to || to > size) throw new RangeError(`no tree of ${size} grew from ${from} to ${to}`);
  const [fromRoot, toRoot, hashes] = await reading(
    Promise.all([rootAt(tree, from), rootAt(tree, to), consistencyProof(from, to, subtreesOf(tree, to))]),
  );
  if (!verifyConsistency(from, to, hashes, fromRoot, toRoot)) throw treeDamaged(`${from} → ${to}`);
  return { from, to, fromRoot, toRoot, hashes };
};

/** Hashes that are not there are the log's damage. */
const reading = async <Result>(hashes: Promise<Result>): Promise<Result> => {
  try {
    return await hashes;
  } catch (error) {
    throw error instanceof RangeError ? treeDamaged(error.message) : error;
  }
};
