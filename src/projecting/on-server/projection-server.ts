import { setTimeout as pause } from 'node:timers/promises';

import {
  CATEGORIES_PROJECTION,
  type CategoryLink,
  type ServerProjection,
  type ServerProjections,
} from '../../event-log/eventstoredb/server-projections';
import type { PoolEvents } from './pool-events';
import { projectionFaulted, projectionsBehind } from './projection-failures';
import { projectionOf } from './server-script';

/** What the commands need of a server; its calls are in the folder of the client. */
export type ProjectionServer = Pick<ServerProjections, keyof ServerProjections>;

/** Handled and total events of what is waited for. */
export type Waiting = (done: number, total: number) => void;

/** The category of the pools' streams. */
export const POOLS = 'pool';

const POLL_MS = 200;

/** What has not moved for so long is not going to: a leader that changes takes a few seconds. */
const STILL_MS = 60_000;

/** Links read at once. */
const PAGE = 200;

/** Numbers, within the category of the pools, of the last event and of the last that projections handle; −1: none. */
export interface CategoryEnd {
  readonly last: number;
  readonly lastHandled: number;
}

/** Official projections on the server, in whatever version. */
export const officialOn = async (server: ProjectionServer): Promise<readonly ServerProjection[]> =>
  (await server.list()).filter(({ name }) => projectionOf(name) !== null);

/** Sees to it that the server collects streams by their category, which ours read. */
export const startCategories = async (server: ProjectionServer): Promise<void> => {
  const collecting = (await server.list()).find(({ name }) => name === CATEGORIES_PROJECTION);
  if (collecting?.state === 'faulted') throw projectionFaulted(collecting.name, collecting.reason);
  if (collecting?.state !== 'running') await server.enable(CATEGORIES_PROJECTION);
};

/** Waits until the server has collected the pools' events up to the last one. */
export const categoryEnd = async (server: ProjectionServer, events: PoolEvents): Promise<CategoryEnd> => {
  if (events.last === null) return { last: -1, lastHandled: -1 };
  const still = new Stillness(STILL_MS);
  for (;;) {
    const last = await numberOf(server, events.last, 'end', PAGE);
    if (last !== null) {
      const lastHandled = events.lastHandled === null ? -1 : await numberOf(server, events.lastHandled, last, Infinity);
      if (lastHandled !== null) return { last, lastHandled };
    }
    const [end] = await server.links(POOLS, 'end', 1);
    if (still.since(end?.number ?? -1)) throw projectionsBehind([CATEGORIES_PROJECTION], STILL_MS / 1000);
    await pause(POLL_MS);
  }
};

/** What a server says when a handler took longer than it allows. */
const TIMED_OUT = /took too long/;

/**
 * Waits until each of the projections has handled the event of that number.
 *
 * @param forgiven how many times a handler's timeout at one place is not yet a failure; who gets on begins to count anew,
 * because a busy server takes the time away from one event or another of a long ledger again and again
 */
export const waitUntilHandled = async (
  server: ProjectionServer,
  names: readonly string[],
  number: number,
  waiting: Waiting = () => undefined,
  forgiven = 0,
): Promise<readonly ServerProjection[]> => {
  const still = new Stillness(STILL_MS);
  const timeouts = new TimeoutsAtOnePlace();
  for (;;) {
    const all = await server.list();
    const ours = names.flatMap((name) => all.filter((projection) => projection.name === name));
    for (const { name, reason, handled } of ours.filter(({ state }) => state === 'faulted')) {
      if (!TIMED_OUT.test(reason) || timeouts.count(name, handled) > forgiven) throw projectionFaulted(name, reason);
      await server.enable(name);
    }
    const handled = ours.map((projection) => Math.min(projection.handled, number) + 1);
    const done = handled.reduce((sum, each) => sum + each, 0);
    waiting(done, names.length * (number + 1));
    const behind = names.filter((name) => !ours.some((each) => each.name === name && isUpTo(each, number)));
    if (behind.length === 0) return ours;
    if (still.since(done)) throw projectionsBehind(behind, STILL_MS / 1000);
    await pause(POLL_MS);
  }
};

const isUpTo = ({ state, handled }: ServerProjection, number: number): boolean =>
  state === 'running' && handled >= number;

/** Number of an event within the category, looked for backwards; null when it is not among so many. */
const numberOf = async (
  server: ProjectionServer,
  event: string,
  from: number | 'end',
  atMost: number,
): Promise<number | null> => {
  let next: number | 'end' = from;
  for (let seen = 0; seen < atMost;) {
    const links: readonly CategoryLink[] = await server.links(POOLS, next, PAGE);
    const found = links.find((link) => link.event === event);
    if (found !== undefined) return found.number;
    const oldest = links.at(-1);
    if (oldest === undefined || oldest.number === 0) return null;
    next = oldest.number - 1;
    seen += links.length;
  }
  return null;
};

/** How often each projection has timed out without having got any further. */
class TimeoutsAtOnePlace {
  readonly #byName = new Map<string, { readonly furthest: number; readonly times: number }>();

  count(name: string, handled: number): number {
    const before = this.#byName.get(name);
    const isStuck = before !== undefined && handled <= before.furthest;
    const now = isStuck ? { ...before, times: before.times + 1 } : { furthest: handled, times: 1 };
    this.#byName.set(name, now);
    return now.times;
  }
}

/** Tells when a figure has stayed the same for too long. */
class Stillness {
  readonly #limitMs: number;
  #figure: number | null = null;
  #movedAt = performance.now();

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  since(figure: number): boolean {
    if (figure !== this.#figure) {
      this.#figure = figure;
      this.#movedAt = performance.now();
    }
    return performance.now() - this.#movedAt > this.#limitMs;
  }
}
