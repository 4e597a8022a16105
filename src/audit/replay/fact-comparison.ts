import type { Position, RecordedEvent } from '../../event-log/event';
import { fenFromYuan, fen, yuanFromFen } from '../../money/fen';
import type { Movement } from '../../pool/account';
import type { BroughtLines } from '../../pool/pool-event';
import { poolOfStream, poolStream } from '../../pool/pool-stream';
import type { QuotaLine } from '../../pool/quota-line';
import { dateOfDay, dayNumber } from '../../projecting/day-number';
import { SEGMENT_MOVEMENTS } from '../../projecting/movement-columns';
import type { ReadSnapshot } from '../../projecting/read-database';
import { REGISTRY_TABLES, type RegistryTable, ScratchRegistry } from '../../projecting/scratch-registry';
import { issuedLine, KnownNames } from './known-names';
import { type LiveFinding, liveFinding } from './live-finding';
import { type MovementRow, PackedComparison } from './packed-comparison';
import { Parted } from './parted';
import { type PeriodFact, periodFactsOf, storedPeriodFacts } from './period-facts';
import { requireCount, requireNoStrayRows, requireProjectPlaces } from './stray-rows';
import { requireSchema } from './schema-comparison';

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

type EventRow = readonly [
  position: number,
  id: string,
  stream: number,
  revision: number,
  type: number,
  day: number,
  documentNo: string | null,
  aboutDocumentNo: string | null,
  reversedEventId: string | null,
  repaysVoucherNo: string | null,
  payee: string | null,
  firstMovement: number,
  movements: number,
];
type ReceiptRow = readonly [id: number, position: number, day: number, line: number, amount: number];

/**
 * Holds the live facts (events, movements, cash receipts, accounts, quota lines, registry) against the events that they
 * were made of, row by row in the order of the log, without the code that wrote them. Stops at the first difference.
 */
export class FactComparison {
  readonly #names = new KnownNames();
  readonly #types = new Set<string>();
  readonly #pools = new Map<string, boolean>();
  readonly #days = new Map<string, number>();
  /** How often each line was issued, by pool and line. */
  readonly #learnt = new Map<string, number>();
  readonly #takenIn: string[] = [];
  readonly #firstDays: string[] = [];
  readonly #periods: PeriodFact[] = [];
  readonly #registry = new ScratchRegistry();
  readonly #packed = new PackedComparison();
  #firstDay = Number.MAX_SAFE_INTEGER;
  #events = 0;
  #movements = 0;
  #receipts = 0;
  #position: Position = 0;
  #found: LiveFinding | null = null;

  get found(): LiveFinding | null {
    return this.#found;
  }

