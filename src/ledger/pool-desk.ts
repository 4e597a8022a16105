import { concurrentWrite } from '../event-log/command-failure';
import type { StreamCommand } from '../event-log/decider';
import type { Actor, DomainEvent, Position } from '../event-log/event';
import { eventId } from '../event-log/event-id';
import { FactsMoved } from '../event-log/event-log';
import { businessDayOf } from '../platform/business-date';
import type { DomainError } from '../platform/domain-error';
import type { Reversal } from '../pool/document-book';
import { type Pool, poolKind } from '../pool/pool';
import type { PoolMatter } from '../pool/pool-command';
import type { PoolEvent } from '../pool/pool-event';
import { reversalOf } from '../pool/pool-rules';
import { poolStream } from '../pool/pool-stream';
import { fingerprintOf } from './command-content';
import { POOL_DECISIONS, type PoolCommandName, type PoolCommands } from './pool-decisions';
import type { FactGatherer, StreamStates } from './registry-facts';

/** Who asks, and under which ids. */
export interface CommandRequest {
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly actor: Actor;
}

/** What came of a command, whether it is durable already (command runner) or not yet (an import's unit of work). */
export interface Executed {
  readonly eventIds: readonly string[];
  readonly unchanged: boolean;
  /** Where the document is unchanged because it was taken back (冲销): by what. */
  readonly reversal?: Reversal;
}

/** Runs commands on streams: the command runner at once, a unit of work in memory until it is committed. */
export interface CommandExecutor<Answer extends Executed> extends StreamStates {
  /** False: what is decided may be thrown away again, so that nobody may be told of it as done. */
  readonly storesAtOnce: boolean;
  execute<State, Event extends DomainEvent>(command: StreamCommand<State, Event>): Promise<Answer>;
  /**
   * Asks once more right before what was decided is stored; it is decided anew where a stream is answered that has come
   * into question meanwhile. Left out where everything is stored at once.
   */
  beforeStoring?(movedSince: () => Promise<string | null>): void;
  /** End of the log; left out where it is asked before storing. */
  head?(): Promise<Position>;
  /** Tells whenever nobody should wait for others' commands any longer; left out where nobody does. */
  whenLogAway?(listener: (failure: DomainError) => void): void;
}

export type IdentifiedEvent = PoolEvent & { readonly id: string };

/** Told what a pool has decided before any of it is stored; throws what stands against it elsewhere. */
export type Judge = (events: readonly IdentifiedEvent[], tryElsewhere: TryElsewhere) => void;

/** Decides a command on another pool as it is, by the same facts, and stores nothing; throws its refusal. */
export type TryElsewhere = <Name extends PoolCommandName>(name: Name, command: PoolCommands[Name], pool: Pool) => void;

/** What came of a command to one pool, with the events that were decided now; none when it changed nothing. */
export interface PoolAnswer<Answer extends Executed> {
  readonly answer: Answer;
  readonly events: readonly IdentifiedEvent[];
}

interface Takers {
  readonly notTakenIn: readonly string[];
  readonly seal: string;
}

const NO_TAKERS: Takers = { notTakenIn: [], seal: '' };

/** How often a command is judged anew because another program changed a register that it rests on, at most. */
const FACT_ATTEMPTS = 8;

/**
 * Commands to one pool: gathers the facts that each is judged by, seals their revisions, has it decided in its stream.
 * Where another program has changed one of the facts before the decision is stored, it is gathered and decided anew.
 */
export class PoolDesk<Answer extends Executed> {
  readonly #executor: CommandExecutor<Answer>;
  readonly #facts: FactGatherer;

  constructor(executor: CommandExecutor<Answer>, facts: FactGatherer) {
    this.#executor = executor;
    this.#facts = facts;
  }

  async submit<Name extends PoolCommandName>(
    name: Name,
    command: PoolCommands[Name],
    request: CommandRequest,
    judge?: Judge,
  ): Promise<PoolAnswer<Answer>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#submitOnce(name, command, request, judge);
      } catch (error) {
        if (!(error instanceof FactsMoved)) throw error;
        if (attempt === FACT_ATTEMPTS) throw concurrentWrite(error.moved[0].stream);
      }
    }
  }

  async #submitOnce<Name extends PoolCommandName>(
    name: Name,
    command: PoolCommands[Name],
    request: CommandRequest,
    judge: Judge | undefined,
  ): Promise<PoolAnswer<Answer>> {
    const rules = POOL_DECISIONS[name];
    const projects = rules.projects(command);
    const { facts, restsOn, seal } = this.#facts.peek(projects) ?? (await this.#facts.gather(projects));
    const takers = name === 'CloseYear' ? await this.#takersOf(command) : NO_TAKERS;
    const fingerprint = fingerprintOf(name, command);
    const { actor } = request;
    let decided: readonly PoolEvent[] = [];
    let reversal: Reversal | null = null;
    const answer = await this.#executor.execute<Pool, PoolEvent>({
      stream: poolStream(command.division, command.fiscalYear),
      kind: poolKind,
      fingerprint,
      restsOn,
      envelope: {
        effectiveOn: command.effectiveOn,
        basis: rules.basis(command),
        metadata: { command: name, seal: seal + takers.seal },
        commandId: request.commandId,
        correlationId: request.correlationId,
        causationId: request.causationId,
        actor,
      },
      decide: (pool, { recordedAt }) => {
        const today = businessDayOf(recordedAt);
        const tryElsewhere: TryElsewhere = (otherName, otherCommand, other) => {
          POOL_DECISIONS[otherName].decide({
            command: otherCommand,
            pool: other,
            facts,
            fingerprint: fingerprintOf(otherName, otherCommand),
            actor,
            today,
            notTakenIn: NO_TAKERS.notTakenIn,
          });
        };
        decided = rules.decide({ command, pool, facts, fingerprint, actor, today, notTakenIn: takers.notTakenIn });
        reversal =
          decided.length === 0 && rules.document !== null
            ? reversalOf(pool, rules.document, rules.basis(command))
            : null;
        judge?.(
          decided.map((event, index) => ({ ...event, id: eventId(request.commandId, index) })),
          tryElsewhere,
        );
        return decided;
      },
    });
    if (reversal !== null) return { answer: { ...answer, reversal }, events: [] };
    if (answer.unchanged || judge === undefined) return { answer, events: [] };
    return { answer, events: decided.map((event, index) => ({ ...event, id: answer.eventIds[index] ?? '' })) };
  }

  /** What a pool gave and nobody has taken in yet, and the revisions at which its takers were looked at. */
  async #takersOf({ division, fiscalYear }: PoolMatter): Promise<Takers> {
    const { state } = await this.#executor.load(poolStream(division, fiscalYear), poolKind);
    const notTakenIn: string[] = [];
    const revisions = new Map<string, number>();
    for (const [id, { documentNo, toDivision, toFiscalYear }] of [...state.crossings]) {
      const stream = poolStream(toDivision, toFiscalYear);
      const taker = await this.#executor.load(stream, poolKind);
      revisions.set(stream, taker.revision);
      // What was declined or given back is on its way as long as it is not back here.
      if (taker.state.settledCrossings.get(id)?.isTaken !== true) notTakenIn.push(documentNo);
    }
    return { notTakenIn, seal: [...revisions].map(([stream, revision]) => ` ${stream}@${revision}`).join('') };
  }
}
