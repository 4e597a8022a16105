'use strict';

/*
 * SHA-256 and SHA-512 of FIPS 180-4. They are here so that the same code runs everywhere, also where a browser gives a
 * page from a file no cryptography. SHA-512 is needed for a handful of signatures only and is written to be read.
 */

const SMALL_PRIMES = (() => {
  /** @type {number[]} */
  const primes = [];
  for (let number = 2; primes.length < 80; number += 1) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  return primes;
})();

/** The largest whole number whose power is not above the value. */
/** @param {bigint} value @param {bigint} power @returns {bigint} */
const wholeRoot = (value, power) => {
  let low = 0n;
  let high = 1n << BigInt(value.toString(2).length);
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= value) low = middle;
    else high = middle;
  }
  return low;
};

/** First bits after the point of a root of a prime, which is where the standard takes its constants from. */
/** @param {number} prime @param {bigint} power @param {bigint} bits @returns {bigint} */
const rootBits = (prime, power, bits) =>
  BigInt.asUintN(Number(bits), wholeRoot(BigInt(prime) << (bits * power), power));

const SHA256_K = Int32Array.from(SMALL_PRIMES.slice(0, 64), (prime) =>
  Number(BigInt.asIntN(32, rootBits(prime, 3n, 32n))),
);
const SHA256_START = Int32Array.from(SMALL_PRIMES.slice(0, 8), (prime) =>
  Number(BigInt.asIntN(32, rootBits(prime, 2n, 32n))),
);

const sha256Words = new Int32Array(64);
const sha256State = new Int32Array(8);

/** One block of 64 bytes, which lies in the first sixteen words. */
const sha256Block = () => {
  const w = sha256Words;
  const h = sha256State;
  for (let t = 16; t < 64; t += 1) {
    const x = w[t - 15];
    const y = w[t - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = w[t - 16] + s0 + w[t - 7] + s1;
  }
  let a = h[0];
  let b = h[1];
  let c = h[2];
  let d = h[3];
  let e = h[4];
  let f = h[5];
  let g = h[6];
  let k = h[7];
  for (let t = 0; t < 64; t += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const choice = g ^ (e & (f ^ g));
    const t1 = (k + s1 + choice + SHA256_K[t] + w[t]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const majority = (a & b) | (c & (a | b));
    k = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + s0 + majority) | 0;
  }
  h[0] = h[0] + a;
  h[1] = h[1] + b;
  h[2] = h[2] + c;
  h[3] = h[3] + d;
  h[4] = h[4] + e;
  h[5] = h[5] + f;
  h[6] = h[6] + g;
  h[7] = h[7] + k;
};

/** The message with its end mark and its length in bits, as a whole number of blocks. */
/** @param {Uint8Array} message @param {number} blockBytes @returns {Uint8Array} */
const paddedMessage = (message, blockBytes) => {
  const lengthBytes = blockBytes / 8;
  const blocks = Math.ceil((message.length + 1 + lengthBytes) / blockBytes);
  const padded = new Uint8Array(blocks * blockBytes);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(message.length) * 8n);
  return padded;
};

/** @param {Uint8Array} message @returns {Uint8Array} */
const sha256 = (message) => {
  const padded = paddedMessage(message, 64);
  const view = new DataView(padded.buffer);
  sha256State.set(SHA256_START);
  for (let from = 0; from < padded.length; from += 64) {
    for (let word = 0; word < 16; word += 1) sha256Words[word] = view.getInt32(from + word * 4);
    sha256Block();
  }
  const digest = new Uint8Array(32);
  const digestView = new DataView(digest.buffer);
  for (let word = 0; word < 8; word += 1) digestView.setInt32(word * 4, sha256State[word]);
  return digest;
};

const SHA512_K = SMALL_PRIMES.map((prime) => rootBits(prime, 3n, 64n));
const SHA512_START = SMALL_PRIMES.slice(0, 8).map((prime) => rootBits(prime, 2n, 64n));

/** @param {bigint} word @param {bigint} bits @returns {bigint} */
const turn64 = (word, bits) => (word >> bits) | BigInt.asUintN(64, word << (64n - bits));

/** @param {Uint8Array} message @returns {Uint8Array} */
const sha512 = (message) => {
  const padded = paddedMessage(message, 128);
  const view = new DataView(padded.buffer);
  let state = SHA512_START;
  for (let from = 0; from < padded.length; from += 128) {
    const words = Array.from({ length: 16 }, (_, word) => view.getBigUint64(from + word * 8));
    for (let t = 16; t < 80; t += 1) {
      const x = words[t - 15];
      const y = words[t - 2];
      const s0 = turn64(x, 1n) ^ turn64(x, 8n) ^ (x >> 7n);
      const s1 = turn64(y, 19n) ^ turn64(y, 61n) ^ (y >> 6n);
      words.push(BigInt.asUintN(64, words[t - 16] + s0 + words[t - 7] + s1));
    }
    let [a, b, c, d, e, f, g, h] = /** @type {[bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint]} */ (
      /** @type {unknown} */ ([...state])
    );
    for (let t = 0; t < 80; t += 1) {
      const s1 = turn64(e, 14n) ^ turn64(e, 18n) ^ turn64(e, 41n);
      const t1 = h + s1 + (g ^ (e & (f ^ g))) + SHA512_K[t] + words[t];
      const s0 = turn64(a, 28n) ^ turn64(a, 34n) ^ turn64(a, 39n);
      const t2 = s0 + ((a & b) | (c & (a | b)));
      [a, b, c, d, e, f, g, h] = [BigInt.asUintN(64, t1 + t2), a, b, c, BigInt.asUintN(64, d + t1), e, f, g];
    }
    state = [a, b, c, d, e, f, g, h].map((word, index) => BigInt.asUintN(64, word + state[index]));
  }
  const digest = new Uint8Array(64);
  const digestView = new DataView(digest.buffer);
  state.forEach((word, index) => digestView.setBigUint64(index * 8, word));
  return digest;
};
