/** Money inside Yichi: whole fen in a safe integer. 2^53 fen is 90 万亿元, more than three national budgets. */
export type Fen = number & { readonly __brand: 'Fen' };

export const ZERO_FEN = 0 as Fen;

/** Brands a number as fen; throws RangeError when it is not a safe integer, because a rounded amount must never exist. */
export const fen = (value: number): Fen => {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`not a whole, safe number of fen: ${value}`);
  }
  return value as Fen;
};

export const addFen = (left: Fen, right: Fen): Fen => fen(left + right);

export const subtractFen = (left: Fen, right: Fen): Fen => fen(left - right);

export const sumFen = (amounts: Iterable<Fen>): Fen => {
  let total = 0;
  for (const amount of amounts) {
    total = fen(total + amount);
  }
  return total as Fen;
};

const YUAN_TEXT = /^-?(?:0|[1-9]\d*)\.\d{2}$/;

/** `"1234.50"` → 123450. The stored form of amounts in events and JSON; anything else is a RangeError. */
export const fenFromYuan = (text: string): Fen => {
  if (!YUAN_TEXT.test(text)) {
    throw new RangeError(`not an amount of 元 with two decimals: ${JSON.stringify(text)}`);
  }
  return fen(Number(text.replace('.', '')));
};

/** 123450 → `"1234.50"`: 元 with exactly two decimals, the form of amounts in events and JSON. */
export const yuanFromFen = (amount: Fen): string => {
  const digits = Math.abs(amount).toString().padStart(3, '0');
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
