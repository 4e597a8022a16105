'use strict';

/*
 * Checkpoints: C2SP tlog-checkpoint in a C2SP signed-note, with Ed25519 signatures of a log (type 1) and of witnesses
 * (type 4, cosignature/v1).
 */

const NOTE_FILE = 'checkpoint.txt';

/** @typedef {{ name: string, keyId: string, signature: Uint8Array }} NoteSignature */
/** @typedef {{ text: string, origin: string, size: number, root: Uint8Array, signatures: NoteSignature[] }} Checkpoint */
/** @typedef {{ text: string, name: string, keyId: string, type: number, publicKey: Uint8Array }} VerifierKey */

const SIGNATURE_LINE = /^— ([^ ]+) ([^ ]+)$/u;
const KEY_NAME = /^[^\p{White_Space}+\u0000-\u001f]+$/u;
const KEY_TEXT = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u;

/** @param {string} zh @param {string} en @returns {Fault} */
const noteFault = (zh, en) =>
  new Fault('CHECKPOINT_MALFORMED', NOTE_FILE, `检查点无法识别：${zh}`, `the checkpoint cannot be read: ${en}`);

/** @param {Uint8Array} bytes @returns {Checkpoint} */
const parseCheckpoint = (bytes) => {
  const whole = textOf(bytes);
  if (whole === null || /[\u0000-\u0009\u000b-\u001f]/.test(whole))
    throw noteFault('不是纯文本', 'it is no plain text');
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) throw noteFault('没有签名', 'it has no signatures');
  const text = whole.slice(0, split + 1);
  const [origin, sizeText, rootText, ...extensions] = text.slice(0, -1).split('\n');
  const size = wholeNumber(sizeText ?? '');
  const root = base64Bytes(rootText ?? '');
  if (origin === '' || size === null || root === null || root.length !== 32 || extensions.includes('')) {
    throw noteFault('名称、条数或根哈希', 'its origin, size or root');
  }
  const signatures = whole
    .slice(split + 2, -1)
    .split('\n')
    .map(parseSignatureLine);
  return { text, origin, size, root, signatures };
};

/** @param {string} line @returns {NoteSignature} */
const parseSignatureLine = (line) => {
  const [, name = '', base64 = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = base64Bytes(base64);
  if (!KEY_NAME.test(name) || bytes === null || bytes.length <= 4) throw noteFault('签名行', 'a signature line');
  return { name, keyId: hexOf(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
};

/** Null for a text that is no key, or whose number does not follow from its name and key. */
/** @param {string} text @returns {VerifierKey | null} */
const parseVerifierKey = (text) => {
  const [, name = '', keyId = '', base64 = ''] = KEY_TEXT.exec(text) ?? [];
  const bytes = base64Bytes(base64);
  if (!KEY_NAME.test(name) || bytes === null || bytes.length !== 33 || (bytes[0] !== 1 && bytes[0] !== 4)) return null;
  if (soundKey(bytes.subarray(1)) === null) return null;
  const id = hexOf(sha256(joinBytes([bytesOf(`${name}\n`), bytes])).subarray(0, 4));
  return id === keyId ? { text, name, keyId, type: bytes[0], publicKey: bytes.subarray(1) } : null;
};

/** Seconds since 1970 for a witness's signature, 0 for a log's own; null when the key did not make it. */
/** @param {string} text @param {VerifierKey} key @param {Uint8Array} signature @returns {Promise<number | null>} */
const signatureTime = async (text, key, signature) => {
  if (key.type === 1) return (await verifyEd25519(key.publicKey, bytesOf(text), signature)) ? 0 : null;
  if (signature.length !== 72) return null;
  const time = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
  if (!Number.isSafeInteger(time)) return null;
  const message = bytesOf(`cosignature/v1\ntime ${time}\n${text}`);
  return (await verifyEd25519(key.publicKey, message, signature.subarray(8))) ? time : null;
};

/** @typedef {{ name: string, time: number }} Signed */

/** Which of the keys have signed; a signature that names a known key and is wrong makes the whole note worthless. */
/**
 * @param {Checkpoint} checkpoint @param {readonly VerifierKey[]} keys
 * @returns {Promise<Signed[]>}
 */
const signaturesBy = async (checkpoint, keys) => {
  /** @type {Map<string, Signed>} */
  const signed = new Map();
  for (const { name, keyId, signature } of checkpoint.signatures) {
    const key = keys.find((known) => known.name === name && known.keyId === keyId);
    if (key === undefined) continue;
    const time = await signatureTime(checkpoint.text, key, signature);
    if (time === null) {
      throw new Fault(
        'SIGNATURE_INVALID',
        NOTE_FILE,
        `${name} 的签名与检查点不符`,
        `the signature of ${name} does not fit the checkpoint`,
      );
    }
    if (!signed.has(key.text)) signed.set(key.text, { name, time });
  }
  return [...signed.values()];
};
