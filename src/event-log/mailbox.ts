import { DomainError } from '../platform/domain-error';
import { commandIdReused, concurrentWrite } from './command-failure';
import type { CommandAnswer } from './decider';
import type { Position } from './event';
import {
  EventIdConflict,
  type EventLog,
  FactsMoved,
  type MovedStream,
  type RestsOn,
  RevisionConflict,
  type SealedEvent,
} from './event-log';
import { type AnyKind, type PreparedCommand, StreamMemory } from './stream-memory';
import type { ReadEvent } from './upcasting';

/** Commands that share one append: a quarter of a megabyte of events, well below what any engine takes at once. */
const BATCH_COMMANDS = 256;

/** What another process wrote is seen by readers at the latest after this, where the engine cannot tell of it or does not know. */
const FRESH_FOR_MS = 100;

export interface WaitingCommand {
  readonly prepared: PreparedCommand;
  readonly resolve: (answer: CommandAnswer) => void;
  readonly reject: (error: unknown) => void;
}

export interface WaitingReader {
  readonly resolve: (memory: StreamMemory) => void;
  readonly reject: (error: unknown) => void;
}

export interface MailboxSurroundings {
  readonly log: EventLog;
  readonly readEvent: ReadEvent;
  readonly now: () => Date;
  readonly maxConflictRetries: number;
  readonly onAppended: (position: Position) => void;
  /** Others have moved a stream, whatever is known of it here. */
  readonly onMoved: (stream: string) => void;
}

/** What one command of a batch came to; told only when everything it rests on is stored. */
type Outcome =
  | { readonly kind: 'rejected'; readonly error: unknown }
  | { readonly kind: 'unchanged'; readonly eventIds: readonly string[]; readonly revision: number }
  | { readonly kind: 'decided'; readonly eventIds: readonly string[]; readonly firstEvent: number };

/** What the log said of others' writes, and how long the state counts as new where it cannot say. */
interface Freshness {
  readonly foreignWrites: number;
  readonly until: number;
}

interface Attempt {
  readonly outcomes: readonly Outcome[];
  readonly events: readonly SealedEvent[];
  readonly expectedRevision: number;
}

/**
 * The commands that wait for one stream. They are decided one after another on the state in memory and appended as one
 * batch with one expected revision. A refusal may rest on a neighbour's event, so answers and refusals alike are given
 * only after the batch is stored; when it cannot be stored, the state is forgotten and every caller is told.
 */
export class Mailbox {
  readonly stream: string;
  readonly kind: AnyKind;
  readonly #surroundings: MailboxSurroundings;
  #commands: WaitingCommand[] = [];
  #readers: WaitingReader[] = [];
  #memory: StreamMemory | null = null;
  /** What the log said of others' writes, and when, before the state was last found to be the newest. */
  #foreignWrites = Number.NaN;
  #freshUntil = 0;
  #busy = false;

