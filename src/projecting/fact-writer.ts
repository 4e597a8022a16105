import type Database from 'better-sqlite3';

import type { RecordedEvent } from '../event-log/event';
import { type Fen, fenFromYuan } from '../money/fen';
import type { Movement } from '../pool/account';
import type { BroughtLines } from '../pool/pool-event';
import { dayNumber, LAST_DAY } from './day-number';
import type { Dimensions } from './dimensions';
import { MovementColumnsWriter } from './movement-columns';
import type { PoolPartition } from './pool-partition';
import { poolStream } from '../pool/pool-stream';
import { RowInserter } from './row-inserter';

/** The members of pool events that the facts are made of. */
interface MoneyData extends BroughtLines {
  readonly documentNo?: string;
  readonly movements?: readonly Movement[];
  readonly receipts?: readonly { readonly quotaLine: string; readonly amount: string }[];
  readonly fromDivision?: string;
  readonly fromFiscalYear?: number;
  readonly originalVoucherNo?: string;
  readonly payee?: string;
  readonly reversedDocumentNo?: string;
  readonly reversedEventId?: string;
  readonly restoredEventId?: string;
  readonly repaysVoucherNo?: string | null;
}

/** First letters of `transit:` and `carried:`, the accounts that may belong to another pool than the event's. */
const LETTER_T = 116;
const LETTER_C = 99;

/** Writes one row for each event, movement and cash receipt. */
export class FactWriter {
  readonly #dimensions: Dimensions;
  readonly #poolOf: (stream: string) => PoolPartition;
  readonly #events: RowInserter;
  readonly #movements: RowInserter;
  readonly #takenIn: RowInserter;
  readonly #receipts: RowInserter;
  readonly #columns: MovementColumnsWriter;
  readonly #firstDays: Database.Statement;
  readonly #days = new Map<string, number>();
  #firstDay: number;
  #nextMovement: number;
  #nextReceipt: number;

  constructor(database: Database.Database, dimensions: Dimensions, poolOf: (stream: string) => PoolPartition) {
    this.#dimensions = dimensions;
    this.#poolOf = poolOf;
    this.#events = new RowInserter(database, 'event', [
      'position',
      'id',
      'stream',
      'revision',
      'type',
      'effective_on',
      'document_no',
      'about_document_no',
      'reversed_event_id',
      'repays_voucher_no',
      'payee',
      'first_movement',
      'movements',
    ]);
    this.#movements = new RowInserter(database, 'movement', [
      'id',
      'position',
      'effective_on',
      'line',
      'from_account',
      'to_account',
      'amount',
    ]);
    this.#takenIn = new RowInserter(database, 'taken_in', ['pool', 'movement']);
    this.#receipts = new RowInserter(database, 'cash_receipt', ['id', 'position', 'effective_on', 'line', 'amount']);
    const next = (table: string): number =>
      database.prepare(`SELECT coalesce(max(id), 0) + 1 FROM ${table}`).pluck().get() as number;
    this.#nextMovement = next('movement');
    this.#nextReceipt = next('cash_receipt');
    this.#columns = new MovementColumnsWriter(database);
    this.#firstDays = database.prepare('INSERT INTO first_day (position, effective_on) VALUES (?, ?)');
    this.#firstDay = (database.prepare('SELECT min(effective_on) FROM first_day').pluck().get() as number) ?? LAST_DAY;
  }

  /** @param pool the pool whose event it is; null for events of other categories, which move nothing */
  write(event: RecordedEvent, pool: PoolPartition | null): void {
    const data = event.data as MoneyData;
    const on = this.#day(event.effectiveOn);
    const first = this.#nextMovement;
    let movements = 0;
    if (on < this.#firstDay) {
      this.#firstDay = on;
      this.#firstDays.run(event.position, on);
    }
    if (pool !== null) {
      if (data.lines !== undefined) for (const line of data.lines) this.#dimensions.learnLine(pool, line);
      if (data.reissuedLines !== undefined) {
        for (const line of data.reissuedLines) this.#dimensions.issueLine(pool, line);
      }
      if (data.movements !== undefined) {
        movements = data.movements.length;
        if (movements > 0) this.#writeMovements(event, data, data.movements, pool, on);
      }
      if (data.receipts !== undefined) {
        const sign = event.type === 'EntryReversed' && data.restoredEventId === undefined ? -1 : 1;
        for (const receipt of data.receipts) {
          const line = this.#dimensions.line(pool, receipt.quotaLine);
          this.#receipts.add(this.#nextReceipt, event.position, on, line, sign * fenFromYuan(receipt.amount));
          this.#nextReceipt += 1;
        }
      }
    }
    this.#events.add(
      event.position,
      event.id,
      pool?.id ?? this.#dimensions.stream(event.stream),
      event.revision,
      this.#dimensions.type(event.type),
      on,
      data.documentNo ?? null,
      data.originalVoucherNo ?? data.reversedDocumentNo ?? null,
      data.reversedEventId ?? null,
      data.repaysVoucherNo ?? null,
      data.payee ?? null,
      first,
      movements,
    );
  }

  flush(): void {
    this.#events.flush();
    this.#movements.flush();
    this.#takenIn.flush();
    this.#receipts.flush();
  }

  #writeMovements(
    event: RecordedEvent,
    data: MoneyData,
    movements: readonly Movement[],
    pool: PoolPartition,
    on: number,
  ): void {
    const giver =
      data.fromFiscalYear === undefined
        ? pool
        : this.#poolOf(poolStream(data.fromDivision ?? pool.division, data.fromFiscalYear));
    for (const movement of movements) {
      const amount: Fen = fenFromYuan(movement.amount);
      const line = this.#dimensions.line(pool, movement.quotaLine);
      const from = this.#dimensions.account(ownerOf(movement.from, pool, giver), movement.from);
      const to = this.#dimensions.account(ownerOf(movement.to, pool, giver), movement.to);
      this.#movements.add(this.#nextMovement, event.position, on, line, from, to, amount);
      this.#columns.add(this.#nextMovement, line, from, to, on, event.position, amount);
      if (giver !== pool) this.#takenIn.add(giver.id, this.#nextMovement);
      this.#nextMovement += 1;
    }
  }

  #day(date: string): number {
    const known = this.#days.get(date);
    if (known !== undefined) return known;
    const day = dayNumber(date);
    this.#days.set(date, day);
    return day;
  }
}

const ownerOf = (path: string, pool: PoolPartition, giver: PoolPartition): PoolPartition => {
  const letter = path.charCodeAt(0);
  return letter === LETTER_T || letter === LETTER_C ? giver : pool;
};
