import Table from 'cli-table3';

import type { Balances } from '../balances/balances';
import { DIMENSION_NAMES } from '../balances/dimension-names';
import { type Measure, MEASURE_NAMES, MEASURES, type Measures } from '../balances/measures';
import { type AmountUnit, formatAmount } from '../money/amount-text';
import type { Language } from '../platform/settings';
import { bookmarkText } from './moment-text';

export interface TableOptions {
  readonly language: Language;
  readonly unit: AmountUnit;
}

/** Lines without colour: what is printed is often pasted into a mail or kept in a file. */
export const renderTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  rightAlignedFrom = head.length,
): string => {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, index) => (index >= rightAlignedFrom ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
};

const decimalsOf = (text: string): number => (text.includes('.') ? text.length - 1 - text.indexOf('.') : 0);

/** Amounts of one table in one number of decimals, so that the points stand below each other; nothing is rounded. */
const amountsOf = (balances: Balances, shown: readonly Measure[], unit: AmountUnit): readonly string[][] => {
  const texts = (measures: Measures): string[] => shown.map((measure) => formatAmount(measures[measure], unit));
  const all = [...balances.rows.map((row) => texts(row.measures)), texts(balances.total)];
  const decimals = Math.max(0, ...all.flat().map(decimalsOf));
  return all.map((row) => row.map((text) => text + '0'.repeat(decimals - decimalsOf(text))));
};

/** Balances as a person reads them: a measure that is zero everywhere has no column. */
export const renderBalances = (balances: Balances, { language, unit }: TableOptions): string => {
  const dimension = DIMENSION_NAMES[balances.by][language];
  const asOf =
    balances.asOf === null
      ? { zh: '全部已登记', en: 'all that is recorded' }
      : { zh: `截至 ${balances.asOf}`, en: `as of ${balances.asOf}` };
  const bookmark = bookmarkText(balances.bookmark, language);
  const title =
    language === 'zh'
      ? `按${dimension}  ${bookmark}${asOf.zh}  位置 ${balances.position}  单位：${unit}`
      : `By ${dimension.toLowerCase()}, ${bookmark}${asOf.en}, position ${balances.position}, unit ${unit}`;
  if (balances.rows.length === 0) {
    return `${title}\n${language === 'zh' ? '（没有余额：池中尚无资金）' : '(no balances: there is no money yet)'}`;
  }
  const shown = MEASURES.filter((measure) => balances.rows.some((row) => row.measures[measure] !== 0));
  const amounts = amountsOf(balances, shown, unit);
  const rows = balances.rows.map((row, index) => [row.key, row.name, ...(amounts[index] ?? [])]);
  const total = [language === 'zh' ? '合计' : 'Total', '', ...(amounts.at(-1) ?? [])];
  const head = [
    dimension,
    language === 'zh' ? '名称' : 'Name',
    ...shown.map((measure) => MEASURE_NAMES[measure][language]),
  ];
  return `${title}\n${renderTable(head, [...rows, total], 2)}`;
};
