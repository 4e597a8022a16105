import { canonicalJson } from '../event-log/canonical-json';
import type { StoredEvent } from '../event-log/event';

/** A stored event as it is exported: its canonical form with the engine's position as a string. */
export const exportedEvent = (stored: StoredEvent): string =>
  canonicalJson({ ...(JSON.parse(stored.canonical) as object), position: String(stored.position) });
