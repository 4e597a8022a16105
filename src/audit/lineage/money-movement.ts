import type { AccountRow, Facts, PoolLine } from '../../balances/facts';
import type { FactLimit } from '../../balances/moment';
import { ACCOUNT_KIND, isProjectKind } from '../../projecting/account-kind';
import type { ReadSnapshot } from '../../projecting/read-database';
import { assertNever } from '../../platform/domain-error';
import type { Standing } from './standing';
import type { MoneyState } from './trace-answer';

/** One movement with what tracing needs of its event. */
export interface MoneyMovement {
  readonly id: number;
  readonly position: number;
  readonly day: number;
  readonly line: PoolLine;
  readonly from: AccountRow;
  readonly to: AccountRow;
  readonly fen: number;
  /** Number of the payment, carry-over or other entry that it belongs to: of a reversal or return, the original's. */
  readonly entryNo: string | null;
  /** Of a payment's request that pays again what came back: the voucher that had come back. */
  readonly repays: string | null;
}

type Row = readonly [
  id: number,
  position: number,
  day: number,
  from: number,
  to: number,
  fen: number,
  documentNo: string | null,
  aboutDocumentNo: string | null,
  repays: string | null,
  reversedEventId: string | null,
];

const COLUMNS = `movement.id, movement.position, movement.effective_on, movement.from_account, movement.to_account,
  movement.amount, event.document_no, event.about_document_no, event.repays_voucher_no,
  event.reversed_event_id`;

/** Where a Row has it. */
const REVERSED_EVENT_ID = 9;

export interface LineMovements {
  /** Of the entries that stand. */
  readonly standing: readonly MoneyMovement[];
  /** Of the entries that were taken back. */
  readonly reversed: readonly MoneyMovement[];
  /** Of those that took them back. */
  readonly reversals: readonly MoneyMovement[];
}

/** Movements of one quota line as one pool knows it, up to a limit, unordered. */
export const movementsOfLine = (
  snapshot: ReadSnapshot,
  facts: Facts,
  line: PoolLine,
  limit: FactLimit,
  standing: Standing,
): LineMovements => {
  facts.preloadAccounts(line.pool);
  const rows = snapshot.all<Row>(
    `SELECT ${COLUMNS} FROM movement CROSS JOIN event ON event.position = movement.position
      WHERE movement.line = ? AND movement.effective_on <= ? AND movement.position <= ?`,
    line.id,
    limit.day,
    limit.position,
  );
  const reversed = new Set<number>();
  for (const id of new Set(rows.flatMap((row) => row[REVERSED_EVENT_ID] ?? []))) {
    const position = standing.reversalOf(id) === null ? undefined : positionOf(snapshot, id);
    if (position !== undefined) reversed.add(position);
  }
  const movements = {
    standing: [] as MoneyMovement[],
    reversed: [] as MoneyMovement[],
    reversals: [] as MoneyMovement[],
  };
  for (const row of rows) {
    const isReversed = reversed.has(row[1]);
    const kind = isReversed ? 'reversed' : row[REVERSED_EVENT_ID] === null ? 'standing' : 'reversals';
    movements[kind].push(movementOf(facts, line, row));
  }
  return movements;
};

const positionOf = (snapshot: ReadSnapshot, eventId: string): number | undefined =>
  snapshot.first<readonly [number]>('SELECT position FROM event WHERE id = ?', eventId)?.[0];

/** Movements of one event, in its own order. */
export const movementsOfEvent = (snapshot: ReadSnapshot, facts: Facts, first: number, count: number): MoneyMovement[] =>
  snapshot
    .all<readonly [line: number, ...Row]>(
      `SELECT movement.line, ${COLUMNS} FROM movement CROSS JOIN event ON event.position = movement.position
        WHERE movement.id >= ? AND movement.id < ? ORDER BY movement.id`,
      first,
      first + count,
    )
    .map(([line, ...row]) => movementOf(facts, facts.line(line), row));

const movementOf = (
  facts: Facts,
  line: PoolLine,
  [id, position, day, from, to, fen, documentNo, aboutDocumentNo, repays]: Row,
): MoneyMovement => ({
  id,
  position,
  day,
  line,
  from: facts.account(from),
  to: facts.account(to),
  fen,
  entryNo: aboutDocumentNo ?? documentNo,
  repays,
});

/** Where money is once it is in an account: everything of TraceUse but the amount. */
export interface Whereabouts {
  readonly pool: number;
  readonly projectCode: string | null;
  readonly place: string | null;
  readonly voucherNo: string | null;
  readonly state: MoneyState;
}

/**
 * Where a movement puts money (or takes it from), or null for what is outside the ledger. Held and paid money is told
 * apart by voucher, recalled money by the project and place that it was taken from.
 */
export const whereabouts = (movement: MoneyMovement, here: AccountRow, there: AccountRow): Whereabouts | null => {
  const { pool, projectCode, place } = here;
  const voucherNo = isSameHome(here, there) ? movement.entryNo : null;
  switch (here.kind) {
    case ACCOUNT_KIND.source:
      return null;
    case ACCOUNT_KIND.received:
      return { pool, projectCode, place, voucherNo: null, state: 'unintegrated' };
    case ACCOUNT_KIND.available:
      return { pool, projectCode, place, voucherNo: null, state: 'available' };
    // Money on its way to next year is in transit between two pools of one division.
    case ACCOUNT_KIND.transit:
    case ACCOUNT_KIND.carried:
      return { pool, projectCode, place, voucherNo: null, state: 'inTransit' };
    case ACCOUNT_KIND.projectAvailable:
      return { pool, projectCode, place, voucherNo: null, state: 'unspent' };
    case ACCOUNT_KIND.projectHeld:
      return { pool, projectCode, place, voucherNo, state: 'held' };
    case ACCOUNT_KIND.projectPaid:
      return { pool, projectCode, place, voucherNo, state: 'paid' };
    case ACCOUNT_KIND.recalled:
      return { pool, projectCode: there.projectCode, place: there.place, voucherNo: null, state: 'recalled' };
    default:
      return assertNever(here.kind);
  }
};

/** A step of a payment stays in one project and place. */
const isSameHome = (here: AccountRow, there: AccountRow): boolean =>
  isProjectKind(here.kind) &&
  isProjectKind(there.kind) &&
  here.projectCode === there.projectCode &&
  here.place === there.place;
