import type { SnapshotSource } from '../../projecting/read-database';

/** Stream of the event with an id, as far as the read model has come; undefined when it is not there. */
export const findStreamOfEvent = (source: SnapshotSource, eventId: string): string | undefined =>
  source.read(
    (snapshot) =>
      snapshot.first<readonly [string]>(
        'SELECT stream.name FROM event CROSS JOIN stream ON stream.id = event.stream WHERE event.id = ?',
        eventId,
      )?.[0],
  );
