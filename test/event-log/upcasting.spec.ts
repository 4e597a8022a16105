import { CommandRunner } from '../../src/event-log/command-runner';
import type { StreamKind } from '../../src/event-log/decider';
import type { DomainEvent, LedgerEvent, StoredEvent } from '../../src/event-log/event';
import { canonicalEvent } from '../../src/event-log/canonical-event';
import { NO_STREAM } from '../../src/event-log/event-log';
import { MemoryEventLog } from '../../src/event-log/memory/memory-event-log';
import { eventReader, readEvent, type Upcaster } from '../../src/event-log/upcasting';
import { sampleEvent } from './sample-event';

const stored = (event: LedgerEvent, position = 7): StoredEvent => ({
  position,
  stream: event.stream,
  revision: event.revision,
  canonical: canonicalEvent(event),
});

/** Version 1 named one village; version 2 names places; version 3 says who entered it. */
const upcasters: readonly Upcaster[] = [
  {
    type: 'ProjectRegistered',
    fromVersion: 1,
    upcast: (data) => ({ places: [(data as { village: string }).village] }),
  },
  {
    type: 'ProjectRegistered',
    fromVersion: 2,
    upcast: (data, event) => ({ ...(data as object), enteredBy: event.actor.id }),
  },
];
const registered = sampleEvent('project-1', 0, { type: 'ProjectRegistered', data: { village: '630222100201' } });

describe('reading stored events', () => {
  it('gives what was written, with its position', () => {
    expect(readEvent(stored(registered))).toEqual({ ...registered, position: 7 });
  });

  it('reads a version-1 event as version 2', () => {
    const read = eventReader(upcasters.slice(0, 1))(stored(registered));
    expect(read).toEqual({ ...registered, position: 7, schemaVersion: 2, data: { places: ['630222100201'] } });
  });

  it('goes through every version up to the newest, from whichever was stored', () => {
    const read = eventReader(upcasters);
    const newest = { schemaVersion: 3, data: { places: ['630222100201'], enteredBy: 'zhang' } };
    expect(read(stored(registered))).toMatchObject(newest);
    const second = { ...registered, schemaVersion: 2, data: { places: ['630222100201'] } };
    expect(read(stored(second))).toMatchObject(newest);
    const third = { ...registered, ...newest };
    expect(read(stored(third))).toEqual({ ...third, position: 7 });
  });

  it('leaves events of other types alone', () => {
    expect(eventReader(upcasters)(stored(sampleEvent('pool-1', 0)))).toMatchObject({ schemaVersion: 1 });
  });

  it('folds old events in their newest form', async () => {
    type Registered = DomainEvent<'ProjectRegistered', { readonly places: readonly string[] }>;
    const kind: StreamKind<readonly string[], Registered> = {
      category: 'project',
      schemaVersion: 3,
      initial: () => [],
      evolve: (places, event) => [...places, ...event.data.places],
    };
    const log = new MemoryEventLog();
    await log.append({ stream: 'project-1', expectedRevision: NO_STREAM, events: [registered] });
    const runner = new CommandRunner(log, { now: () => new Date(), readEvent: eventReader(upcasters) });
    expect((await runner.load('project-1', kind)).state).toEqual(['630222100201']);
    expect((await log.readAll(0, 1))[0]?.canonical).toBe(canonicalEvent(registered));
  });

  it('refuses two upcasters for one version, and bytes that are no JSON', () => {
    expect(() => eventReader([...upcasters, ...upcasters.slice(0, 1)])).toThrow('two upcasters');
    expect(() => readEvent({ position: 3, stream: 'pool-1', revision: 0, canonical: '{"id":' })).toThrow(
      expect.objectContaining({ kind: 'unavailable', code: 'LOG_CORRUPT' }),
    );
  });
});
