import type { SnapshotSource } from './read-database';

/** Where an event is in the log's streams. */
export interface EventPlace {
  readonly stream: string;
  readonly revision: number;
}

/**
 * Place of the event with an id, as far as the read database has come; undefined where it is not there. Also undefined
 * when there is no read database that can be read: whoever asks can look into the log itself.
 */
export const placeOfEvent = (source: SnapshotSource, eventId: string): EventPlace | undefined => {
  try {
    return source.read((snapshot) => {
      const [stream, revision] =
        snapshot.first<readonly [string, number]>(
          'SELECT stream.name, event.revision FROM event CROSS JOIN stream ON stream.id = event.stream WHERE event.id = ?',
          eventId,
        ) ?? [];
      return stream === undefined || revision === undefined ? undefined : { stream, revision };
    });
  } catch {
    return undefined;
  }
};

/** Position up to which placeOfEvent knows events; 0 when there is no read database that can be read. */
export const indexedPosition = (source: SnapshotSource): number => {
  try {
    return source.read(({ position }) => position);
  } catch {
    return 0;
  }
};
