import { join } from 'node:path';

import fc from 'fast-check';

import type { LedgerEvent } from '../../../src/event-log/event';
import { copyLog, type CopyOptions } from '../../../src/event-log/copying/copy-log';
import type { EventLog } from '../../../src/event-log/event-log';
import { NOTARY_STREAM } from '../../../src/event-log/housekeeping';
import { MemoryEventLog } from '../../../src/event-log/memory/memory-event-log';
import { SqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log';
import { rootAt } from '../../../src/event-log/tree/tree-store';
import { CutLog, CutOff } from '../../support/cut-log';
import { sampleEvent } from '../sample-event';
import { scratchDirectory } from '../scratch-directory';

const TO_THE_END: CopyOptions = { at: null, progress: () => undefined };

const write = async (log: EventLog, stream: string, revision: number, different: Partial<LedgerEvent> = {}) =>
  log.append({ stream, expectedRevision: revision - 1, events: [sampleEvent(stream, revision, different)] });

/** A log whose streams take turns as a list of numbers says. */
const written = async (streams: readonly number[], log: EventLog = new MemoryEventLog()): Promise<EventLog> => {
  const next = new Map<number, number>();
  for (const number of streams) {
    const revision = next.get(number) ?? 0;
    next.set(number, revision + 1);
    await write(log, `pool-63${number}-2024`, revision);
  }
  return log;
};

const leaves = async (log: EventLog): Promise<readonly string[]> =>
  (await log.readAll(0, 100_000)).map(({ canonical }) => canonical);

const sqlite = (): SqliteEventLog => new SqliteEventLog({ file: join(scratchDirectory(), 'log.sqlite') });

describe('copying a log', () => {
  const SOME = [1, 1, 2, 1, 3, 3, 3, 2, 1, 2];

  it('gives the same events, ids and root on an engine with transactions', async () => {
    const source = await written(SOME);
    const target = sqlite();
    const report = await copyLog(source, target, TO_THE_END);
    expect(await leaves(target)).toEqual(await leaves(source));
    expect(report).toMatchObject({ events: SOME.length, copied: SOME.length, sourcePosition: SOME.length });
    expect(report.root).toBe((await rootAt((source as MemoryEventLog).tree, SOME.length)).toString('base64'));
    await target.close();
  });

  it('goes to an engine without transactions and back with the same root', async () => {
    const source = sqlite();
    await written(SOME, source);
    const middle = new CutLog();
    const there = await copyLog(source, middle, TO_THE_END);
    // One append for each run of neighbours, not one for each event.
    expect(middle.appended).toHaveLength(7);
    // What the nodes agree on beside the ledger is not copied.
    await write(middle, NOTARY_STREAM, 0);
    const back = sqlite();
    expect((await copyLog(middle, back, TO_THE_END)).root).toBe(there.root);
    expect(await leaves(back)).toEqual(await leaves(source));
    await Promise.all([source.close(), back.close()]);
  });

  it('cut off after any append and run again, ends in the same log', async () => {
    const source = await written(SOME);
    for (let appends = 0; appends <= 7; appends += 1) {
      const target = new CutLog();
      target.appendsLeft = appends;
      const first = copyLog(source, target, TO_THE_END);
      if (appends < 7) await expect(first).rejects.toBeInstanceOf(CutOff);
      else await first;
      target.appendsLeft = Infinity;
      await copyLog(source, target, TO_THE_END);
      expect(await leaves(target)).toEqual(await leaves(source));
    }
  });

  it('copies any order of any streams', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 }),
        fc.nat(60),
        fc.boolean(),
        async (streams, cut, cutable) => {
          const source = await written(streams);
          const target = cutable ? new CutLog() : new MemoryEventLog();
          const at = Math.min(cut, streams.length);
          await copyLog(source, target, { ...TO_THE_END, at });
          expect(await leaves(target)).toEqual((await leaves(source)).slice(0, at));
          const again = await copyLog(source, target, TO_THE_END);
          expect(again.copied).toBe(streams.length - at);
          expect(await leaves(target)).toEqual(await leaves(source));
        },
      ),
      { numRuns: 60 },
    ));

  it('refuses a target that is no beginning of the source and names the first difference', async () => {
    const source = await written([1, 2, 1]);
    const target = new MemoryEventLog();
    await copyLog(source, target, { ...TO_THE_END, at: 2 });
    await write(target, 'pool-631-2024', 1, { basis: '另一文号' });
    const before = await leaves(target);
    await expect(copyLog(source, target, TO_THE_END)).rejects.toMatchObject({
      code: 'LOG_COPY_TARGET_DIFFERS',
      parameters: { event: 3, targetPosition: 3, targetEvent: 'pool-631-2024@1', sourceEvent: 'pool-631-2024@1' },
    });
    expect(await leaves(target)).toEqual(before);
  });

  it('refuses a target that holds more than the source', async () => {
    const source = await written([1, 2]);
    const target = new MemoryEventLog();
    await copyLog(source, target, TO_THE_END);
    await write(target, 'pool-639-2024', 0);
    await expect(copyLog(source, target, TO_THE_END)).rejects.toMatchObject({
      code: 'LOG_COPY_TARGET_DIFFERS',
      parameters: { event: 3, sourceEvent: null },
    });
  });

  it('tells when the source was written to meanwhile, and goes on from there the next time', async () => {
    const source = await written([1, 2]);
    const target = new MemoryEventLog();
    const progress: CopyOptions['progress'] = (stage, done) => {
      if (stage === 'copying' && done === 2) void write(source, 'pool-631-2024', 1);
    };
    await expect(copyLog(source, target, { at: null, progress })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'LOG_COPY_SOURCE_MOVED',
    });
    expect(await copyLog(source, target, TO_THE_END)).toMatchObject({ events: 3, copied: 1 });
  });

  it('stops when somebody else writes to the target', async () => {
    const source = await written([1, 2, 1]);
    const target = new CutLog();
    const append = target.append.bind(target);
    target.append = async (each) => {
      if (target.appended.length === 1) await target.inner.append({ ...each, events: [sampleEvent(each.stream, 0)] });
      return append(each);
    };
    await expect(copyLog(source, target, TO_THE_END)).rejects.toMatchObject({ code: 'LOG_COPY_TARGET_WRITTEN' });
  });

  it('finds a copy that does not read back as it was written', async () => {
    const source = await written([1, 2, 1]);
    const target = new CutLog();
    const readAll = target.readAll.bind(target);
    target.readAll = async (after, limit) =>
      (await readAll(after, limit)).map((event) => ({
        ...event,
        canonical: event.revision === 1 ? event.canonical.replace('1200.00', '1300.00') : event.canonical,
      }));
    await expect(copyLog(source, target, TO_THE_END)).rejects.toMatchObject({
      kind: 'verification',
      code: 'LOG_COPY_ROOT_DIFFERS',
    });
  });

  it('finds a source whose events are not those of its tree', async () => {
    const source = new MemoryEventLog();
    await written([1, 2, 1], source);
    const readAll = source.readAll.bind(source);
    source.readAll = async (after, limit) =>
      (await readAll(after, limit)).map((event) => ({
        ...event,
        canonical: event.canonical.replace('1200.00', '1300.00'),
      }));
    await expect(copyLog(source, new MemoryEventLog(), TO_THE_END)).rejects.toMatchObject({
      code: 'LOG_COPY_ROOT_DIFFERS',
    });
  });

  it('copies nothing beyond the end', async () => {
    await expect(copyLog(await written([1]), new MemoryEventLog(), { ...TO_THE_END, at: 2 })).rejects.toMatchObject({
      kind: 'input',
      code: 'POSITION_NOT_REACHED',
    });
  });
});
