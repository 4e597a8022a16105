import { generateLedger } from '../../../bench/support/generate-ledger';
import { SealedProjection } from '../../../src/audit/replay/sealed-projection';
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
  ['all the memory there is', `const all = []; for (;;) all.push('x'.repeat(1e7) + all.length)`],
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

/** Folds and gives out every state, as a replay does. */
const fold = async (source: string): Promise<readonly unknown[]> => {
  const folded = await SealedProjection.open('foreign', source);
  folded.apply(events);
  return folded.partitions().map((stream) => folded.state(stream));
};

describe('a projection of somebody else’s', () => {
  it.each(ESCAPES)(
    'does not get out by %s',
    async (_name, statement) => {
      await expect(fold(withHandlers(statement))).rejects.toMatchObject({ kind: 'input', code: 'PROJECTION_INVALID' });
    },
    60_000,
  );

  it('folds when it does nothing of the kind', async () => {
    expect(await fold(withHandlers('s.seen = true'))).toEqual(expect.arrayContaining([{ seen: true }]));
  });

  it.each([
    ['a dynamic import', `import('x').catch((error) => error.constructor.constructor('return process')().exit(3));`],
    ['a loop', `for (;;);`],
    ['a module', `import fs from 'node:fs';`],
  ])('does not get out by %s while it is loaded', async (_name, source) => {
    await expect(SealedProjection.open('foreign', source)).rejects.toMatchObject({ code: 'PROJECTION_INVALID' });
  });

  it('leaves the next one nothing', async () => {
    await fold(withHandlers('globalThis.left = 1'));
    expect(await fold(withHandlers('s.left = typeof left'))).toEqual(expect.arrayContaining([{ left: 'undefined' }]));
  });

  it('has no letter in its message that a terminal obeys', async () => {
    const refused = fold(withHandlers(`throw new Error('\\u001b[2J\\u202e通过')`));
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
