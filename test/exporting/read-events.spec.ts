import type { EventLog } from '../../src/event-log/event-log';
import { readEventsAt } from '../../src/exporting/read-events';
import { registerSmallWorld } from '../support/small-ledger';
import { withTemporaryLedger } from '../support/temporary-ledger';

type Readable = Pick<EventLog, 'readAll' | 'readAt'>;

/** A log that, as a server does, numbers its events with gaps and takes no position that it has not given out. */
const withGaps = (log: Readable, gap: number): Readable => {
  const inside = (position: number): number => {
    if (position % gap !== 0) throw new Error(`${position} is no position of this log`);
    return position / gap;
  };
  return {
    readAll: async (after, limit) =>
      (await log.readAll(inside(after), limit)).map((event) => ({ ...event, position: event.position * gap })),
    readAt: async (position) => {
      const event = await log.readAt(inside(position));
      return event === null ? null : { ...event, position };
    },
  };
};

const positionsOf = (events: readonly Readonly<Record<string, unknown>>[]) => events.map(({ position }) => position);

describe('events at known positions', () => {
  it('are read where they are, one by one and in runs', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      expect(positionsOf(await readEventsAt(ledger.log, [1, 2, 3, 5, 7]))).toEqual(['1', '2', '3', '5', '7']);
      expect(await readEventsAt(ledger.log, [])).toEqual([]);
    }));

  it('are asked for by no other position, which a log with gaps would refuse', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      const events = await readEventsAt(withGaps(ledger.log, 1000), [1000, 2000, 5000]);
      expect(positionsOf(events)).toEqual(['1000', '2000', '5000']);
    }));

  it('that the log does not have are a defect, never left out', () =>
    withTemporaryLedger(async (ledger) => {
      await registerSmallWorld(ledger);
      const beyond = (await ledger.log.head()) + 1;
      await expect(readEventsAt(ledger.log, [beyond])).rejects.toThrow('no event');
      await expect(readEventsAt(ledger.log, [beyond - 1, beyond])).rejects.toThrow('no event');
    }));
});
