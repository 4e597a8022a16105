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

const MINUS = 0x2d;
const POINT = 0x2e;
const DIGIT_0 = 0x30;

/** `"1234.50"` → 123450. The stored form of amounts in events and JSON; anything else is a RangeError. */
export const fenFromYuan = (text: string): Fen => {
  // Read digit by digit, because every movement passes here several times and a pattern takes three times as long.
  const first = text.charCodeAt(0) === MINUS ? 1 : 0;
  const point = text.length - 3;
  const leadsWithZero = text.charCodeAt(first) === DIGIT_0 && point > first + 1;
  if (point <= first || leadsWithZero || text.charCodeAt(point) !== POINT) throw notAnAmount(text);
  let amount = 0;
  for (let index = first; index < text.length; index += 1) {
    if (index === point) continue;
    const digit = text.charCodeAt(index) - DIGIT_0;
    if (!(digit >= 0 && digit <= 9)) throw notAnAmount(text);
    amount = amount * 10 + digit;
  }
  return fen(first === 1 ? -amount : amount);
};

const notAnAmount = (text: string): RangeError =>
  new RangeError(`not an amount of 元 with two decimals: ${JSON.stringify(text)}`);

/** `00` to `99`. */
const TWO_DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));

/** 123450 → `"1234.50"`: 元 with exactly two decimals, the form of amounts in events and JSON. */
export const yuanFromFen = (amount: Fen): string => {
  const size = Math.abs(amount);
  const rest = size % 100;
  return `${amount < 0 ? '-' : ''}${(size - rest) / 100}.${TWO_DIGITS[rest]}`;
};
