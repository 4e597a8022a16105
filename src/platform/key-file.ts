import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { makeDirectory } from './make-directory';
import { type Cause, causeOf } from './system-cause';

/** A file with a private key, which is made at first use and readable by its owner alone. */
export interface KeyFile {
  readonly file: string;
  readonly newKey: () => string;
  /** What to throw when the file can be neither read nor made. */
  readonly refuse: (cause: Cause, error: unknown) => Error;
}

/**
 * The key as text (PEM).
 *
 * @throws what `refuse` gives; DomainError DIRECTORY_NOT_MADE
 */
export const keyTextOf = ({ file, newKey, refuse }: KeyFile): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw refuse(causeOf(error), error);
  }
  makeDirectory(dirname(file));
  try {
    makeKeyFile(file, newKey());
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw refuse(causeOf(error), error);
  }
};

/** Linked into place whole, so that two programs that start at once end with the same key. */
const makeKeyFile = (file: string, key: string): void => {
  const draft = `${file}.${randomUUID()}`;
  try {
    writeFileSync(draft, key, { mode: 0o600, flag: 'wx' });
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};
