import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { DomainError } from '../../platform/domain-error';
import { type Cause, causeOf } from '../../platform/system-cause';
import type { KnownCheckpoint } from '../proofs/verify-log';
import { LATEST_FILE, sizeInName } from './note-folder';

/** A note is a few hundred bytes; what is larger than this is another file. */
const MAX_NOTE_BYTES = 1_000_000;

/** Suffixes under which checkpoints are kept, by this program and by witnesses. */
const NOTE_NAME = /\.(checkpoint|note|txt)$|^checkpoint$/;

/**
 * Checkpoints that an auditor has brought along: files, or directories with files of them.
 *
 * @throws DomainError(input) CHECKPOINT_FILE_UNREADABLE
 */
export const readGivenCheckpoints = (paths: readonly string[]): readonly KnownCheckpoint[] =>
  paths.flatMap((path) => {
    try {
      const files = statSync(path).isDirectory() ? filesIn(path) : [path];
      if (files.length === 0) throw new Error('没有检查点文件 · no file of a checkpoint in it');
      return files.map(readNote);
    } catch (error) {
      throw unreadable(path, causeOf(error));
    }
  });

/** In the directory and those in it; the copy of the newest one is left out, because it would be counted twice. */
const filesIn = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== LATEST_FILE && NOTE_NAME.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

const readNote = (file: string): KnownCheckpoint => {
  if (statSync(file).size > MAX_NOTE_BYTES) throw new Error(`${file}: 过大 · too large`);
  const named = sizeInName(file);
  return { source: file, note: readFileSync(file), ...(named === null ? {} : { sizeInName: named }) };
};

const unreadable = (path: string, { zh, en }: Cause): DomainError =>
  new DomainError('input', {
    code: 'CHECKPOINT_FILE_UNREADABLE',
    message: `检查点文件“${path}”读不了：${zh}`,
    messageEn: `The checkpoint file "${path}" cannot be read: ${en}`,
    remedy: '核对路径；--checkpoint 可以是文件，也可以是含 .checkpoint 文件的目录。',
    remedyEn: 'Check the path; --checkpoint takes a file, or a directory of .checkpoint files.',
    parameters: { path },
  });
