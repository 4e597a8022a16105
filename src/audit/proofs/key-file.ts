import type { KeyObject } from 'node:crypto';

import { keyTextOf } from '../../platform/key-file';
import type { Cause } from '../../platform/system-cause';
import { keyFileUnusable } from './proof-failure';
import {
  type Cosigner,
  derivedName,
  Ed25519Cosigner,
  Ed25519Signer,
  newEd25519Pem,
  readEd25519Pem,
  type Signer,
} from './signer';

/** Name of the signing key's file in the data directory, outside the database. */
export const LOG_KEY_FILE = 'log-key.pem';

/** Of a witness. */
export const WITNESS_KEY_FILE = 'witness-key.pem';

/**
 * The Ed25519 key of a file, which is made at first use and readable by its owner alone.
 *
 * @throws DomainError LOG_KEY_UNUSABLE, DIRECTORY_NOT_MADE
 */
export const openKeyFile = (file: string): KeyObject => {
  const refuse = (cause: Cause, error: unknown): Error => keyFileUnusable(file, cause, error);
  const key = readEd25519Pem(keyTextOf({ file, newKey: newEd25519Pem, refuse }));
  if (key === null) throw keyFileUnusable(file, { zh: '其中没有 Ed25519 私钥。', en: 'it holds no Ed25519 key.' });
  return key;
};

/**
 * The log's signer. `origin` is the log's name, which must not change once a checkpoint has left the house; absent, it
 * follows from the key.
 *
 * @throws DomainError LOG_KEY_UNUSABLE, KEY_NAME_INVALID
 */
export const openLogSigner = (file: string, origin?: string): Signer => {
  const key = openKeyFile(file);
  return new Ed25519Signer(origin ?? derivedName(key), key);
};

/** @throws DomainError LOG_KEY_UNUSABLE, KEY_NAME_INVALID */
export const openWitnessSigner = (file: string, name?: string, now?: () => Date): Cosigner => {
  const key = openKeyFile(file);
  return new Ed25519Cosigner(name ?? derivedName(key, 'witness'), key, now);
};
