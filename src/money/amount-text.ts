import { Decimal } from 'decimal.js';

import type { Refusal } from '../platform/domain-error';
import { fen, type Fen } from './fen';
import { type FenSum, yuanFromSum } from './fen-sum';

export const AMOUNT_UNITS = ['元', '万元', '亿元'] as const;
export type AmountUnit = (typeof AMOUNT_UNITS)[number];

/** A text that was understood, or why it was not. */
export type AmountReading =
  { readonly ok: true; readonly amount: Fen } | { readonly ok: false; readonly refusal: Refusal };

const FEN_PER_UNIT: Readonly<Record<AmountUnit, number>> = { 元: 100, 万元: 1_000_000, 亿元: 10_000_000_000 };

/** How many decimals one fen needs in each unit. */
const DECIMALS: Readonly<Record<AmountUnit, number>> = { 元: 2, 万元: 6, 亿元: 10 };

/**
 * One entry's most: 一万亿元, several times what the whole country spends on its villages in a year. It keeps numeric
 * cells, which hold 15 digits, exact. What comes into one pool has a limit of its own (pool-limits.ts).
 */
export const MOST_FEN = 100_000_000_000_000;

/** No amount that fits a ledger needs more; it keeps a hostile cell from costing time. */
const MAX_TEXT_LENGTH = 64;

/** decimal.js rounds at 20 digits unless told otherwise; twice the longest text is exact for every product here. */
const Exact = Decimal.clone({ precision: 2 * MAX_TEXT_LENGTH });

