import type { StreamCommand, StreamKind } from './decider';
import type { DomainEvent, LedgerEvent, Position } from './event';
import { commandIdReused, concurrentWrite } from './command-failure';
import { EventIdConflict, type EventLog, RevisionConflict, type SealedEvent } from './event-log';
import { EventSlab } from './event-slab';
import { WritingPlan } from './writing-plan';
import { type AnyCommand, type AnyKind, type LoadedStream, prepareCommand, StreamMemory } from './stream-memory';
import type { ReadEvent } from './upcasting';

/** What one command of a unit came to; nothing is stored before the unit is. */
export interface UnitAnswer {
  readonly eventIds: readonly string[];
  /** True when the log, or this unit, says so already. */
  readonly unchanged: boolean;
  /** What was decided now; empty when unchanged. */
  readonly events: readonly LedgerEvent[];
}

export interface UnitCommitted {
  /** Position of the unit's last event; of the log's last event when it stored nothing. */
  readonly position: Position;
  readonly storedEvents: number;
}

export interface UnitSurroundings {
  readonly log: EventLog;
  readonly readEvent: ReadEvent;
  readonly now: () => Date;
  /** Called after the events are stored with the streams' states, which are then the caller's. */
  readonly onCommitted: (memories: readonly StreamMemory[], position: Position) => void;
}

interface UnitStream {
  readonly memory: StreamMemory;
  /** Revision that the log was at when the unit first looked. */
  readonly expectedRevision: number;
  readonly events: SealedEvent[];
  /** Its place among the unit's appends; null as long as it has no event. */
  appendIndex: number | null;
}

/** What others have written meanwhile is read in such pages. */
const OTHERS_PAGE = 1000;

/** Where a unit is one transaction there is nothing to plan. */
const planFor = (log: EventLog): WritingPlan | null => (log.unitsCanBeCut === true ? new WritingPlan() : null);

type UnitStatus = 'open' | 'broken' | 'discarded' | 'committed';

/** Events of a unit that are stored by now, and all of them. */
export type OnStored = (done: number, total: number) => void;

/**
 * Many commands over many streams, decided one after another on private copies in memory and then stored in the order
 * they were decided, all or nothing. Each sees the results of those before it. A refused command leaves everything as
 * it was, so the work may go on and collect further refusals.
 *
 * On a log whose units can be cut in two, everything is decided before the first write as well; then it is stored
 * stream by stream, so that whoever does the same work again after a cut finishes it (writing-plan.ts).
 *
 * What was decided rests on every stream that was looked at: where one of them has moved when the unit is stored (at the
 * first write, where units can be cut), nothing is stored and all is decided anew.
 */
export class UnitOfWork {
  readonly storesAtOnce = false;
  readonly #surroundings: UnitSurroundings;
  readonly #recordedAt: string;
  readonly #streams = new Map<string, Promise<UnitStream>>();
  /** Those of the streams that are loaded. */
  readonly #ready = new Map<string, UnitStream>();
  readonly #commandStreams = new Map<string, string>();
  readonly #order: (readonly [append: number, event: number])[] = [];
  readonly #appending: UnitStream[] = [];
  readonly #plan: WritingPlan | null;
  readonly #movedSince: (() => Promise<string | null>)[] = [];
  #slab = new EventSlab();
  /** End of the log before the first stream was looked at; only asked for where units can be cut. */
  #lookedFrom: Promise<Position> | null = null;
  #status: UnitStatus = 'open';

  constructor(surroundings: UnitSurroundings) {
    this.#surroundings = surroundings;
    this.#recordedAt = surroundings.now().toISOString();
    this.#plan = planFor(surroundings.log);
  }

  get discarded(): boolean {
    return this.#status === 'discarded';
  }

  /** Events decided so far. */
  get eventCount(): number {
    return this.#order.length;
  }