  constructor(surroundings: MailboxSurroundings, stream: string, kind: AnyKind) {
    this.#surroundings = surroundings;
    this.stream = stream;
    this.kind = kind;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Nobody waits and nothing is under way: the state is what is stored. */
  get idle(): boolean {
    return !this.#busy && this.#commands.length === 0 && this.#readers.length === 0;
  }

  get commandCount(): number {
    return this.#memory?.commandCount ?? 0;
  }

  add(command: WaitingCommand): void {
    this.#commands.push(command);
  }

  addReader(reader: WaitingReader): void {
    this.#readers.push(reader);
  }

  /** Tells those who wait for their turn that it will not come. */
  refuseWaiting(failure: DomainError): void {
    for (const { reject } of [...this.#readers.splice(0), ...this.#commands.splice(0)]) reject(failure);
  }

  /** The state if it can be read as it is: stored whole, and looked after recently. */
  readable(): StreamMemory | null {
    return this.idle ? this.#fresh() : null;
  }

  /** Takes over a state that was folded and stored elsewhere, unless somebody is at work here. */
  adopt(memory: StreamMemory): void {
    if (!this.idle || (this.#memory !== null && this.#memory.revision > memory.revision)) return;
    this.#memory = memory;
    // It may be a moment old already.
    this.doubt();
  }

  /** The state may not be the newest, so the next reader looks. */
  doubt(): void {
    this.#foreignWrites = Number.NaN;
    this.#freshUntil = 0;
  }

  /** Serves the readers, or else one batch of commands. Never fails: every failure goes to those who wait. */
  async serve(): Promise<void> {
    this.#busy = true;
    try {
      if (this.#readers.length > 0) await this.#serveReaders(this.#takeReaders());
      else await this.#serveCommands(this.#takeBatch());
    } finally {
      this.#busy = false;
    }
  }

  #takeReaders(): readonly WaitingReader[] {
    const readers = this.#readers;
    this.#readers = [];
    return readers;
  }

  #takeBatch(): readonly WaitingCommand[] {
    const batch = this.#commands;
    this.#commands = batch.length > BATCH_COMMANDS ? batch.splice(BATCH_COMMANDS) : [];
    return batch;
  }

  async #serveReaders(readers: readonly WaitingReader[]): Promise<void> {
    try {
      const memory = this.#fresh() ?? (await this.#caughtUp());
      for (const reader of readers) reader.resolve(memory);
    } catch (error) {
      this.#memory = null;
      for (const reader of readers) reader.reject(error);
    }
  }

  async #serveCommands(batch: readonly WaitingCommand[]): Promise<void> {
    let waiting = batch;
    let conflicts = 0;
    while (waiting.length > 0) {
      try {
        const memory = this.#memory ?? (await this.#caughtUp());
        const attempt = this.#decide(memory, waiting);
        if (await this.#isSettled(memory, attempt, waiting)) return;
        conflicts += 1;
      } catch (error) {
        // Whatever failed, the state may hold events that are not stored.
        this.#memory = null;
        if (error instanceof CommandFailure) {
          error.command.reject(error.failure);
          waiting = waiting.filter((command) => command !== error.command);
        } else if (error instanceof FactsMoved) {
          const left = this.#withoutMoved(error, waiting);
          // Whoever is left is decided again without having met with a conflict of its own.
          if (left.length === waiting.length) conflicts += 1;
          waiting = left;
        } else if (error instanceof RevisionConflict) {
          conflicts += 1;
        } else {
          for (const command of waiting) command.reject(error);
          return;
        }
      }
      if (conflicts > this.#surroundings.maxConflictRetries) {
        for (const command of waiting) command.reject(concurrentWrite(this.stream));
        return;
      }
    }
  }

  /** Tells the commands that rest on what has moved to look again; the others of the batch do not rest on it. */
  #withoutMoved(error: FactsMoved, batch: readonly WaitingCommand[]): readonly WaitingCommand[] {
    for (const { stream } of error.moved) this.#surroundings.onMoved(stream);
    return batch.filter((command) => {
      if (!restsOnMoved(command.prepared.command.restsOn, error.moved)) return true;
      command.reject(error);
      return false;
    });
  }

  #fresh(): StreamMemory | null {
    const foreignWrites = this.#surroundings.log.foreignWrites?.(this.stream) ?? Number.NaN;
    const isFresh = Number.isNaN(foreignWrites)
      ? performance.now() < this.#freshUntil
      : foreignWrites === this.#foreignWrites;
    return isFresh ? this.#memory : null;
  }

  /** To be asked for before the state is proved to be the newest: what others write from then on counts as not seen. */
  #freshnessFromNow(): Freshness {
    return {
      foreignWrites: this.#surroundings.log.foreignWrites?.(this.stream) ?? Number.NaN,
      until: performance.now() + FRESH_FOR_MS,
    };
  }

  #keepFreshness(freshness: Freshness): void {
    this.#foreignWrites = freshness.foreignWrites;
    this.#freshUntil = freshness.until;
  }

  /** Folds in what the log holds beyond the state; answers whether there was anything. */
  async #catchUp(memory: StreamMemory): Promise<boolean> {
    const freshness = this.#freshnessFromNow();
    const hadNews = await memory.catchUp();
    this.#keepFreshness(freshness);
    return hadNews;
  }

  async #caughtUp(): Promise<StreamMemory> {
    const memory =
      this.#memory ?? new StreamMemory(this.#surroundings.log, this.#surroundings.readEvent, this.stream, this.kind);
    await this.#catchUp(memory);
    this.#memory = memory;
    return memory;
  }

  #decide(memory: StreamMemory, batch: readonly WaitingCommand[]): Attempt {
    const recordedAt = isoText(this.#surroundings.now());
    const expectedRevision = memory.revision;
    const events: SealedEvent[] = [];
    const outcomes = batch.map((command) => decideOne(memory, command, recordedAt, events));
    return { outcomes, events, expectedRevision };
  }

  /** Stores the attempt and answers; false when the log turned out to be further on and it must be decided anew. */
  async #isSettled(memory: StreamMemory, attempt: Attempt, batch: readonly WaitingCommand[]): Promise<boolean> {
    const { events, outcomes } = attempt;
    let positions: readonly Position[] = [];
    if (events.length > 0) {
      const freshness = this.#freshnessFromNow();
      try {
        const { expectedRevision } = attempt;
        const restsOn = restsOnOf(outcomes, batch);
        const append = { stream: this.stream, expectedRevision, events, lastPositionSuffices: true, restsOn } as const;
        ({ positions } = await this.#surroundings.log.append(append));
      } catch (error) {
        throw this.#appendFailure(error, outcomes, batch);
      }
      this.#keepFreshness(freshness);
      memory.storedUpTo(positions.at(-1) ?? memory.position);
    } else if (outcomes.some(restsOnState) && (await this.#catchUp(memory))) {
      // No append has proved the state to be the newest, and it was not: a refusal must not rest on an old state.
      return false;
    }
    for (let index = 0; index < outcomes.length; index += 1) {
      const outcome = outcomes[index] as Outcome;
      const command = batch[index] as WaitingCommand;
      if (outcome.kind === 'rejected') command.reject(outcome.error);
      else command.resolve(this.#answer(outcome, memory, positions, attempt.expectedRevision));
    }
    if (positions.length > 0) this.#surroundings.onAppended(memory.position);
    return true;
  }

  /** An id that is in the log already is the failure of the one command that makes it. */
  #appendFailure(error: unknown, outcomes: readonly Outcome[], batch: readonly WaitingCommand[]): unknown {
    if (!(error instanceof EventIdConflict)) return error;
    const owner = batch[outcomes.findIndex((outcome) => hasEvent(outcome, error.eventId))];
    if (owner === undefined) return error;
    return new CommandFailure(owner, commandIdReused(owner.prepared.commandId, this.stream));
  }

  #answer(
    outcome: Exclude<Outcome, { kind: 'rejected' }>,
    memory: StreamMemory,
    positions: readonly Position[],
    expectedRevision: number,
  ): CommandAnswer {
    const { stream } = this;
    const { eventIds } = outcome;
    if (outcome.kind === 'unchanged') {
      return { eventIds, position: memory.position, stream, revision: outcome.revision, unchanged: true };
    }
    const lastEvent = outcome.firstEvent + eventIds.length - 1;
    return {
      eventIds,
      position: positions[lastEvent] ?? memory.position,
      stream,
      revision: expectedRevision + 1 + lastEvent,
      unchanged: false,
    };
  }
}

