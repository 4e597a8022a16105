import { decodeBase64 } from './base64';
import { openCheckpoint, type OpenedCheckpoint, type TrustedKeys } from './checkpoint';
import { HASH_BYTES, type Hash } from '../../event-log/tree/merkle-hash';
import { MAX_PROOF_HASHES, verifyInclusion } from '../../event-log/tree/merkle-proof';
import { inclusionNotProven, proofMalformed } from './proof-failure';

/** C2SP tlog-proof: that a leaf is in the tree of a checkpoint, in a text of its own. */
export interface TlogProof {
  /** For people or programs; nothing vouches for it. */
  readonly extra?: Buffer;
  /** Number of the leaf, from 0. */
  readonly index: number;
  /** From the leaf's sibling to the root's child. */
  readonly hashes: readonly Hash[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const INDEX_LINE = /^index (0|[1-9]\d{0,15})$/;
const EXTRA_PREFIX = 'extra ';

export const formatProof = ({ extra, index, hashes, checkpoint }: TlogProof): string => {
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`${EXTRA_PREFIX}${extra.toString('base64')}`]),
    `index ${index}`,
    ...hashes.map((hash) => hash.toString('base64')),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
};

/**
 * Reads a proof; that it proves anything is not said by that.
 * @throws DomainError PROOF_MALFORMED
 */
export const parseProof = (text: string): TlogProof => {
  // The first empty line ends the proof: no line before it may be empty, and a checkpoint begins with its origin.
  const split = text.indexOf('\n\n');
  if (split < 0) throw proofMalformed({ zh: '没有检查点。', en: 'there is no checkpoint in it.' });
  const [header, ...lines] = text.slice(0, split).split('\n');
  if (header !== HEADER) throw proofMalformed({ zh: `首行应为 ${HEADER}。`, en: `its first line is not ${HEADER}.` });
  const extra = lines[0]?.startsWith(EXTRA_PREFIX) === true ? readExtra(lines.shift() ?? '') : undefined;
  const indexText = INDEX_LINE.exec(lines.shift() ?? '')?.[1];
  const index = indexText === undefined ? Number.NaN : Number(indexText);
  if (!Number.isSafeInteger(index)) throw proofMalformed({ zh: '缺少有效的 index 行。', en: 'no valid index line.' });
  if (lines.length > MAX_PROOF_HASHES) throw proofMalformed({ zh: '哈希过多。', en: 'it has too many hashes.' });
  const hashes = lines.map(readHash);
  return { ...(extra === undefined ? {} : { extra }), index, hashes, checkpoint: text.slice(split + 2) };
};

const readExtra = (line: string): Buffer => {
  const extra = decodeBase64(line.slice(EXTRA_PREFIX.length));
  if (extra === null) throw proofMalformed({ zh: 'extra 行不是 base64。', en: 'the extra line is not base64.' });
  return extra;
};

const readHash = (line: string): Hash => {
  const hash = decodeBase64(line);
  if (hash === null || hash.length !== HASH_BYTES) {
    throw proofMalformed({ zh: `不是哈希：${line}`, en: `not a hash: ${line}` });
  }
  return hash;
};

/**
 * Checks a proof for a leaf's hash against the keys that are trusted.
 *
 * @throws DomainError INCLUSION_NOT_PROVEN, and those of openCheckpoint
 */
export const verifyProof = (proof: TlogProof, leaf: Hash, trusted: TrustedKeys): OpenedCheckpoint => {
  const opened = openCheckpoint(proof.checkpoint, trusted);
  const { size, root } = opened.checkpoint;
  if (!verifyInclusion(leaf, proof.index, size, proof.hashes, root)) throw inclusionNotProven(proof.index, size);
  return opened;
};
