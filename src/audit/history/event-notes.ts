import { dateOfDay } from '../../projecting/day-number';
import type { ReadSnapshot } from '../../projecting/read-database';

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

/** Positions that one question of the database names. */
const POSITIONS_OF_A_QUESTION = 4096;

type NoteRow = readonly [number, string, number, number, string | null, number];

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
    // One row for each position, in the order in which they are asked for.
    const found = snapshot.all<NoteRow>(
      `SELECT event.position, event.id, event.type, event.stream, event.document_no, event.effective_on
         FROM json_each(?) CROSS JOIN event ON event.position = json_each.value`,
      JSON.stringify(asked.map(({ position }) => position)),
    );
    asked.forEach((row, index) => {
      const [position, id, type, stream, documentNo, day] = found[index] ?? NO_ROW;
      if (position !== row.position) throw new Error(`no event at position ${row.position} in the read database`);
      const effectiveOn = names.date(day);
      noted.push(
        join({ position, id, type: names.type(type), stream: names.stream(stream), documentNo, effectiveOn }, row),
      );
    });
  }
  return noted;
};

const NO_ROW: NoteRow = [0, '', 0, 0, null, 0];

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
