import { commandIdFrom, eventId } from '../event-log/event-id';
import type { Position } from '../event-log/event';
import { ACCOUNT_KIND } from '../projecting/account-kind';
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

/** Events of these types have another half; of reversals only those of a taking side. */
const CROSSING_TYPES = ['TransferIssued', 'FundsCarriedOver', 'TakingDeclined', 'EntryReversed'] as const;

type Row = readonly [id: string, stream: string, position: number, type: string, documentNo: string | null];

export interface CrossingsAhead {
  /** Oldest first. Of reversals that move nothing the caller tells apart which are a taking side's. */
  readonly unfinished: readonly UnfinishedCrossing[];
  /** Position up to which the ledger was looked at. */
  readonly upTo: Position;
}

/** Crossing events behind a position whose follow-up has not been recorded. */
export const unfinishedCrossings = (source: SnapshotSource, after: Position): CrossingsAhead =>
  source.read((snapshot) => {
    const crossings = snapshot.all<Row>(
      `SELECT event.id, stream.name, event.position, event_type.name, event.document_no
       FROM event JOIN event_type ON event_type.id = event.type JOIN stream ON stream.id = event.stream
         LEFT JOIN movement ON movement.id = event.first_movement AND event.movements > 0
         LEFT JOIN account ON account.id = movement.to_account
       WHERE event.position > ? AND event_type.name IN (${CROSSING_TYPES.map(() => '?').join(', ')})
         AND (event_type.name <> 'EntryReversed' OR event.movements = 0 OR account.kind IN (?, ?))
       ORDER BY event.position`,
      after,
      ...CROSSING_TYPES,
      ACCOUNT_KIND.transit,
      ACCOUNT_KIND.carried,
    );
    const unfinished = crossings.flatMap(([id, stream, position, type, documentNo]) => {
      const other = eventId(followUpCommandId(id), 0);
      const recorded = snapshot.first<readonly [number]>('SELECT 1 FROM event WHERE id = ?', other) !== undefined;
      return recorded ? [] : [{ eventId: id, stream, position, type, documentNo: documentNo ?? '' }];
    });
    return {
      unfinished,
      upTo: snapshot.first<readonly [number | null]>('SELECT max(position) FROM event')?.[0] ?? after,
    };
  });
