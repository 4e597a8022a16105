import type { LedgerEvent } from '../../src/event-log/event';
import type { EventLog } from '../../src/event-log/event-log';

/** Events of one transaction. */
const UNIT_EVENTS = 4096;

/** Appends events to an empty log in exactly their order. */
export const writeLedger = async (log: EventLog, events: Iterable<LedgerEvent>): Promise<number> => {
  let unit: LedgerEvent[] = [];
  let written = 0;
  for (const event of events) {
    unit.push(event);
    if (unit.length < UNIT_EVENTS) continue;
    await writeUnit(log, unit);
    written += unit.length;
    unit = [];
  }
  if (unit.length > 0) await writeUnit(log, unit);
  return written + unit.length;
};

const writeUnit = async (log: EventLog, unit: readonly LedgerEvent[]): Promise<void> => {
  const byStream = new Map<string, LedgerEvent[]>();
  const order: [number, number][] = [];
  const indexOf = new Map<string, number>();
  for (const event of unit) {
    const events = byStream.get(event.stream) ?? [];
    if (events.length === 0) {
      byStream.set(event.stream, events);
      indexOf.set(event.stream, indexOf.size);
    }
    order.push([indexOf.get(event.stream) ?? 0, events.length]);
    events.push(event);
  }
  await log.appendTogether(
    [...byStream].map(([stream, events]) => ({
      stream,
      expectedRevision: (events[0]?.revision ?? 0) - 1,
      events,
    })),
    order,
  );
};
