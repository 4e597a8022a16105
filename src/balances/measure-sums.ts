import { fen, type Fen } from '../money/fen';
import { type FenSum, fenSum } from '../money/fen-sum';
import { type Measure, MEASURES, type MutableMeasures, noMeasures } from './measures';

/** Where each measure stands in a row. */
export const COLUMN = {
  appropriated: 0,
  transferredIn: 1,
  transferredOut: 2,
  unintegrated: 3,
  available: 4,
  inTransit: 5,
  allocated: 6,
  held: 7,
  paid: 8,
  recalled: 9,
  cashReceived: 10,
  unspent: 11,
  carriedOver: 12,
} as const satisfies Readonly<Record<Measure, number>>;

const WIDTH = MEASURES.length;

/** Rows that there is room for at first; the room doubles when it is used up. */
const FIRST_ROWS = 64;

/** Instead of a row: what is booked there is nobody's. */
export const NO_ROW = -1;

/**
 * Figures in the making, a row of all measures for each. Some questions book a million amounts into ten thousands of
 * figures: packed into one block of memory these stay in the processor's cache, as objects they do not. A sum of many
 * pools may be more than a number holds exactly; what is then in the block is put beside it, and the sum goes on from there.
 */
export class MeasureSums {
  #sums = new Float64Array(FIRST_ROWS * WIDTH);
  /** By place in the block: what belongs to the sum there and lies beyond exact numbers. Nearly always empty. */
  readonly #beyond = new Map<number, bigint>();
  #end = 0;

  /** So many rows of zeros; the number of the first. */
  newRows(count = 1): number {
    const first = this.#end / WIDTH;
    this.#end += count * WIDTH;
    if (this.#end > this.#sums.length) {
      const larger = new Float64Array(2 * this.#end);
      larger.set(this.#sums);
      this.#sums = larger;
    }
    return first;
  }

  /** @throws RangeError when the amount is not whole fen */
  add(row: number, column: number, amount: number): void {
    const at = row * WIDTH + column;
    const before = this.#sums[at] as number;
    const sum = before + amount;
    if (Number.isSafeInteger(sum)) {
      this.#sums[at] = sum;
      return;
    }
    this.#sums[at] = fen(amount);
    this.#putBeyond(at, BigInt(before));
  }

  addRow(row: number, more: number): void {
    this.#addTimes(row, more, 1);
  }

  subtractRow(row: number, less: number): void {
    this.#addTimes(row, less, -1);
  }

  negate(row: number): void {
    // From zero, so that nothing stays zero and does not become the negative one.
    for (let at = row * WIDTH; at < (row + 1) * WIDTH; at += 1) {
      this.#sums[at] = 0 - (this.#sums[at] as number);
      if (this.#beyond.size > 0) this.#putBeyond(at, -2n * (this.#beyond.get(at) ?? 0n));
    }
  }

  clear(row: number): void {
    this.#sums.fill(0, row * WIDTH, (row + 1) * WIDTH);
    if (this.#beyond.size === 0) return;
    for (let at = row * WIDTH; at < (row + 1) * WIDTH; at += 1) this.#beyond.delete(at);
  }

  /** Whether any measure of a row is not zero. */
  hasMeasures(row: number): boolean {
    for (let at = row * WIDTH; at < (row + 1) * WIDTH; at += 1) if (this.#exact(at) !== 0) return true;
    return false;
  }

  #addTimes(row: number, other: number, sign: 1 | -1): void {
    for (let column = 0; column < WIDTH; column += 1) {
      const at = other * WIDTH + column;
      this.add(row, column, sign * (this.#sums[at] as number));
      if (this.#beyond.size > 0) this.#putBeyond(row * WIDTH + column, BigInt(sign) * (this.#beyond.get(at) ?? 0n));
    }
  }

  #putBeyond(at: number, more: bigint): void {
    const beyond = (this.#beyond.get(at) ?? 0n) + more;
    if (beyond === 0n) this.#beyond.delete(at);
    else this.#beyond.set(at, beyond);
  }

  #exact(at: number): FenSum {
    const sum = this.#sums[at] as number;
    const beyond = this.#beyond.size === 0 ? undefined : this.#beyond.get(at);
    return beyond === undefined ? (sum as Fen) : fenSum(beyond + BigInt(sum));
  }

  /** Member by member: going over their names takes five times as long, and some questions make a hundred thousand. */
  measures(row: number): MutableMeasures {
    const sums = this.#sums;
    const at = row * WIDTH;
    if (this.#beyond.size > 0) return this.#exactMeasures(row);
    return {
      appropriated: sums[at + COLUMN.appropriated] as Fen,
      transferredIn: sums[at + COLUMN.transferredIn] as Fen,
      transferredOut: sums[at + COLUMN.transferredOut] as Fen,
      unintegrated: sums[at + COLUMN.unintegrated] as Fen,
      available: sums[at + COLUMN.available] as Fen,
      inTransit: sums[at + COLUMN.inTransit] as Fen,
      allocated: sums[at + COLUMN.allocated] as Fen,
      held: sums[at + COLUMN.held] as Fen,
      paid: sums[at + COLUMN.paid] as Fen,
      recalled: sums[at + COLUMN.recalled] as Fen,
      cashReceived: sums[at + COLUMN.cashReceived] as Fen,
      unspent: sums[at + COLUMN.unspent] as Fen,
      carriedOver: sums[at + COLUMN.carriedOver] as Fen,
    };
  }

  #exactMeasures(row: number): MutableMeasures {
    const measures = noMeasures();
    for (const measure of MEASURES) measures[measure] = this.#exact(row * WIDTH + COLUMN[measure]);
    return measures;
  }
}
