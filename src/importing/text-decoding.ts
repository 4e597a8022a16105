import { encodingAmbiguous, encodingUnknown, textDamaged } from './file-refusals';

const HAN = /\p{Script=Han}/gu;
const TWO_BYTE_LETTERS = /[\u0080-\u07ff]/g;

/**
 * The text of a CSV file: UTF-8 with or without byte order mark, UTF-16 with one, or GB18030. Strict: bytes that are no
 * character are refused, never replaced.
 * @throws DomainError ENCODING_UNKNOWN, ENCODING_AMBIGUOUS, TEXT_DAMAGED
 */
export const decodeText = (file: string, bytes: Buffer): string => {
  const marked = encodingOfMark(bytes);
  if (marked !== null) {
    const text = decodeStrictly(bytes, marked);
    if (text === null) throw textDamaged(file);
    return withoutNul(file, text);
  }
  const utf8 = decodeStrictly(bytes, 'utf-8');
  if (utf8 !== null) {
    // Chinese and full-width signs take three bytes in UTF-8. Text with none of them but letters of two bytes may be a
    // few characters of GB18030.
    if (count(utf8, TWO_BYTE_LETTERS) > 0 && count(utf8, HAN) === 0) {
      const other = decodeStrictly(bytes, 'gb18030');
      if (other !== null && count(other, HAN) > 0) throw encodingAmbiguous(file);
    }
    return withoutNul(file, utf8);
  }
  // A damaged UTF-8 file often is valid, meaningless GB18030.
  const loose = new TextDecoder('utf-8').decode(bytes);
  if (count(loose, HAN) > count(loose, /\ufffd/g)) throw textDamaged(file);
  const gb = decodeStrictly(bytes, 'gb18030');
  if (gb === null) throw encodingUnknown(file);
  return withoutNul(file, gb);
};

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030';

const encodingOfMark = (bytes: Buffer): Encoding | null => {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
};

const decodeStrictly = (bytes: Buffer, encoding: Encoding): string | null => {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
};

/** Text never holds NUL; what does is some other kind of file, or UTF-16 without its mark. */
const withoutNul = (file: string, text: string): string => {
  if (text.includes('\0')) throw encodingUnknown(file);
  return text;
};

const count = (text: string, pattern: RegExp): number => {
  let found = 0;
  for (const _ of text.matchAll(pattern)) found += 1;
  return found;
};
