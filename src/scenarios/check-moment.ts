import { balances } from '../balances/balances';
import { parseBalancesRequest } from '../balances/balances-query';
import type { Measure, Measures } from '../balances/measures';
import { type Fen, ZERO_FEN } from '../money/fen';
import type { FenSum } from '../money/fen-sum';
import type { SnapshotSource } from '../projecting/read-database';
import type { ExpectedTable, ScenarioMoment, ScenarioSource } from './scenario';

/** One balance as it was expected and as it is, both in fen. */
export interface CheckedFigure {
  readonly moment: string;
  readonly asOf: string;
  readonly by: string;
  /** Null: the table's total. */
  readonly key: string | null;
  readonly measure: Measure;
  readonly expected: Fen;
  readonly actual: FenSum;
  readonly ok: boolean;
  readonly source: ScenarioSource;
}

/** Holds a moment's tables against the balances of the read model. */
export const checkMoment = (readModel: SnapshotSource, moment: ScenarioMoment): readonly CheckedFigure[] =>
  moment.tables.flatMap((table) => checkTable(readModel, moment, table));

const checkTable = (
  readModel: SnapshotSource,
  moment: ScenarioMoment,
  table: ExpectedTable,
): readonly CheckedFigure[] => {
  const { rows, total } = balances(
    readModel,
    parseBalancesRequest({
      by: table.by,
      asOf: moment.asOf,
      under: table.under ?? undefined,
      year: table.year ?? undefined,
    }),
  );
  const actual = new Map<string, Measures>(rows.map((row) => [row.key, row.measures]));
  const figure = (
    key: string | null,
    measure: Measure,
    expected: Fen,
    found: FenSum,
    source: ScenarioSource,
  ): CheckedFigure => ({
    moment: moment.moment,
    asOf: moment.asOf,
    by: table.by,
    key,
    measure,
    expected,
    actual: found,
    ok: expected === found,
    source,
  });
  const listed = table.figures.map(({ key, measure, amount, source }) => {
    // A key without any movement does not appear among the balances: nothing is there.
    const found = key === null ? total[measure] : (actual.get(key)?.[measure] ?? ZERO_FEN);
    return figure(key, measure, amount, found, source);
  });
  const keys = new Set(table.figures.map(({ key }) => key));
  const others = rows
    .filter((row) => !keys.has(row.key))
    .flatMap((row) =>
      (table.othersAreZeroIn ?? []).map((measure) =>
        figure(row.key, measure, ZERO_FEN, row.measures[measure], table.source),
      ),
    );
  return [...listed, ...others];
};
