import { noteMalformed, signatureInvalid, signatureMissing } from './proof-failure';
import { decodeBase64 } from './base64';
import type { Verifier } from './verifier';

/** A C2SP signed-note: a text and lines of signatures, known and unknown ones. */
export interface SignedNote {
  /** With its last line feed, without the empty line after it. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  /** Of the key, 32 bits. */
  readonly keyId: number;
  /** What the key made, without the key id. */
  readonly signature: Buffer;
}

/** Of a note that is taken in: larger than any checkpoint with all its cosignatures. The specification asks for ≥ 16. */
const MAX_NOTE_BYTES = 1_000_000;
const MAX_SIGNATURES = 100;

const KEY_ID_BYTES = 4;
const EM_DASH = '—';
const SIGNATURE_LINE = /^— ([^ ]+) ([^ ]+)$/u;

/** A name that a signature line can hold. */
const KEY_NAME = /^[^\p{White_Space}+\u0000-\u001f]+$/u;
export const isKeyName = (name: string): boolean => KEY_NAME.test(name) && name.isWellFormed();

/** The specification allows no control character but the line feed. */
const FORBIDDEN = /[\u0000-\u0009\u000b-\u001f]/;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text; what is not UTF-8 is no note. */
const decodeNote = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw noteMalformed({ zh: '不是 UTF-8 文本。', en: 'it is not UTF-8.' });
  }
};

/** @throws DomainError NOTE_MALFORMED */
export const parseNote = (note: string | Uint8Array): SignedNote => {
  const size = typeof note === 'string' ? note.length : note.byteLength;
  if (size > MAX_NOTE_BYTES) throw noteMalformed({ zh: '过长。', en: 'it is too long.' });
  const whole = typeof note === 'string' ? note : decodeNote(note);
  if (!whole.isWellFormed() || FORBIDDEN.test(whole)) {
    throw noteMalformed({
      zh: '含有控制字符（如回车符）。',
      en: 'it has control characters, such as carriage returns.',
    });
  }
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) {
    throw noteMalformed({ zh: '缺少正文与签名之间的空行，或末尾的换行。', en: 'no empty line before the signatures.' });
  }
  const text = whole.slice(0, split + 1);
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw noteMalformed({ zh: '签名过多。', en: 'it has too many signatures.' });
  return { text, signatures: lines.map(parseSignatureLine) };
};

/**
 * Reads one signature line without its line feed.
 * @throws DomainError NOTE_MALFORMED
 */
export const parseSignatureLine = (line: string): NoteSignature => {
  const [, name = '', base64 = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = decodeBase64(base64);
  if (!isKeyName(name) || bytes === null || bytes.length <= KEY_ID_BYTES) {
    throw noteMalformed({ zh: `签名行无法识别：${line}`, en: `not a signature line: ${line}` });
  }
  return { name, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(KEY_ID_BYTES) };
};

/** With its line feed. */
export const formatSignatureLine = ({ name, keyId, signature }: NoteSignature): string => {
  const bytes = Buffer.alloc(KEY_ID_BYTES + signature.length);
  bytes.writeUInt32BE(keyId, 0);
  signature.copy(bytes, KEY_ID_BYTES);
  return `${EM_DASH} ${name} ${bytes.toString('base64')}\n`;
};

export const formatNote = ({ text, signatures }: SignedNote): string =>
  `${text}\n${signatures.map(formatSignatureLine).join('')}`;

const sameSignature = (left: NoteSignature, right: NoteSignature): boolean =>
  left.name === right.name && left.keyId === right.keyId && left.signature.equals(right.signature);

/** The note with more signatures at its end; those that it has already are not repeated. */
export const addSignatures = ({ text, signatures }: SignedNote, more: readonly NoteSignature[]): SignedNote => ({
  text,
  signatures: [
    ...signatures,
    ...more.filter((added) => !signatures.some((existing) => sameSignature(existing, added))),
  ],
});

export interface VerifiedSignature {
  readonly name: string;
  readonly keyId: number;
  /** When it was made, in seconds since 1970, where the kind of signature says so. */
  readonly timestamp?: number;
}

/**
 * The signatures by keys that are known; others are ignored, as the specification demands.
 *
 * @throws DomainError SIGNATURE_INVALID when a known key's signature is wrong: then the whole note is not to be trusted;
 *   SIGNATURE_MISSING when no known key has signed
 */
export const verifyNote = (note: SignedNote, verifiers: readonly Verifier[]): readonly VerifiedSignature[] => {
  const verified = knownSignatures(note, verifiers);
  if (verified.length === 0) throw signatureMissing(verifiers.map((verifier) => verifier.name));
  return verified;
};

/**
 * Like verifyNote, but none is no failure: which ones are needed is the caller's to say.
 * @throws DomainError SIGNATURE_INVALID
 */
export const knownSignatures = (
  { text, signatures }: SignedNote,
  verifiers: readonly Verifier[],
): readonly VerifiedSignature[] => {
  const verified: VerifiedSignature[] = [];
  for (const { name, keyId, signature } of signatures) {
    const verifier = verifiers.find((known) => known.name === name && known.keyId === keyId);
    if (verifier === undefined) continue;
    const verdict = verifier.verify(text, signature);
    if (!verdict.valid) throw signatureInvalid(name);
    if (verified.some((earlier) => earlier.name === name && earlier.keyId === keyId)) continue;
    verified.push({ name, keyId, ...(verdict.timestamp === undefined ? {} : { timestamp: verdict.timestamp }) });
  }
  return verified;
};
