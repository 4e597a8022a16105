import { generateLedger } from '../../../bench/support/generate-ledger';
import { type SealedLimits, SealedProjection } from '../../../src/audit/replay/sealed-projection';
import { OfficialFold } from '../../../src/audit/replay/official-fold';
import { readEvent } from '../../../src/event-log/upcasting';
import { projectionSource } from '../../../src/projecting/projection-loader';
import { ArrayLog } from '../../projecting/array-log';

const log = new ArrayLog();
for (const event of generateLedger({ events: 60 })) log.add(event);
const events = log.stored.map(readEvent);

/** Ways out of other rooms that code has been put into, and ways of never giving it back. */
const ESCAPES: readonly (readonly [name: string, statement: string])[] = [
  ['the constructor of the event', `e.constructor.constructor('return process')().exit(3)`],
  ['the constructor of the state', `s.constructor.constructor('return process')().exit(3)`],
  ['the constructor of its own handler', `(function () {}).constructor('return process')().exit(3)`],
  ['the constructor of what it is called by', `fromCategory.constructor('return process')().exit(3)`],
  ['the constructor of a generator', `(function* () {}).constructor('return process')().next()`],
  ['the constructor of an async function', `(async () => {}).constructor('return process')()`],
  ['a dynamic import', `import('node:fs')`],
  [
    'the error of a dynamic import',
    `import('x').catch((error) => error.constructor.constructor('return process')().exit(3))`,
  ],
  ['a promise', `new Promise(() => {}).then(() => {})`],
  ['an async handler', `return (async () => s)()`],
  ['something that is waited for', `return { then(done) { done(s); } }`],
  ['a getter that never ends', `return { get fen() { for (;;); } }`],
  ['an object whose toString never ends', `return { fen: 'x' + { toString() { for (;;); } } }`],
  ['a toJSON that never ends', `return { toJSON() { for (;;); } }`],
  ['an error whose message never ends', `throw { get message() { for (;;); } }`],
  ['an error whose toString never ends', `throw { toString() { for (;;); }, get name() { for (;;); } }`],
  ['a proxy', `return new Proxy({}, { get() { for (;;); } })`],
  ['a symbol as a state', `return Symbol.for('process')`],
  ['a stack trace hook', `Error.prepareStackTrace = (_, frames) => frames; throw new Error('x').stack[0].getThis()`],
  ['a regular expression that never ends', `/^(a+)+$/.test('a'.repeat(60) + 'b')`],
  ['a loop that never ends', `for (;;);`],
  ['a recursion that never ends', `const f = () => f() + 1; f()`],
  ['a search without end', `[].indexOf.call({ length: 2 ** 53 - 1 }, 1)`],
  ['a text made of nothing without end', `new Array(2 ** 32 - 1).join()`],
  ['long texts without end', `for (;;) 'x'.repeat(1e6)`],
  ['WebAssembly', `new WebAssembly.Memory({ initial: 1 })`],
  ['shared memory', `new SharedArrayBuffer(8)`],
  ['a clock', `s.at = Date.now()`],
  ['another clock', `s.at = performance.now()`],
  ['a random number', `s.at = Math.random()`],
  ['a timer', `setTimeout(() => {}, 0)`],
  ['a module', `require('node:fs')`],
  ['the process', `process.exit(3)`],
  ['the global object', `globalThis.constructor.constructor('return process')()`],
  ['a code of strings', `eval('1')`],
  ['an altered prototype', `'use strict'; Object.prototype.fen = 1`],
];

const withHandlers = (statement: string): string =>
  `fromCategory('pool').foreachStream().when({ $init: () => ({}), FundsAppropriated: (s, e) => { ${statement}; return s; } });`;

/** Those of everybody, for what is to be taken or refused for something else than its time. */
const ALL_THE_TIME = {};

/** What never ends never ends in a quarter of a second either. */
const open = (source: string, limits: Partial<SealedLimits> = { stepMs: 250 }): Promise<SealedProjection> =>
  SealedProjection.open('foreign', source, null, limits);

/** Folds and gives out every state, as a replay does. */
const fold = async (source: string, limits?: Partial<SealedLimits>): Promise<readonly unknown[]> => {
  const folded = await open(source, limits);
  folded.apply(events);
  return folded.states().map(({ state }) => state);
};

