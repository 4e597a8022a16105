import { type Fen, ZERO_FEN } from '../money/fen';
import { addSums, type FenSum, yuanFromSum } from '../money/fen-sum';

/** The measures of every balance, in the order in which people read them. */
export const MEASURES = [
  'appropriated',
  'transferredIn',
  'transferredOut',
  'unintegrated',
  'available',
  'inTransit',
  'allocated',
  'held',
  'paid',
  'recalled',
  'cashReceived',
  'unspent',
  'carriedOver',
] as const;
export type Measure = (typeof MEASURES)[number];

export type Measures = Readonly<Record<Measure, FenSum>>;
/** Of one pool, as a projection keeps them. */
export type PoolMeasures = Readonly<Record<Measure, Fen>>;
export type MutableMeasures = Record<Measure, FenSum>;

export const noMeasures = (): MutableMeasures => ({
  appropriated: ZERO_FEN,
  transferredIn: ZERO_FEN,
  transferredOut: ZERO_FEN,
  unintegrated: ZERO_FEN,
  available: ZERO_FEN,
  inTransit: ZERO_FEN,
  allocated: ZERO_FEN,
  held: ZERO_FEN,
  paid: ZERO_FEN,
  recalled: ZERO_FEN,
  cashReceived: ZERO_FEN,
  unspent: ZERO_FEN,
  carriedOver: ZERO_FEN,
});

/** Member by member: going over their names takes five times as long, and some questions add a hundred thousand. */
export const addMeasures = (sum: MutableMeasures, more: Measures): void => {
  sum.appropriated = addSums(sum.appropriated, more.appropriated);
  sum.transferredIn = addSums(sum.transferredIn, more.transferredIn);
  sum.transferredOut = addSums(sum.transferredOut, more.transferredOut);
  sum.unintegrated = addSums(sum.unintegrated, more.unintegrated);
  sum.available = addSums(sum.available, more.available);
  sum.inTransit = addSums(sum.inTransit, more.inTransit);
  sum.allocated = addSums(sum.allocated, more.allocated);
  sum.held = addSums(sum.held, more.held);
  sum.paid = addSums(sum.paid, more.paid);
  sum.recalled = addSums(sum.recalled, more.recalled);
  sum.cashReceived = addSums(sum.cashReceived, more.cashReceived);
  sum.unspent = addSums(sum.unspent, more.unspent);
  sum.carriedOver = addSums(sum.carriedOver, more.carriedOver);
};

/** Those that are not zero, as 元 with two decimals. */
export const changesJson = (measures: Measures): Readonly<Partial<Record<Measure, string>>> => {
  const changes: Partial<Record<Measure, string>> = {};
  for (const measure of MEASURES) if (measures[measure] !== 0) changes[measure] = yuanFromSum(measures[measure]);
  return changes;
};

export type MeasuresJson = Readonly<Record<Measure, string>>;

/** Every measure as 元 with two decimals. */
export const measuresJson = (measures: Measures): MeasuresJson =>
  Object.fromEntries(MEASURES.map((measure) => [measure, yuanFromSum(measures[measure])])) as Record<Measure, string>;

/** What they are called on a screen. */
export const MEASURE_NAMES: Readonly<Record<Measure, { readonly zh: string; readonly en: string }>> = {
  appropriated: { zh: '下达', en: 'Appropriated' },
  transferredIn: { zh: '上级分解', en: 'Transferred in' },
  transferredOut: { zh: '向下分解', en: 'Transferred out' },
  unintegrated: { zh: '未整合', en: 'Not integrated' },
  available: { zh: '池内可用', en: 'Available in the pool' },
  inTransit: { zh: '在途', en: 'In transit' },
  allocated: { zh: '已安排', en: 'Allocated' },
  held: { zh: '冻结', en: 'Held' },
  paid: { zh: '已支付', en: 'Paid' },
  recalled: { zh: '收回', en: 'Recalled' },
  cashReceived: { zh: '到位资金', en: 'Cash received' },
  unspent: { zh: '未支付', en: 'Unspent' },
  carriedOver: { zh: '结转', en: 'Carried over' },
};
