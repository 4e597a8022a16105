import { open, rm } from 'node:fs/promises';

import { DomainError } from '../platform/domain-error';
import { systemCause } from '../platform/system-cause';
import { isSystemError } from '../platform/system-error';

/**
 * Writes a file that must not be there yet: what a user may have filled in is never written over. It is there whole or not
 * at all.
 * @throws DomainError FILE_EXISTS, FILE_NOT_WRITTEN
 */
export const writeNewFile = async (path: string, content: Uint8Array): Promise<void> => {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(content);
      await file.close();
    } catch (error) {
      await file.close();
      await rm(path, { force: true });
      throw error;
    }
  } catch (error) {
    throw writingFailed(path, error);
  }
};

/** What the operating system says when a file cannot be written; any other error is a defect and thrown on. */
export const writingFailed = (path: string, error: unknown): DomainError => {
  if (!isSystemError(error)) throw error;
  return error.code === 'EEXIST' ? fileExists(path) : fileNotWritten(path, error.code);
};

const fileExists = (path: string): DomainError =>
  new DomainError('input', {
    code: 'FILE_EXISTS',
    message: `文件“${path}”已经存在，没有覆盖。`,
    messageEn: `The file "${path}" exists already and was not overwritten.`,
    remedy: '换一个文件名，或先移走原来的文件。',
    remedyEn: 'Choose another name, or move the existing file away first.',
    parameters: { path },
  });

const fileNotWritten = (path: string, code: string): DomainError => {
  const { zh, en } = systemCause(code);
  return new DomainError('unavailable', {
    code: 'FILE_NOT_WRITTEN',
    message: `文件“${path}”写不了：${zh}。`,
    messageEn: `The file "${path}" cannot be written: ${en}.`,
    remedy: '检查目录是否存在、有没有写入权限、磁盘是否已满。',
    remedyEn: 'Check that the folder exists, that you may write there and that the disk is not full.',
    parameters: { path, cause: code },
  });
};
