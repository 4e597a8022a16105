import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

import { cosignedMessage, joinTimestamped } from './cosignature';
import { isKeyName, type NoteSignature } from './note';
import { keyNameInvalid } from './proof-failure';
import { ed25519KeyBytes, formatVerifierKey, keyIdOf, SIGNATURE_TYPE } from './verifier';

/**
 * Whoever signs checkpoints. A smart card, a signing server or SM2 with SM3 is another implementation, with a verifier
 * to match; nothing else knows an algorithm.
 */
export interface Signer {
  /** Name of the key: the log's origin, or the witness's name. */
  readonly name: string;
  /** `name+id+base64`, as C2SP signed-note writes it. */
  readonly verifierKey: string;
  sign(text: string): Promise<NoteSignature>;
}

/** A log's own signature, Ed25519 over the text of the note. */
export class Ed25519Signer implements Signer {
  readonly verifierKey: string;
  readonly #keyId: number;
  readonly #privateKey: KeyObject;

  /** @throws DomainError KEY_NAME_INVALID */
  constructor(
    readonly name: string,
    privateKey: KeyObject,
  ) {
    const publicKey = requireEd25519(name, privateKey);
    this.#privateKey = privateKey;
    this.#keyId = keyIdOf(name, SIGNATURE_TYPE.ed25519, publicKey);
    this.verifierKey = formatVerifierKey(name, SIGNATURE_TYPE.ed25519, publicKey);
  }

  async sign(text: string): Promise<NoteSignature> {
    const signature = sign(null, Buffer.from(text, 'utf8'), this.#privateKey);
    return { name: this.name, keyId: this.#keyId, signature };
  }
}

/** A witness, which has a clock and says when it saw a checkpoint. */
export interface Cosigner extends Signer {
  /** Of now, in seconds since 1970. */
  timestamp(): number;
  signAt(text: string, timestamp: number): Promise<NoteSignature>;
}

/** A witness's signature, which says when it saw the checkpoint (cosignature/v1). */
export class Ed25519Cosigner implements Cosigner {
  readonly verifierKey: string;
  readonly #keyId: number;
  readonly #privateKey: KeyObject;
  readonly #now: () => Date;

  /** @throws DomainError KEY_NAME_INVALID */
  constructor(
    readonly name: string,
    privateKey: KeyObject,
    now: () => Date = () => new Date(),
  ) {
    const publicKey = requireEd25519(name, privateKey);
    this.#privateKey = privateKey;
    this.#now = now;
    this.#keyId = keyIdOf(name, SIGNATURE_TYPE.cosignatureV1, publicKey);
    this.verifierKey = formatVerifierKey(name, SIGNATURE_TYPE.cosignatureV1, publicKey);
  }

  timestamp(): number {
    return Math.floor(this.#now().getTime() / 1000);
  }

  sign(text: string): Promise<NoteSignature> {
    return this.signAt(text, this.timestamp());
  }

  async signAt(text: string, timestamp: number): Promise<NoteSignature> {
    const signature = sign(null, cosignedMessage(text, timestamp), this.#privateKey);
    return { name: this.name, keyId: this.#keyId, signature: joinTimestamped(timestamp, signature) };
  }
}

const requireEd25519 = (name: string, privateKey: KeyObject): Buffer => {
  if (!isKeyName(name)) throw keyNameInvalid(name);
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519') {
    throw new TypeError('not a private Ed25519 key');
  }
  return ed25519KeyBytes(createPublicKey(privateKey));
};

/** PKCS #8 in PEM of a new key. */
export const newEd25519Pem = (): string =>
  String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));

/** The key in a PEM text; null when there is none of this kind in it. */
export const readEd25519Pem = (pem: string): KeyObject | null => {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
};

const DERIVED_NAME_DIGITS = 16;

/**
 * The name of a log whose operator has given it none: it follows from its key, so that no two ledgers share a name and
 * a ledger that lost its key cannot pass for its former self.
 */
export const derivedName = (privateKey: KeyObject, kind: 'log' | 'witness' = 'log'): string => {
  const digest = createHash('sha256')
    .update(ed25519KeyBytes(createPublicKey(privateKey)))
    .digest('hex');
  return `yichi.local/${kind}/${digest.slice(0, DERIVED_NAME_DIGITS)}`;
};
