import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { createDurably } from './durable-file';
import { makeDirectory } from './make-directory';
import { type Cause, causeOf } from './system-cause';

const OWNER_ONLY = 0o600;

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
    // Of two programs that start at once one makes the key, and both end with it.
    createDurably(file, newKey(), OWNER_ONLY);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw refuse(causeOf(error), error);
  }
};
