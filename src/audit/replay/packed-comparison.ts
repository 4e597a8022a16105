import type { Position } from '../../event-log/event';
import { readSegment, type Segment, SEGMENT_MOVEMENTS } from '../../projecting/movement-columns';
import type { ReadSnapshot } from '../../projecting/read-database';
import { Parted } from './parted';

/** A row of the table of movements. */
export type MovementRow = readonly [
  id: number,
  position: Position,
  day: number,
  line: number,
  from: number,
  to: number,
  amount: number,
];

/** Without any segment the tables hold the movements once only, and there is nothing to compare with. */
const MOST_WAITING = 4 * SEGMENT_MOVEMENTS;

/**
 * Holds the segments, which have the movements once more, against the rows that were found to be right. Only whole ones
 * that lie within what was compared.
 */
export class PackedComparison {
  /** Movements that no segment was compared with yet, in their order. */
  #rows: MovementRow[] = [];
  #hasSegments = true;

  /** Takes the next row of the table of movements. */
  expect(row: MovementRow): void {
    if (this.#hasSegments) this.#rows.push(row);
  }

  /** Compares what has become whole. Throws Parted. */
  compare(snapshot: ReadSnapshot): void {
    let compared = 0;
    for (;;) {
      const next = this.#rows[compared]?.[0];
      if (next === undefined) break;
      const segment = readSegment(snapshot, next);
      if (segment === undefined) {
        this.#hasSegments = this.#rows.length - compared < MOST_WAITING;
        break;
      }
      if (segment.firstId + segment.rows > next + this.#rows.length - compared) break;
      this.#requireSegment(segment, compared);
      compared += segment.rows;
    }
    this.#rows = this.#hasSegments ? this.#rows.slice(compared) : [];
  }

  #requireSegment({ firstId, firstPosition, firstDay, rows, columns }: Segment, from: number): void {
    let lowest = Number.MAX_SAFE_INTEGER;
    for (let index = 0; index < rows; index += 1) {
      const [, position, day, line, giver, taker, amount] = this.#rows[from + index] as MovementRow;
      const isSame =
        columns.position[index] === position &&
        columns.day[index] === day &&
        columns.line[index] === line &&
        columns.from[index] === giver &&
        columns.to[index] === taker &&
        columns.amount[index] === amount;
      if (!isSame) throw packedDiffers(position);
      lowest = Math.min(lowest, day);
    }
    const [id, position] = this.#rows[from] ?? [];
    if (firstId === id && firstPosition === position && firstDay === lowest) return;
    throw packedDiffers(position ?? null);
  }
}

const packedDiffers = (position: Position | null): Parted =>
  new Parted(position, '流水的列存副本', 'the movements packed by column');
