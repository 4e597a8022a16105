import { join } from 'node:path';

import Database from 'better-sqlite3';

import { CommandRunner } from '../../src/event-log/command-runner';
import { SqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log';
import { readEvent } from '../../src/event-log/upcasting';
import { saidUntilKilled } from '../support/killed-process';
import { compileLog } from './compiled-log';
import { purseKind } from './purse';
import { scratchDirectory } from './scratch-directory';
import { expectTreeOfEvents } from './tree-of-events';

const CYCLES = 200;
const WRITERS = 8;
/** Files that are worked on side by side, because a cycle is mostly the start of a process. */
const LANES = 4;
const LONGEST_LIFE_MS = 120;
/** Two hundred starts of a process take half a minute alone, and many times that on a machine that has much else to do. */
const LONGEST_SETUP_MS = 900_000;

interface Acknowledged {
  readonly writer: number;
  readonly number: number;
  readonly stream: string;
  readonly eventIds: readonly string[];
  readonly position: number;
  readonly revision: number;
  readonly unchanged: boolean;
}

/** A quarter of the times it is killed so early that it may still be opening. */
const writeUntilKilled = (
  script: string,
  file: string,
  threadFromEvents: number,
  firstNumbers: readonly number[],
  random: number,
): Promise<readonly Acknowledged[]> =>
  saidUntilKilled(
    [script, file, String(threadFromEvents), ...firstNumbers.map(String)],
    ((random * 4) % 1) * LONGEST_LIFE_MS,
    random < 0.75,
  );

interface LaneResult {
  readonly file: string;
  readonly acknowledged: readonly Acknowledged[];
}

const runLane = async (script: string, cycles: number, threadFromEvents: number): Promise<LaneResult> => {
  const file = join(scratchDirectory(), 'log.db');
  const acknowledged: Acknowledged[] = [];
  const next = Array.from({ length: WRITERS }, () => 0);
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    for (const answer of await writeUntilKilled(script, file, threadFromEvents, next, Math.random())) {
      acknowledged.push(answer);
      // What was not acknowledged is asked for again under the same id, as a client does that got no answer.
      next[answer.writer] = answer.number + 1;
    }
  }
  return { file, acknowledged };
};

describe(`a process that is killed with -9, ${CYCLES} times, while ${WRITERS} writers work`, () => {
  let lanes: readonly LaneResult[];

  beforeAll(async () => {
    const { writer } = compileLog(scratchDirectory());
    // Half of the processes write in a thread of their own, which is killed together with the rest.
    lanes = await Promise.all(
      Array.from({ length: LANES }, (_, lane) => runLane(writer, CYCLES / LANES, lane % 2 === 0 ? 1 : 1_000_000)),
    );
  }, LONGEST_SETUP_MS);

  it('wrote something worth killing it for', () => {
    const acknowledged = lanes.flatMap((lane) => lane.acknowledged);
    expect(acknowledged.length).toBeGreaterThan(CYCLES * WRITERS);
    expect(acknowledged.some((answer) => answer.unchanged)).toBe(true);
  });

  it('loses no acknowledged event, doubles none, and leaves no gap', async () => {
    for (const { file, acknowledged } of lanes) {
      const log = new SqliteEventLog({ file });
      const events = (await log.readAll(0, 1_000_000)).map(readEvent);
      await log.close();

      expect(events.map((event) => event.position)).toEqual(events.map((_, index) => index + 1));
      for (const stream of new Set(events.map((event) => event.stream))) {
        const revisions = events.filter((event) => event.stream === stream).map((event) => event.revision);
        expect(revisions).toEqual(revisions.map((_, index) => index));
      }

      const byId = new Map(events.map((event) => [event.id, event]));
      expect(byId.size).toBe(events.length);
      for (const { writer, number, stream, eventIds, position, revision, unchanged } of acknowledged) {
        expect(eventIds).toHaveLength(1);
        const event = byId.get(eventIds[0] ?? '');
        expect(event).toMatchObject({ stream, revision, basis: `${writer}/${number}` });
        if (!unchanged) expect(event?.position).toBe(position);
      }

      // Each number of each writer once; beyond the acknowledged ones only those that were on their way.
      const bases = events.map((event) => event.basis);
      expect(new Set(bases).size).toBe(bases.length);
      expect(events.length - new Set(acknowledged.map((answer) => answer.eventIds[0])).size).toBeLessThanOrEqual(
        WRITERS,
      );
    }
  });

  it('leaves a tree of exactly the events that are there', async () => {
    for (const { file } of lanes) {
      const log = new SqliteEventLog({ file });
      const { size } = await expectTreeOfEvents(log);
      expect(size).toBeGreaterThan(0);
      await log.close();
    }
  });

  it('leaves a sound file whose state is the sum of its events', async () => {
    for (const { file } of lanes) {
      const database = new Database(file);
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      database.close();
      const log = new SqliteEventLog({ file });
      const runner = new CommandRunner(log, { now: () => new Date() });
      let balance = 0;
      for (const stream of ['purse-0', 'purse-1', 'purse-2']) {
        balance += (await runner.load(stream, purseKind)).state.balance;
      }
      expect(balance).toBe(await log.head());
      await log.close();
    }
  });
});
