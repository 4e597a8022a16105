'use strict';

/*
 * The Merkle tree of RFC 6962 with SHA-256. The checks are those of RFC 9162, sections 2.1.3.2 and 2.1.4.2, and never
 * throw: what is malformed proves nothing.
 */

/** More than any tree that can be counted needs. */
const MOST_PROOF_HASHES = 63;

/** @param {Uint8Array} leaf @returns {Uint8Array} */
const leafHash = (leaf) => {
  const input = new Uint8Array(1 + leaf.length);
  input.set(leaf, 1);
  return sha256(input);
};

const nodeInput = new Uint8Array(65);
nodeInput[0] = 1;

/** @param {Uint8Array} left @param {Uint8Array} right @returns {Uint8Array} */
const nodeHash = (left, right) => {
  nodeInput.set(left, 1);
  nodeInput.set(right, 33);
  return sha256(nodeInput);
};

/** @param {readonly Uint8Array[]} hashes @returns {boolean} */
const areHashes = (hashes) => hashes.length <= MOST_PROOF_HASHES && hashes.every((hash) => hash.length === 32);

/** Whether a leaf of this hash is number `index` of the `size` leaves under a root. */
/**
 * @param {Uint8Array} leaf @param {number} index @param {number} size @param {readonly Uint8Array[]} proof
 * @param {Uint8Array} root @returns {boolean}
 */
const isIncluded = (leaf, index, size, proof, root) => {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, root]) || !areHashes(proof)) return false;
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && sameBytes(hash, root);
};

/** Whether the tree of `size` leaves under `root` begins with all leaves of the one under `oldRoot`. */
/**
 * @param {number} oldSize @param {number} size @param {readonly Uint8Array[]} proof @param {Uint8Array} oldRoot
 * @param {Uint8Array} root @returns {boolean}
 */
const isConsistent = (oldSize, size, proof, oldRoot, root) => {
  if (!isCount(oldSize) || !isCount(size) || oldSize > size || oldSize === 0) return false;
  if (!areHashes([oldRoot, root]) || !areHashes(proof)) return false;
  if (oldSize === size) return proof.length === 0 && sameBytes(oldRoot, root);
  let node = oldSize - 1;
  let last = size - 1;
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  // A complete old tree is its own beginning of the path and is not repeated in the proof.
  const [first, ...rest] = node === 0 ? [oldRoot, ...proof] : proof;
  if (first === undefined) return false;
  let oldHash = first;
  let hash = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(sibling, oldHash);
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && sameBytes(oldHash, oldRoot) && sameBytes(hash, root);
};
