import { join } from 'node:path';

import { CommandRunner } from '../../src/event-log/command-runner';
import type { CommandAnswer } from '../../src/event-log/decider';
import type { Position, StoredEvent } from '../../src/event-log/event';
import { commandIdFrom, eventId } from '../../src/event-log/event-id';
import {
  type Appended,
  type EventLog,
  FactsMoved,
  NO_STREAM,
  type RestsOn,
  RevisionConflict,
  type StreamAppend,
} from '../../src/event-log/event-log';
import { logDiskFull } from '../../src/event-log/log-failure';
import { MemoryEventLog } from '../../src/event-log/memory/memory-event-log';
import { SqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log';
import { readEvent } from '../../src/event-log/upcasting';
import { payIn, payOut, type Purse, purseCommand, purseKind } from './purse';
import { sampleEvent } from './sample-event';
import { scratchDirectory } from './scratch-directory';

const NOW = new Date('2024-05-01T08:00:00.123Z');
const now = (): Date => NOW;

/** A log that can be told to fail, to be slow, or to let somebody else write first. */
class TroubledLog implements EventLog {
  readonly engine = 'troubled';
  readonly inner = new MemoryEventLog();
  readonly appends: StreamAppend[] = [];
  readonly reads: (readonly [stream: string, from: number])[] = [];
  beforeAppend: (append: StreamAppend) => Promise<void> = async () => undefined;

  async append(append: StreamAppend): Promise<Appended> {
    this.appends.push(append);
    await this.beforeAppend(append);
    return this.inner.append(append);
  }
  async appendTogether(...unit: Parameters<MemoryEventLog['appendTogether']>): Promise<readonly Appended[]> {
    for (const append of unit[0]) await this.beforeAppend(append);
    return this.inner.appendTogether(...unit);
  }
  readStream(stream: string, from: number, limit: number): Promise<readonly StoredEvent[]> {
    this.reads.push([stream, from]);
    return this.inner.readStream(stream, from, limit);
  }
  readAll(after: Position, limit: number): Promise<readonly StoredEvent[]> {
    return this.inner.readAll(after, limit);
  }
  readAt(position: Position): Promise<StoredEvent | null> {
    return this.inner.readAt(position);
  }
  subscribeAll(...all: Parameters<EventLog['subscribeAll']>): ReturnType<EventLog['subscribeAll']> {
    return this.inner.subscribeAll(...all);
  }
  head(): Promise<Position> {
    return this.inner.head();
  }
  close(): Promise<void> {
    return this.inner.close();
  }
}

const outcomes = (results: readonly PromiseSettledResult<CommandAnswer>[]): readonly string[] =>
  results.map((result) =>
    result.status === 'fulfilled' ? (result.value.unchanged ? 'unchanged' : 'stored') : String(result.reason.code),
  );

describe('the command runner', () => {
  let log: TroubledLog;
  let runner: CommandRunner;
  beforeEach(() => {
    log = new TroubledLog();
    runner = new CommandRunner(log, { now });
  });

  it('stores what is decided, with its circumstances, and answers where', async () => {
    const answer = await runner.execute(payIn('purse-a', 100));
    const [stored] = await log.readAll(0, 10);
    expect(answer).toEqual({
      eventIds: [eventId(commandIdFrom('in-purse-a'), 0)],
      position: 1,
      stream: 'purse-a',
      revision: 0,
      unchanged: false,
    });
    expect(stored && readEvent(stored)).toEqual({
      id: answer.eventIds[0],
      type: 'PaidIn',
      schemaVersion: 1,
      stream: 'purse-a',
      revision: 0,
      position: 1,
      recordedAt: NOW.toISOString(),
      effectiveOn: '2024-05-01',
      actor: { id: 'li', role: 'clerk', division: '630222' },
      commandId: commandIdFrom('in-purse-a'),
      correlationId: 'test',
      causationId: null,
      basis: 'in-purse-a',
      metadata: { fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/) },
      data: { yuan: 100 },
    });
  });

  it('decides commands that wait together on each other’s results and appends them as one batch', async () => {
    await runner.execute(payIn('purse-a', 10));
    log.appends.length = 0;
    const results = await Promise.allSettled([
      runner.execute(payOut('purse-a', 6, 'first')),
      runner.execute(payOut('purse-a', 6, 'second')),
      runner.execute(payIn('purse-a', 3, 'more')),
      runner.execute(payOut('purse-a', 7, 'third')),
    ]);
    expect(outcomes(results)).toEqual(['stored', 'OVERDRAWN', 'stored', 'stored']);
    expect(log.appends).toHaveLength(1);
    expect(log.appends[0]).toMatchObject({ expectedRevision: 0 });
    expect(log.appends[0]?.events).toHaveLength(3);
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value.position : null))).toEqual([
      2,
      null,
      3,
      4,
    ]);
    expect((await runner.load('purse-a', purseKind)).state.balance).toBe(0);
  });

  it('gives answers and refusals only after the batch is stored', async () => {
    await runner.execute(payIn('purse-a', 10));
    const told: string[] = [];
    log.beforeAppend = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      told.push('stored');
    };
    await Promise.allSettled([
      runner.execute(payOut('purse-a', 10, 'first')).then(() => told.push('answered')),
      runner.execute(payOut('purse-a', 1, 'second')).catch(() => told.push('refused')),
    ]);
    expect(told).toEqual(['stored', 'answered', 'refused']);
  });

  it('tells every caller when the log fails, forgets the state and goes on when it works again', async () => {
    await runner.execute(payIn('purse-a', 10));
    log.beforeAppend = async () => {
      throw logDiskFull('disk');
    };
    const failed = await Promise.allSettled([
      runner.execute(payOut('purse-a', 10, 'first')),
      runner.execute(payOut('purse-a', 1, 'second')),
      runner.execute(payIn('purse-a', 10)),
    ]);
    expect(outcomes(failed)).toEqual(['LOG_DISK_FULL', 'LOG_DISK_FULL', 'LOG_DISK_FULL']);
    expect((await runner.load('purse-a', purseKind)).state.balance).toBe(10);
    log.beforeAppend = async () => undefined;
    const again = await Promise.allSettled([
      runner.execute(payOut('purse-a', 10, 'first')),
      runner.execute(payOut('purse-a', 1, 'second')),
      runner.execute(payIn('purse-a', 10)),
    ]);
    expect(outcomes(again)).toEqual(['stored', 'OVERDRAWN', 'unchanged']);
  });

  describe('when somebody else writes to the stream', () => {
    const other = (): CommandRunner => new CommandRunner(log.inner, { now });

    it('reads what was written and decides the whole batch anew', async () => {
      await runner.execute(payIn('purse-a', 10));
      log.beforeAppend = async () => {
        log.beforeAppend = async () => undefined;
        await other().execute(payOut('purse-a', 9, 'theirs'));
      };
      const results = await Promise.allSettled([
        runner.execute(payOut('purse-a', 6, 'mine')),
        runner.execute(payOut('purse-a', 1, 'also mine')),
      ]);
      expect(outcomes(results)).toEqual(['OVERDRAWN', 'stored']);
      expect((await runner.load('purse-a', purseKind)).state).toEqual({ balance: 0, payees: ['theirs', 'also mine'] });
    });

    it('does not refuse on an old state', async () => {
      await runner.execute(payIn('purse-a', 1));
      await other().execute(payIn('purse-a', 100, 'theirs'));
      expect(await runner.execute(payOut('purse-a', 50, 'mine'))).toMatchObject({ unchanged: false, revision: 2 });
    });

    it('does not call an old state unchanged', async () => {
      const close = (key: string) =>
        purseCommand('purse-a', key, 'empty it', (purse) =>
          purse.balance === 0 ? [] : [{ type: 'PaidOut', data: { yuan: purse.balance, payee: key } }],
        );
      expect(await runner.execute(close('first'))).toEqual({
        eventIds: [],
        position: 0,
        stream: 'purse-a',
        revision: NO_STREAM,
        unchanged: true,
      });
      await other().execute(payIn('purse-a', 100));
      expect(await runner.execute(close('second'))).toMatchObject({ unchanged: false, revision: 1 });
    });

    it('gives up after a bounded number of conflicts', async () => {
      const bounded = new CommandRunner(log, { now, maxConflictRetries: 3 });
      let conflicts = 0;
      log.beforeAppend = async (append) => {
        conflicts += 1;
        throw new RevisionConflict(append.stream, append.expectedRevision, append.expectedRevision + 1);
      };
      await expect(bounded.execute(payIn('purse-a', 1))).rejects.toMatchObject({
        kind: 'conflict',
        code: 'CONCURRENT_WRITE',
      });
      expect(conflicts).toBe(4);
    });

    it('shows it to readers within milliseconds where the engine can tell', async () => {
      const file = join(scratchDirectory(), 'log.db');
      const logs = [new SqliteEventLog({ file }), new SqliteEventLog({ file })] as const;
      const [mine, theirs] = [new CommandRunner(logs[0], { now }), new CommandRunner(logs[1], { now })];
      await mine.execute(payIn('purse-a', 1));
      await theirs.execute(payIn('purse-a', 100, 'theirs'));
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(await mine.load('purse-a', purseKind)).toMatchObject({ revision: 1, state: { balance: 101 } });
      await theirs.execute(payIn('purse-a', 1000, 'theirs again'));
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(await mine.load('purse-a', purseKind)).toMatchObject({ revision: 2, state: { balance: 1101 } });
      await Promise.all(logs.map((own) => own.close()));
    });

    it('shows it to readers within a fraction of a second', async () => {
      await runner.execute(payIn('purse-a', 1));
      await other().execute(payIn('purse-a', 100, 'theirs'));
      await new Promise((resolve) => setTimeout(resolve, 120));
      expect(await runner.load('purse-a', purseKind)).toMatchObject({
        revision: 1,
        position: 2,
        state: { balance: 101 },
      });
    });
  });

  describe('when somebody else moves what a command rests on', () => {
    const other = (): CommandRunner => new CommandRunner(log.inner, { now });
    const register = (): Promise<CommandAnswer> => other().execute(payIn('purse-register', 1, 'register'));
    const change = (key = 'change'): Promise<CommandAnswer> => other().execute(payIn('purse-register', 1, key));
    const restingOn = (command: ReturnType<typeof payIn>, revision: number, stream = 'purse-register') => ({
      ...command,
      restsOn: { streams: [{ stream, revision }] },
    });
    const changedBeforeAppend = (): void => {
      log.beforeAppend = async () => {
        log.beforeAppend = async () => undefined;
        await change();
      };
    };

    it('asks for what all of a batch rest on, each once', async () => {
      await register();
      const both: RestsOn = { streams: [{ stream: 'purse-register', revision: 0 }] };
      await Promise.all([
        runner.execute({ ...payIn('purse-a', 1, 'first'), restsOn: both }),
        runner.execute({ ...payIn('purse-a', 1, 'second'), restsOn: both }),
        runner.execute(restingOn(payIn('purse-a', 1, 'third'), NO_STREAM, 'purse-nobody')),
        runner.execute(payIn('purse-a', 1, 'fourth')),
      ]);
      expect(log.appends.map(({ restsOn }) => restsOn)).toEqual([
        [both, { streams: [{ stream: 'purse-nobody', revision: NO_STREAM }] }],
      ]);
    });

    it('tells that command alone, and decides the others of its batch without it', async () => {
      await register();
      await runner.execute(payIn('purse-a', 10));
      changedBeforeAppend();
      const results = await Promise.allSettled([
        runner.execute(restingOn(payOut('purse-a', 6, 'moved'), 0)),
        runner.execute(payOut('purse-a', 6, 'on nothing')),
        runner.execute(restingOn(payOut('purse-a', 1, 'elsewhere'), NO_STREAM, 'purse-nobody')),
        runner.execute(restingOn(payOut('purse-a', 1, 'looked later'), 1)),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
      expect(results[0]).toMatchObject({
        reason: { moved: [{ stream: 'purse-register', revision: 0, actualRevision: 1 }] },
      });
      expect((await runner.load('purse-a', purseKind)).state).toEqual({
        balance: 2,
        payees: ['on nothing', 'elsewhere', 'looked later'],
      });
    });

    it('lets it be looked at anew at once, and the same id be decided anew', async () => {
      await register();
      const { revision } = await runner.load('purse-register', purseKind);
      changedBeforeAppend();
      const command = payIn('purse-a', 1);
      await expect(runner.execute(restingOn(command, revision))).rejects.toBeInstanceOf(FactsMoved);
      const again = await runner.load('purse-register', purseKind);
      expect(again.revision).toBe(1);
      expect(await runner.execute(restingOn(command, again.revision))).toMatchObject({ unchanged: false, revision: 0 });
      expect(await runner.execute(restingOn(command, revision))).toMatchObject({ unchanged: true, revision: 0 });
    });

    it('however many streams move, nobody else of the batch is refused for it', async () => {
      const count = 20;
      const stranger = other();
      const purse = (index: number): string => `purse-register-${index}`;
      log.beforeAppend = async () => {
        log.beforeAppend = async () => undefined;
        for (let index = 0; index < count; index += 1) await stranger.execute(payIn(purse(index), 1));
      };
      const results = await Promise.allSettled([
        ...Array.from({ length: count }, (_, index) =>
          runner.execute(restingOn(payIn('purse-a', 1, `moved-${index}`), NO_STREAM, purse(index))),
        ),
        runner.execute(payIn('purse-a', 1, 'on nothing')),
      ]);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(results.at(-1)).toMatchObject({ status: 'fulfilled', value: { revision: 0 } });
    });

    it('is no matter for what is not stored', async () => {
      await register();
      await runner.execute(payIn('purse-a', 1));
      await change();
      const results = await Promise.allSettled([
        runner.execute(restingOn(payOut('purse-a', 5, 'too much'), 0)),
        runner.execute(restingOn(payIn('purse-a', 1), 0)),
        runner.execute(payOut('purse-a', 1, 'fine')),
      ]);
      expect(outcomes(results)).toEqual(['OVERDRAWN', 'unchanged', 'stored']);
    });
  });

  describe('a command id', () => {
    it('used again with the same content gives the first answer again, also after a restart', async () => {
      const first = await runner.execute(payIn('purse-a', 10));
      await runner.execute(payOut('purse-a', 10, 'all'));
      for (const again of [runner, new CommandRunner(log, { now })]) {
        expect(await again.execute(payIn('purse-a', 10))).toEqual({ ...first, position: 2, unchanged: true });
        expect(await again.execute(payOut('purse-a', 10, 'all'))).toMatchObject({ revision: 1, unchanged: true });
      }
      expect(await log.head()).toBe(2);
    });

    it('used in parallel makes one event', async () => {
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => runner.execute(payIn('purse-a', 10))));
      expect(outcomes(results).filter((outcome) => outcome === 'stored')).toHaveLength(1);
      expect(outcomes(results).filter((outcome) => outcome === 'unchanged')).toHaveLength(19);
      expect(await log.head()).toBe(1);
    });

    describe('used in parallel by two processes on one file', () => {
      let logs: readonly SqliteEventLog[];
      let runners: readonly CommandRunner[];
      beforeEach(() => {
        const file = join(scratchDirectory(), 'log.db');
        logs = [new SqliteEventLog({ file }), new SqliteEventLog({ file })];
        runners = logs.map((own, index) => new CommandRunner(own, { now: () => new Date(NOW.getTime() + index) }));
      });
      afterEach(() => Promise.all(logs.map((own) => own.close())));

      it('makes one event', async () => {
        const results = await Promise.allSettled(
          Array.from({ length: 10 }, () => runners.map((own) => own.execute(payIn('purse-a', 10)))).flat(),
        );
        expect(outcomes(results).filter((outcome) => outcome === 'stored')).toHaveLength(1);
        expect(outcomes(results).filter((outcome) => outcome === 'unchanged')).toHaveLength(19);
        expect(await logs[0]?.head()).toBe(1);
      });

      it('for different contents stores one of them and refuses the other', async () => {
        const results = await Promise.allSettled(
          runners.map((own, index) => own.execute(payIn('purse-a', 10 + index, 'key'))),
        );
        expect([...outcomes(results)].sort()).toEqual(['COMMAND_ID_REUSED', 'stored']);
        const balances = await Promise.all(runners.map((own) => own.load('purse-a', purseKind)));
        expect(balances[0]?.state).toEqual(balances[1]?.state);
      });
    });

    it('used for another content is refused, also in the same batch', async () => {
      const results = await Promise.allSettled([
        runner.execute(payIn('purse-a', 10, 'key')),
        runner.execute(payIn('purse-a', 11, 'key')),
      ]);
      expect(outcomes(results)).toEqual(['stored', 'COMMAND_ID_REUSED']);
      await expect(runner.execute(payIn('purse-a', 12, 'key'))).rejects.toMatchObject({ kind: 'conflict' });
      await expect(new CommandRunner(log, { now }).execute(payIn('purse-a', 12, 'key'))).rejects.toMatchObject({
        code: 'COMMAND_ID_REUSED',
      });
    });

    it('used for another stream is refused and harms no neighbour in its batch', async () => {
      await runner.execute(payIn('purse-a', 10, 'key'));
      const results = await Promise.allSettled([
        runner.execute(payIn('purse-b', 5, 'fine')),
        runner.execute(payIn('purse-b', 10, 'key')),
        runner.execute(payOut('purse-b', 5, 'fine too')),
      ]);
      expect(outcomes(results)).toEqual(['stored', 'COMMAND_ID_REUSED', 'stored']);
      expect((await runner.load('purse-b', purseKind)).state).toEqual({ balance: 0, payees: ['fine too'] });
    });

    it('counts in whatever case it is written, and has to be a UUID', async () => {
      const command = payIn('purse-a', 10);
      const upper = {
        ...command,
        envelope: { ...command.envelope, commandId: command.envelope.commandId.toUpperCase() },
      };
      await runner.execute(upper);
      expect(await runner.execute(command)).toMatchObject({ unchanged: true });
      const none = { ...command, envelope: { ...command.envelope, commandId: '42' } };
      await expect(runner.execute(none)).rejects.toMatchObject({ kind: 'input', code: 'COMMAND_ID_INVALID' });
    });

    it('answers with all events of a command that made several', async () => {
      const several = purseCommand('purse-a', 'several', 'three', () =>
        [1, 2, 3].map((yuan) => ({ type: 'PaidIn', data: { yuan } })),
      );
      const first = await runner.execute(several);
      expect(first).toMatchObject({ revision: 2, position: 3, unchanged: false });
      expect(first.eventIds).toEqual([0, 1, 2].map((index) => eventId(commandIdFrom('several'), index)));
      const again = await new CommandRunner(log, { now }).execute(several);
      expect(again).toEqual({ ...first, unchanged: true });
    });
  });

  it('lets exactly 100 of 200 parallel payments of 1 元 through on 100 元', async () => {
    const sqlite = new SqliteEventLog({ file: join(scratchDirectory(), 'log.db') });
    const own = new CommandRunner(sqlite, { now });
    await own.execute(payIn('purse-a', 100));
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, (_, index) => own.execute(payOut('purse-a', 1, `pay-${index}`))),
    );
    expect(outcomes(results).filter((outcome) => outcome === 'stored')).toHaveLength(100);
    expect(outcomes(results).filter((outcome) => outcome === 'OVERDRAWN')).toHaveLength(100);
    expect(await sqlite.head()).toBe(101);
    expect((await own.load('purse-a', purseKind)).state.balance).toBe(0);
    await sqlite.close();
  });

  it('passes a defect of one decision or fold to its caller alone', async () => {
    const broken = purseCommand('purse-a', 'broken', 'broken', () => {
      throw new TypeError('defect in decide');
    });
    const unfoldable = purseCommand('purse-a', 'unfoldable', 'unfoldable', () => [
      { type: 'PaidOut', data: null as unknown as { yuan: number; payee: string } },
    ]);
    const results = await Promise.allSettled([
      runner.execute(payIn('purse-a', 10)),
      runner.execute(broken),
      runner.execute(unfoldable),
      runner.execute(payOut('purse-a', 4, 'after')),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(await log.head()).toBe(2);
    expect((await runner.load('purse-a', purseKind)).state.balance).toBe(6);
  });

  it('never shows a reader an event that is not stored', async () => {
    await runner.execute(payIn('purse-a', 10));
    let release = (): void => undefined;
    log.beforeAppend = () => new Promise((resolve) => (release = resolve));
    const paying = runner.execute(payOut('purse-a', 10, 'all'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    let seen: number | null = null;
    const reading = runner.load('purse-a', purseKind).then(({ state }) => (seen = state.balance));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toBeNull();
    release();
    await Promise.all([paying, reading]);
    expect(seen).toBe(0);
  });

  it('serves readers at once from memory while nothing is under way', async () => {
    await runner.execute(payIn('purse-a', 10));
    log.reads.length = 0;
    await runner.load('purse-a', purseKind);
    expect(log.reads).toEqual([]);
  });

  it('keeps no more streams than it may, and the newest of them', async () => {
    const small = new CommandRunner(log, { now, maxCachedStreams: 10 });
    for (let index = 0; index < 40; index += 1) await small.execute(payIn(`purse-${index}`, 1));
    log.reads.length = 0;
    await small.execute(payOut('purse-39', 1, 'newest'));
    expect(log.reads).toEqual([]);
    await small.execute(payOut('purse-0', 1, 'oldest'));
    expect(log.reads).toEqual([['purse-0', 0]]);
  });

  it('folds a stream of several pages', async () => {
    const events = Array.from({ length: 2500 }, (_, index) =>
      sampleEvent('purse-a', index, { type: 'PaidIn', data: { yuan: 1 } }),
    );
    await log.inner.append({ stream: 'purse-a', expectedRevision: NO_STREAM, events });
    expect(await runner.load('purse-a', purseKind)).toMatchObject({ revision: 2499, state: { balance: 2500 } });
    expect(log.reads.map(([, from]) => from)).toEqual([0, 1000, 2000]);
  });

  it('says when something was stored, and only then', async () => {
    const positions: Position[] = [];
    const telling = new CommandRunner(log, { now, onAppended: (position) => positions.push(position) });
    await telling.execute(payIn('purse-a', 1));
    await telling.execute(payIn('purse-a', 1));
    await telling.execute(payOut('purse-a', 9, 'too much')).catch(() => undefined);
    await telling.runUnit(async (unit) => unit.execute(payIn('purse-b', 1)));
    expect(positions).toEqual([1, 2]);
  });

  it('refuses one stream as two kinds', async () => {
    await runner.execute(payIn('purse-a', 1));
    await expect(runner.load<Purse, never>('purse-a', { ...purseKind } as never)).rejects.toThrow('two kinds');
  });
});

describe('a unit of work', () => {
  let log: TroubledLog;
  let runner: CommandRunner;
  beforeEach(() => {
    log = new TroubledLog();
    runner = new CommandRunner(log, { now });
  });

  it('sees its own results, shows nobody anything before it is stored, and stores in the order decided', async () => {
    await runner.execute(payIn('purse-a', 10));
    const unit = runner.unit();
    await unit.execute(payOut('purse-a', 10, 'one'));
    await unit.execute(payIn('purse-b', 10));
    await unit.execute(payIn('purse-a', 5, 'two'));
    await unit.execute(payOut('purse-b', 4, 'three'));
    expect(unit.eventCount).toBe(4);
    expect((await unit.load('purse-a', purseKind)).state.balance).toBe(5);
    expect((await runner.load('purse-a', purseKind)).state.balance).toBe(10);
    expect(await log.head()).toBe(1);
    expect(await unit.commit()).toEqual({ position: 5, storedEvents: 4 });
    const stored = (await log.readAll(1, 10)).map(readEvent);
    expect(stored.map((event) => [event.stream, event.revision, event.basis])).toEqual([
      ['purse-a', 1, 'one'],
      ['purse-b', 0, 'in-purse-b'],
      ['purse-a', 2, 'two'],
      ['purse-b', 1, 'three'],
    ]);
    expect((await runner.load('purse-a', purseKind)).state.balance).toBe(5);
    expect(await runner.execute(payOut('purse-b', 6, 'rest'))).toMatchObject({ revision: 2, position: 6 });
  });

  it('is as before a command that it refused, so that further refusals can be collected', async () => {
    const unit = runner.unit();
    await unit.execute(payIn('purse-a', 5));
    await expect(unit.execute(payOut('purse-a', 6, 'too much'))).rejects.toMatchObject({ code: 'OVERDRAWN' });
    await expect(unit.execute(payOut('purse-a', 7, 'far too much'))).rejects.toMatchObject({ code: 'OVERDRAWN' });
    expect((await unit.load('purse-a', purseKind)).state.balance).toBe(5);
    await unit.execute(payOut('purse-a', 5, 'just enough'));
    expect(await unit.commit()).toEqual({ position: 2, storedEvents: 2 });
  });

  it('knows commands again: its own, those of the log, and their reuse', async () => {
    await runner.execute(payIn('purse-a', 5, 'in the log'));
    const unit = runner.unit();
    expect(await unit.execute(payIn('purse-a', 5, 'in the log'))).toEqual({
      eventIds: [eventId(commandIdFrom('in the log'), 0)],
      unchanged: true,
      events: [],
    });
    expect(await unit.execute(payIn('purse-a', 7, 'own'))).toMatchObject({
      unchanged: false,
      events: [{ revision: 1 }],
    });
    expect(await unit.execute(payIn('purse-a', 7, 'own'))).toMatchObject({ unchanged: true });
    await expect(unit.execute(payIn('purse-a', 8, 'own'))).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
    await expect(unit.execute(payIn('purse-b', 7, 'own'))).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
    expect(await unit.commit()).toEqual({ position: 2, storedEvents: 1 });
  });

  it('stores nothing when it holds nothing, was discarded, or its work threw', async () => {
    await runner.execute(payIn('purse-a', 5));
    expect(await runner.runUnit(async (unit) => unit.execute(payIn('purse-a', 5)))).toMatchObject({
      position: 1,
      storedEvents: 0,
      result: { unchanged: true },
    });
    const dry = await runner.runUnit(async (unit) => {
      await unit.execute(payOut('purse-a', 5, 'dry run'));
      unit.discard();
      return 'seen';
    });
    expect(dry).toEqual({ result: 'seen', position: 1, storedEvents: 0 });
    await expect(
      runner.runUnit(async (unit) => {
        await unit.execute(payOut('purse-a', 5, 'thrown'));
        throw new Error('row 7');
      }),
    ).rejects.toThrow('row 7');
    expect(await log.head()).toBe(1);
  });

  it('can be used no more once it is stored or discarded', async () => {
    const unit = runner.unit();
    await unit.execute(payIn('purse-a', 5));
    await unit.commit();
    await expect(unit.execute(payIn('purse-a', 6, 'late'))).rejects.toThrow('committed');
    await expect(unit.commit()).rejects.toThrow('committed');
  });

  it('is refused whole when somebody else wrote meanwhile, and runUnit does the work again', async () => {
    await runner.execute(payIn('purse-a', 5));
    const unit = runner.unit();
    await unit.execute(payOut('purse-a', 5, 'unit'));
    await unit.execute(payIn('purse-b', 5));
    await runner.execute(payIn('purse-a', 1, 'meanwhile'));
    await expect(unit.commit()).rejects.toMatchObject({ kind: 'conflict', code: 'CONCURRENT_WRITE' });
    expect(await log.head()).toBe(2);

    let attempts = 0;
    const { result, storedEvents } = await runner.runUnit(async (again) => {
      attempts += 1;
      const balance = (await again.load('purse-a', purseKind)).state.balance;
      await again.execute(payOut('purse-a', balance, `unit ${attempts}`));
      if (attempts < 3) await runner.execute(payIn('purse-a', 1, `meanwhile ${attempts}`));
      return balance;
    });
    expect({ attempts, result, storedEvents }).toEqual({ attempts: 3, result: 8, storedEvents: 1 });
    expect((await runner.load('purse-a', purseKind)).state.balance).toBe(0);
  });

  it('gives up when others never stop writing', async () => {
    let attempts = 0;
    const work = runner.runUnit(async (unit) => {
      attempts += 1;
      await unit.execute(payIn('purse-a', 1, 'unit'));
      await runner.execute(payIn('purse-a', 1, `meanwhile ${attempts}`));
    }, 3);
    await expect(work).rejects.toMatchObject({ code: 'CONCURRENT_WRITE' });
    expect(attempts).toBe(3);
  });

  it('names the command whose id another stream holds', async () => {
    await runner.execute(payIn('purse-a', 5, 'taken'));
    const unit = runner.unit();
    await unit.execute(payIn('purse-b', 5, 'fine'));
    await unit.execute(payIn('purse-b', 5, 'taken'));
    await expect(unit.commit()).rejects.toMatchObject({
      code: 'COMMAND_ID_REUSED',
      parameters: { commandId: commandIdFrom('taken'), stream: 'purse-b' },
    });
    expect(await log.head()).toBe(1);
  });

  it('passes on what the log says', async () => {
    const unit = runner.unit();
    await unit.execute(payIn('purse-a', 5));
    log.beforeAppend = async () => {
      throw logDiskFull('disk');
    };
    await expect(unit.commit()).rejects.toMatchObject({ code: 'LOG_DISK_FULL' });
    expect(await log.head()).toBe(0);
  });

  it('keeps text of any script and size whole until it is stored', async () => {
    const unit = runner.unit();
    const remarks = ['水'.repeat(700_000), '𠮷', '"\\\u0000', 'é'.repeat(10)];
    for (const [index, payee] of remarks.entries()) {
      await unit.execute(
        purseCommand('purse-a', `remark ${index}`, payee, () => [{ type: 'PaidOut', data: { yuan: index, payee } }]),
      );
    }
    await unit.commit();
    const stored = (await log.readAll(0, 10)).map((event) => (readEvent(event).data as { payee: string }).payee);
    expect(stored).toEqual(remarks);
  });
});
