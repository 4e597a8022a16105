import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import type { Cause } from '../../platform/system-cause';

/** The header of an SQLite file: https://www.sqlite.org/fileformat2.html, section 1.3. */
const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
const PAGE_SIZE_AT = 16;
const PAGES_AT = 28;
/** 65,536 does not fit into its two bytes. */
const LARGEST_PAGE_SIZE = 65_536;

/**
 * Why a file of SQLite cannot be read as a whole, as far as its first bytes and its length tell; null when they do not.
 * Only for a file that was found to be damaged: while somebody writes, the two may be apart for a moment.
 *
 * @throws SystemError when the file cannot be opened
 */
export const faultOfHeader = (file: string): Cause | null => {
  const descriptor = openSync(file, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const read = readSync(descriptor, header, 0, HEADER_BYTES, 0);
    const { size } = fstatSync(descriptor);
    if (read < HEADER_BYTES) return cutOff(size, HEADER_BYTES, 1);
    if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
      return {
        zh: '文件开头（第 1–16 字节）不是 SQLite 的标记',
        en: 'its first 16 bytes are not the mark of SQLite',
      };
    }
    const stored = header.readUInt16BE(PAGE_SIZE_AT);
    const pageSize = stored === 1 ? LARGEST_PAGE_SIZE : stored;
    const whole = pageSize * header.readUInt32BE(PAGES_AT);
    return size < whole ? cutOff(size, whole, Math.floor(size / pageSize) + 1) : null;
  } finally {
    closeSync(descriptor);
  }
};

const cutOff = (size: number, whole: number, page: number): Cause => ({
  zh: `文件被截短：现有 ${size} 字节，应有 ${whole} 字节，自第 ${page} 页起缺失`,
  en: `it was cut off: it has ${size} bytes and not ${whole}, and lacks everything from page ${page} on`,
});
