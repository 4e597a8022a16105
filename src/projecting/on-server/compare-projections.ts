import type { ProjectionName } from '../projection-loader';
import { PROJECTION_NAMES } from '../projection-loader';
import type { ReadSnapshot, SnapshotSource } from '../read-database';
import { type PoolEvents, poolEventsOf } from './pool-events';
import { ledgerMoving, projectionsMissing } from './projection-failures';
import { categoryEnd, officialOn, type ProjectionServer, type Waiting, waitUntilHandled } from './projection-server';
import { plainKey, type ServerScript, serverScripts } from './server-script';

/** One figure that is another one on the server; amounts in fen, null where one side has none. */
export interface StateDifference {
  readonly projection: ProjectionName;
  readonly pool: string;
  readonly section: string;
  readonly key: string;
  /** Null where the entry is no cell. */
  readonly measure: string | null;
  readonly ours: number | string | null;
  readonly theirs: number | string | null;
}

export interface StateComparison {
  readonly position: number;
  readonly pools: number;
  /** Figures that were looked at on either side. */
  readonly figures: number;
  readonly differences: readonly StateDifference[];
}

/** Figures of one pool by section, key and measure. */
type Figures = Map<string, { readonly at: readonly [string, string, string | null]; readonly value: number | string }>;

/** Tries before one gives up meeting the server at one position of a ledger that is being written. */
const ATTEMPTS = 10;

/** States asked for at once. */
const TOGETHER = 8;

/**
 * Compares the states on the server with ours, figure by figure, both at one position. Waits until the server is there.
 *
 * @param catchUp brings our read model to the end of the log
 */
export const compareProjections = async (
  server: ProjectionServer,
  readModel: SnapshotSource,
  catchUp: () => Promise<unknown>,
  waiting?: Waiting,
  scripts: readonly ServerScript[] = serverScripts(),
): Promise<StateComparison> => {
  const names = scripts.map(({ name }) => name);
  const running = await officialOn(server);
  const missing = names.filter((name) => !running.some((each) => each.name === name && each.state !== 'stopped'));
  if (missing.length > 0) throw projectionsMissing(missing);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    await catchUp();
    const ours = readModel.read(ownStates);
    const end = await categoryEnd(server, ours.events);
    const before = await waitUntilHandled(server, names, end.lastHandled, waiting);
    const comparison = await compareStates(server, scripts, ours, waiting);
    const after = await server.list();
    // The server may have handled more while its states were read; then they belong to no position.
    const stood = [...before, ...names.flatMap((name) => after.filter((each) => each.name === name))].every(
      ({ handled }) => handled <= end.last,
    );
    if (stood || comparison.differences.length === 0) return comparison;
  }
  throw ledgerMoving();
};

interface OwnStates {
  readonly events: PoolEvents;
  readonly pools: readonly string[];
  /** By projection and pool. */
  readonly figures: ReadonlyMap<string, Figures>;
}

const ownStates = (snapshot: ReadSnapshot): OwnStates => {
  const figures = new Map<string, Figures>();
  for (const [projection, pool, section, key, value] of snapshot.each<
    readonly [number, string, string, string, string]
  >('SELECT projection, stream.name, section, key, value FROM entry JOIN stream ON stream.id = entry.pool')) {
    const at = `${PROJECTION_NAMES[projection] ?? ''} ${pool}`;
    const known = figures.get(at) ?? new Map();
    figures.set(at, known);
    addEntry(known, section, key, JSON.parse(value));
  }
  const pools = snapshot
    .all<readonly [string]>('SELECT name FROM stream WHERE division IS NOT NULL ORDER BY name')
    .map(([name]) => name);
  return { events: poolEventsOf(snapshot), pools, figures };
};

const compareStates = async (
  server: ProjectionServer,
  scripts: readonly ServerScript[],
  { events, pools, figures }: OwnStates,
  waiting: Waiting = () => undefined,
): Promise<StateComparison> => {
  const asked = scripts.flatMap(({ projection, name }) => pools.map((pool) => ({ projection, name, pool })));
  const differences: StateDifference[] = [];
  let looked = 0;
  for (let index = 0; index < asked.length; index += TOGETHER) {
    const some = asked.slice(index, index + TOGETHER);
    const states = await Promise.all(some.map(({ name, pool }) => server.state(name, pool)));
    some.forEach(({ projection, pool }, place) => {
      const ours = figures.get(`${projection} ${pool}`) ?? new Map();
      const theirs = stateFigures(states[place]);
      looked += new Set([...ours.keys(), ...theirs.keys()]).size;
      differences.push(...figureDifferences(projection, pool, ours, theirs));
    });
    waiting(index + some.length, asked.length);
  }
  return { position: events.position, pools: pools.length, figures: looked, differences };
};

const figureDifferences = (
  projection: ProjectionName,
  pool: string,
  ours: Figures,
  theirs: Figures,
): readonly StateDifference[] =>
  [...new Map([...ours, ...theirs])].flatMap(([id, { at }]) => {
    const [section, key, measure] = at;
    const own = ours.get(id)?.value ?? null;
    const other = theirs.get(id)?.value ?? null;
    return own === other ? [] : [{ projection, pool, section, key, measure, ours: own, theirs: other }];
  });

/** What comes from outside may be anything. */
const stateFigures = (state: unknown): Figures => {
  const figures: Figures = new Map();
  for (const [section, entries] of entriesOf(state)) {
    for (const [key, value] of entriesOf(entries)) addEntry(figures, section, plainKey(key), value);
  }
  return figures;
};

const addEntry = (figures: Figures, section: string, key: string, value: unknown): void => {
  const measures = entriesOf(value);
  if (measures.length === 0) addFigure(figures, [section, key, null], value);
  for (const [measure, amount] of measures) addFigure(figures, [section, key, measure], amount);
};

const addFigure = (figures: Figures, at: readonly [string, string, string | null], value: unknown): void => {
  const plain = typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value ?? null);
  figures.set(JSON.stringify(at), { at, value: plain });
};

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];
