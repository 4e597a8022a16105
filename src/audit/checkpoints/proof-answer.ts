import type { ConsistencyProof, InclusionProof } from './prove';

/** Proofs as programs get them; hashes in base64. */
export const inclusionJson = ({ leaf, index, leafHash, hashes, checkpoint, text }: InclusionProof) => ({
  position: String(leaf.position),
  index,
  leaf: Buffer.from(leaf.bytes).toString('utf8'),
  leafHash: leafHash.toString('base64'),
  hashes: hashes.map((hash) => hash.toString('base64')),
  size: checkpoint.size,
  root: checkpoint.root,
  checkpoint: checkpoint.note,
  proof: text,
});

export const consistencyJson = ({ from, to, fromRoot, toRoot, hashes }: ConsistencyProof) => ({
  from,
  to,
  fromRoot: fromRoot.toString('base64'),
  toRoot: toRoot.toString('base64'),
  hashes: hashes.map((hash) => hash.toString('base64')),
});

export type InclusionJson = ReturnType<typeof inclusionJson>;
export type ConsistencyJson = ReturnType<typeof consistencyJson>;
