'use strict';

/* RFC 1951: takes deflated bytes apart, into as many bytes as were announced and not one more. */

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const DISTANCE_BITS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** Order in which a block tells the lengths of the code for its code lengths. */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const LONGEST_CODE = 15;

/** A Huffman code as a table: the next bits of the input → symbol · 16 + length; 0 where no code begins so. */
/** @param {ArrayLike<number>} lengths @returns {Uint16Array} */
const huffmanTable = (lengths) => {
  const table = new Uint16Array(1 << LONGEST_CODE);
  let code = 0;
  for (let length = 1; length <= LONGEST_CODE; length += 1) {
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      if (lengths[symbol] !== length) continue;
      if (code >= 1 << length) throw new RangeError('too many codes');
      let reversed = 0;
      for (let bit = 0; bit < length; bit += 1) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
      for (let entry = reversed; entry < table.length; entry += 1 << length) table[entry] = (symbol << 4) | length;
      code += 1;
    }
    code <<= 1;
  }
  return table;
};

/** Real packers put thousands of bytes into a block; endless empty ones would only keep the reader busy. */
const MOST_BLOCKS = 1000;
const LEAST_BYTES_OF_A_BLOCK = 512;

const FIXED_LENGTHS = Array.from({ length: 288 }, (_, symbol) =>
  symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
);

const FIXED_LITERALS = huffmanTable(FIXED_LENGTHS);
const FIXED_DISTANCES = huffmanTable(new Uint8Array(30).fill(5));

/** Null when the bytes are not well formed or do not give exactly `size` bytes. */
/** @param {Uint8Array} packed @param {number} size @returns {Uint8Array | null} */
const inflate = (packed, size) => {
  const out = new Uint8Array(size);
  let written = 0;
  let at = 0;
  let held = 0;
  let heldBits = 0;

  /** Sees to it that as many bits are at hand; past the end they are zeros, which is found at the end. */
  /** @param {number} count */
  const hold = (count) => {
    while (heldBits < count) {
      held |= (at < packed.length ? packed[at] : 0) << heldBits;
      at += 1;
      heldBits += 8;
    }
  };
  /** @param {number} count @returns {number} */
  const bits = (count) => {
    hold(count);
    const value = held & ((1 << count) - 1);
    held >>>= count;
    heldBits -= count;
    return value;
  };
  /** @param {Uint16Array} table @returns {number} */
  const symbolOf = (table) => {
    hold(LONGEST_CODE);
    const entry = table[held & ((1 << LONGEST_CODE) - 1)];
    if (entry === 0) throw new RangeError('no such code');
    held >>>= entry & 15;
    heldBits -= entry & 15;
    return entry >> 4;
  };
  const copyStored = () => {
    at -= heldBits >> 3;
    held = 0;
    heldBits = 0;
    const length = packed[at] | (packed[at + 1] << 8);
    if ((length ^ 0xffff) !== (packed[at + 2] | (packed[at + 3] << 8))) throw new RangeError('stored length');
    if (written + length > size || at + 4 + length > packed.length) throw new RangeError('stored too long');
    out.set(packed.subarray(at + 4, at + 4 + length), written);
    written += length;
    at += 4 + length;
  };
  /** @returns {readonly [Uint16Array, Uint16Array]} */
  const readTables = () => {
    const literals = bits(5) + 257;
    const distances = bits(5) + 1;
    const codes = bits(4) + 4;
    const codeLengths = new Uint8Array(19);
    for (let index = 0; index < codes; index += 1) codeLengths[LENGTH_ORDER[index]] = bits(3);
    const codeTable = huffmanTable(codeLengths);
    /** @type {number[]} */
    const lengths = [];
    while (lengths.length < literals + distances) {
      const symbol = symbolOf(codeTable);
      if (symbol < 16) {
        lengths.push(symbol);
        continue;
      }
      if (symbol === 16 && lengths.length === 0) throw new RangeError('nothing to repeat');
      const repeated = symbol === 16 ? lengths[lengths.length - 1] : 0;
      const times = symbol === 16 ? 3 + bits(2) : symbol === 17 ? 3 + bits(3) : 11 + bits(7);
      for (let time = 0; time < times; time += 1) lengths.push(repeated);
    }
    if (lengths.length > literals + distances) throw new RangeError('too many lengths');
    return [huffmanTable(lengths.slice(0, literals)), huffmanTable(lengths.slice(literals))];
  };
  /** @param {Uint16Array} literals @param {Uint16Array} distances */
  const copyCoded = (literals, distances) => {
    for (;;) {
      const symbol = symbolOf(literals);
      if (symbol === 256) return;
      if (at > packed.length + 4) throw new RangeError('past the end');
      if (symbol < 256) {
        if (written >= size) throw new RangeError('too long');
        out[written] = symbol;
        written += 1;
        continue;
      }
      if (symbol > 285) throw new RangeError('no such length');
      const length = LENGTH_BASE[symbol - 257] + bits(LENGTH_BITS[symbol - 257]);
      const far = symbolOf(distances);
      if (far > 29) throw new RangeError('no such distance');
      const distance = DISTANCE_BASE[far] + bits(DISTANCE_BITS[far]);
      if (distance > written || written + length > size) throw new RangeError('outside');
      for (let index = 0; index < length; index += 1) {
        out[written] = out[written - distance];
        written += 1;
      }
    }
  };

  try {
    let blocks = MOST_BLOCKS + size / LEAST_BYTES_OF_A_BLOCK;
    for (let isLast = false; !isLast;) {
      blocks -= 1;
      if (blocks < 0) throw new RangeError('too many blocks');
      isLast = bits(1) === 1;
      const kind = bits(2);
      if (kind === 0) copyStored();
      else if (kind === 1) copyCoded(FIXED_LITERALS, FIXED_DISTANCES);
      else if (kind === 2) copyCoded(...readTables());
      else throw new RangeError('no such kind of block');
    }
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  // Bits that were looked at in advance go back; everything must have been used up, and nothing beyond the end.
  return written === size && at - (heldBits >> 3) === packed.length ? out : null;
};
