import { open as openFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';

import { type Entry, openPromise, type ZipFile } from 'yauzl';

import { DomainError } from '../platform/domain-error';
import type { Cause } from '../platform/system-cause';
import {
  fileTooLarge,
  megabytes,
  workbookCorrupt,
  workbookEncrypted,
  workbookOldFormat,
  workbookTooLarge,
  wrongExtension,
} from './file-refusals';
import { messageOf } from '../platform/system-error';

/** A million payment rows are some 80 MB; more in one file is a mistake or an attack. */
export const MAX_WORKBOOK_BYTES = 128 * 1024 * 1024;
/** Everything unpacked together: a million payment rows are some 600 MB of XML. */
export const MAX_INFLATED_BYTES = 1024 * 1024 * 1024;
/** Sheets of like rows compress about 10:1, empty formatted rows up to 150:1, bombs a thousandfold. */
export const MAX_INFLATION_RATIO = 250;
/** Small parts may compress by any ratio without harm. */
const RATIO_COUNTS_FROM_BYTES = 8 * 1024 * 1024;
/** Sheets, styles, drawings and media of the largest real workbooks are some hundreds. */
export const MAX_ENTRIES = 4096;

const ZIP_MAGIC = Buffer.from([0x50, 0x4b, 0x03, 0x04]);
/** OLE compound files: .xls, and .xlsx under a password. */
const COMPOUND_MAGIC = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);

/** The parts of an .xlsx file, opened and checked. Nothing is taken from a file before the whole of it was checked. */
export class XlsxPackage {
  readonly #file: string;
  readonly #zip: ZipFile;
  /** By name in lower case, because part names are compared so. */
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(file: string, zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#file = file;
    this.#zip = zip;
    this.#entries = entries;
  }

