import { CONCURRENT_WRITE } from './command-failure';
import type { CommandAnswer, StreamCommand, StreamKind } from './decider';
import type { DomainEvent, Position } from './event';
import type { EventLog } from './event-log';
import { DomainError } from '../platform/domain-error';
import { Mailbox, type MailboxSurroundings } from './mailbox';
import { type AnyCommand, type AnyKind, type LoadedStream, prepareCommand, type StreamMemory } from './stream-memory';
import { type OnStored, type UnitCommitted, UnitOfWork } from './unit-of-work';
import { type ReadEvent, readEvent } from './upcasting';

export interface CommandRunnerOptions {
  /** The clock that `recordedAt` is read from. */
  readonly now: () => Date;
  /** How often a batch is decided anew because another process wrote to its stream. */
  readonly maxConflictRetries?: number;
  /** Streams whose state is kept in memory. */
  readonly maxCachedStreams?: number;
  /** Called with the position of the last event whenever events have been stored. */
  readonly onAppended?: (position: Position) => void;
  /** Reads stored events; only tests need another than the ledger's own. */
  readonly readEvent?: ReadEvent;
}

const MAX_CONFLICT_RETRIES = 8;

/** Pools, registries and the projects of a province; a stream beyond it is folded again when it is asked for. */
const MAX_CACHED_STREAMS = 20_000;

/** Each remembered command takes about 200 bytes, so that long streams are bounded as well: 200 MB at most. */
const MAX_REMEMBERED_COMMANDS = 1_000_000;

/** Counting all that is remembered takes time; a few streams more do not matter. */
const STREAMS_BETWEEN_COUNTS = 32;

/** Room that is made at once when a limit is met, so that it is not met again with the next stream. */
const KEPT_AFTER_EVICTION = 0.9;

/** The event loop gets its turn after so long, so that answers of the log and new requests are not kept waiting. */
const TURN_MS = 1;
const TURN_MAILBOXES = 8;

/** What a unit is tried again for at most when others write at the same time. */
const UNIT_ATTEMPTS = 5;

interface CachedMailbox {
  readonly mailbox: Mailbox;
  /** It waits for its turn. */
  planned: boolean;
  usedAt: number;
}

export interface UnitResult<Result> extends UnitCommitted {
  readonly result: Result;
}

/** Takes commands to their streams: one mailbox for each, and units of many streams for imports. */
export class CommandRunner {
  readonly storesAtOnce = true;
  readonly #surroundings: MailboxSurroundings;
  readonly #maxCachedStreams: number;
  readonly #mailboxes = new Map<string, CachedMailbox>();
  #waiting: CachedMailbox[] = [];
  #turnPlanned = false;
  #uses = 0;

  constructor(log: EventLog, options: CommandRunnerOptions) {
    this.#surroundings = {
      log,
      readEvent: options.readEvent ?? readEvent,
      now: options.now,
      maxConflictRetries: options.maxConflictRetries ?? MAX_CONFLICT_RETRIES,
      onAppended: options.onAppended ?? (() => undefined),
      onMoved: (stream) => this.#mailboxes.get(stream)?.mailbox.doubt(),
    };
    this.#maxCachedStreams = options.maxCachedStreams ?? MAX_CACHED_STREAMS;
    log.whenAway?.((failure) => this.#refuseWaiting(failure));
  }

  /**
   * Decides the command and stores what it makes happen. The same command id again gives the first answer again.
   *
   * @throws DomainError of the decision; COMMAND_ID_REUSED; CONCURRENT_WRITE; those of the log, at once when it is away;
   * FactsMoved where others have moved what the command rests on
   */
  execute<State, Event extends DomainEvent>(command: StreamCommand<State, Event>): Promise<CommandAnswer> {
    return new Promise((resolve, reject) => {
      this.#requireLogThere();
      // The one place where the state's type is put away; kind and decide of one command agree on it.
      const prepared = prepareCommand(command as unknown as AnyCommand);
      const cached = this.#mailbox(command.stream, prepared.command.kind);
      cached.mailbox.add({ prepared, resolve, reject });
      this.#plan(cached);
    });
  }

  /**
   * The stream's state for reading: never with events that are not stored, and never older than a tenth of a second
   * (on the embedded log a few milliseconds). It is the runner's own: not to be changed, and to be used before the
   * next await.
   *
   * @throws DomainError of the log, at once when it is away
   */
  async load<State, Event extends DomainEvent>(
    stream: string,
    kind: StreamKind<State, Event>,
  ): Promise<LoadedStream<State>> {
    return (
      this.peek(stream, kind) ??
      loaded(
        await new Promise<StreamMemory>((resolve, reject) => {
          this.#requireLogThere();
          const cached = this.#mailbox(stream, kind as unknown as AnyKind);
          cached.mailbox.addReader({ resolve, reject });
          this.#plan(cached);
        }),
      )
    );
  }

  /**
   * What load would answer, at once, where the state lies ready in memory; else null. A decision that looks at several
   * streams saves a turn for each.
   */
  peek<State, Event extends DomainEvent>(stream: string, kind: StreamKind<State, Event>): LoadedStream<State> | null {
    const memory = this.#mailbox(stream, kind as unknown as AnyKind).mailbox.readable();
    return memory === null ? null : loaded(memory);
  }

