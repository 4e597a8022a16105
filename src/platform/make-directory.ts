import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { DomainError } from './domain-error';
import type { Cause } from './system-cause';
import { isSystemError } from './system-error';

/**
 * Makes a directory and what is missing above it, one after another from the top. The platform's own way of making
 * several at once never ends where the system answers that there is no such directory above, as it does in /proc.
 *
 * @throws DomainError DIRECTORY_NOT_MADE
 */
export const makeDirectory = (directory: string): void => {
  const wanted = resolve(directory);
  for (const each of missingFrom(wanted)) {
    try {
      mkdirSync(each);
    } catch (error) {
      // Another process has made it in the meantime; but a link that leads nowhere is in the way as well.
      if (codeOf(error) === 'EEXIST' && isDirectory(each)) continue;
      throw notMade(wanted, each, error);
    }
  }
};

/** It is not there, is beneath a file, or may not be looked at: which directory is to blame is found on the way up. */
const ABOVE_TELLS: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EACCES']);

/** What is not there of a path, from the top down. */
const missingFrom = (wanted: string): readonly string[] => {
  const missing: string[] = [];
  for (let at = wanted; ; at = dirname(at)) {
    try {
      if (statSync(at).isDirectory()) return missing.reverse();
    } catch (error) {
      if (!ABOVE_TELLS.has(codeOf(error))) throw notMade(wanted, at, error);
      missing.push(at);
      if (at === dirname(at)) throw notMade(wanted, at, error);
      continue;
    }
    throw fileInTheWay(wanted, at);
  }
};

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const codeOf = (error: unknown): string => (isSystemError(error) ? error.code : '');

/** Why the system does not make a directory, told of the directory above the one that it refuses. */
const reasonOf = (at: string, error: unknown): Cause => {
  const above = dirname(at);
  const code = codeOf(error);
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return { zh: `没有在“${above}”中建立目录的权限`, en: `you may not make a directory in ${above}` };
    case 'EROFS':
      return { zh: `“${above}”所在的磁盘是只读的`, en: `the disk of ${above} is read-only` };
    case 'ENOSPC':
    case 'EDQUOT':
      return { zh: `“${above}”所在的磁盘已满`, en: `the disk of ${above} is full` };
    case 'EEXIST':
      return { zh: `“${at}”是失效的链接`, en: `${at} is a link that leads nowhere` };
    case 'ELOOP':
      return { zh: `“${at}”的链接兜成了圈`, en: `the links at ${at} lead round in a circle` };
    case 'ENAMETOOLONG':
      return { zh: '路径过长', en: 'the path is too long' };
    case 'ENOENT':
      return { zh: `“${above}”中不能建立目录`, en: `no directory can be made in ${above}` };
    default:
      return { zh: `系统不允许（${code}）`, en: `the system refuses it (${code})` };
  }
};

const fileInTheWay = (wanted: string, at: string): DomainError =>
  refusal(wanted, at, 'ENOTDIR', { zh: `“${at}”是文件，不是目录`, en: `${at} is a file, not a directory` });

const notMade = (wanted: string, at: string, error: unknown): DomainError => {
  const failure = refusal(wanted, at, codeOf(error), reasonOf(at, error));
  failure.cause = error;
  return failure;
};

const refusal = (directory: string, at: string, cause: string, { zh, en }: Cause): DomainError =>
  new DomainError('unavailable', {
    code: 'DIRECTORY_NOT_MADE',
    message: `无法建立目录“${directory}”：${zh}。`,
    messageEn: `The directory ${directory} cannot be made: ${en}.`,
    remedy: '核对路径；或改用可以写入的目录，数据目录由 --data 或 YICHI_DATA 指定。',
    remedyEn:
      'Check the path, or use a directory that you may write to; --data or YICHI_DATA names the data directory.',
    parameters: { directory, at, cause },
  });
