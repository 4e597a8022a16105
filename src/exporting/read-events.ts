import type { EventLog } from '../event-log/event-log';
import { exportedEvent } from './exported-event';

/** An event in the form of the export: every member of its canonical JSON, and the position as a text. */
export type ExportedEvent = Readonly<Record<string, unknown>>;

/**
 * Reads events whose positions are known; those that follow one another in one go. Only positions that are known are
 * asked for: the number before one is a position on the embedded log alone.
 */
export const readEventsAt = async (
  log: Pick<EventLog, 'readAll' | 'readAt'>,
  positions: readonly number[],
): Promise<ExportedEvent[]> => {
  const events: ExportedEvent[] = [];
  for (let start = 0; start < positions.length;) {
    const first = positions[start] as number;
    let length = 1;
    while (positions[start + length] === first + length) length += 1;
    const stored = [await log.readAt(first), ...(length === 1 ? [] : await log.readAll(first, length - 1))];
    for (let index = 0; index < length; index += 1) {
      const each = stored[index];
      if (each?.position !== first + index) throw new Error(`the log has no event at ${first + index}`);
      events.push(JSON.parse(exportedEvent(each)) as ExportedEvent);
    }
    start += length;
  }
  return events;
};