  /** A unit whose caller commits or discards it and deals with CONCURRENT_WRITE itself; see runUnit. */
  unit(): UnitOfWork {
    const { log, readEvent: read, now } = this.#surroundings;
    return new UnitOfWork({
      log,
      readEvent: read,
      now,
      onCommitted: (memories, position) => {
        for (const memory of memories) this.#mailbox(memory.stream, memory.kind).mailbox.adopt(memory);
        this.#surroundings.onAppended(position);
      },
    });
  }

  /**
   * Does the work on a unit and commits it; when others wrote to its streams meanwhile, does it again on a new unit.
   * Work that discards its unit stores nothing; work that throws stores nothing and is not done again.
   */
  async runUnit<Result>(
    work: (unit: UnitOfWork) => Promise<Result>,
    attempts = UNIT_ATTEMPTS,
    onStored?: OnStored,
  ): Promise<UnitResult<Result>> {
    for (let attempt = 1; ; attempt += 1) {
      const unit = this.unit();
      const result = await work(unit);
      if (unit.discarded) return { result, position: await this.#surroundings.log.head(), storedEvents: 0 };
      try {
        return { result, ...(await unit.commit(onStored)) };
      } catch (error) {
        const again = error instanceof DomainError && error.code === CONCURRENT_WRITE && attempt < attempts;
        if (!again) throw error;
      }
    }
  }

  /** Position of the log's last event: what is looked at from now on is at least as new. */
  head(): Promise<Position> {
    return this.#surroundings.log.head();
  }

  /** Tells whenever those who wait for others' commands should not wait any longer, because the log is away. */
  whenLogAway(listener: (failure: DomainError) => void): void {
    this.#surroundings.log.whenAway?.(listener);
  }

  /** What is under way has an outcome that is worth waiting for; whoever waits behind it has none. */
  #refuseWaiting(failure: DomainError): void {
    for (const { mailbox } of this.#mailboxes.values()) mailbox.refuseWaiting(failure);
  }

  /** Whoever waits behind others for a log that is away would be told no more at the end. */
  #requireLogThere(): void {
    const away = this.#surroundings.log.away?.() ?? null;
    if (away !== null) throw away;
  }

  #mailbox(stream: string, kind: AnyKind): CachedMailbox {
    this.#uses += 1;
    const known = this.#mailboxes.get(stream);
    if (known !== undefined) {
      if (known.mailbox.kind !== kind) throw new Error(`${stream} is used as two kinds of stream`);
      known.usedAt = this.#uses;
      return known;
    }
    const mailbox = new Mailbox(this.#surroundings, stream, kind);
    const cached = { mailbox, planned: false, usedAt: this.#uses };
    this.#mailboxes.set(stream, cached);
    this.#makeRoom();
    return cached;
  }

  #plan(cached: CachedMailbox): void {
    if (cached.planned || cached.mailbox.busy) return;
    cached.planned = true;
    this.#waiting.push(cached);
    this.#planTurn();
  }

  #planTurn(): void {
    if (this.#turnPlanned) return;
    this.#turnPlanned = true;
    // All commands that arrive in this turn of the event loop are decided together and share one flush of the log.
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#turnPlanned = false;
    const until = performance.now() + TURN_MS;
    let served = 0;
    do {
      const end = Math.min(served + TURN_MAILBOXES, this.#waiting.length);
      for (; served < end; served += 1) void this.#serve(this.#waiting[served] as CachedMailbox);
    } while (served < this.#waiting.length && performance.now() < until);
    this.#waiting = this.#waiting.slice(served);
    if (this.#waiting.length > 0) this.#planTurn();
  }

  async #serve(cached: CachedMailbox): Promise<void> {
    cached.planned = false;
    await cached.mailbox.serve();
    // A turn later, so that readers that were just answered look at the state before the next batch changes it.
    if (!cached.mailbox.idle) this.#plan(cached);
  }

  /** Forgets the streams that were not used for longest. A mailbox at work is never forgotten. */
  #makeRoom(): void {
    const streams = this.#mailboxes.size;
    if (streams <= this.#maxCachedStreams && streams % STREAMS_BETWEEN_COUNTS !== 0) return;
    let commands = 0;
    for (const { mailbox } of this.#mailboxes.values()) commands += mailbox.commandCount;
    if (streams <= this.#maxCachedStreams && commands <= MAX_REMEMBERED_COMMANDS) return;
    const streamsKept = this.#maxCachedStreams * KEPT_AFTER_EVICTION;
    const commandsKept = MAX_REMEMBERED_COMMANDS * KEPT_AFTER_EVICTION;
    const oldestFirst = [...this.#mailboxes].sort(([, left], [, right]) => left.usedAt - right.usedAt);
    for (const [stream, { mailbox, usedAt }] of oldestFirst) {
      if (this.#mailboxes.size <= streamsKept && commands <= commandsKept) return;
      if (!mailbox.idle || usedAt === this.#uses) continue;
      this.#mailboxes.delete(stream);
      commands -= mailbox.commandCount;
    }
  }
}

/** The one place where the state's type comes back; the stream's kind was checked when its mailbox was asked for. */
const loaded = <State>({ state, revision, position }: StreamMemory): LoadedStream<State> => ({
  state: state as State,
  revision,
  position,
});
