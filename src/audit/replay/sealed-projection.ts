import type { RecordedEvent } from '../../event-log/event';
import { LIMIT_GLOBALS } from '../../projecting/projection-loader';
import { Isolate } from './isolate';
import { withoutMoney } from './official-fold';
import { projectionInvalid } from './projection-invalid';
import { NO_NEW_CODE, PARTITIONS, PREPARE, REACHED, REGISTER, STATE, STEP } from './sealed-script';

/** Events folded in one go: watching over the time of each would take longer than folding it. */
const STEP_EVENTS = 1024;

/** A handler takes some microseconds, and a server stops one after 250 ms; what takes so long never ends. */
const STEP_TIMEOUT_MS = 2000;

/** A projection that somebody else has written: an auditor's own, or one that was kept from long ago. */
export class SealedProjection {
  readonly name: string;
  readonly category: string;
  readonly #types: ReadonlySet<string>;
  readonly #isolate: Isolate;
  readonly #asOf: string | null;
  readonly #stepOn: (events: string) => string;
  readonly #stateOf: (stream: string) => string;

  /**
   * @param asOf money of events with a later business date is left out
   * @throws DomainError(input) PROJECTION_INVALID
   */
  static async open(name: string, source: string, asOf: string | null = null): Promise<SealedProjection> {
    const isolate = await Isolate.open();
    try {
      for (const script of [LIMIT_GLOBALS, NO_NEW_CODE, REGISTER]) isolate.run(script, 'limits.js', STEP_TIMEOUT_MS);
      isolate.run(source, `${name}.js`, STEP_TIMEOUT_MS);
      return new SealedProjection(name, isolate, asOf);
    } catch (error) {
      throw projectionInvalid(name, null, error);
    }
  }

  private constructor(name: string, isolate: Isolate, asOf: string | null) {
    this.name = name;
    this.#isolate = isolate;
    this.#asOf = asOf;
    const [category, types] = JSON.parse(isolate.run(PREPARE, 'prepare.js', STEP_TIMEOUT_MS)) as [string, string];
    this.category = category;
    this.#types = new Set(JSON.parse(types) as string[]);
    this.#stepOn = isolate.define(STEP, 'step.js', STEP_TIMEOUT_MS);
    this.#stateOf = isolate.define(STATE, 'state.js', STEP_TIMEOUT_MS);
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
    return (JSON.parse(this.#isolate.run(PARTITIONS, 'partitions.js', STEP_TIMEOUT_MS)) as string[]).sort();
  }

  /** The state of a stream, as JSON has it. */
  state(partition: string): unknown {
    try {
      return JSON.parse(this.#stateOf(partition)) as unknown;
    } catch (error) {
      throw projectionInvalid(this.name, null, error);
    }
  }

  #step(events: readonly RecordedEvent[]): void {
    try {
      this.#stepOn(JSON.stringify(events.map((event) => this.#projected(event))));
    } catch (error) {
      throw projectionInvalid(this.name, events[this.#reached()]?.position ?? null, error);
    }
  }

  /** Place in the last step of the event that it came to; none after a failure that the interpreter did not survive. */
  #reached(): number {
    try {
      return Number(this.#isolate.run(REACHED, 'reached.js', STEP_TIMEOUT_MS));
    } catch {
      return -1;
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
}
