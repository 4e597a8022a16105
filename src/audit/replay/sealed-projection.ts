import { createContext, Script } from 'node:vm';

import type { RecordedEvent } from '../../event-log/event';
import { DomainError } from '../../platform/domain-error';
import { LIMIT_GLOBALS, LOAD_TIMEOUT_MS } from '../../projecting/projection-loader';
import { withoutMoney } from './official-fold';

/**
 * Takes in the projection's definition and keeps its states, all inside the context: neither an object nor a function of
 * ours is ever handed to a script that we have not written, so that it finds no way out.
 */
const REGISTER = `
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

/** Errors are told as texts; what a server would not take as state is refused. */
const RUN = `
  (() => {
    const registered = takeRegistered();
    if (registered.length !== 1) throw new Error('when() must be called exactly once');
    const { category, handlers } = registered[0];
    const { $init, ...others } = handlers;
    if (typeof $init !== 'function') throw new Error('there is no $init');
    for (const [type, handler] of Object.entries(others)) {
      if (typeof handler !== 'function') throw new Error('the handler of ' + type + ' is not a function');
    }
    const states = new Map();
    const plain = (key, value) => {
      if (value === undefined) throw new Error('undefined is left in the state at ' + key);
      if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('no number is left in the state at ' + key);
      return value;
    };
    return {
      category: String(category),
      types: JSON.stringify(Object.keys(others)),
      step: (stream, text) => {
        const event = JSON.parse(text);
        event.body = event.data;
        const before = states.has(stream) ? states.get(stream) : $init();
        const after = others[event.eventType](before, event);
        states.set(stream, after === undefined ? before : after);
      },
      partitions: () => JSON.stringify([...states.keys()]),
      state: (stream) => JSON.stringify(states.get(stream), plain),
    };
  })()
`;

interface Inside {
  readonly category: string;
  readonly types: string;
  readonly step: (stream: string, text: string) => void;
  readonly partitions: () => string;
  readonly state: (stream: string) => string;
}

/** A projection that somebody else has written: an auditor's own, or one that was kept from long ago. */
export class SealedProjection {
  readonly name: string;
  readonly category: string;
  readonly #types: ReadonlySet<string>;
  readonly #inside: Inside;
  readonly #asOf: string | null;

  /**
   * @param asOf money of events with a later business date is left out
   * @throws DomainError(input) PROJECTION_INVALID
   */
  constructor(name: string, source: string, asOf: string | null = null) {
    this.name = name;
    this.#asOf = asOf;
    const context = createContext(Object.create(null) as object, {
      name,
      codeGeneration: { strings: false, wasm: false },
    });
    try {
      new Script(LIMIT_GLOBALS).runInContext(context);
      new Script(REGISTER).runInContext(context);
      new Script(source, { filename: `${name}.js` }).runInContext(context, { timeout: LOAD_TIMEOUT_MS });
      this.#inside = new Script(RUN).runInContext(context) as Inside;
      this.category = this.#inside.category;
      this.#types = new Set(JSON.parse(this.#inside.types) as string[]);
    } catch (error) {
      throw projectionInvalid(name, null, error);
    }
  }

  /** @throws DomainError(input) PROJECTION_INVALID when its handler fails */
  apply(event: RecordedEvent): void {
    if (!event.stream.startsWith(`${this.category}-`) || !this.#types.has(event.type)) return;
    const isLate = this.#asOf !== null && event.effectiveOn > this.#asOf;
    const text = JSON.stringify({
      streamId: event.stream,
      sequenceNumber: event.revision,
      eventType: event.type,
      eventId: event.id,
      isJson: true,
      data: isLate ? withoutMoney(event.data) : event.data,
      metadata: event.metadata,
    });
    try {
      this.#inside.step(event.stream, text);
    } catch (error) {
      throw projectionInvalid(this.name, event.position, error);
    }
  }

  /** Streams that it has a state of, sorted. */
  partitions(): readonly string[] {
    return (JSON.parse(this.#inside.partitions()) as string[]).sort();
  }

  /** The state of a stream, as JSON has it. */
  state(partition: string): unknown {
    try {
      return JSON.parse(this.#inside.state(partition)) as unknown;
    } catch (error) {
      throw projectionInvalid(this.name, null, error);
    }
  }
}

/** Errors of another context are not instances of this one's Error, and anything may have been thrown. */
const reasonOf = (error: unknown): string => {
  const message: unknown = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return typeof message === 'string' ? message : 'unknown';
};

const projectionInvalid = (name: string, position: number | null, error: unknown): DomainError => {
  const reason = reasonOf(error);
  const at = position === null ? '' : `在位置 ${position} 的事件上`;
  const atEn = position === null ? '' : ` at the event at position ${position}`;
  return new DomainError('input', {
    code: 'PROJECTION_INVALID',
    message: `投影 ${name} ${at}不能运行：${reason}`,
    messageEn: `The projection ${name} cannot be run${atEn}: ${reason}`,
    remedy:
      '投影文件须为 fromCategory("…").foreachStream().when({$init, 事件类型: 函数}) 形式的脚本，不得使用时钟、随机数和 import；可参照 projections 目录。',
    remedyEn:
      'It must be a script of the form fromCategory("…").foreachStream().when({$init, type: function}) without clock, random or import; see the folder projections.',
    parameters: { name, position, reason },
  });
};
