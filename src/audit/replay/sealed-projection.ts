import type { RecordedEvent } from '../../event-log/event';
import { LIMIT_GLOBALS } from '../../projecting/projection-loader';
import { Isolate, ScriptFailure } from './isolate';
import { withoutMoney } from './official-fold';
import { projectionInvalid } from './projection-invalid';
import { NO_NEW_CODE, PREPARE, REACHED, REGISTER, STATE, STEP } from './sealed-script';

/** Events folded in one go: watching over the time of each would take longer than folding it. */
const STEP_EVENTS = 1024;

/** What a projection of others may take. */
export interface SealedLimits {
  readonly stepMs: number;
  /** Of one state as JSON. */
  readonly stateLetters: number;
}

/**
 * A handler takes some microseconds, and a server stops one after 250 ms; what takes two seconds never ends. A server
 * lets a projection keep no more than 16 MiB in a state.
 */
const LIMITS: SealedLimits = { stepMs: 2000, stateLetters: 16 * 1024 * 1024 };

/** All states together: those of ten thousand pools, and far from what one text or this process can hold. */
const LARGEST_STATES = 4;

/** Balances nest three or four deep; what nests far deeper cannot be written with indents, or compared. */
const DEEPEST_STATE = 12;

/** A projection that somebody else has written: an auditor's own, or one that was kept from long ago. */
export class SealedProjection {
  readonly name: string;
  readonly category: string;
  readonly #types: ReadonlySet<string>;
  readonly #isolate: Isolate;
  readonly #asOf: string | null;
  readonly #limits: SealedLimits;
  readonly #stepOn: (events: string) => string;
  readonly #stateOf: (stream: string) => string;
  /** Kept here, because the script may answer whatever it likes. */
  readonly #partitions = new Set<string>();

  /**
   * @param asOf money of events with a later business date is left out
   * @param limits tests have no time to wait for those of everybody
   * @throws DomainError(input) PROJECTION_INVALID
   */
  static async open(
    name: string,
    source: string,
    asOf: string | null = null,
    limits: Partial<SealedLimits> = {},
  ): Promise<SealedProjection> {
    const allowed = { ...LIMITS, ...limits };
    const isolate = await Isolate.open();
    try {
      for (const script of [LIMIT_GLOBALS, NO_NEW_CODE, REGISTER]) isolate.run(script, 'limits.js', LIMITS.stepMs);
      isolate.run(source, `${name}.js`, allowed.stepMs);
      return new SealedProjection(name, isolate, asOf, allowed);
    } catch (error) {
      throw projectionInvalid(name, null, error);
    }
  }

  private constructor(name: string, isolate: Isolate, asOf: string | null, limits: SealedLimits) {
    this.name = name;
    this.#isolate = isolate;
    this.#asOf = asOf;
    this.#limits = limits;
    const { stepMs } = limits;
    const [category, types] = JSON.parse(isolate.run(PREPARE, 'prepare.js', stepMs)) as [string, string];
    this.category = category;
    this.#types = new Set(JSON.parse(types) as string[]);
    this.#stepOn = isolate.define(STEP, 'step.js', stepMs);
    this.#stateOf = isolate.define(STATE, 'state.js', stepMs);
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
    return [...this.#partitions].sort();
  }

  has(partition: string): boolean {
    return this.#partitions.has(partition);
  }

  /**
   * The state of a stream, as JSON has it.
   * @throws DomainError(input) PROJECTION_INVALID when it is none, or too much
   */
  state(partition: string): unknown {
    return this.#readState(partition, this.#limits.stateLetters).state;
  }

  /**
   * The states of all its streams.
   * @throws DomainError(input) PROJECTION_INVALID when one is none, or they are too much together
   */
  states(): readonly { readonly partition: string; readonly state: unknown }[] {
    const { stateLetters } = this.#limits;
    let left = LARGEST_STATES * stateLetters;
    return this.partitions().map((partition) => {
      const { state, letters } = this.#readState(partition, Math.min(left, stateLetters));
      left -= letters;
      return { partition, state };
    });
  }

  #readState(partition: string, mostLetters: number): { readonly state: unknown; readonly letters: number } {
    try {
      const text = this.#stateOf(partition);
      if (text.length > mostLetters) throw new ScriptFailure('yichi:tooMuch:');
      const state: unknown = JSON.parse(text);
      if (isDeeperThan(state, DEEPEST_STATE)) throw new ScriptFailure('yichi:tooDeep:');
      return { state, letters: text.length };
    } catch (error) {
      throw projectionInvalid(this.name, null, error);
    }
  }

  #step(events: readonly RecordedEvent[]): void {
    for (const { stream } of events) this.#partitions.add(stream);
    try {
      this.#stepOn(JSON.stringify(events.map((event) => this.#projected(event))));
    } catch (error) {
      throw projectionInvalid(this.name, events[this.#reached()]?.position ?? null, error);
    }
  }

  /** Place in the last step of the event that it came to; none after a failure that the interpreter did not survive. */
  #reached(): number {
    try {
      return Number(this.#isolate.run(REACHED, 'reached.js', this.#limits.stepMs));
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

const isDeeperThan = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((each) => isDeeperThan(each, levels - 1)));
