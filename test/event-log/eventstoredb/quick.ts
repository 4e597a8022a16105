import type { EventStoreDbOptions } from '../../../src/event-log/eventstoredb/eventstoredb-event-log';

/** Waits as short as a test can bear; the server is on the same machine. */
export const QUICK: EventStoreDbOptions = {
  patience: { deadlineMs: 2000, patienceMs: 10_000, firstPauseMs: 2, longestPauseMs: 100 },
  moreCategories: ['contract'],
};
