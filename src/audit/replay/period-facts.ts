import type { Position, RecordedEvent } from '../../event-log/event';
import { poolOfStream } from '../../pool/pool-stream';
import { dayNumber } from '../../projecting/day-number';
import { PERIOD_CHANGE, type PeriodChange } from '../../projecting/period-writer';
import type { ReadSnapshot } from '../../projecting/read-database';

/** A row of the tables of periods and adjustments as text, which begins with its position. */
export type PeriodFact = readonly [position: Position, row: string];

interface PeriodData {
  readonly documentNo?: string;
  readonly month?: string;
  readonly period?: string;
  readonly requestedBy?: string;
  readonly approvedBy?: string;
  readonly reason?: string;
  readonly adjustment?: { readonly approvalNo: string; readonly approvedBy: string };
}

const CHANGE_OF: ReadonlyMap<string, PeriodChange> = new Map([
  ['MonthClosed', 'closed'],
  ['YearClosed', 'closed'],
  ['ReopeningRequested', 'reopeningRequested'],
  ['PeriodReopened', 'reopened'],
  ['ClosedPeriodAdjusted', 'adjusted'],
]);

/** What the tables have to say of an event of a pool: nothing of most. */
export const periodFactsOf = ({ position, stream, type, data, effectiveOn, actor }: RecordedEvent): PeriodFact[] => {
  const { documentNo, month, period, requestedBy, approvedBy, reason, adjustment } = data as PeriodData;
  const facts: PeriodFact[] = [];
  if (adjustment !== undefined) {
    facts.push([position, JSON.stringify([position, adjustment.approvalNo, adjustment.approvedBy])]);
  }
  const change = CHANGE_OF.get(type);
  if (change !== undefined) {
    const closed = month ?? period ?? String(poolOfStream(stream)?.fiscalYear);
    const row = [position, stream, PERIOD_CHANGE[change], closed, dayNumber(effectiveOn), documentNo];
    facts.push([position, JSON.stringify([...row, requestedBy ?? null, approvedBy ?? null, reason ?? null, actor.id])]);
  }
  return facts;
};

/** What the tables do say up to a position, in the same form and order. */
export const storedPeriodFacts = (snapshot: ReadSnapshot, to: Position): PeriodFact[] => {
  const adjustments = snapshot.all<readonly [number, ...unknown[]]>(
    'SELECT position, approval_no, approved_by FROM adjustment WHERE position <= ?',
    to,
  );
  const changes = snapshot.all<readonly [number, ...unknown[]]>(
    `SELECT position, stream.name, change, period, effective_on, document_no, requested_by, approved_by, reason, actor
       FROM period_change LEFT JOIN stream ON stream.id = period_change.pool WHERE position <= ?`,
    to,
  );
  return [...adjustments, ...changes]
    .map((row): PeriodFact => [row[0], JSON.stringify(row)])
    .sort(([left], [right]) => left - right);
};
