import { dateOfDay } from '../../projecting/day-number';
import type { ReadSnapshot } from '../../projecting/read-database';
import { rowMissing } from '../../projecting/read-model-failure';

/** What is said of an event beside a figure that it changed. */
export interface EventNote {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly documentNo: string | null;
  readonly effectiveOn: string;
}

export interface EventNoteJson extends Omit<EventNote, 'position'> {
  readonly position: string;
}

/** Positions that one question of the database names; more do not make it faster, but keep more text at once. */
const POSITIONS_OF_A_QUESTION = 1024;

/** One JSON array for each column: ten thousands of rows as arrays of their own take twice as long. */
const NOTES = `
  SELECT json_group_array(event.position), json_group_array(event.id), json_group_array(event.type),
         json_group_array(event.stream), json_group_array(event.document_no), json_group_array(event.effective_on)
    FROM json_each(?) CROSS JOIN event ON event.position = json_each.value`;

/** Parallel columns of the table of events. */
interface NoteColumns {
  readonly position: readonly number[];
  readonly id: readonly string[];
  readonly type: readonly number[];
  readonly stream: readonly number[];
  readonly documentNo: readonly (string | null)[];
  readonly day: readonly number[];
}

/**
 * Rows about events, each joined with the note of its event. Thousands are read together several times faster than one
 * by one.
 */
export const withNotes = <Row extends { readonly position: number }, Noted>(
  snapshot: ReadSnapshot,
  rows: readonly Row[],
  join: (note: EventNote, row: Row) => Noted,
): readonly Noted[] => {
  const noted: Noted[] = [];
  const names = new NoteNames(snapshot);
  for (let from = 0; from < rows.length; from += POSITIONS_OF_A_QUESTION) {
    const asked = rows.slice(from, from + POSITIONS_OF_A_QUESTION);
    // One for each position, in the order in which they are asked for.
    const found = readColumns(snapshot, asked);
    asked.forEach((row, index) => {
      const position = row.position;
      if (found.position[index] !== position) throw rowMissing('event', position);
      const note = {
        position,
        id: found.id[index] as string,
        type: names.type(found.type[index] as number),
        stream: names.stream(found.stream[index] as number),
        documentNo: found.documentNo[index] as string | null,
        effectiveOn: names.date(found.day[index] as number),
      };
      noted.push(join(note, row));
    });
  }
  return noted;
};

const readColumns = (snapshot: ReadSnapshot, rows: readonly { readonly position: number }[]): NoteColumns => {
  const columns = snapshot.first<readonly string[]>(NOTES, JSON.stringify(rows.map(({ position }) => position))) ?? [];
  const column = <Value>(index: number): readonly Value[] => JSON.parse(columns[index] ?? '[]') as readonly Value[];
  return {
    position: column(0),
    id: column(1),
    type: column(2),
    stream: column(3),
    documentNo: column(4),
    day: column(5),
  };
};

/** Few types, streams and dates stand in many notes. */
class NoteNames {
  readonly #snapshot: ReadSnapshot;
  readonly #types = new Map<number, string>();
  readonly #streams = new Map<number, string>();
  readonly #dates = new Map<number, string>();

  constructor(snapshot: ReadSnapshot) {
    this.#snapshot = snapshot;
  }

  type(id: number): string {
    return remembered(this.#types, id, () => this.#name('SELECT name FROM event_type WHERE id = ?', id));
  }

  stream(id: number): string {
    return remembered(this.#streams, id, () => this.#name('SELECT name FROM stream WHERE id = ?', id));
  }

  date(day: number): string {
    return remembered(this.#dates, day, () => dateOfDay(day));
  }

  #name(sql: string, id: number): string {
    const [name] = this.#snapshot.first<readonly [string]>(sql, id) ?? [];
    if (name === undefined) throw new Error(`the read database names nothing with ${id}: ${sql}`);
    return name;
  }
}

const remembered = (known: Map<number, string>, id: number, find: () => string): string => {
  let text = known.get(id);
  if (text === undefined) {
    text = find();
    known.set(id, text);
  }
  return text;
};

export const eventNoteJson = ({ position, ...note }: EventNote): EventNoteJson => ({
  position: String(position),
  ...note,
});