  /**
   * @throws DomainError FILE_TOO_LARGE, FILE_EXTENSION_WRONG, WORKBOOK_ENCRYPTED, WORKBOOK_OLD_FORMAT,
   * WORKBOOK_CORRUPT, WORKBOOK_TOO_LARGE
   */
  static async open(file: string): Promise<XlsxPackage> {
    const { size } = await stat(file);
    if (size > MAX_WORKBOOK_BYTES) throw fileTooLarge(file, size, MAX_WORKBOOK_BYTES);
    await refuseOtherFormats(file);
    let zip: ZipFile;
    try {
      zip = await openPromise(file, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
    } catch (error) {
      throw workbookCorrupt(file, brokenZip(error));
    }
    try {
      const entries = await listEntries(file, zip);
      await inflateAll(file, zip, entries);
      return new XlsxPackage(file, zip, entries);
    } catch (error) {
      zip.close();
      throw error instanceof DomainError ? error : workbookCorrupt(file, brokenZip(error));
    }
  }

  has(part: string): boolean {
    return this.#entries.has(part.toLowerCase());
  }

  /** Names of all parts, in lower case. */
  get parts(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Bytes of a part when unpacked, checked when the package was opened. */
  inflatedSize(part: string): number {
    return this.#entries.get(part.toLowerCase())?.uncompressedSize ?? 0;
  }

  /** The bytes of one part, a piece at a time. */
  async *read(part: string): AsyncGenerator<Buffer, void, undefined> {
    const entry = this.#entries.get(part.toLowerCase());
    if (entry === undefined)
      throw workbookCorrupt(this.#file, { zh: `缺少部件 ${part}`, en: `part ${part} is missing` });
    const stream = await this.#zip.openReadStreamPromise(entry);
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  }

  close(): void {
    this.#zip.close();
  }
}

const refuseOtherFormats = async (file: string): Promise<void> => {
  const handle = await openFile(file, 'r');
  try {
    const head = await readAt(handle, 0, 512);
    if (head.subarray(0, 4).equals(ZIP_MAGIC)) return;
    if (head.subarray(0, 8).equals(COMPOUND_MAGIC)) {
      throw (await isEncryptedPackage(handle, head)) ? workbookEncrypted(file) : workbookOldFormat(file);
    }
    if (!head.includes(0) && !head.subarray(0, 2).equals(ZIP_MAGIC.subarray(0, 2))) throw wrongExtension(file, 'text');
    throw workbookCorrupt(file, { zh: '开头不是工作簿的格式', en: 'it does not begin as a zip file' });
  } finally {
    await handle.close();
  }
};

type Handle = Awaited<ReturnType<typeof openFile>>;

const readAt = async (handle: Handle, position: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
};

/** A workbook under a password keeps its content in a stream of this name; the directory's place is in the header. */
const isEncryptedPackage = async (handle: Handle, head: Buffer): Promise<boolean> => {
  if (head.length < 512) return false;
  const sectorSize = 2 ** head.readUInt16LE(0x1e);
  const directoryStart = (head.readUInt32LE(0x30) + 1) * sectorSize;
  const directory = await readAt(handle, directoryStart, 64 * 1024);
  return directory.includes(Buffer.from('EncryptedPackage', 'utf16le'));
};

const listEntries = async (file: string, zip: ZipFile): Promise<ReadonlyMap<string, Entry>> => {
  if (zip.entryCount > MAX_ENTRIES) throw workbookTooLarge(file, tooManyParts(zip.entryCount));
  const entries = new Map<string, Entry>();
  let inflated = 0;
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.toLowerCase();
    if (name.endsWith('/')) continue;
    if (entry.isEncrypted()) throw workbookEncrypted(file);
    if (!entry.canDecodeFileData()) throw workbookCorrupt(file, unknownCompression(entry));
    if (entries.has(name)) throw workbookCorrupt(file, twice(entry));
    inflated += entry.uncompressedSize;
    if (inflated > MAX_INFLATED_BYTES) throw workbookTooLarge(file, TOO_MUCH);
    const ratio = entry.uncompressedSize / Math.max(1, entry.compressedSize);
    if (entry.uncompressedSize > RATIO_COUNTS_FROM_BYTES && ratio > MAX_INFLATION_RATIO) {
      throw workbookTooLarge(file, swelling(entry, Math.round(ratio)));
    }
    entries.set(name, entry);
  }
  return entries;
};

/**
 * Unpacks everything once without keeping it. What a zip file says of its sizes may be a lie: yauzl ends a part that
 * unpacks to more or less than it says, so the sums above hold; and a part whose checksum differs is damaged.
 */
const inflateAll = async (file: string, zip: ZipFile, entries: ReadonlyMap<string, Entry>): Promise<void> => {
  for (const entry of entries.values()) {
    const stream: Readable = await zip.openReadStreamPromise(entry);
    let checksum = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) checksum = crc32(chunk, checksum);
    if (checksum !== entry.crc32) throw workbookCorrupt(file, otherChecksum(entry));
  }
};

/** What the reader of zip files says is for those who know the format. */
const brokenZip = (error: unknown): Cause => ({ zh: '压缩结构有误', en: messageOf(error) });

const unknownCompression = ({ fileName, compressionMethod }: Entry): Cause => ({
  zh: `部件 ${fileName} 的压缩方式（${compressionMethod}）读不了`,
  en: `part ${fileName} has compression method ${compressionMethod}`,
});

const twice = ({ fileName }: Entry): Cause => ({
  zh: `部件 ${fileName} 出现了两次`,
  en: `part ${fileName} is there twice`,
});

const otherChecksum = ({ fileName }: Entry): Cause => ({
  zh: `部件 ${fileName} 的校验和不符`,
  en: `checksum of ${fileName} differs`,
});

const tooManyParts = (parts: number): Cause => ({
  zh: `有 ${parts} 个部件，最多 ${MAX_ENTRIES} 个`,
  en: `${parts} parts, at most ${MAX_ENTRIES}`,
});

const TOO_MUCH: Cause = {
  zh: `超过 ${megabytes(MAX_INFLATED_BYTES)}`,
  en: `more than ${megabytes(MAX_INFLATED_BYTES)}`,
};

const swelling = ({ fileName }: Entry, ratio: number): Cause => ({
  zh: `部件 ${fileName} 解压后是原来的 ${ratio} 倍，最多 ${MAX_INFLATION_RATIO} 倍`,
  en: `part ${fileName} unpacks ${ratio}:1, at most ${MAX_INFLATION_RATIO}:1`,
});