  /** Compares what the tables say about events that follow one another in the log. */
  take(snapshot: ReadSnapshot, events: readonly RecordedEvent[]): void {
    this.#unlessParted(() => {
      const last = events.at(-1);
      if (last === undefined) return;
      this.#names.learn(snapshot);
      const rows = snapshot.all<EventRow>(
        `SELECT position, id, stream, revision, type, effective_on, document_no, about_document_no, reversed_event_id,
                repays_voucher_no, payee, first_movement, movements
           FROM event WHERE position > ? AND position <= ? ORDER BY position`,
        this.#position,
        last.position,
      );
      const counts = countFacts(events);
      const movements = snapshot.all<MovementRow>(
        `SELECT id, position, effective_on, line, from_account, to_account, amount FROM movement
          WHERE id > ? AND id <= ? AND position <= ? ORDER BY id`,
        this.#movements,
        this.#movements + counts.movements,
        last.position,
      );
      const receipts = snapshot.all<ReceiptRow>(
        'SELECT id, position, effective_on, line, amount FROM cash_receipt WHERE id > ? AND id <= ? ORDER BY id',
        this.#receipts,
        this.#receipts + counts.receipts,
      );
      let movement = 0;
      let receipt = 0;
      events.forEach((event, index) => {
        const data = event.data as MoneyData;
        const isPool = this.#isPool(event.stream);
        this.#requireEventRow(event, data, rows[index]);
        if (!isPool) {
          this.#registry.write(event);
          return;
        }
        this.#periods.push(...periodFactsOf(event));
        this.#requireLines(snapshot, event, data);
        for (const moved of data.movements ?? []) {
          this.#requireMovement(event, data, moved, movements[movement]);
          movement += 1;
        }
        for (const received of data.receipts ?? []) {
          this.#requireReceipt(event, received, receipts[receipt]);
          receipt += 1;
        }
      });
      if (rows.length > events.length) {
        const extra = rows[events.length]?.[0] ?? null;
        throw new Parted(
          extra,
          `读取库多出位置 ${extra} 的事件`,
          `there is an event at position ${extra} that the log lacks`,
        );
      }
      this.#position = last.position;
      this.#events += events.length;
      this.#packed.compare(snapshot);
    });
  }

  /** What can only be said at the end: nothing more stands in the tables, and the registry is the same. */
  finish(snapshot: ReadSnapshot): LiveFinding | null {
    this.#unlessParted(() => {
      const to = this.#position;
      requireCount(snapshot, 'event', this.#events, to);
      requireCount(snapshot, 'movement', this.#movements, to);
      requireCount(snapshot, 'cash_receipt', this.#receipts, to);
      this.#requireTakenIn(snapshot);
      this.#requireFirstDays(snapshot);
      this.#requirePeriods(snapshot, to);
      this.#packed.compare(snapshot);
      for (const table of Object.keys(REGISTRY_TABLES) as RegistryTable[]) this.#requireRegistry(snapshot, table);
      if (snapshot.position !== to) return;
      requireNoStrayRows(snapshot, {
        streams: new Set(this.#pools.keys()),
        lines: new Set(this.#learnt.keys()),
        rows: {
          account: this.#names.usedAccounts(),
          event_type: this.#types.size,
          quota_line: [...this.#learnt.values()].reduce((sum, issues) => sum + issues, 0),
          taken_in: this.#takenIn.length,
          movement_columns: Math.floor(this.#movements / SEGMENT_MOVEMENTS),
        },
      });
      requireProjectPlaces(snapshot);
      requireSchema(snapshot);
    });
    this.#registry.close();
    return this.#found;
  }

  #day(date: string): number {
    let day = this.#days.get(date);
    if (day === undefined) {
      day = dayNumber(date);
      this.#days.set(date, day);
    }
    return day;
  }

  /** Asked several times for every event. */
  #isPool(stream: string): boolean {
    let isPool = this.#pools.get(stream);
    if (isPool === undefined) {
      isPool = poolOfStream(stream) !== null;
      this.#pools.set(stream, isPool);
    }
    return isPool;
  }

  #requirePeriods(snapshot: ReadSnapshot, to: Position): void {
    const stored = storedPeriodFacts(snapshot, to);
    for (let index = 0; index < Math.max(stored.length, this.#periods.length); index += 1) {
      const [[position, row] = [null, null], [there, shown] = [null, null]] = [this.#periods[index], stored[index]];
      if (row === shown) continue;
      const at = position === null ? there : there === null ? position : Math.min(position, there);
      throw new Parted(at, '结账、反结账或结账后调整', 'what was closed, reopened or adjusted');
    }
  }

  #unlessParted(compare: () => void): void {
    if (this.#found !== null) return;
    try {
      compare();
    } catch (error) {
      if (!(error instanceof Parted)) throw error;
      this.#found = liveFinding(
        'LIVE_TABLE_DIFFERS',
        error.position,
        error.position === null
          ? `读取库与日志不符：${error.zh}。`
          : `读取库与日志自位置 ${error.position} 的事件起不符：${error.zh}。`,
        error.position === null
          ? `The read tables differ from the log: ${error.en}.`
          : `The read tables part from the log at the event at position ${error.position}: ${error.en}.`,
      );
    }
  }

  #requireEventRow(event: RecordedEvent, data: MoneyData, row: EventRow | undefined): void {
    const { position } = event;
    if (row === undefined || row[0] !== position) throw new Parted(position, '没有这个事件', 'the event is missing');
    const [, id, stream, revision, type, day, documentNo, aboutNo, reversedId, repaysNo, payee, first, movements] = row;
    const expected = this.#day(event.effectiveOn);
    const inPool = this.#isPool(event.stream);
    const isSame =
      id === event.id &&
      this.#names.stream(stream) === event.stream &&
      revision === event.revision &&
      this.#names.type(type) === event.type &&
      day === expected &&
      documentNo === (data.documentNo ?? null) &&
      aboutNo === (data.originalVoucherNo ?? data.reversedDocumentNo ?? null) &&
      reversedId === (data.reversedEventId ?? null) &&
      repaysNo === (data.repaysVoucherNo ?? null) &&
      payee === (data.payee ?? null) &&
      first === this.#movements + 1 &&
      movements === (inPool ? (data.movements?.length ?? 0) : 0);
    if (!isSame) throw new Parted(position, '事件索引', 'the index of events');
    this.#types.add(event.type);
    if (expected < this.#firstDay) {
      this.#firstDay = expected;
      this.#firstDays.push(`${position} ${expected}`);
    }
  }

  #requireMovement(event: RecordedEvent, data: MoneyData, moved: Movement, row: MovementRow | undefined): void {
    this.#movements += 1;
    const pool = event.stream;
    const giver =
      data.fromFiscalYear === undefined
        ? pool
        : poolStream(data.fromDivision ?? poolOfStream(pool)?.division ?? '', data.fromFiscalYear);
    const [id, position, day, line, from, to, amount] = row ?? [];
    const isAccount = (account: number | undefined, path: string): boolean =>
      this.#names.isAccount(account, path, path.startsWith('transit:') || path.startsWith('carried:') ? giver : pool);
    const isSame =
      id === this.#movements &&
      position === event.position &&
      day === this.#day(event.effectiveOn) &&
      this.#names.line(line) === this.#nameOf(pool, moved.quotaLine) &&
      isAccount(from, moved.from) &&
      isAccount(to, moved.to) &&
      amount === fenFromYuan(moved.amount);
    if (!isSame) {
      const shown = amount === undefined ? '—' : yuanFromFen(fen(amount));
      const on = day === undefined ? '—' : dateOfDay(day);
      throw new Parted(
        event.position,
        `流水 ${moved.quotaLine} ${moved.from} → ${moved.to} ${moved.amount}，读取库中为 ${shown}（${on}）`,
        `the movement ${moved.quotaLine} ${moved.from} → ${moved.to} ${moved.amount} stands there as ${shown} (${on})`,
      );
    }
    this.#packed.expect(row as MovementRow);
    if (giver !== pool) this.#takenIn.push(`${giver} ${this.#movements}`);
  }

  #requireReceipt(
    event: RecordedEvent,
    received: { readonly quotaLine: string; readonly amount: string },
    row: ReceiptRow | undefined,
  ): void {
    this.#receipts += 1;
    const [id, position, day, line, amount] = row ?? [];
    const sign = event.type === 'EntryReversed' && (event.data as MoneyData).restoredEventId === undefined ? -1 : 1;
    const isSame =
      id === this.#receipts &&
      position === event.position &&
      day === this.#day(event.effectiveOn) &&
      this.#names.line(line) === this.#nameOf(event.stream, received.quotaLine) &&
      amount === sign * fenFromYuan(received.amount);
    if (!isSame) {
      throw new Parted(
        event.position,
        `到位资金 ${received.quotaLine} ${received.amount}`,
        `the cash received ${received.quotaLine} ${received.amount}`,
      );
    }
  }

  /** The line as a pool has it now. */
  #nameOf(stream: string, quotaLine: string): string {
    const line = `${stream} ${quotaLine}`;
    return issuedLine(line, this.#learnt.get(line) ?? 1);
  }

  /** The particulars that come first are a line's particulars in its pool, until it is issued anew. */
  #requireLines(snapshot: ReadSnapshot, event: RecordedEvent, { lines = [], reissuedLines = [] }: BroughtLines): void {
    for (const line of lines) {
      if (!this.#learnt.has(`${event.stream} ${line.quotaLine}`)) this.#requireIssued(snapshot, event, line);
    }
    for (const line of reissuedLines) this.#requireIssued(snapshot, event, line);
  }

  #requireIssued(snapshot: ReadSnapshot, event: RecordedEvent, line: QuotaLine): void {
    const name = `${event.stream} ${line.quotaLine}`;
    const issuedBefore = this.#learnt.get(name) ?? 0;
    this.#learnt.set(name, issuedBefore + 1);
    const row = snapshot.first<readonly unknown[]>(
      `SELECT document_no, parent_document_no, channel_code, purpose_code, department_code, level, kind,
              cash_required, issued_on
         FROM quota_line WHERE quota_line = ? AND pool = (SELECT id FROM stream WHERE name = ?)
        ORDER BY id LIMIT 1 OFFSET ?`,
      line.quotaLine,
      event.stream,
      issuedBefore,
    );
    const { documentNo, parentDocumentNo, channelCode, purposeCode, departmentCode, level, kind } = line;
    const expected = [documentNo, parentDocumentNo, channelCode, purposeCode, departmentCode, level, kind];
    if (!sameRow(row, [...expected, line.cashRequired ? 1 : 0, line.issuedOn])) {
      throw new Parted(event.position, `指标 ${line.quotaLine} 的要素`, `particulars of line ${line.quotaLine}`);
    }
  }

  #requireTakenIn(snapshot: ReadSnapshot): void {
    const rows = snapshot
      .all<readonly [number, number]>('SELECT pool, movement FROM taken_in WHERE movement <= ?', this.#movements)
      .map(([pool, movement]) => `${this.#names.stream(pool) ?? ''} ${movement}`)
      .sort();
    if (!sameRow(rows, this.#takenIn.sort())) {
      throw new Parted(null, '在途资金的接收记录', 'what was taken in from other pools');
    }
  }

  #requireFirstDays(snapshot: ReadSnapshot): void {
    const rows = snapshot
      .all<readonly [number, number]>(
        'SELECT position, effective_on FROM first_day WHERE position <= ? ORDER BY position',
        this.#position,
      )
      .map(([position, day]) => `${position} ${day}`);
    if (!sameRow(rows, this.#firstDays)) throw new Parted(null, '最早的业务日期', 'the earliest business dates');
  }

  #requireRegistry(snapshot: ReadSnapshot, table: RegistryTable): void {
    const rows = snapshot.all<readonly unknown[]>(
      `SELECT * FROM ${table} WHERE position <= ? ORDER BY ${REGISTRY_TABLES[table]}`,
      this.#position,
    );
    const expected = this.#registry.rows(table);
    const different = expected.findIndex((row, index) => !sameRow(rows[index], row));
    if (different < 0 && rows.length === expected.length) return;
    const code = String((expected[different] ?? rows[expected.length])?.[0] ?? '');
    throw new Parted(null, `登记表 ${table} 中的 ${code}`, `${code} in the registry table ${table}`);
  }
}

const countFacts = (events: readonly RecordedEvent[]): { readonly movements: number; readonly receipts: number } => {
  let movements = 0;
  let receipts = 0;
  for (const event of events) {
    if (!event.stream.startsWith('pool-')) continue;
    const data = event.data as MoneyData;
    movements += data.movements?.length ?? 0;
    receipts += data.receipts?.length ?? 0;
  }
  return { movements, receipts };
};

const sameRow = (row: readonly unknown[] | undefined, expected: readonly unknown[]): boolean =>
  row !== undefined && row.length === expected.length && row.every((value, index) => value === expected[index]);
