/**
 * Bundles of leaves: the leaves of one level-0 tile, each after its length. The specification's length is a big-endian
 * uint16, which no leaf of more than 65,535 bytes fits; a year's carrying-over of a few hundred quota lines in a few
 * hundred places is larger. Such a leaf is in the tree like every other, and its bundle is to be had in the wide
 * framing alone, where the length is a big-endian uint32.
 */
export type BundleFraming = 'standard' | 'wide';

export const MAX_STANDARD_ENTRY_BYTES = 0xffff;

const LENGTH_BYTES = { standard: 2, wide: 4 } as const;

/** The framing that a row of leaves needs. */
export const framingFor = (leaves: readonly Uint8Array[]): BundleFraming =>
  leaves.some((leaf) => leaf.length > MAX_STANDARD_ENTRY_BYTES) ? 'wide' : 'standard';

/** @throws RangeError when a leaf is too large for the framing */
export const encodeEntryBundle = (leaves: readonly Uint8Array[], framing: BundleFraming = 'standard'): Buffer => {
  const lengthBytes = LENGTH_BYTES[framing];
  const bundle = Buffer.allocUnsafe(leaves.reduce((sum, leaf) => sum + lengthBytes + leaf.length, 0));
  let at = 0;
  for (const leaf of leaves) {
    if (leaf.length >= 2 ** (8 * lengthBytes))
      throw new RangeError(`a leaf of ${leaf.length} bytes needs another framing`);
    bundle.writeUIntBE(leaf.length, at, lengthBytes);
    bundle.set(leaf, at + lengthBytes);
    at += lengthBytes + leaf.length;
  }
  return bundle;
};

/** @throws RangeError when it ends in the middle of an entry */
export const decodeEntryBundle = (bytes: Uint8Array, framing: BundleFraming = 'standard'): readonly Buffer[] => {
  const lengthBytes = LENGTH_BYTES[framing];
  const bundle = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const leaves: Buffer[] = [];
  for (let at = 0; at < bundle.length;) {
    const start = at + lengthBytes;
    const end = start <= bundle.length ? start + bundle.readUIntBE(at, lengthBytes) : Number.POSITIVE_INFINITY;
    if (end > bundle.length) throw new RangeError(`an entry bundle ends within its entry ${leaves.length}`);
    leaves.push(bundle.subarray(start, end));
    at = end;
  }
  return leaves;
};
