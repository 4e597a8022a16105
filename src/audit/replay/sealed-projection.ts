import { type Context, createContext, Script } from 'node:vm';

import type { RecordedEvent } from '../../event-log/event';
import { LIMIT_GLOBALS, LOAD_TIMEOUT_MS } from '../../projecting/projection-loader';
import { withoutMoney } from './official-fold';
import { projectionInvalid } from './projection-invalid';
import { ASKED, PARTITIONS, PREPARE, REACHED, REGISTER, STATE, STEP } from './sealed-script';

/** Events folded in one go: watching over the time of each would take longer than folding it. */
const STEP_EVENTS = 256;

/** A handler takes some microseconds, and a server stops one after 250 ms; what takes so long never ends. */
const STEP_TIMEOUT_MS = 2000;

/** A projection that somebody else has written: an auditor's own, or one that was kept from long ago. */
export class SealedProjection {
  readonly name: string;
  readonly category: string;
  readonly #types: ReadonlySet<string>;
  readonly #context: Context;
  readonly #asOf: string | null;

  /**
   * @param asOf money of events with a later business date is left out
   * @throws DomainError(input) PROJECTION_INVALID
   */
  constructor(name: string, source: string, asOf: string | null = null) {
    this.name = name;
    this.#asOf = asOf;
    this.#context = createContext(Object.create(null) as object, {
      name,
      codeGeneration: { strings: false, wasm: false },
      // What a script puts off is run, and watched over, with the call that it was put off in.
      microtaskMode: 'afterEvaluate',
    });
    try {
      for (const script of [LIMIT_GLOBALS, REGISTER]) new Script(script).runInContext(this.#context);
      new Script(source, { filename: `${name}.js` }).runInContext(this.#context, { timeout: LOAD_TIMEOUT_MS });
      const [category, types] = JSON.parse(this.#run(PREPARE)) as [string, string];
      this.category = category;
      this.#types = new Set(JSON.parse(types) as string[]);
    } catch (error) {
      throw projectionInvalid(name, null, error);
    }
  }

  /**
   * Folds events that follow one another.
   * @throws DomainError(input) PROJECTION_INVALID when a handler fails or does not end
   */
  apply(events: readonly RecordedEvent[]): void {
    const taken = events.filter(({ stream, type }) => stream.startsWith(`${this.category}-`) && this.#types.has(type));
    for (let from = 0; from < taken.length; from += STEP_EVENTS) this.#step(taken.slice(from, from + STEP_EVENTS));
  }

  /** Streams that it has a state of, sorted. */
  partitions(): readonly string[] {
    return (JSON.parse(this.#run(PARTITIONS)) as string[]).sort();
  }

  /** The state of a stream, as JSON has it. */
  state(partition: string): unknown {
    try {
      return JSON.parse(this.#run(STATE, partition)) as unknown;
    } catch (error) {
      throw projectionInvalid(this.name, null, error);
    }
  }

  #step(events: readonly RecordedEvent[]): void {
    try {
      this.#run(STEP, JSON.stringify(events.map((event) => this.#projected(event))));
    } catch (error) {
      const reached = Number(new Script(REACHED).runInContext(this.#context));
      throw projectionInvalid(this.name, events[reached]?.position ?? null, error);
    }
  }

  /** What a handler reads of an event: the members of the EventStoreDB server's own event. */
  #projected({ stream, revision, type, id, data, metadata, effectiveOn }: RecordedEvent) {
    const isLate = this.#asOf !== null && effectiveOn > this.#asOf;
    return {
      streamId: stream,
      sequenceNumber: revision,
      eventType: type,
      eventId: id,
      isJson: true,
      data: isLate ? withoutMoney(data) : data,
      metadata,
    };
  }

  /** Only texts go in and come out. */
  #run(script: string, asked = ''): string {
    this.#context[ASKED] = asked;
    return String(new Script(script).runInContext(this.#context, { timeout: STEP_TIMEOUT_MS }));
  }
}
