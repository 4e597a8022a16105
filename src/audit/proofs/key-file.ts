import { type KeyObject, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { makeDirectory } from '../../platform/make-directory';
import { causeOf } from '../../platform/system-cause';
import { keyFileUnusable } from './proof-failure';
import { derivedName, Ed25519Cosigner, Ed25519Signer, newEd25519Pem, readEd25519Pem, type Signer } from './signer';

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
  const pem = readIfThere(file) ?? makeKeyFile(file);
  const key = readEd25519Pem(pem);
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
export const openWitnessSigner = (file: string, name?: string, now?: () => Date): Signer => {
  const key = openKeyFile(file);
  return new Ed25519Cosigner(name ?? derivedName(key, 'witness'), key, now);
};

const readIfThere = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(file, error);
  }
};

/** Linked into place whole, so that two programs that start at once end with the same key. */
const makeKeyFile = (file: string): string => {
  const draft = `${file}.${randomUUID()}`;
  makeDirectory(dirname(file));
  try {
    writeFileSync(draft, newEd25519Pem(), { mode: 0o600, flag: 'wx' });
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft);
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
};

const unreadable = (file: string, error: unknown): unknown => keyFileUnusable(file, causeOf(error), error);
