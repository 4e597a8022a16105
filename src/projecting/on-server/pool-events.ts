import { loadProjection } from '../projection-loader';
import type { ReadSnapshot } from '../read-database';

/** How far the pools' events go at a position, in the server's notation `<revision>@<stream>`. */
export interface PoolEvents {
  readonly position: number;
  /** The last event of any pool; null while there is none. */
  readonly last: string | null;
  /** The last one that the official projections handle. */
  readonly lastHandled: string | null;
}

/** Every official projection handles the same types of events. */
let handledTypes: readonly string[] | null = null;

export const poolEventsOf = (snapshot: ReadSnapshot): PoolEvents => {
  handledTypes ??= [...loadProjection('county-balance').handlers.keys()];
  return {
    position: snapshot.position,
    last: lastEvent(snapshot, ''),
    lastHandled: lastEvent(
      snapshot,
      `AND event.type IN (SELECT id FROM event_type WHERE name IN (${handledTypes.map(() => '?').join()}))`,
      handledTypes,
    ),
  };
};

const lastEvent = (snapshot: ReadSnapshot, condition: string, parameters: readonly string[] = []): string | null => {
  const row = snapshot.first<readonly [number, string]>(
    `SELECT event.revision, stream.name FROM event JOIN stream ON stream.id = event.stream
      WHERE stream.division IS NOT NULL ${condition} ORDER BY event.position DESC LIMIT 1`,
    ...parameters,
  );
  return row === undefined ? null : `${row[0]}@${row[1]}`;
};
