import { createContext, type Context, Script } from 'node:vm';

/** The members of an event that a server's engine gives to a handler. */
export interface EngineEvent {
  readonly streamId: string;
  readonly sequenceNumber: number;
  readonly eventType: string;
  readonly eventId: string;
  /** JSON texts. */
  readonly data: string;
  readonly metadata: string;
}

/** As the product has it. */
const COMPILE_MS = 500;
const HANDLER_MS = 250;

/** What the engine of a server lacks, or what a fold has to do without. */
const ABSENT = `
  for (const name of ['Date', 'Intl', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry',
    'Promise', 'Proxy', 'Reflect', 'eval', 'Function', 'structuredClone', 'console', 'setTimeout', 'queueMicrotask']) {
    delete globalThis[name];
  }
  delete Math.random;
  for (const type of [Number, BigInt, String, Array, Object]) {
    delete type.prototype.toLocaleString;
  }
`;

/** What the engine calls between two events: the state goes out as text and comes in as text. */
const STEP = `
  let defined = null;
  const fromCategory = (category) => ({
    foreachStream: () => ({ when: (handlers) => void (defined = { category, handlers }) }),
  });
  const serialised = (value) => {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'bigint') return JSON.stringify(String(value));
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) throw new Error('not a number of JSON in the state: ' + value);
      return JSON.stringify(value);
    }
    if (Array.isArray(value)) return '[' + value.map(serialised).join() + ']';
    if (typeof value !== 'object') throw new Error('nothing for JSON in the state: ' + typeof value);
    return '{' + Object.keys(value).sort().map((key) => hostName(key) + ':' + serialised(value[key])).join() + '}';
  };
  const step = (stateText, eventText, dataText, metadataText) => {
    const event = { ...JSON.parse(eventText), data: JSON.parse(dataText), metadata: JSON.parse(metadataText) };
    event.body = event.data;
    const state = stateText === null ? defined.handlers.$init() : JSON.parse(stateText);
    return serialised(defined.handlers[event.eventType](state, event));
  };
`;

export interface EngineOptions {
  /** Milliseconds that a handler may take. */
  readonly handlerMs?: number;
}

/**
 * A server's projection engine as far as folds can tell: a script in a bare context, states that are text between two
 * events with sorted keys, and names of properties that come back changed when they are not ASCII, as from the engine of
 * the servers up to 24.6, which reads the digits A to F of an escape wrongly.
 */
export class ServerEngine {
  readonly #context: Context;
  readonly #handlerMs: number;
  readonly #call = new Script('step(hostCall.state, hostCall.event, hostCall.data, hostCall.metadata)');
  readonly category: string;
  readonly types: ReadonlySet<string>;

  constructor(source: string, { handlerMs = HANDLER_MS }: EngineOptions = {}) {
    this.#handlerMs = handlerMs;
    this.#context = createContext(
      Object.assign(Object.create(null) as object, { hostName: writtenName, hostCall: {} }),
      {
        codeGeneration: { strings: false, wasm: false },
      },
    );
    new Script(ABSENT).runInContext(this.#context);
    new Script(STEP).runInContext(this.#context);
    new Script(source).runInContext(this.#context, { timeout: COMPILE_MS });
    const defined = new Script('defined').runInContext(this.#context) as {
      category: string;
      handlers: Record<string, unknown>;
    } | null;
    if (defined === null) throw new Error('the script defines no projection');
    this.category = defined.category;
    this.types = new Set(Object.keys(defined.handlers).filter((type) => !type.startsWith('$')));
  }

  /** The state after an event, as text; throws where a server's projection would fault. */
  step(state: string | null, { data, metadata, ...event }: EngineEvent): string {
    Object.assign(this.#context['hostCall'] as object, { state, event: JSON.stringify(event), data, metadata });
    return this.#call.runInContext(this.#context, { timeout: this.#handlerMs }) as string;
  }
}

/** How the engine writes the name of a property, and what that is when it reads it again. */
const writtenName = (name: string): string =>
  JSON.stringify(name.replace(/[^ -~]/g, (letter) => String.fromCharCode(misread(letter))));

const misread = (letter: string): number =>
  [...letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')].reduce(
    (code, digit) => code * 16 + '0123456789abcdef'.indexOf(digit),
    0,
  ) & 0xffff;
