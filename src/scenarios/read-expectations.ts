import type { Dimension } from '../balances/balances-query';
import { type Measure, MEASURES } from '../balances/measures';
import type { RawMoment, RawRow, RawTable } from './raw-scenario';
import type { ReadingContext } from './reading-context';
import type { KeyPath } from './scenario-document';
import type { ExpectedFigure, ExpectedTable, ScenarioMoment } from './scenario';

const isMeasure = (text: string): text is Measure => (MEASURES as readonly string[]).includes(text);

/** Dimensions whose keys are division codes, which may be padded. */
const DIVISION_KEYS: readonly string[] = ['division', 'county', 'village'];

export const readMoment = (context: ReadingContext, raw: RawMoment, index: number): ScenarioMoment => {
  const path = ['expectations', index];
  return {
    moment: raw.moment,
    asOf: context.date(raw.asOf, [...path, 'asOf']),
    after: raw.after ?? null,
    pending: raw.pending ?? null,
    tables: (raw.tables ?? []).map((table, at) => tableOf(context, table, [...path, 'tables', at])),
    source: context.source(path),
  };
};

const tableOf = (context: ReadingContext, raw: RawTable, path: KeyPath): ExpectedTable => {
  const columns = (raw.measures ?? []).filter(isMeasure);
  const figures: ExpectedFigure[] = [];
  for (const [key, row] of Object.entries(raw.rows ?? {})) {
    const rowPath = [...path, 'rows', key];
    const code = DIVISION_KEYS.includes(raw.by) ? context.division(key, rowPath) : key.normalize('NFC');
    figures.push(...figuresOf(context, code, row, columns, rowPath));
  }
  if (raw.total !== undefined) figures.push(...figuresOf(context, null, raw.total, columns, [...path, 'total']));
  const measured = columns.length > 0 ? columns : [...new Set(figures.map(({ measure }) => measure))];
  if (raw.complete === 'true' && measured.length === 0) {
    context.missing(
      path,
      'measures',
      '完整的表要说明核对哪些指标',
      'a complete table must say which measures it is about',
    );
  }
  return {
    // The schema lets only the known dimensions pass.
    by: raw.by as Dimension,
    under: raw.under === undefined ? null : context.division(raw.under, [...path, 'under']),
    year: raw.year ?? null,
    figures,
    othersAreZeroIn: raw.complete === 'true' ? measured : null,
    source: context.source(path),
  };
};

const figuresOf = (
  context: ReadingContext,
  key: string | null,
  row: RawRow,
  columns: readonly Measure[],
  path: KeyPath,
): readonly ExpectedFigure[] => {
  const source = context.source(path);
  if (!isList(row)) {
    return Object.entries(row).flatMap(([measure, amount]) =>
      isMeasure(measure) ? [{ key, measure, amount: context.balance(amount, [...path, measure]), source }] : [],
    );
  }
  if (row.length !== columns.length) {
    context.refuse(path, {
      code: 'SCENARIO_ROW_LENGTH',
      message: `此行有 ${row.length} 个金额，measures 有 ${columns.length} 个指标。`,
      messageEn: `This row has ${row.length} amounts, and \`measures\` names ${columns.length}.`,
      remedy: '使金额与 measures 一一对应，或写成 {指标: 金额}。',
      remedyEn: 'Give one amount for each measure, or write {measure: amount}.',
    });
    return [];
  }
  return columns.map((measure, at) => ({
    key,
    measure,
    amount: context.balance(row[at] ?? '', [...path, at]),
    source,
  }));
};

const isList = (row: RawRow): row is readonly string[] => Array.isArray(row);
