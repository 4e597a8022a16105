import type Database from 'better-sqlite3';

import type { ReadSnapshot } from './read-database';
import { readModelDamaged } from './read-model-failure';

/**
 * Movements packed column by column, so many to a row of the table. A question that has to look at every movement reads
 * a million of them in some hundredths of a second this way; as rows that takes a hundred times as long. Movements that
 * do not fill a segment yet are only in the table of movements.
 */
export const SEGMENT_MOVEMENTS = 4096;

/** Parallel columns: what stands at one index in each belongs together. */
export interface MovementColumns {
  readonly amount: Float64Array;
  readonly position: Float64Array;
  readonly line: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly day: Int32Array;
}

const BYTES_PER_MOVEMENT = 2 * Float64Array.BYTES_PER_ELEMENT + 4 * Int32Array.BYTES_PER_ELEMENT;

/** Views of one block of memory: the two wide columns first, so that all are aligned. */
const columnsIn = (memory: ArrayBufferLike, rows: number, at = 0): MovementColumns => {
  const wide = (column: number): Float64Array => new Float64Array(memory, at + column * rows * 8, rows);
  const narrow = (column: number): Int32Array => new Int32Array(memory, at + (2 * 8 + column * 4) * rows, rows);
  return { amount: wide(0), position: wide(1), line: narrow(0), from: narrow(1), to: narrow(2), day: narrow(3) };
};

/** Gathers movements in the order of their ids and writes each segment once, when it is full. */
export class MovementColumnsWriter {
  readonly #insert: Database.Statement;
  readonly #memory = new ArrayBuffer(SEGMENT_MOVEMENTS * BYTES_PER_MOVEMENT);
  readonly #columns = columnsIn(this.#memory, SEGMENT_MOVEMENTS);
  #filled = 0;
  #firstDay = Number.MAX_SAFE_INTEGER;

  constructor(database: Database.Database) {
    this.#insert = database.prepare(
      'INSERT INTO movement_columns (first_id, rows, first_position, first_day, columns) VALUES (?, ?, ?, ?, ?)',
    );
    const after = database.prepare('SELECT coalesce(max(first_id + rows), 1) FROM movement_columns').pluck().get();
    const open = database
      .prepare(`SELECT ${COLUMNS} FROM movement WHERE id >= ? ORDER BY id`)
      .raw(true)
      .all(after) as MovementRow[];
    for (const row of open) this.add(...row);
  }

  /** Ids follow one another without gaps. */
  add(id: number, line: number, from: number, to: number, day: number, position: number, amount: number): void {
    const columns = this.#columns;
    const index = this.#filled;
    put(columns, index, line, from, to, day, position, amount);
    this.#filled += 1;
    if (day < this.#firstDay) this.#firstDay = day;
    if (this.#filled < SEGMENT_MOVEMENTS) return;
    this.#insert.run(id - index, this.#filled, columns.position[0], this.#firstDay, Buffer.from(this.#memory));
    this.#filled = 0;
    this.#firstDay = Number.MAX_SAFE_INTEGER;
  }
}

/** Movements one after another in the order of the log. */
export interface MovementBlock {
  readonly rows: number;
  readonly columns: MovementColumns;
}

/**
 * Every movement up to a position and a business date, in the order of the log and in blocks, so that whoever looks at
 * all of them has one loop and no call for each. Within a block there are movements beyond the limits.
 */
export function* movementBlocks(
  snapshot: ReadSnapshot,
  limit: { readonly day: number; readonly position: number },
): Generator<MovementBlock> {
  let next = 1;
  for (;;) {
    const segment = readSegment(snapshot, next);
    if (segment === undefined) break;
    if (segment.firstPosition > limit.position) return;
    if (segment.firstDay <= limit.day) yield segment;
    next = segment.firstId + segment.rows;
  }
  const open = snapshot.all<MovementRow>(`SELECT ${COLUMNS} FROM movement WHERE id >= ? ORDER BY id`, next);
  if (open.length > 0) yield { rows: open.length, columns: columnsOfRows(open) };
}

const columnsOfRows = (rows: readonly MovementRow[]): MovementColumns => {
  const columns = columnsIn(new ArrayBuffer(rows.length * BYTES_PER_MOVEMENT), rows.length);
  rows.forEach(([, ...movement], index) => put(columns, index, ...movement));
  return columns;
};

const put = (
  columns: MovementColumns,
  index: number,
  line: number,
  from: number,
  to: number,
  day: number,
  position: number,
  amount: number,
): void => {
  columns.line[index] = line;
  columns.from[index] = from;
  columns.to[index] = to;
  columns.day[index] = day;
  columns.position[index] = position;
  columns.amount[index] = amount;
};

export interface Segment {
  readonly firstId: number;
  readonly rows: number;
  readonly firstPosition: number;
  /** The earliest business date in it. */
  readonly firstDay: number;
  readonly columns: MovementColumns;
}

/** The first stored segment that begins at a movement or after it; undefined when there is none. */
export const readSegment = (snapshot: ReadSnapshot, fromId: number): Segment | undefined => {
  const row = snapshot.first<readonly [number, number, number, number, Buffer]>(
    `SELECT first_id, rows, first_position, first_day, columns FROM movement_columns
      WHERE first_id >= ? ORDER BY first_id LIMIT 1`,
    fromId,
  );
  if (row === undefined) return undefined;
  const [firstId, rows, firstPosition, firstDay, bytes] = row;
  // Of none there would be no next one.
  if (rows < 1 || bytes.length !== rows * BYTES_PER_MOVEMENT) {
    throw readModelDamaged(
      `${bytes.length} 个字节不是 ${rows} 笔流水`,
      `${bytes.length} bytes are not ${rows} movements`,
    );
  }
  return { firstId, rows, firstPosition, firstDay, columns: columnsOf(bytes, rows) };
};

/** Views of what the engine handed out; a copy only where that does not begin at a multiple of eight. */
const columnsOf = (bytes: Buffer, rows: number): MovementColumns => {
  if (bytes.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0) return columnsIn(bytes.buffer, rows, bytes.byteOffset);
  const memory = new ArrayBuffer(bytes.length);
  bytes.copy(new Uint8Array(memory));
  return columnsIn(memory, rows);
};

const COLUMNS = 'id, line, from_account, to_account, effective_on, position, amount';
type MovementRow = [id: number, line: number, from: number, to: number, day: number, position: number, amount: number];
