import { isSystemError, messageOf } from './system-error';

/** Why something cannot be done, in both languages. */
export interface Cause {
  readonly zh: string;
  readonly en: string;
}

/** What the operating system's code means, or ours for what is no file; one that is not known here stands for itself. */
export const systemCause = (code: string): Cause => {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return { zh: '没有权限', en: 'you have no right to it' };
    case 'EISDIR':
      return { zh: '它是目录，不是文件', en: 'it is a directory and not a file' };
    case 'NOT_A_FILE':
      return { zh: '它不是普通文件', en: 'it is no regular file' };
    case 'EBUSY':
      return { zh: '正被别的程序占用', en: 'another program holds it' };
    case 'ENOENT':
      return { zh: '没有这个文件，或所在目录不存在', en: 'there is no such file, or its directory does not exist' };
    case 'ENOTDIR':
      return { zh: '路径中有一段是文件，不是目录', en: 'a part of its path is a file and not a directory' };
    case 'ENOSPC':
    case 'EDQUOT':
      return { zh: '磁盘已满', en: 'the disk is full' };
    case 'EROFS':
      return { zh: '磁盘是只读的', en: 'the disk is read-only' };
    case 'ENAMETOOLONG':
      return { zh: '路径过长', en: 'its path is too long' };
    case 'EIO':
      return { zh: '磁盘读写出错', en: 'the disk does not read or write' };
    case 'EMFILE':
    case 'ENFILE':
      return { zh: '打开的文件过多', en: 'too many files are open' };
    case 'ECONNREFUSED':
      return { zh: '对方没有在该地址提供服务', en: 'nothing listens at its address' };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { zh: '查不到该主机名', en: 'its host name is not known' };
    case 'ECONNRESET':
    case 'EPIPE':
      return { zh: '对方中断了连接', en: 'it broke the connection off' };
    case 'ETIMEDOUT':
      return { zh: '对方没有及时应答', en: 'it did not answer in time' };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { zh: '网络不通', en: 'no network leads to it' };
    default:
      return { zh: `系统返回 ${code}`, en: `the system says ${code}` };
  }
};

/** The same of whatever was thrown: a code that the system gave, or the words of the error. */
export const causeOf = (error: unknown): Cause => {
  if (isSystemError(error)) return systemCause(error.code);
  const message = messageOf(error);
  return { zh: message, en: message };
};
