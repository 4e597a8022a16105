import {
  CATEGORIES_PROJECTION,
  PROJECTIONS_DENIED,
  type ServerProjectionState,
} from '../../event-log/eventstoredb/server-projections';
import { DomainError } from '../../platform/domain-error';
import type { ProjectionName } from '../projection-loader';
import { POOLS, type ProjectionServer } from './projection-server';
import { projectionOf, type ServerScript, serverScripts } from './server-script';

/** One projection on the server, or one that ought to be there. */
export interface ProjectionStatus {
  /** Null for the server's own one that ours read from. */
  readonly projection: ProjectionName | null;
  readonly name: string;
  /** It runs the text that this program has. */
  readonly current: boolean;
  readonly state: ServerProjectionState | 'missing';
  /** Per cent. */
  readonly progress: number;
  /** Events of the pools that it has not looked at yet, as far as can be told; null where this user may not know. */
  readonly behind: number | null;
  /** The server's words for what went wrong; null while nothing did. */
  readonly fault: string | null;
}

export const projectionsStatus = async (
  server: ProjectionServer,
  scripts: readonly ServerScript[] = serverScripts(),
): Promise<readonly ProjectionStatus[]> => {
  const all = await server.list();
  const end = await endOfPools(server);
  const behind = (handled: number): number | null => (end === null ? null : Math.max(0, end - handled));
  const status = (name: string, projection: ProjectionName | null, current: boolean): ProjectionStatus => {
    const there = all.find((each) => each.name === name);
    if (there === undefined) {
      return { projection, name, current, state: 'missing', progress: 0, behind: behind(-1), fault: null };
    }
    const { state, progress, reason, handled } = there;
    const isDone = projection === null || (progress >= 100 && state === 'running');
    const fault = state === 'faulted' ? reason : null;
    return { projection, name, current, state, progress, behind: isDone ? 0 : behind(handled), fault };
  };
  const current = scripts.map(({ projection, name }) => status(name, projection, true));
  const others = all
    .map(({ name }) => ({ name, projection: projectionOf(name) }))
    .filter(({ name, projection }) => projection !== null && !scripts.some((script) => script.name === name))
    .map(({ name, projection }) => status(name, projection, false));
  return [status(CATEGORIES_PROJECTION, null, true), ...current, ...others];
};

/**
 * Number of the last of the pools' events that the server has collected; −1 where there is none. As long as it has never
 * collected any, there is no stream of them, and a server refuses a user without rights of his own on its streams even
 * that answer: null.
 */
const endOfPools = async (server: ProjectionServer): Promise<number | null> => {
  try {
    return (await server.links(POOLS, 'end', 1))[0]?.number ?? -1;
  } catch (error) {
    if (error instanceof DomainError && error.code === PROJECTIONS_DENIED) return null;
    throw error;
  }
};
