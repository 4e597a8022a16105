import { commandIdFrom, eventId } from '../event-log/event-id';
import type { Position } from '../event-log/event';
import type { SnapshotSource } from '../projecting/read-database';

/** An event whose other half, in another pool, is not in the ledger. */
export interface UnfinishedCrossing {
  readonly eventId: string;
  readonly stream: string;
  readonly position: Position;
  readonly type: string;
  readonly documentNo: string;
}

/** Id of the command that brings the other half of an event that crosses pools. */
export const followUpCommandId = (crossingEventId: string): string => commandIdFrom(`follows:${crossingEventId}`);

/** Events of these types have another half; of reversals only those of a taking side, which the caller tells apart. */
const CROSSING_TYPES = ['TransferIssued', 'FundsCarriedOver', 'TakingDeclined', 'EntryReversed'] as const;

type Row = readonly [id: string, stream: string, position: number, type: string, documentNo: string | null];

/** Crossing events whose follow-up has not been recorded, oldest first. */
export const unfinishedCrossings = (source: SnapshotSource): readonly UnfinishedCrossing[] =>
  source.read((snapshot) => {
    const crossings = snapshot.all<Row>(
      `SELECT event.id, stream.name, event.position, event_type.name, event.document_no
       FROM event JOIN event_type ON event_type.id = event.type JOIN stream ON stream.id = event.stream
       WHERE event_type.name IN (${CROSSING_TYPES.map(() => '?').join(', ')}) ORDER BY event.position`,
      ...CROSSING_TYPES,
    );
    return crossings.flatMap(([id, stream, position, type, documentNo]) => {
      const other = eventId(followUpCommandId(id), 0);
      const recorded = snapshot.first<readonly [number]>('SELECT 1 FROM event WHERE id = ?', other) !== undefined;
      return recorded ? [] : [{ eventId: id, stream, position, type, documentNo: documentNo ?? '' }];
    });
  });
