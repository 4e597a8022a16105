/** A fold is what its text says: no function is made of a string. */
export const NO_NEW_CODE = `
  for (const made of [function () {}, function* () {}, async () => {}, async function* () {}]) {
    const prototype = Object.getPrototypeOf(made);
    // Without promises in the language, asynchronous functions have none.
    if (prototype === null) continue;
    Object.defineProperty(prototype, 'constructor', {
      value: () => { throw new TypeError('yichi:newCode:'); },
    });
  }
`;

/** Takes in the projection's definition and keeps its states, all inside the isolate. */
export const REGISTER = `
  const fromCategory = (() => {
    const registered = [];
    globalThis.takeRegistered = () => { delete globalThis.takeRegistered; return registered; };
    return (category) => ({
      foreachStream: () => ({ when: (handlers) => { registered.push({ category, handlers }); } }),
    });
  })();
  // A host that keeps the states itself: their keys stand as they are, and not in a server's notation.
  const entryTouched = () => undefined;
`;

/** Takes events, as JSON, to be folded one after the other. */
export const STEP = '(events) => { yichiFold.step(events); return ""; }';

/** Gives the state of the stream that is asked for, as JSON. */
export const STATE = '(stream) => yichiFold.state(stream)';

/** Place in the last STEP of the event that it came to. */
export const REACHED = 'String(yichiFold.reached())';

/** What makes the fold; gives its category and the types of events that it takes, as JSON. */
export const PREPARE = `
  const yichiFold = (() => {
    const registered = takeRegistered();
    // Told in the words of the table PROBLEMS, by these names.
    const refuse = (problem, detail) => { throw new Error('yichi:' + problem + ':' + (detail ?? '')); };
    if (registered.length !== 1) refuse('once');
    const { category, handlers } = registered[0];
    const { $init, ...others } = handlers;
    if (typeof $init !== 'function') refuse('noInit');
    for (const [type, handler] of Object.entries(others)) {
      if (type.startsWith('$')) refuse('unknown', type);
      if (typeof handler !== 'function') refuse('noFunction', type);
    }
    const states = new Map();
    const plain = (key, value) => {
      if (value === undefined) refuse('undefined', key);
      if (typeof value === 'number' && !Number.isFinite(value)) refuse('noNumber', key);
      if (typeof value !== 'object' || value === null) return value;
      const type = Object.getPrototypeOf(value);
      if (type !== Object.prototype && type !== Array.prototype && type !== null) refuse('notPlain', key);
      return value;
    };
    let reached = 0;
    const stepOne = (event) => {
      event.body = event.data;
      const stream = event.streamId;
      const before = states.has(stream) ? states.get(stream) : $init();
      const after = others[event.eventType](before, event);
      if (typeof after?.then === 'function') refuse('promise', event.eventType);
      states.set(stream, after === undefined ? before : after);
    };
    return {
      category: String(category),
      types: JSON.stringify(Object.keys(others)),
      step: (text) => {
        const events = JSON.parse(text);
        for (reached = 0; reached < events.length; reached += 1) stepOne(events[reached]);
      },
      reached: () => reached,
      state: (stream) => JSON.stringify(states.get(stream), plain),
    };
  })();
  JSON.stringify([yichiFold.category, yichiFold.types]);
`;
