import { PERIOD_CHANGE, type PeriodChange } from '../projecting/period-writer';
import { dateOfDay } from '../projecting/day-number';
import type { ReadSnapshot, SnapshotSource } from '../projecting/read-database';
import { prefixRange } from './facts';
import { factLimit } from './moment';
import type { Moment } from './moment-request';

/** What happened to one period of a pool: closed, asked to be opened, opened, or adjusted by an approval. */
export interface PeriodEntry {
  readonly change: PeriodChange;
  /** `YYYY-MM`, or `YYYY` for the year. */
  readonly period: string;
  readonly effectiveOn: string;
  readonly documentNo: string;
  readonly requestedBy: string | null;
  readonly approvedBy: string | null;
  readonly reason: string | null;
  /** Who entered it. */
  readonly actor: string;
  readonly position: string;
  readonly eventId: string;
}

/** Which periods of a pool take no entries, and how it came to that. */
export interface PoolClosings {
  readonly division: string;
  readonly fiscalYear: number;
  /** `YYYY-MM` of the newest closed month; those before it are closed as well. */
  readonly closedThrough: string | null;
  /** Months up to there that were opened again and not closed since. */
  readonly reopenedMonths: readonly string[];
  readonly yearClosed: boolean;
  readonly history: readonly PeriodEntry[];
}

export interface Closings {
  readonly position: string;
  readonly pools: readonly PoolClosings[];
}

export interface ClosingsQuestion {
  readonly under: string | null;
  readonly year: number | null;
}

type Row = readonly [
  division: string,
  fiscalYear: number,
  change: number,
  period: string,
  day: number,
  documentNo: string,
  requestedBy: string | null,
  approvedBy: string | null,
  reason: string | null,
  actor: string,
  position: number,
  eventId: string,
];

const CHANGES = `
  SELECT stream.division, stream.fiscal_year, change, period, period_change.effective_on, period_change.document_no,
         requested_by, approved_by, reason, actor, period_change.position, event.id
    FROM period_change
    JOIN stream ON stream.id = period_change.pool
    JOIN event ON event.position = period_change.position`;

/** Closed periods as a position of the log knew them, pool by pool. */
export const closings = (source: SnapshotSource, { under, year }: ClosingsQuestion, moment: Moment): Closings =>
  source.read((snapshot) => {
    const { position, day } = factLimit(snapshot, moment);
    const conditions = ['period_change.position <= ?', 'period_change.effective_on <= ?'];
    const parameters: (string | number)[] = [position, day];
    if (under !== null) {
      conditions.push('stream.division >= ? AND stream.division < ?');
      parameters.push(...prefixRange(under));
    }
    if (year !== null) {
      conditions.push('stream.fiscal_year = ?');
      parameters.push(year);
    }
    return { position: String(position), pools: poolsOf(rowsOf(snapshot, conditions, parameters)) };
  });

const rowsOf = (
  snapshot: ReadSnapshot,
  conditions: readonly string[],
  parameters: readonly (string | number)[],
): readonly Row[] =>
  snapshot.all<Row>(
    `${CHANGES} WHERE ${conditions.join(' AND ')} ORDER BY stream.division, stream.fiscal_year, period_change.position`,
    ...parameters,
  );

const poolsOf = (rows: readonly Row[]): readonly PoolClosings[] => {
  const pools = new Map<string, PeriodEntry[]>();
  for (const row of rows) {
    const [division, fiscalYear] = row;
    const key = `${division}|${fiscalYear}`;
    const history = pools.get(key) ?? [];
    pools.set(key, history);
    history.push(entryOf(row));
  }
  return [...pools].map(([key, history]) => {
    const [division = '', fiscalYear = ''] = key.split('|');
    return { division, fiscalYear: Number(fiscalYear), ...stateOf(history), history };
  });
};

const NAMES = Object.entries(PERIOD_CHANGE) as readonly (readonly [PeriodChange, number])[];

const entryOf = (row: Row): PeriodEntry => {
  const [, , change, period, day, documentNo, requestedBy, approvedBy, reason, actor, position, eventId] = row;
  const name = NAMES.find(([, number]) => number === change)?.[0];
  if (name === undefined) throw new Error(`the read database has no period change ${change}`);
  return {
    change: name,
    period,
    effectiveOn: dateOfDay(day),
    documentNo,
    requestedBy,
    approvedBy,
    reason,
    actor,
    position: String(position),
    eventId,
  };
};

/** The same rules by which a pool takes entries; see the pool's own fold. */
const stateOf = (
  history: readonly PeriodEntry[],
): Pick<PoolClosings, 'closedThrough' | 'reopenedMonths' | 'yearClosed'> => {
  let closedThrough: string | null = null;
  let yearClosed = false;
  const reopened = new Set<string>();
  for (const { change, period } of history) {
    const isYear = period.length === 4;
    if (change === 'closed' && isYear) yearClosed = true;
    else if (change === 'closed' && !reopened.delete(period)) closedThrough = period;
    else if (change === 'reopened' && isYear) yearClosed = false;
    else if (change === 'reopened') reopened.add(period);
  }
  return { closedThrough, reopenedMonths: [...reopened].sort(), yearClosed };
};
