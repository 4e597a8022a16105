import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Files that are there whole or not at all, also after a power cut: the content reaches the disk under another name
 * first, and the directory's entry after it.
 */

/** Puts a file in place, over one that is there. */
export const replaceDurably = (file: string, content: string): void => {
  const draft = writeDraft(file, content);
  try {
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  flushDirectory(dirname(file));
};

/** Rights that a file has where nothing else is said; the user's mask takes from them. */
const USUAL_RIGHTS = 0o666;

/** Puts a file in place; false, and nothing done, when there is one already. */
export const createDurably = (file: string, content: string, rights = USUAL_RIGHTS): boolean => {
  const draft = writeDraft(file, content, rights);
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  flushDirectory(dirname(file));
  return true;
};

const writeDraft = (file: string, content: string, rights = USUAL_RIGHTS): string => {
  const draft = `${file}.${randomUUID()}.part`;
  const descriptor = openSync(draft, 'wx', rights);
  try {
    // Goes on until all of it is written: one write alone may take less, and say nothing.
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return draft;
};

const flushDirectory = (directory: string): void => {
  // Windows knows no flushing of directories.
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};