const PLAIN = /^(?:0|[1-9]\d*)(?:\.\d+)?$/;
const GROUPED = /^[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/;
const ONLY_DIGITS_AND_SEPARATORS = /^(?!0\d)\d[\d.,'’_\s·]*$/;
const SIGNED_NEGATIVE = /^[-－−﹣–](?=[\d.])/;
const BRACKETED_NEGATIVE = /^[(（][\d.,]+[)）]$/;
const WITH_UNIT = /^[¥￥]?[\d.,]+\s*(?:元|圆|块|角|分|千|万|亿|仟|佰)+|^[¥￥]|RMB|CNY/iu;

/** Is it one of the three units? Exact, because `万` and `百万` leave room for doubt. */
export const isAmountUnit = (text: string): text is AmountUnit => (AMOUNT_UNITS as readonly string[]).includes(text);

/**
 * Reads what a person wrote as an amount. Understood: digits with at most one decimal point, thousands separators that
 * group by three, the same in full width. Everything else is refused, because an amount that has to be guessed must
 * not enter a ledger: signs, exponents, units inside the text, other groupings, more than whole fen.
 */
export const parseAmountText = (text: string, unit: AmountUnit): AmountReading => {
  const plain = toHalfWidth(text.trim());
  if (plain.length > MAX_TEXT_LENGTH) return refuse(tooLarge(`${plain.slice(0, MAX_TEXT_LENGTH)}…`, unit));
  if (SIGNED_NEGATIVE.test(plain) || BRACKETED_NEGATIVE.test(plain)) return refuse(negative(text));
  if (GROUPED.test(plain)) return fenOf(plain.replaceAll(',', ''), text, unit);
  if (PLAIN.test(plain)) return fenOf(plain, text, unit);
  if (WITH_UNIT.test(plain)) return refuse(unitInside(text, unit));
  if (ONLY_DIGITS_AND_SEPARATORS.test(plain)) return refuse(separators(text));
  return refuse(notANumber(text));
};

/**
 * Reads a numeric spreadsheet cell. A spreadsheet keeps binary fractions (0.1 + 0.2 is 0.30000000000000004) and shows
 * at most 15 significant digits; the amount meant is the one shown, so the value is taken at 15 digits and then read
 * as strictly as text.
 */
export const parseAmountNumber = (value: number, unit: AmountUnit): AmountReading =>
  parseAmountText(decimalText(value), unit);

/** The decimal text of a number at 15 significant digits, never with an exponent. */
export const decimalText = (value: number): string =>
  Number.isFinite(value) ? new Exact(value.toPrecision(15)).toFixed() : String(value);

/** For people: `1,234.50`; in 万元 and 亿元 exact, with at least two decimals. parseAmountText reads it back. */
export const formatAmount = (amount: FenSum, unit: AmountUnit = '元'): string => {
  const exact = new Exact(yuanFromSum(amount)).times(100).dividedBy(FEN_PER_UNIT[unit]).toFixed(DECIMALS[unit]);
  const [whole = '', decimals = ''] = exact.split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `${grouped}.${decimals.slice(0, 2)}${decimals.slice(2).replace(/0+$/, '')}`;
};

const fenOf = (digits: string, text: string, unit: AmountUnit): AmountReading => {
  const amount = new Exact(digits).times(FEN_PER_UNIT[unit]);
  if (amount.isZero()) return refuse(zero(text));
  if (!amount.isInteger()) return refuse(tooPrecise(text, unit));
  if (amount.greaterThan(MOST_FEN)) return refuse(tooLarge(text, unit));
  return { ok: true, amount: fen(amount.toNumber()) };
};

/** Full-width digits, point and comma are the same characters typed with a Chinese keyboard. */
const toHalfWidth = (text: string): string =>
  text.replace(/[０-９．，]/g, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0));

const refuse = (refusal: Refusal): AmountReading => ({ ok: false, refusal });

const negative = (text: string): Refusal => ({
  code: 'AMOUNT_NEGATIVE',
  message: `金额“${text}”是负数，台账只收正数。`,
  messageEn: `The amount "${text}" is negative; ledgers take positive amounts only.`,
  remedy: '退回、收回请记入相应的台账；更正请用红字冲销，不要填负数。',
  remedyEn: 'Enter returns and recalls in their own ledgers, and correct a mistake by a reversing entry.',
  parameters: { value: text },
});

const zero = (text: string): Refusal => ({
  code: 'AMOUNT_ZERO',
  message: `金额“${text}”是零。`,
  messageEn: `The amount "${text}" is zero.`,
  remedy: '填写实际金额，或删除这一行。',
  remedyEn: 'Enter the amount, or delete the row.',
  parameters: { value: text },
});

const tooPrecise = (text: string, unit: AmountUnit): Refusal => ({
  code: 'AMOUNT_TOO_PRECISE',
  message: `金额“${text}”（${unit}）不到整分：以${unit}为单位最多 ${DECIMALS[unit]} 位小数。`,
  messageEn: `The amount "${text}" (${unit}) is not whole fen: in ${unit} at most ${DECIMALS[unit]} decimals.`,
  remedy: '按凭证写到分；系统不会替您四舍五入。',
  remedyEn: 'Enter it to the fen as the voucher says; nothing is rounded for you.',
  parameters: { value: text, unit, decimals: DECIMALS[unit] },
});

const tooLarge = (text: string, unit: AmountUnit): Refusal => ({
  code: 'AMOUNT_TOO_LARGE',
  message: `金额“${text}”（${unit}）超出一笔可记的范围（1 万亿元）。`,
  messageEn: `The amount "${text}" (${unit}) is beyond what one entry may be (1 万亿元, a million million yuan).`,
  remedy: '检查金额和单位。',
  remedyEn: 'Check the amount and its unit.',
  parameters: { value: text, unit },
});

const separators = (text: string): Refusal => ({
  code: 'AMOUNT_SEPARATORS',
  message: `金额“${text}”的分隔符看不明白。`,
  messageEn: `The separators in the amount "${text}" are not clear.`,
  remedy: '千位分隔用逗号且每三位一个，小数点用句点，例如 1,234.50；也可以不加分隔符。',
  remedyEn: 'Group by three with commas and use a full stop for decimals, as in 1,234.50, or write no separators.',
  parameters: { value: text },
});

const unitInside = (text: string, unit: AmountUnit): Refusal => ({
  code: 'AMOUNT_UNIT_INSIDE',
  message: `金额“${text}”里带了单位或货币符号，而该行的单位是“${unit}”。`,
  messageEn: `The amount "${text}" has a unit or currency sign in it, and the row's unit is "${unit}".`,
  remedy: '金额栏只填数字，单位写在“单位”栏或表头。',
  remedyEn: 'Enter digits only; the unit belongs in the unit column or in the header.',
  parameters: { value: text, unit },
});

const notANumber = (text: string): Refusal => ({
  code: 'AMOUNT_NOT_A_NUMBER',
  message: `“${text}”不是金额。`,
  messageEn: `"${text}" is not an amount.`,
  remedy: '填写数字，例如 1234.50；不要用科学记数、正负号、空格或文字。',
  remedyEn: 'Enter digits such as 1234.50, without exponent, sign, space or words.',
  parameters: { value: text },
});

/** For a unit that is none of the three. */
export const unknownUnit = (text: string): Refusal => ({
  code: 'UNIT_UNKNOWN',
  message: `单位“${text}”不认识，只能是：${AMOUNT_UNITS.join('、')}。`,
  messageEn: `The unit "${text}" is unknown; it must be one of ${AMOUNT_UNITS.join(', ')}.`,
  remedy: `把单位改为 ${AMOUNT_UNITS.join('、')} 之一。`,
  remedyEn: `Change the unit to one of ${AMOUNT_UNITS.join(', ')}.`,
  parameters: { value: text, allowed: AMOUNT_UNITS },
});
