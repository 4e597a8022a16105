import { placeOfEvent } from '../../projecting/event-index';
import type { SnapshotSource } from '../../projecting/read-database';

/** Stream of the event with an id, as far as the read model has come; undefined when it is not there. */
export const findStreamOfEvent = (source: SnapshotSource, eventId: string): string | undefined =>
  placeOfEvent(source, eventId)?.stream;
