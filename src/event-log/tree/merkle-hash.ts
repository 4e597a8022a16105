import { hash } from 'node:crypto';

/** A SHA-256 hash: 32 bytes. */
export type Hash = Buffer;

export const HASH_BYTES = 32;

/** RFC 6962 section 2.1: the two prefixes keep a leaf from being passed off as a node and the other way round. */
const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** Handing the digest over as text is twice as fast as having the engine make a buffer for each. */
const sha256 = (bytes: Uint8Array): Hash => Buffer.from(hash('sha256', bytes, 'binary'), 'binary');

/** Root of the tree without leaves: the hash of nothing. */
export const EMPTY_ROOT: Hash = sha256(Buffer.alloc(0));

/**
 * The prefix stands right before a multiple of eight, because bytes of shared memory are copied word by word to an
 * aligned place and else one by one.
 */
const LEAF_AT = 8;
const PREFIX_AT = LEAF_AT - 1;

/** Grows with the largest leaf seen; hashing is synchronous, so one is enough. */
let leafInput = Buffer.allocUnsafeSlow(4096);
leafInput[PREFIX_AT] = LEAF_PREFIX;

/** Hash of a leaf: of `0x00 ‖ leaf`. A text is hashed as its UTF-8 bytes. */
export const leafHash = (leaf: string | Uint8Array): Hash => {
  // No UTF-16 unit takes more than three bytes of UTF-8.
  const most = LEAF_AT + (typeof leaf === 'string' ? leaf.length * 3 : leaf.length);
  if (most > leafInput.length) {
    leafInput = Buffer.allocUnsafeSlow(most);
    leafInput[PREFIX_AT] = LEAF_PREFIX;
  }
  let length: number;
  if (typeof leaf === 'string') {
    length = leafInput.write(leaf, LEAF_AT, 'utf8');
  } else {
    leafInput.set(leaf, LEAF_AT);
    length = leaf.length;
  }
  return sha256(leafInput.subarray(PREFIX_AT, LEAF_AT + length));
};

/** Hash of a leaf that already stands behind its prefix in memory, one character for each of the 32 bytes. */
export const prefixedLeafHash = (prefixAndLeaf: Uint8Array): string => hash('sha256', prefixAndLeaf, 'binary');

const nodeInput = Buffer.allocUnsafe(1 + 2 * HASH_BYTES);
nodeInput[0] = NODE_PREFIX;

/** Hash of a node: of `0x01 ‖ left ‖ right`. */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Hash => {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
};

export const sameHash = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

/** The hashes of a concatenation, as views of it. */
export const splitHashes = (bytes: Uint8Array): readonly Hash[] => {
  if (bytes.length % HASH_BYTES !== 0) throw new RangeError(`${bytes.length} bytes are no row of hashes`);
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, index) =>
    whole.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
};
