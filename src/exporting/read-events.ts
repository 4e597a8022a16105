import type { EventLog } from '../event-log/event-log';
import { exportedEvent } from './exported-event';

/** An event in the form of the export: every member of its canonical JSON, and the position as a text. */
export type ExportedEvent = Readonly<Record<string, unknown>>;

/** Reads events whose positions are known; those that follow one another in one go. */
export const readEventsAt = async (
  log: Pick<EventLog, 'readAll'>,
  positions: readonly number[],
): Promise<ExportedEvent[]> => {
  const events: ExportedEvent[] = [];
  for (let start = 0; start < positions.length;) {
    const first = positions[start] as number;
    let length = 1;
    while (positions[start + length] === first + length) length += 1;
    const stored = await log.readAll(first - 1, length);
    for (const [index, each] of stored.entries()) {
      if (each.position !== positions[start + index]) throw new Error(`the log has no event at ${first + index}`);
      events.push(JSON.parse(exportedEvent(each)) as ExportedEvent);
    }
    start += length;
  }
  return events;
};
