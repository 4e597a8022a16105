'use strict';

/*
 * Runs the projection files of the bundle. They are somebody else's program, so they get nothing but the events as
 * text, in a place of their own: a context of node:vm without any object of ours, or a worker that has no way out.
 */

/** Longer than the largest bundle needs. */
const RUN_TIMEOUT_MS = 60_000;

/** Runs inside, before the projection: takes away what a fold must not read. */
const INSIDE_BEFORE = `
'use strict';
for (const name of ['Date', 'Intl', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'Promise', 'Proxy', 'Reflect',
  'fetch', 'XMLHttpRequest', 'WebSocket', 'importScripts', 'indexedDB', 'caches', 'navigator']) {
  delete globalThis[name];
}
delete Math.random;
const registered = [];
const fromCategory = (category) => ({ foreachStream: () => ({ when: (handlers) => registered.push(handlers) }) });
const entryTouched = undefined;
`;

/** Runs inside, after it: folds every stream by itself and adds up the cells by key. */
const INSIDE_AFTER = `
const foldInside = (json) => {
  if (registered.length !== 1) throw new Error('a projection calls when() once');
  const handlers = registered[0];
  const states = Object.create(null);
  for (const [streamId, sequenceNumber, eventType, eventId, data] of JSON.parse(json)) {
    const handler = Object.hasOwn(handlers, eventType) ? handlers[eventType] : undefined;
    if (handler === undefined || eventType === '$init') continue;
    states[streamId] ??= handlers.$init();
    const event = { streamId, sequenceNumber, eventType, eventId, isJson: true, data, body: data, metadata: {} };
    states[streamId] = handler(states[streamId], event);
  }
  return JSON.stringify(Object.values(states).map((state) => Object.entries(state.cells)));
};
`;

/** The text that runs: nothing of it is ours but the frame. */
/** @param {ReadonlyMap<string, Uint8Array>} files @param {string} projection @returns {string} */
const projectionSource = (files, projection) =>
  [INSIDE_BEFORE, fileText(files, PRELUDE_FILE), fileText(files, `projections/${projection}.js`), INSIDE_AFTER].join(
    '\n',
  );

/** @param {string} source @param {string} json @returns {string} */
const runInNode = (source, json) => {
  const { createContext, Script } = /** @type {NodeRequire} */ (require)('node:vm');
  const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
  const script = new Script(`${source}\nfoldInside(${JSON.stringify(json)});`, { filename: 'projection.js' });
  return String(script.runInContext(context, { timeout: RUN_TIMEOUT_MS }));
};

/** @param {string} source @param {string} json @returns {Promise<string>} */
const runInWorker = (source, json) => {
  const answer = `onmessage = ({ data }) => { try { postMessage({ json: foldInside(data) }); }
    catch (error) { postMessage({ error: String(error) }); } };`;
  const url = URL.createObjectURL(new Blob([`${source}\n${answer}`], { type: 'text/javascript' }));
  const worker = new Worker(url);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('timeout')), RUN_TIMEOUT_MS);
    worker.onmessage = ({ data }) => {
      clearTimeout(timer);
      if (typeof data.json === 'string') resolve(data.json);
      else reject(new Error(String(data.error)));
    };
    worker.onerror = (event) => {
      clearTimeout(timer);
      reject(new Error(event.message));
    };
    worker.postMessage(json);
  }).finally(() => {
    worker.terminate();
    URL.revokeObjectURL(url);
  });
};

const isInNode = typeof require === 'function' && typeof module === 'object';

/** A table as the bundle's own projection gives it for the events of the scope. */
/** @param {Bundle} bundle @param {TableName} name @returns {Promise<Table>} */
const runProjection = async (bundle, { projection, only }) => {
  const json = JSON.stringify(bundle.own.map((event) => projectedEvent(bundle, event)));
  const source = projectionSource(bundle.files, projection);
  /** @type {unknown} */
  let pools;
  try {
    pools = JSON.parse(isInNode ? runInNode(source, json) : await runInWorker(source, json));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault(
      'PROJECTION_FAILED',
      `projections/${projection}.js`,
      `口径文件运行失败：${reason}`,
      `the projection cannot be run: ${reason}`,
    );
  }
  /** @type {Map<string, Cell>} */
  const cells = new Map();
  for (const [key, given] of /** @type {[string, Cell][][]} */ (pools).flat()) {
    if (only !== null && key !== only) continue;
    const cell = cells.get(key) ?? emptyCell();
    for (const measure of MEASURES) cell[measure] = addFen(cell[measure], Number(given[measure]));
    cells.set(key, cell);
  }
  return tableOf(projection, cells);
};

/** The event as a projection sees it, with those movements and receipts only that belong to the scope. */
/** @param {Bundle} bundle @param {LedgerEvent} event */
const projectedEvent = (bundle, event) => {
  const { data, movements } = event;
  const receipts = receiptsInScope(bundle, event);
  /** @type {{ [key: string]: unknown }} */
  const kept = { ...data };
  if (data.movements !== undefined) {
    kept.movements = movements.map(({ quotaLine, from, to, fen }) => ({
      quotaLine,
      from: from.path,
      to: to.path,
      amount: yuanOf(fen),
    }));
  }
  if (data.receipts !== undefined) {
    kept.receipts = receipts.map(({ quotaLine, fen }) => ({ quotaLine, amount: yuanOf(Math.abs(fen)) }));
  }
  return [event.stream, event.revision, event.type, event.id, kept];
};
