import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';

import { decodeBase64 } from './base64';
import { cosignedMessage, splitTimestamped } from './cosignature';
import { isKeyName } from './note';
import { logKeyExpected, type Reason, verifierKeyInvalid } from './proof-failure';

/** Signature type identifiers of C2SP signed-note. */
export const SIGNATURE_TYPE = { ed25519: 0x01, cosignatureV1: 0x04 } as const;
export type SignatureType = (typeof SIGNATURE_TYPE)[keyof typeof SIGNATURE_TYPE];

export type SignatureVerdict =
  | { readonly valid: false }
  /** Seconds since 1970, where the kind of signature has a time. */
  | { readonly valid: true; readonly timestamp?: number };

/** A key that is trusted for a name. Another algorithm, such as SM2 with SM3, is another implementation. */
export interface Verifier {
  readonly name: string;
  /** 32 bits. */
  readonly keyId: number;
  /** SIGNATURE_TYPE, or 0xff of another algorithm: whether a log signs or a witness cosigns with it. */
  readonly type: number;
  verify(text: string, signature: Buffer): SignatureVerdict;
}

const ED25519_KEY_BYTES = 32;

/** Number that goes before a signature: the first four bytes of a hash over name, type and key. */
export const keyIdOf = (name: string, type: SignatureType, publicKey: Uint8Array): number => {
  const input = Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), Buffer.from([type]), publicKey]);
  return Buffer.from(hash('sha256', input, 'binary'), 'binary').readUInt32BE(0);
};

/** `name+id+base64`. */
export const formatVerifierKey = (name: string, type: SignatureType, publicKey: Uint8Array): string => {
  const id = keyIdOf(name, type, publicKey).toString(16).padStart(8, '0');
  return `${name}+${id}+${Buffer.concat([Buffer.from([type]), publicKey]).toString('base64')}`;
};

/** The 32 bytes of RFC 8032 of an Ed25519 key, private or public. */
export const ed25519KeyBytes = (key: KeyObject): Buffer => {
  const { x } = key.export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url');
};

const FIELD = 2n ** 255n - 19n;

/** Y coordinates of the points whose order divides 8: for a key of these anybody can sign, whatever the text. */
const SMALL_ORDER_Y: readonly bigint[] = [
  0n,
  1n,
  FIELD - 1n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
];

/** Whether a key is written in the one way that it has, and is one that not everybody can sign for. */
const isSoundEd25519 = (publicKey: Uint8Array): boolean => {
  const number = BigInt(`0x${Buffer.from(publicKey).reverse().toString('hex')}`);
  const y = number & (2n ** 255n - 1n);
  return y < FIELD && !SMALL_ORDER_Y.includes(y);
};

const ed25519Key = (bytes: Uint8Array): KeyObject =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(bytes).toString('base64url') },
    format: 'jwk',
  });

const VERIFIER_KEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u;

/**
 * Reads a verifier key of an Ed25519 log (type 1) or of an Ed25519 witness (type 4, cosignature/v1).
 * @throws DomainError VERIFIER_KEY_INVALID
 */
export const parseVerifierKey = (text: string): Verifier => {
  const refuse = (reason: Reason): never => {
    throw verifierKeyInvalid(text, reason);
  };
  const [, name = '', id = '', base64 = ''] = VERIFIER_KEY.exec(text) ?? [];
  const bytes = decodeBase64(base64);
  if (!isKeyName(name) || bytes === null || bytes.length === 0) {
    return refuse({ zh: '格式不符。', en: 'it has another form.' });
  }
  const type = bytes.readUInt8(0);
  const publicKey = bytes.subarray(1);
  if (type !== SIGNATURE_TYPE.ed25519 && type !== SIGNATURE_TYPE.cosignatureV1) {
    return refuse({ zh: `不支持的签名类型 ${type}。`, en: `signature type ${type} is not known here.` });
  }
  if (publicKey.length !== ED25519_KEY_BYTES)
    return refuse({ zh: '密钥长度不符。', en: 'the key has another length.' });
  if (!isSoundEd25519(publicKey)) {
    return refuse({ zh: '这不是可用的 Ed25519 公钥。', en: 'it is no Ed25519 key that can be relied on.' });
  }
  const keyId = keyIdOf(name, type, publicKey);
  if (keyId !== Number(`0x${id}`)) {
    return refuse({ zh: '编号与名称、密钥不符。', en: 'its id does not follow from its name and key.' });
  }
  const key = ed25519Key(publicKey);
  return type === SIGNATURE_TYPE.ed25519
    ? new Ed25519Verifier(name, keyId, key)
    : new CosignatureVerifier(name, keyId, key);
};

/**
 * Reads a log's key: a witness's, whose name is no origin of any checkpoint, would let its holder wait for ever.
 * @throws DomainError VERIFIER_KEY_INVALID, LOG_KEY_EXPECTED
 */
export const parseLogKey = (text: string): Verifier => {
  const verifier = parseVerifierKey(text);
  if (verifier.type === SIGNATURE_TYPE.cosignatureV1) throw logKeyExpected(text);
  return verifier;
};

/** A log's plain signature over the text of a note. */
class Ed25519Verifier implements Verifier {
  readonly type = SIGNATURE_TYPE.ed25519;
  readonly #key: KeyObject;

  constructor(
    readonly name: string,
    readonly keyId: number,
    key: KeyObject,
  ) {
    this.#key = key;
  }

  verify(text: string, signature: Buffer): SignatureVerdict {
    return { valid: verify(null, Buffer.from(text, 'utf8'), this.#key, signature) };
  }
}

/** A witness's signature over the text of a checkpoint and the time at which it was seen. */
class CosignatureVerifier implements Verifier {
  readonly type = SIGNATURE_TYPE.cosignatureV1;
  readonly #key: KeyObject;

  constructor(
    readonly name: string,
    readonly keyId: number,
    key: KeyObject,
  ) {
    this.#key = key;
  }

  verify(text: string, signature: Buffer): SignatureVerdict {
    const timestamped = splitTimestamped(signature);
    if (timestamped === null) return { valid: false };
    const { timestamp, signature: bare } = timestamped;
    return verify(null, cosignedMessage(text, timestamp), this.#key, bare)
      ? { valid: true, timestamp }
      : { valid: false };
  }
}
