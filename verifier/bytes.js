'use strict';

/*
 * Bytes, texts and numbers. Everything that comes out of a bundle is looked at strictly: one value has one text, and
 * whatever has another form is refused instead of being understood somehow.
 */

/** What was found wrong. `file` is null where it is no single file's. */
/** @typedef {{ code: string, file: string | null, zh: string, en: string }} Finding */

/** Ends the reading of a part; whoever reads it turns it into a finding. */
class Fault extends Error {
  /** @param {string} code @param {string | null} file @param {string} zh @param {string} en */
  constructor(code, file, zh, en) {
    super(en);
    /** @type {Finding} */
    this.finding = { code, file, zh, en };
  }
}

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/** Null for bytes that are not UTF-8. */
/** @param {Uint8Array} bytes @returns {string | null} */
const textOf = (bytes) => {
  try {
    return utf8Decoder.decode(bytes);
  } catch {
    return null;
  }
};

/** @param {string} text @returns {Uint8Array} */
const bytesOf = (text) => utf8Encoder.encode(text);

/** @param {Uint8Array} left @param {Uint8Array} right @returns {boolean} */
const sameBytes = (left, right) => {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
  return true;
};

/** @param {readonly Uint8Array[]} parts @returns {Uint8Array} */
const joinBytes = (parts) => {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};

/** @param {Uint8Array} bytes @returns {string} */
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64_VALUE = new Int16Array(128).fill(-1);
for (let index = 0; index < 64; index += 1) BASE64_VALUE[BASE64.charCodeAt(index)] = index;

/** @param {string} text @param {number} at @returns {number} −1 for a character that is none of the 64 */
const base64Digit = (text, at) => {
  const code = text.charCodeAt(at);
  return code < 128 ? BASE64_VALUE[code] : -1;
};

/** RFC 4648 section 4, with padding and with unused bits zero; null for any other text. */
/** @param {string} text @returns {Uint8Array | null} */
const base64Bytes = (text) => {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array((digits * 3) >> 2);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let index = 0; index < digits; index += 1) {
    const digit = base64Digit(text, index);
    if (digit < 0) return null;
    held = ((held << 6) | digit) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (held >> bits) & 0xff;
    at += 1;
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : null;
};

/** @param {Uint8Array} bytes @returns {string} */
const base64Of = (bytes) => {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const rest = bytes.length - index;
    const held = (bytes[index] << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    text += BASE64.charAt(held >> 18) + BASE64.charAt((held >> 12) & 63);
    text += rest > 1 ? BASE64.charAt((held >> 6) & 63) : '=';
    text += rest > 2 ? BASE64.charAt(held & 63) : '=';
  }
  return text;
};

const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,15})$/;

/** A whole number that is exact, written in the one usual way; null for any other text. */
/** @param {string} text @returns {number | null} */
const wholeNumber = (text) => {
  const number = WHOLE_NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
};

/** @param {unknown} value @returns {value is number} */
const isCount = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

const isInNode = typeof require === 'function' && typeof module === 'object';

/** Longest part of a foreign text that a message quotes. */
const MOST_QUOTED = 200;

/** Letters that move the cursor of a terminal, turn the line round or show nothing at all. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A line in which unseen letters are told by their numbers, so that no name can pretend to be a verdict. */
/** @param {string} text @returns {string} */
const visibleText = (text) => text.replace(UNSEEN, (letter) => `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`);

/** Text from outside as a message quotes it. */
/** @param {unknown} value @returns {string} */
const shownText = (value) => {
  const text = typeof value === 'string' ? value : typeof value === 'object' ? 'object' : String(value);
  return visibleText(text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text);
};
