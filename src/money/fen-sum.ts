import { type Fen, fenFromYuan, yuanFromFen, ZERO_FEN } from './fen';

/**
 * Fen summed over pools, of which there is any number: a safe integer wherever it is one, which is nearly always, and a
 * bigint only beyond. So zero is always `0`, equal sums are `===`, and `<` and `>` compare any two.
 */
export type FenSum = Fen | bigint;

/** The one form of a whole number of fen. */
export const fenSum = (exact: bigint): FenSum => {
  const number = Number(exact);
  return Number.isSafeInteger(number) ? (number as Fen) : exact;
};

export const addSums = (left: FenSum, right: FenSum): FenSum => {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum as Fen;
  }
  return fenSum(BigInt(left) + BigInt(right));
};

export const subtractSums = (left: FenSum, right: FenSum): FenSum =>
  addSums(left, typeof right === 'bigint' ? -right : ((0 - right) as Fen));

export const sumOfSums = (amounts: Iterable<FenSum>): FenSum => {
  let total: FenSum = ZERO_FEN;
  for (const amount of amounts) total = addSums(total, amount);
  return total;
};

/** 元 with exactly two decimals, as of a single amount. */
export const yuanFromSum = (sum: FenSum): string => {
  if (typeof sum === 'number') return yuanFromFen(sum);
  const digits = String(sum < 0n ? -sum : sum);
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** Reads yuanFromSum back. */
export const sumFromYuan = (text: string): FenSum =>
  text.length < LONGEST_OF_FEN || !/^-?[1-9]\d*\.\d\d$/.test(text)
    ? fenFromYuan(text)
    : fenSum(BigInt(text.replace('.', '')));

/** 15 digits and a point are always an exact number. */
const LONGEST_OF_FEN = 16;