describe('a projection of somebody else’s', () => {
  it.each(ESCAPES)('does not get out by %s', async (_name, statement) => {
    await expect(fold(withHandlers(statement))).rejects.toMatchObject({ kind: 'input', code: 'PROJECTION_INVALID' });
  });

  it.each([
    ['no JSON', `() => '{'`, /不能运行/],
    ['no text', `() => ({})`, /不能运行/],
    ['nothing', `() => undefined`, /不能运行/],
    ['a failure', `() => { throw { toString() { for (;;); } }; }`, /不能运行/],
    ['no end', `() => { for (;;); }`, /运行过久/],
    ['what is too deep to be written', `() => '['.repeat(1e5) + ']'.repeat(1e5)`, /嵌套过深/],
    ['what is too much to be written', `() => '"' + 'x'.repeat(17e6) + '"'`, /状态过大/],
  ])('is refused where its language answers %s for a state', async (name, answer, why) => {
    const takesOver = `
        const own = JSON;
        globalThis.JSON = { parse: own.parse, stringify: (...asked) => asked.length > 1 ? (${answer})() : own.stringify(...asked) };
      `;
    const limits = name === 'no end' ? undefined : ALL_THE_TIME;
    await expect(fold(takesOver + withHandlers(''), limits)).rejects.toMatchObject({
      code: 'PROJECTION_INVALID',
      message: expect.stringMatching(why) as unknown,
    });
  });

  it('cannot tell of streams that are not there by a map of its own', async () => {
    const folded = await open(`globalThis.Map = class extends Map { keys() { throw null; } };${withHandlers('')}`);
    folded.apply(events);
    const pools = new Set(events.filter(({ type }) => type === 'FundsAppropriated').map(({ stream }) => stream));
    expect(folded.partitions()).toEqual([...pools].sort());
  });

  it('is refused all the memory there is, and not only the time to fill it', async () => {
    const folded = await open(withHandlers(`const all = []; for (;;) all.push(new Array(1e6).fill(0))`), {
      stepMs: 120_000,
    });
    expect(() => folded.apply(events)).toThrow(/out of memory/);
  });

  it('gives states together no more than can be held', async () => {
    const folded = await open(withHandlers(`s.much = 'x'.repeat(900)`), { stateLetters: 1000 });
    const event = events.find(({ type }) => type === 'FundsAppropriated');
    const of = (pool: number) => ({ ...event, stream: `pool-${pool}-2024` }) as (typeof events)[number];
    folded.apply([1, 2, 3, 4].map(of));
    expect(folded.states().map(({ partition }) => partition)).toHaveLength(4);
    folded.apply([of(5)]);
    expect(() => folded.states()).toThrow(/状态过大/);
  });

  it('folds when it does nothing of the kind', async () => {
    expect(await fold(withHandlers('s.seen = true'), ALL_THE_TIME)).toEqual(expect.arrayContaining([{ seen: true }]));
  });

  it.each([
    ['a dynamic import', `import('x').catch((error) => error.constructor.constructor('return process')().exit(3));`],
    ['a loop', `for (;;);`],
    ['a module', `import fs from 'node:fs';`],
  ])('does not get out by %s while it is loaded', async (_name, source) => {
    await expect(open(source)).rejects.toMatchObject({ code: 'PROJECTION_INVALID' });
  });

  it('leaves the next one nothing', async () => {
    await fold(withHandlers('globalThis.left = 1'), ALL_THE_TIME);
    expect(await fold(withHandlers('s.left = typeof left'), ALL_THE_TIME)).toEqual(
      expect.arrayContaining([{ left: 'undefined' }]),
    );
  });

  it('has no letter in its message that a terminal obeys', async () => {
    const refused = fold(withHandlers(`throw new Error('\\u001b[2J\\u202e通过')`), ALL_THE_TIME);
    await expect(refused).rejects.toMatchObject({ messageEn: expect.stringContaining('�[2J�通过') as unknown });
  });

  it('gives the figures of an official one when it is that', async () => {
    const folded = await SealedProjection.open('county-balance', projectionSource('county-balance'));
    folded.apply(events);
    const official = new OfficialFold(null, ['county-balance']);
    for (const event of events) official.apply(event);
    const states = folded.partitions().map((stream) => [stream, folded.state(stream)]);
    expect(states.length).toBeGreaterThan(0);
    // Through JSON, because states there have no prototype.
    expect(states).toEqual(
      JSON.parse(JSON.stringify(folded.partitions().map((stream) => [stream, official.states.get(stream)?.[0]]))),
    );
  });
});
