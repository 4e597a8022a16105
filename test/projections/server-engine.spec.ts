import { plainKey } from '../../src/projecting/on-server/server-script';
import {
  loadProjection,
  PROJECTION_NAMES,
  type ProjectionState,
  projectionSource,
} from '../../src/projecting/projection-loader';
import type { LedgerEvent } from '../../src/event-log/event';
import { villageYear } from '../projecting/on-server/village-year';
import { ServerEngine } from '../support/eventstoredb/server-engine';
import { LedgerModel } from './ledger-model';

const history = (): readonly LedgerEvent[] => {
  const model = new LedgerModel();
  for (let step = 0; step < 250; step += 1)
    model.step(Array.from({ length: 10 }, (_, index) => (step * 7919 + index * 104_729) % 9973));
  return [...model.entries.map(({ event }) => event), ...villageYear('639950')];
};

const engineStates = (engine: ServerEngine, events: readonly LedgerEvent[]): Map<string, string> => {
  const states = new Map<string, string>();
  events.forEach(({ stream, type, id, data, metadata }, index) => {
    if (!engine.types.has(type)) return;
    const event = { streamId: stream, sequenceNumber: index, eventType: type, eventId: id };
    const texts = { data: JSON.stringify(data), metadata: JSON.stringify(metadata) };
    states.set(stream, engine.step(states.get(stream) ?? null, { ...event, ...texts }));
  });
  return states;
};

const plain = (state: ProjectionState): unknown =>
  Object.fromEntries(
    Object.entries(state).map(([section, entries]) => [
      section,
      Object.fromEntries(Object.entries(entries).map(([key, entry]) => [plainKey(key), entry])),
    ]),
  );

describe('the engine of a server', () => {
  it.each(PROJECTION_NAMES)('runs %s, without what it lacks and with states that are text in between', (name) => {
    const events = history();
    const engine = new ServerEngine(projectionSource(name));
    expect(engine.category).toBe('pool');
    const theirs = engineStates(engine, events);
    const { initialState, handlers } = loadProjection(name);
    const ours = new Map<string, ProjectionState>();
    events.forEach(({ stream, type, id, data, metadata }, sequenceNumber) => {
      const handler = handlers.get(type);
      if (handler === undefined) return;
      const event = { streamId: stream, sequenceNumber, eventType: type, eventId: id, isJson: true as const };
      ours.set(stream, handler(ours.get(stream) ?? initialState(), { ...event, data, body: data, metadata }));
    });
    expect(theirs.size).toBeGreaterThan(3);
    expect([...theirs.keys()]).toEqual([...ours.keys()]);
    for (const [stream, text] of theirs) {
      expect(plain(JSON.parse(text) as ProjectionState)).toEqual(plain(ours.get(stream) ?? {}));
    }
  });

  const projection = (handler: string): string =>
    `fromCategory('pool').foreachStream().when({ $init: () => ({ cells: {} }), Any: ${handler} });`;
  const step = (engine: ServerEngine, state: string | null = null): string =>
    engine.step(state, {
      streamId: 'pool-1-2024',
      sequenceNumber: 0,
      eventType: 'Any',
      eventId: '',
      data: '{}',
      metadata: '{}',
    });

  it.each([
    ['(state) => { state.now = new Date(); return state; }', 'Date is not defined'],
    ['(state) => { state.x = Math.random(); return state; }', 'Math.random is not a function'],
    ["(state) => { state.x = eval('1'); return state; }", 'eval is not defined'],
    ["(state) => { state.x = (() => 1).constructor('return 1')(); return state; }", 'Code generation from strings'],
    ['(state) => { state.x = structuredClone({}); return state; }', 'structuredClone is not defined'],
    ['(state) => { state.x = (1234.5).toLocaleString(); return state; }', 'toLocaleString is not a function'],
    ['(state) => { state.x = undefined; return state; }', 'nothing for JSON in the state'],
    ['(state) => { state.x = 0 / 0; return state; }', 'not a number of JSON in the state'],
    ['(state) => { for (;;) {} }', 'timed out'],
  ])('faults at %s', (handler, message) => {
    expect(() => step(new ServerEngine(projection(handler), { handlerMs: 50 }))).toThrow(message);
  });

  it('would not keep the owner of a line whose document is numbered in Chinese, if its key stood as it is', () => {
    const source = projectionSource('department-balance');
    const asItIs = source.replace(/const stateKey =[^;]*;/, 'const stateKey = (key) => key;');
    expect(asItIs).not.toBe(source);
    const events = villageYear('639951');
    expect(() => engineStates(new ServerEngine(asItIs), events)).toThrow('no event has brought this quota line');
    expect(engineStates(new ServerEngine(source), events).size).toBe(1);
  });

  it('gives back the name of a property as another one, unless it is ASCII', () => {
    const engine = new ServerEngine(
      projection("(state) => { state.cells['财'] = 1; state.cells['~8d22'] = 2; return state; }"),
    );
    expect(Object.keys((JSON.parse(step(engine)) as { cells: object }).cells)).toEqual(['~8d22', '缢']);
  });
});
