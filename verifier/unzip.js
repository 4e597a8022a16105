'use strict';

/*
 * Reads a zip archive that may have been made to deceive. Only plain archives are taken: entries one after another from
 * the first byte on, as the directory at the end says, stored or deflated, each with the length and the check sum that
 * is named. Nothing is ever written to a disk.
 */

/** Far more than any evidence needs, and little enough for a browser. */
const MOST_ENTRIES = 1000;
const MOST_BYTES_UNPACKED = 512 * 1024 * 1024;

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;

/** Lower-case folders and names, so that no two systems disagree about which file is meant. */
const ENTRY_NAME = /^(?:[a-z0-9][a-z0-9-]*\/)?[a-z0-9][a-z0-9-]*\.[a-z]+$/;

/** @param {string} name */
const isEntryName = (name) => name.length <= 100 && ENTRY_NAME.test(name);

/** @param {string} zh @param {string} en @returns {Fault} */
const zipFault = (zh, en) => new Fault('ZIP_REFUSED', null, `压缩包不可接受：${zh}`, `the archive is refused: ${en}`);

/** @param {Uint8Array} archive @returns {Map<string, Uint8Array>} */
const unzip = (archive) => {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const entries = readDirectory(archive, view);
  /** @type {Map<string, Uint8Array>} */
  const files = new Map();
  let at = 0;
  let unpacked = 0;
  for (const entry of entries) {
    if (entry.offset !== at) throw zipFault('条目之间有空隙或重叠', 'its entries overlap or leave gaps');
    unpacked += entry.size;
    if (unpacked > MOST_BYTES_UNPACKED) throw zipFault('解开后过大', 'it is too large when unpacked');
    if (!isEntryName(entry.name))
      throw zipFault(`文件名 ${shownText(entry.name)} 不允许`, `the name ${shownText(entry.name)} is not allowed`);
    if (files.has(entry.name))
      throw zipFault(`文件 ${shownText(entry.name)} 重复`, `it has ${shownText(entry.name)} twice`);
    const start = readLocalHeader(archive, view, entry);
    const packed = archive.subarray(start, start + entry.packedSize);
    files.set(entry.name, unpackEntry(packed, entry));
    at = start + entry.packedSize;
  }
  return files;
};

/** @typedef {{ name: string, method: number, crc: number, packedSize: number, size: number, offset: number }} Entry */

/** @param {Uint8Array} archive @param {DataView} view @returns {Entry[]} */
const readDirectory = (archive, view) => {
  const end = archive.length - 22;
  if (end < 0 || view.getUint32(end, true) !== END_OF_DIRECTORY) {
    throw zipFault('不是完整的 zip 文件', 'it is no whole zip archive');
  }
  const count = view.getUint16(end + 10, true);
  const bytes = view.getUint32(end + 12, true);
  let at = view.getUint32(end + 16, true);
  const onOneDisk = view.getUint32(end + 4, true) === 0 && view.getUint16(end + 8, true) === count;
  if (!onOneDisk || view.getUint16(end + 20, true) !== 0 || at + bytes !== end || count > MOST_ENTRIES) {
    throw zipFault('目录与文件不符', 'its directory does not fit the file');
  }
  /** @type {Entry[]} */
  const entries = [];
  const directory = at;
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL_HEADER)
      throw zipFault('目录损坏', 'its directory is damaged');
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const commentBytes = view.getUint16(at + 32, true);
    if (extraBytes !== 0 || commentBytes !== 0 || view.getUint16(at + 8, true) !== 0) {
      throw zipFault('条目有附加内容或已加密', 'an entry is encrypted or has extra fields');
    }
    if (at + 46 + nameBytes > end) throw zipFault('目录损坏', 'its directory is damaged');
    entries.push({
      name: textOf(archive.subarray(at + 46, at + 46 + nameBytes)) ?? '',
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + nameBytes;
  }
  const last = entries[entries.length - 1];
  const filled = last === undefined ? 0 : last.offset + 30 + bytesOf(last.name).length + last.packedSize;
  if (at !== end || filled !== directory) throw zipFault('目录与文件不符', 'its directory does not fit the file');
  return entries;
};

/** Where the entry's bytes begin. */
/** @param {Uint8Array} archive @param {DataView} view @param {Entry} entry @returns {number} */
const readLocalHeader = (archive, view, { name, method, crc, packedSize, size, offset }) => {
  const nameBytes = bytesOf(name);
  const start = offset + 30 + nameBytes.length;
  const fits =
    start + packedSize <= archive.length &&
    view.getUint32(offset, true) === LOCAL_HEADER &&
    view.getUint16(offset + 6, true) === 0 &&
    view.getUint16(offset + 8, true) === method &&
    view.getUint32(offset + 14, true) === crc &&
    view.getUint32(offset + 18, true) === packedSize &&
    view.getUint32(offset + 22, true) === size &&
    view.getUint16(offset + 26, true) === nameBytes.length &&
    view.getUint16(offset + 28, true) === 0 &&
    sameBytes(archive.subarray(offset + 30, start), nameBytes);
  if (!fits) throw zipFault(`条目 ${name} 的文件头与目录不符`, `the header of ${name} does not fit the directory`);
  return start;
};

/** @param {Uint8Array} packed @param {Entry} entry @returns {Uint8Array} */
const unpackEntry = (packed, { name, method, crc, size }) => {
  if (method !== 0 && method !== 8)
    throw zipFault(`文件 ${name} 的压缩方式不支持`, `${name} is packed in an unknown way`);
  const bytes = method === 0 ? packed.slice() : inflate(packed, size);
  if (bytes === null || bytes.length !== size || crc32(bytes) !== crc) {
    throw zipFault(`文件 ${name} 损坏`, `${name} is damaged`);
  }
  return bytes;
};

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** @param {Uint8Array} bytes @returns {number} */
const crc32 = (bytes) => {
  let crc = 0xffffffff;
  for (let index = 0; index < bytes.length; index += 1) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ bytes[index]) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
};