  /** @throws DomainError when the command is refused; the unit is then as it was before */
  async execute<State, Event extends DomainEvent>(command: StreamCommand<State, Event>): Promise<UnitAnswer> {
    this.#requireOpen();
    // The one place where the state's type is put away; kind and decide of one command agree on it.
    const prepared = prepareCommand(command as unknown as AnyCommand);
    const unitStream = await this.#stream(command.stream, prepared.command.kind);
    this.#requireOpen();
    const usedFor = this.#commandStreams.get(prepared.commandId);
    if (usedFor !== undefined && usedFor !== command.stream) throw commandIdReused(prepared.commandId, usedFor);
    const { memory } = unitStream;
    const decision = memory.decide(prepared, this.#recordedAt);
    const { causationId } = command.envelope;
    if (decision.kind === 'repeated') {
      this.#plan?.add(command.stream, decision.eventIds, causationId);
      return { eventIds: decision.eventIds, unchanged: true, events: [] };
    }
    if (decision.events.length === 0) return { eventIds: [], unchanged: true, events: [] };
    try {
      memory.apply(prepared, decision.events);
    } catch (error) {
      this.#status = 'broken';
      throw error;
    }
    this.#commandStreams.set(prepared.commandId, command.stream);
    const appendIndex = this.#appendIndex(unitStream);
    for (const { id, canonical } of decision.events) {
      this.#order.push([appendIndex, unitStream.events.length]);
      unitStream.events.push(this.#slab.add(id, canonical));
    }
    const events = decision.events.map(({ event }) => event);
    const eventIds = events.map((event) => event.id);
    this.#plan?.add(command.stream, eventIds, causationId);
    return { eventIds, unchanged: false, events };
  }

  /** A stream with this unit's own results; its state is not to be changed, and to be used before the next await. */
  async load<State, Event extends DomainEvent>(
    stream: string,
    kind: StreamKind<State, Event>,
  ): Promise<LoadedStream<State>> {
    this.#requireOpen();
    const { memory } = await this.#stream(stream, kind as unknown as AnyKind);
    return { state: memory.state as State, revision: memory.revision, position: memory.position };
  }

  /** The same at once, when the stream has been used in this unit. */
  peek<State, Event extends DomainEvent>(
    stream: string,
    _kind: StreamKind<State, Event>,
  ): { readonly state: State; readonly revision: number } | null {
    const memory = this.#ready.get(stream)?.memory;
    return memory === undefined ? null : { state: memory.state as State, revision: memory.revision };
  }

  /** @param movedSince asked right before the unit is stored: a stream that it should have looked at, or null */
  beforeStoring(movedSince: () => Promise<string | null>): void {
    this.#requireOpen();
    this.#movedSince.push(movedSince);
  }

  /** Forgets everything; nothing can be stored any more. */
  discard(): void {
    this.#requireOpen();
    this.#status = 'discarded';
    this.#forget();
  }

  /**
   * Stores everything, all or nothing; on a log whose units can be cut in two, one stream after another.
   *
   * @throws DomainError CONCURRENT_WRITE when somebody else wrote to one of the streams meanwhile: the whole work has
   * to be done again on a new unit; COMMAND_ID_REUSED; those of the log
   * @param onStored told how many of all events are stored, as far as they are stored one after another
   */
  async commit(onStored: OnStored = () => undefined): Promise<UnitCommitted> {
    this.#requireOpen();
    this.#status = 'committed';
    if (this.#order.length === 0) {
      return { position: await this.#surroundings.log.head(), storedEvents: 0 };
    }
    const appending = [...this.#appending];
    try {
      for (const movedSince of this.#movedSince) {
        const stream = await movedSince();
        if (stream !== null) throw concurrentWrite(stream);
      }
      const positions = await this.#store(appending, onStored);
      const last = appending.map(({ memory }, index) => {
        const position = positions[index] ?? memory.position;
        memory.storedUpTo(position);
        return position;
      });
      const position = last.reduce((latest, next) => Math.max(latest, next), 0);
      const storedEvents = this.#order.length;
      this.#forget();
      this.#surroundings.onCommitted(
        appending.map(({ memory }) => memory),
        position,
      );
      return { position, storedEvents };
    } catch (error) {
      throw this.#commitFailure(error);
    }
  }

  /** @returns the position of the last event of each */
  async #store(appending: readonly UnitStream[], onStored: OnStored): Promise<readonly (Position | undefined)[]> {
    const { log } = this.#surroundings;
    const appends = appending.map(({ memory, expectedRevision, events }) => ({
      stream: memory.stream,
      expectedRevision,
      events,
    }));
    if (this.#plan === null) {
      const lookedAt = this.#lookedAt().map(({ memory: { stream }, expectedRevision }) => ({
        stream,
        expectedRevision,
        events: [],
      }));
      const appended = await log.appendTogether([...appends, ...lookedAt], this.#order);
      return appends.map((_, index) => appended[index]?.positions.at(-1));
    }
    await this.#requireUnmoved();
    let stored = 0;
    const count = (events: number): void => onStored((stored += events), this.#order.length);
    const lastOf = new Map<string, Position | undefined>();
    for (const round of this.#plan.rounds(appends)) {
      const fewPositions = round.map((append) => ({ ...append, lastPositionSuffices: true }) as const);
      const appended = await log.appendTogether(fewPositions, undefined, count);
      round.forEach(({ stream }, index) => lastOf.set(stream, appended[index]?.positions.at(-1)));
    }
    return appends.map(({ stream }) => lastOf.get(stream));
  }

  /** Streams that decisions rest on and that the unit does not write to. */
  #lookedAt(): readonly UnitStream[] {
    return [...this.#ready.values()].filter(({ appendIndex }) => appendIndex === null);
  }

  /** @throws RevisionConflict when somebody wrote to a stream that was looked at */
  async #requireUnmoved(): Promise<void> {
    const { log } = this.#surroundings;
    let after = (await this.#lookedFrom) ?? 0;
    for (;;) {
      const written = await log.readAll(after, OTHERS_PAGE);
      for (const { stream, revision } of written) {
        const looked = this.#ready.get(stream);
        if (looked === undefined || looked.appendIndex !== null || revision <= looked.expectedRevision) continue;
        throw new RevisionConflict(stream, looked.expectedRevision, revision);
      }
      if (written.length < OTHERS_PAGE) return;
      after = written.at(-1)?.position ?? after;
    }
  }

  #commitFailure(error: unknown): unknown {
    if (error instanceof RevisionConflict) return concurrentWrite(error.stream);
    if (error instanceof EventIdConflict) {
      const owner = this.#appending.find(({ events }) => events.some((event) => event.id === error.eventId));
      const sealed = owner?.events.find((event) => event.id === error.eventId);
      const { commandId } = JSON.parse(sealed?.canonical ?? '{}') as Partial<LedgerEvent>;
      return commandIdReused(commandId ?? error.eventId, owner?.memory.stream ?? '');
    }
    return error;
  }

