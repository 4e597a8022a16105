import type Database from 'better-sqlite3';

import type { RecordedEvent } from '../event-log/event';
import { dayNumber } from './day-number';
import type { PoolPartition } from './pool-partition';

/** What can happen to a period of a pool, as the read database numbers it. */
export const PERIOD_CHANGE = { closed: 0, reopeningRequested: 1, reopened: 2, adjusted: 3 } as const;
export type PeriodChange = keyof typeof PERIOD_CHANGE;

interface PeriodData {
  readonly documentNo: string;
  readonly month?: string;
  readonly period?: string;
  readonly requestedBy?: string;
  readonly approvedBy?: string;
  readonly reason?: string;
  readonly adjustment?: { readonly approvalNo: string; readonly approvedBy: string };
}

const CHANGES: Readonly<Record<string, PeriodChange>> = {
  MonthClosed: 'closed',
  YearClosed: 'closed',
  ReopeningRequested: 'reopeningRequested',
  PeriodReopened: 'reopened',
  ClosedPeriodAdjusted: 'adjusted',
};

/** Keeps when periods were closed and opened again, and which entries went into closed ones by an approval. */
export class PeriodWriter {
  readonly #changes: Database.Statement;
  readonly #adjustments: Database.Statement;

  constructor(database: Database.Database) {
    this.#changes = database.prepare(
      `INSERT INTO period_change (position, pool, change, period, effective_on, document_no, requested_by, approved_by,
         reason, actor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#adjustments = database.prepare(
      'INSERT INTO adjustment (position, approval_no, approved_by) VALUES (?, ?, ?)',
    );
  }

  write(event: RecordedEvent, pool: PoolPartition): void {
    const data = event.data as PeriodData;
    if (data.adjustment !== undefined) {
      this.#adjustments.run(event.position, data.adjustment.approvalNo, data.adjustment.approvedBy);
    }
    const change = CHANGES[event.type];
    if (change === undefined) return;
    this.#changes.run(
      event.position,
      pool.id,
      PERIOD_CHANGE[change],
      data.month ?? data.period ?? String(pool.fiscalYear),
      dayNumber(event.effectiveOn),
      data.documentNo,
      data.requestedBy ?? null,
      data.approvedBy ?? null,
      data.reason ?? null,
      event.actor.id,
    );
  }
}
