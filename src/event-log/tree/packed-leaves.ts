import { uuidOfHex } from '../event-id';
import type { Position } from '../event';
import { prefixedLeafHash } from './merkle-hash';
import type { StoredLeaf } from './log-tree';

/** What an engine reads at once of leaves that follow one another. */
export interface PackedRows {
  /** The leaf with which they begin, counted from 0; positions count from 1 without gaps. */
  readonly firstLeaf: number;
  /** The bytes of each leaf, each behind one byte that holds nothing. */
  readonly memory: Buffer;
  /** Bytes of each leaf. */
  readonly lengths: readonly number[];
  readonly streams: readonly string[];
  readonly revisions: readonly number[];
  /** Ids in hexadecimal, 32 digits each. */
  readonly ids: string;
}

const ID_DIGITS = 32;

/**
 * Leaves that follow one another, in one piece of memory. Whoever goes through all of a log reads them so three times
 * faster than row by row, because there is no object and no memory of its own for each of them.
 */
export class PackedLeaves {
  readonly #rows: PackedRows;
  /** Where each leaf begins in the memory. */
  readonly #starts: Int32Array;

  /** Null when the bytes are not the leaves' alone. */
  static of(rows: PackedRows): PackedLeaves | null {
    const { memory, lengths, streams, revisions, ids } = rows;
    const bytes = lengths.reduce((sum, length) => sum + length + 1, 0);
    const isWhole =
      bytes === memory.length &&
      streams.length === lengths.length &&
      revisions.length === lengths.length &&
      ids.length === lengths.length * ID_DIGITS;
    return isWhole ? new PackedLeaves(rows) : null;
  }

  private constructor(rows: PackedRows) {
    this.#rows = rows;
    this.#starts = new Int32Array(rows.lengths.length);
    let start = 1;
    rows.lengths.forEach((length, index) => {
      this.#starts[index] = start;
      // The byte before a leaf becomes the prefix that is hashed with it.
      rows.memory[start - 1] = 0;
      start += length + 1;
    });
  }

  get size(): number {
    return this.#starts.length;
  }

  /** All bytes, with one byte of ASCII before each leaf. */
  get memory(): Buffer {
    return this.#rows.memory;
  }

  leaf(index: number): StoredLeaf {
    const start = this.#starts[index] as number;
    return new PackedLeaf(this.#rows, index, start);
  }

  /** A leaf with one character for each of its bytes. */
  text(index: number): string {
    const start = this.#starts[index] as number;
    return this.#rows.memory.toString('latin1', start, start + (this.#rows.lengths[index] as number));
  }

  /** Hash of a leaf, as 32 characters. */
  hash(index: number): string {
    const start = this.#starts[index] as number;
    return prefixedLeafHash(this.#rows.memory.subarray(start - 1, start + (this.#rows.lengths[index] as number)));
  }
}

/** Hands out what is asked for; of most leaves nobody asks for the bytes. */
class PackedLeaf implements StoredLeaf {
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly #memory: Buffer;
  readonly #start: number;
  readonly #length: number;

  constructor({ firstLeaf, memory, lengths, streams, revisions, ids }: PackedRows, index: number, start: number) {
    this.position = firstLeaf + index + 1;
    this.stream = streams[index] as string;
    this.revision = revisions[index] as number;
    this.id = uuidOfHex(ids.slice(index * ID_DIGITS, (index + 1) * ID_DIGITS));
    this.#memory = memory;
    this.#start = start;
    this.#length = lengths[index] as number;
  }

  get bytes(): Uint8Array {
    return this.#memory.subarray(this.#start, this.#start + this.#length);
  }
}
