import { setTimeout as pause } from 'node:timers/promises';

import type { ServerProjection } from '../../event-log/eventstoredb/server-projections';
import type { ProjectionName } from '../projection-loader';
import type { PoolEvents } from './pool-events';
import {
  categoryEnd,
  officialOn,
  type ProjectionServer,
  startCategories,
  type Waiting,
  waitUntilHandled,
} from './projection-server';
import { projectionOf, type ServerScript, serverScripts } from './server-script';

export interface DeployedProjection {
  readonly projection: ProjectionName;
  readonly name: string;
  /** False when this very text ran already. */
  readonly created: boolean;
  /** Names of the versions that it has taken the place of. */
  readonly replaced: readonly string[];
}

/** The server allows a handler a quarter of a second of the clock, which a busy machine takes away now and then. */
const TIMEOUTS_FORGIVEN = 10;

/**
 * Puts the official projections on the server, beside the versions that run there; those go once the new ones have
 * handled what there was.
 */
export const deployProjections = async (
  server: ProjectionServer,
  events: PoolEvents,
  waiting?: Waiting,
  scripts: readonly ServerScript[] = serverScripts(),
): Promise<readonly DeployedProjection[]> => {
  await startCategories(server);
  const before = await officialOn(server);
  const created = new Set<string>();
  for (const script of scripts) {
    if (await bringUp(server, script, before)) created.add(script.name);
  }
  const { lastHandled } = await categoryEnd(server, events);
  const names = scripts.map(({ name }) => name);
  await waitUntilHandled(server, names, lastHandled, waiting, TIMEOUTS_FORGIVEN);
  const deployed: DeployedProjection[] = [];
  for (const { projection, name } of scripts) {
    const replaced = before.filter((each) => projectionOf(each.name) === projection && each.name !== name);
    for (const old of replaced) await takeDown(server, old.name);
    deployed.push({ projection, name, created: created.has(name), replaced: replaced.map((old) => old.name) });
  }
  return deployed;
};

/** Takes every version of the official projections off the server. */
export const removeProjections = async (server: ProjectionServer): Promise<readonly string[]> => {
  const names = (await officialOn(server)).map(({ name }) => name);
  for (const name of names) await takeDown(server, name);
  return names;
};

/** @returns whether it was not there before */
const bringUp = async (
  server: ProjectionServer,
  { name, script }: ServerScript,
  before: readonly ServerProjection[],
): Promise<boolean> => {
  const there = before.find((each) => each.name === name);
  if (there === undefined) {
    await server.create(name, script);
    return true;
  }
  // What has faulted goes on from its last checkpoint; a fault that is in an event comes again.
  if (there.state !== 'running') await server.enable(name);
  return false;
};

/** Times that one looks whether a projection has stopped, before it is deleted anyway and the server says why not. */
const STOP_LOOKS = 100;
const STOP_PAUSE_MS = 100;

/** The server deletes only what has stopped. */
const takeDown = async (server: ProjectionServer, name: string): Promise<void> => {
  await server.disable(name);
  for (let look = 0; look < STOP_LOOKS; look += 1) {
    const there = (await server.list()).find((each) => each.name === name);
    if (there === undefined) return;
    if (there.state === 'stopped' || there.status.startsWith('Faulted')) break;
    await pause(STOP_PAUSE_MS);
  }
  await server.remove(name);
};
