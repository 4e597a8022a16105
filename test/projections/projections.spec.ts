import {
  compileProjection,
  loadProjection,
  PROJECTION_NAMES,
  type ProjectionEvent,
  projectionSource,
} from '../../src/projecting/projection-loader';
import { ledgerEvent, movement, quotaLine } from '../projecting/ledger-events';
import { forbiddenUses } from './permitted-language';

const LINE = 'D1/C1/U1';

const projected = (type: string, data: Readonly<Record<string, unknown>>, stream = 'pool-63-2024'): ProjectionEvent => {
  const { id, metadata } = ledgerEvent(stream, type, '2024-01-02', data);
  return {
    streamId: stream,
    sequenceNumber: 0,
    eventType: type,
    eventId: id,
    isJson: true,
    data,
    body: data,
    metadata,
  };
};

const appropriated = (amount: string): ProjectionEvent =>
  projected('FundsAppropriated', {
    documentNo: 'D1',
    lines: [quotaLine(LINE, 'ZJ')],
    movements: [movement(LINE, 'source:C1', 'pool:63:2024:received', amount)],
  });

describe('the official projections', () => {
  it.each(PROJECTION_NAMES)('%s keeps to the language that an EventStoreDB server runs', (name) => {
    expect(forbiddenUses(projectionSource(name))).toEqual([]);
  });

  it.each([
    ['new Date()', 'Date'],
    ['Math.random()', 'random'],
    ["Math['random']()", 'random'],
    ['function* f() { yield 1; }', 'generator'],
    ['const f = async () => 1;', 'async'],
    ["import x from 'y';", 'module'],
    ['export const a = 1;', 'export'],
    ['(1).toLocaleString()', 'toLocaleString'],
    ["eval('1')", 'eval'],
    ['structuredClone({})', 'structuredClone'],
    ['new Intl.NumberFormat()', 'Intl'],
    ["require('fs')", 'require'],
  ])('the check would find %s', (source, what) => {
    expect(forbiddenUses(source).join()).toContain(what);
  });

  it.each(PROJECTION_NAMES)('%s leaves only plain JSON in its state', (name) => {
    const { initialState, handlers } = loadProjection(name);
    const state = handlers.get('FundsAppropriated')?.(initialState(), appropriated('12.34'));
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    expect(JSON.stringify(state)).not.toMatch(/null|undefined/);
  });

  it('refuse to add beyond what is exact', () => {
    const { initialState, handlers } = loadProjection('county-balance');
    const handler = handlers.get('FundsAppropriated');
    const state = handler?.(initialState(), appropriated('90071992547409.91'));
    expect(state?.['cells']).toMatchObject({ 63: { appropriated: Number.MAX_SAFE_INTEGER } });
    expect(() => handler?.(state ?? {}, appropriated('0.01'))).toThrow('exact fen');
    expect(() => handler?.(initialState(), appropriated('90071992547409.92'))).toThrow('exact amount');
  });

  it.each(['1', '1.5', '1e3.00', '-1.00', '１.00', '.50', '1,000.00', ''])('refuse the amount “%s”', (amount) => {
    const { initialState, handlers } = loadProjection('county-balance');
    expect(() => handlers.get('FundsAppropriated')?.(initialState(), appropriated(amount))).toThrow('not an amount');
  });

  it('refuse an account path of another form and a line without particulars', () => {
    const { initialState, handlers } = loadProjection('department-balance');
    const handler = handlers.get('FundsIntegrated');
    const strange = projected('FundsIntegrated', { movements: [movement(LINE, 'pocket:me', 'source:C1', '1.00')] });
    expect(() => handler?.(initialState(), strange)).toThrow('not an account path');
    const unknown = projected('FundsIntegrated', {
      movements: [movement(LINE, 'pool:63:2024:received', 'pool:63:2024:available', '1.00')],
    });
    expect(() => handler?.(initialState(), unknown)).toThrow('quota line');
  });

  it('know no clock, no chance and no locale, and cannot make code from text', () => {
    const tell = (expression: string): unknown => {
      const source = `fromCategory('pool').foreachStream().when({ $init: () => ({ cells: {} }), A: (state) => {
        state.cells.answer = ${expression}; return state; } });`;
      const { initialState, handlers } = compileProjection('county-balance', source);
      return handlers.get('A')?.(initialState(), projected('A', {}))['cells']?.['answer'];
    };
    for (const name of ['Date', 'Intl', 'require', 'process', 'structuredClone', 'eval', 'setTimeout']) {
      expect(tell(`typeof ${name}`)).toBe('undefined');
    }
    expect(tell('typeof Math.random')).toBe('undefined');
    expect(tell('typeof (1).toLocaleString')).toBe('undefined');
    expect(() => tell("[].constructor.constructor('return 1')()")).toThrow();
  });

  it('are loaded however long a busy machine takes for it', () => {
    const machineIsBusy = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    const source = `${projectionSource('county-balance')}\nentryTouched('', '');`;
    expect(compileProjection('county-balance', source, machineIsBusy).handlers.size).toBeGreaterThan(0);
  });

  it('tell the host which entries an event has touched, and only those', () => {
    const touched: string[] = [];
    const { initialState, handlers } = loadProjection('department-balance', (section, key) =>
      touched.push(`${section} ${key}`),
    );
    const state = handlers.get('FundsAppropriated')?.(initialState(), appropriated('1.00'));
    expect(touched).toEqual([`lines ${LINE}`, 'cells ZJ']);
    touched.length = 0;
    handlers.get('FundsAppropriated')?.(state ?? {}, appropriated('1.00'));
    expect(touched).toEqual(['cells ZJ']);
  });

  it('have another version when a byte of the prelude or the file changes', () => {
    const versions = PROJECTION_NAMES.map((name) => loadProjection(name).version);
    expect(new Set(versions).size).toBe(PROJECTION_NAMES.length);
    const source = projectionSource('county-balance');
    expect(compileProjection('county-balance', `${source}\n`).version).not.toBe(
      compileProjection('county-balance', source).version,
    );
  });
});
