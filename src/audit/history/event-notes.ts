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

/** The note of the event at a position. */
export const eventNote = (snapshot: ReadSnapshot, position: number): EventNote => {
  const row = snapshot.first<readonly [string, string, string, string | null, number]>(
    `SELECT event.id, event_type.name, stream.name, event.document_no, event.effective_on
       FROM event CROSS JOIN event_type ON event_type.id = event.type CROSS JOIN stream ON stream.id = event.stream
      WHERE event.position = ?`,
    position,
  );
  if (row === undefined) throw new Error(`no event at position ${position} in the read database`);
  const [id, type, stream, documentNo, day] = row;
  return { position, id, type, stream, documentNo, effectiveOn: dateOfDay(day) };
};

export const eventNoteJson = ({ position, ...note }: EventNote): EventNoteJson => ({
  position: String(position),
  ...note,
});