let lastMs = Number.NaN;
let lastText = '';

/** Writing a time costs as much as deciding on it, and many batches are decided in one millisecond. */
const isoText = (time: Date): string => {
  const ms = time.getTime();
  if (ms !== lastMs) {
    lastText = time.toISOString();
    lastMs = ms;
  }
  return lastText;
};

/** A failure that is one command's own; the others of the batch can be tried without it. */
class CommandFailure extends Error {
  constructor(
    readonly command: WaitingCommand,
    readonly failure: unknown,
  ) {
    super('one command of a batch failed');
  }
}

const decideOne = (
  memory: StreamMemory,
  command: WaitingCommand,
  recordedAt: string,
  events: SealedEvent[],
): Outcome => {
  const { prepared } = command;
  let decision;
  try {
    decision = memory.decide(prepared, recordedAt);
  } catch (error) {
    return { kind: 'rejected', error };
  }
  if (decision.kind === 'repeated') {
    return { kind: 'unchanged', eventIds: decision.eventIds, revision: decision.revision };
  }
  if (decision.events.length === 0) return { kind: 'unchanged', eventIds: [], revision: memory.revision };
  try {
    memory.apply(prepared, decision.events);
  } catch (failure) {
    throw new CommandFailure(command, failure);
  }
  const firstEvent = events.length;
  events.push(...decision.events);
  const eventIds = decision.events.map((event) => event.id);
  return { kind: 'decided', eventIds, firstEvent };
};

/** What the stored part of a batch rests on, each once; refusals store nothing that could be wrong. */
const restsOnOf = (outcomes: readonly Outcome[], batch: readonly WaitingCommand[]): readonly RestsOn[] | undefined => {
  const all = new Set<RestsOn>();
  for (let index = 0; index < batch.length; index += 1) {
    const { restsOn } = (batch[index] as WaitingCommand).prepared.command;
    if (restsOn !== undefined && outcomes[index]?.kind === 'decided') all.add(restsOn);
  }
  return all.size === 0 ? undefined : [...all];
};

/** Whether a decision rests on what has moved: it looked at it then, or did not look and rests on nothing else. */
const restsOnMoved = (restsOn: RestsOn | undefined, moved: readonly MovedStream[]): boolean =>
  restsOn !== undefined &&
  moved.some((each) => {
    const looked = restsOn.streams.find(({ stream }) => stream === each.stream);
    return looked === undefined ? restsOn.nothingElse !== undefined : looked.revision <= each.revision;
  });

const hasEvent = (outcome: Outcome, eventId: string): boolean =>
  outcome.kind === 'decided' && outcome.eventIds.includes(eventId);

/** A repeat rests on what is stored for ever; a refusal or an empty decision on how things stand now. */
const restsOnState = (outcome: Outcome): boolean =>
  outcome.kind === 'rejected'
    ? !(outcome.error instanceof DomainError && outcome.error.code === 'COMMAND_ID_REUSED')
    : outcome.eventIds.length === 0;
