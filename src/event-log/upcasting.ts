import type { LedgerEvent, RecordedEvent, StoredEvent } from './event';
import { logCorrupt } from './log-failure';

/**
 * Turns an event of one schema version into the next version, so that only the newest is known to folds. It is a pure
 * function of the event; what is stored stays as it is.
 */
export interface Upcaster {
  readonly type: string;
  readonly fromVersion: number;
  /** The event's data in version `fromVersion + 1`; the envelope may be read, never changed. */
  readonly upcast: (data: unknown, event: LedgerEvent) => unknown;
}

/** Reads the stored form of an event. */
export type ReadEvent = (stored: StoredEvent) => RecordedEvent;

/** Every change of an event's form since the first version, kept for ever. There has been none yet. */
const UPCASTERS: readonly Upcaster[] = [];

/** A reader that knows the given upcasters. Two for the same type and version are a defect. */
export const eventReader = (upcasters: readonly Upcaster[]): ReadEvent => {
  const byType = new Map<string, Map<number, Upcaster>>();
  for (const upcaster of upcasters) {
    const versions = byType.get(upcaster.type) ?? new Map<number, Upcaster>();
    if (versions.has(upcaster.fromVersion)) {
      throw new Error(`two upcasters for ${upcaster.type} version ${upcaster.fromVersion}`);
    }
    versions.set(upcaster.fromVersion, upcaster);
    byType.set(upcaster.type, versions);
  }
  return (stored) => {
    const event = parse(stored);
    const versions = byType.get(event.type);
    return versions === undefined ? event : upcastAll(event, versions);
  };
};

const upcastAll = (stored: RecordedEvent, versions: ReadonlyMap<number, Upcaster>): RecordedEvent => {
  let event = stored;
  for (
    let upcaster = versions.get(event.schemaVersion);
    upcaster !== undefined;
    upcaster = versions.get(event.schemaVersion)
  ) {
    event = { ...event, schemaVersion: event.schemaVersion + 1, data: upcaster.upcast(event.data, event) };
  }
  return event;
};

const parse = (stored: StoredEvent): RecordedEvent => {
  const event = parseCanonical(stored) as (LedgerEvent & { position?: number }) | null;
  // Folds look at these members of every event, so that damage is told here and not as a defect somewhere in them.
  if (typeof event?.stream !== 'string' || typeof event.data !== 'object' || event.data === null) {
    throw corrupt(stored, new Error('an event without a stream or data'));
  }
  // The parsed object is ours alone, so the position is written into it instead of into a copy.
  event.position = stored.position;
  return event as RecordedEvent;
};

/** Parses a stored event and brings it to the newest version of its type. */
export const readEvent: ReadEvent = eventReader(UPCASTERS);

const parseCanonical = (stored: StoredEvent): unknown => {
  try {
    return JSON.parse(stored.canonical);
  } catch (error) {
    throw corrupt(stored, error);
  }
};

const corrupt = ({ stream, position }: StoredEvent, cause: unknown): Error =>
  logCorrupt(stream, { zh: `位置 ${position}`, en: `position ${position}` }, cause);
