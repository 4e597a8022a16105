import { decodeBase64 } from './base64';
import { EMPTY_ROOT, HASH_BYTES, type Hash, sameHash } from '../../event-log/tree/merkle-hash';
import {
  addSignatures,
  formatNote,
  formatSignatureLine,
  knownSignatures,
  parseNote,
  type SignedNote,
  type VerifiedSignature,
} from './note';
import { checkpointMalformed, emptyTreeRoot, logKeyMissing, originDiffers, signatureMissing } from './proof-failure';
import type { Signer } from './signer';
import type { Verifier } from './verifier';

/** C2SP tlog-checkpoint: what a log says its tree is. */
export interface Checkpoint {
  /** Name of the log. */
  readonly origin: string;
  /** Leaves. */
  readonly size: number;
  readonly root: Hash;
  /** Further lines; this ledger writes none, because nobody can audit them. */
  readonly extensions: readonly string[];
}

/** A checkpoint whose signatures were looked at. */
export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: SignedNote;
  /** By the log. */
  readonly signatures: readonly VerifiedSignature[];
  /** By witnesses that are known. */
  readonly cosignatures: readonly VerifiedSignature[];
}

const TREE_SIZE = /^(0|[1-9]\d{0,15})$/;

/** The text that is signed. */
export const formatCheckpoint = ({ origin, size, root, extensions }: Checkpoint): string =>
  [origin, String(size), root.toString('base64'), ...extensions].map((line) => `${line}\n`).join('');

/** @throws DomainError CHECKPOINT_MALFORMED */
export const parseCheckpoint = (text: string): Checkpoint => {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length < 3 || lines.includes('')) {
    throw checkpointMalformed({
      zh: '应至少有三行（账本名称、条数、根哈希），且没有空行。',
      en: 'it has at least three lines (origin, size, root) and no empty one.',
    });
  }
  const [origin = '', sizeText = '', rootText = '', ...extensions] = lines;
  const size = TREE_SIZE.test(sizeText) ? Number(sizeText) : Number.NaN;
  if (!Number.isSafeInteger(size)) {
    throw checkpointMalformed({ zh: `条数无法识别：${sizeText}`, en: `not a tree size: ${sizeText}` });
  }
  const root = decodeBase64(rootText);
  if (root === null || root.length !== HASH_BYTES) {
    throw checkpointMalformed({ zh: `根哈希无法识别：${rootText}`, en: `not a root hash: ${rootText}` });
  }
  return { origin, size, root, extensions };
};

/** Signs a checkpoint; the whole signed note. */
export const signCheckpoint = async (checkpoint: Checkpoint, signers: readonly Signer[]): Promise<string> => {
  const text = formatCheckpoint(checkpoint);
  // What cannot be read back must never be signed: an origin with a line feed would make another checkpoint.
  parseCheckpoint(text);
  const signatures = await Promise.all(signers.map((signer) => signer.sign(text)));
  const signed = formatNote({ text, signatures });
  parseNote(signed);
  return signed;
};

/** A witness's line for a checkpoint that it has found consistent. */
export const cosignCheckpoint = async (note: SignedNote, cosigner: Signer): Promise<string> => {
  parseCheckpoint(note.text);
  return formatSignatureLine(await cosigner.sign(note.text));
};

/** What is to be trusted when a checkpoint is opened. */
export interface TrustedKeys {
  /** Keys of logs. One whose name is the checkpoint's origin must have signed: a log speaks for no other log. */
  readonly log: readonly Verifier[];
  readonly witnesses?: readonly Verifier[];
  /** How many different witnesses must have cosigned; none when absent. */
  readonly witnessesNeeded?: number;
  /** Origin that the checkpoint must have; absent: that of the log's keys, whose name it is. */
  readonly origin?: string;
}

/**
 * Reads a checkpoint and believes it only when a key of its own log has signed it.
 *
 * @throws DomainError NOTE_MALFORMED, CHECKPOINT_MALFORMED, LOG_KEY_MISSING, CHECKPOINT_ORIGIN_DIFFERS,
 *   SIGNATURE_INVALID, SIGNATURE_MISSING, EMPTY_TREE_ROOT
 */
export const openCheckpoint = (note: string | Uint8Array | SignedNote, trusted: TrustedKeys): OpenedCheckpoint => {
  const parsed = typeof note === 'object' && 'signatures' in note ? note : parseNote(note);
  const checkpoint = parseCheckpoint(parsed.text);
  if (trusted.log.length === 0) throw logKeyMissing(checkpoint.origin);
  const origins = trusted.origin === undefined ? trusted.log.map(({ name }) => name) : [trusted.origin];
  if (!origins.includes(checkpoint.origin)) {
    throw originDiffers([...new Set(origins)].join(' | '), checkpoint.origin);
  }
  const own = trusted.log.filter(({ name }) => name === checkpoint.origin);
  const signatures = knownSignatures(parsed, own);
  if (signatures.length === 0) throw signatureMissing([checkpoint.origin]);
  if (checkpoint.size === 0 && !sameHash(checkpoint.root, EMPTY_ROOT)) throw emptyTreeRoot();
  const witnesses = trusted.witnesses ?? [];
  const cosignatures = knownSignatures(parsed, witnesses);
  const names = new Set(cosignatures.map(({ name }) => name));
  if (names.size < (trusted.witnessesNeeded ?? 0)) throw signatureMissing(witnesses.map(({ name }) => name));
  return { checkpoint, note: parsed, signatures, cosignatures };
};

/** Two signed notes of the same checkpoint as one, with the signatures of both. */
export const mergeSignatures = (first: SignedNote, second: SignedNote): SignedNote => {
  if (first.text !== second.text) throw new Error('the notes are of different checkpoints');
  return addSignatures(first, second.signatures);
};