  #stream(stream: string, kind: AnyKind): Promise<UnitStream> {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const loading = this.#load(stream, kind);
    this.#streams.set(stream, loading);
    // A log that could not be read may be readable when the work asks again.
    loading.catch(() => this.#streams.delete(stream));
    return loading;
  }

  async #load(stream: string, kind: AnyKind): Promise<UnitStream> {
    if (this.#plan !== null) await (this.#lookedFrom ??= this.#surroundings.log.head());
    const memory = new StreamMemory(this.#surroundings.log, this.#surroundings.readEvent, stream, kind);
    await memory.catchUp();
    const loaded = { memory, expectedRevision: memory.revision, events: [], appendIndex: null };
    this.#ready.set(stream, loaded);
    return loaded;
  }

  #appendIndex(unitStream: UnitStream): number {
    if (unitStream.appendIndex === null) {
      unitStream.appendIndex = this.#appending.length;
      this.#appending.push(unitStream);
    }
    return unitStream.appendIndex;
  }

  #forget(): void {
    this.#streams.clear();
    this.#ready.clear();
    this.#commandStreams.clear();
    this.#order.length = 0;
    this.#appending.length = 0;
    this.#movedSince.length = 0;
    this.#plan?.clear();
    this.#slab = new EventSlab();
  }

  #requireOpen(): void {
    if (this.#status !== 'open') throw new Error(`the unit of work is ${this.#status}`);
  }
}
