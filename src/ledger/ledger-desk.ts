import { canonicalJson } from '../event-log/canonical-json';
import type { StreamCommand } from '../event-log/decider';
import type { Actor, DomainEvent, LedgerEvent } from '../event-log/event';
import { eventId } from '../event-log/event-id';
import { assertNever, DomainError } from '../platform/domain-error';
import type { PoolEntry, PoolMatter } from '../pool/pool-command';
import { reversedAlready } from '../pool/pool-errors';
import { type Pool, poolKind } from '../pool/pool';
import { poolStream } from '../pool/pool-stream';
import type { PoolEvent } from '../pool/pool-event';
import {
  type Milestones,
  projectKind,
  type ProjectParticulars,
  projectStream,
  registerProject,
} from '../project-library/project';
import { type Channel, CHANNELS_STREAM, channelsKind, registerChannel } from '../registry/channels/channels';
import {
  type Department,
  DEPARTMENTS_STREAM,
  departmentsKind,
  registerDepartment,
} from '../registry/departments/departments';
import { type Division, DIVISIONS_STREAM, divisionsKind, registerDivision } from '../registry/divisions/divisions';
import { type Purpose, PURPOSES_STREAM, purposesKind, registerPurpose } from '../registry/purposes/purposes';
import { type GivingHalf, givingHalfOf, otherHalfOf } from './other-half';
import { POOL_DECISIONS, type PoolCommandName, type PoolCommands } from './pool-decisions';
import { followUpCommandId } from './unfinished-crossings';
import { FactGatherer, type Registries, type StreamStates } from './registry-facts';

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
}

/** Runs commands on streams: the command runner at once, a unit of work in memory until it is committed. */
export interface CommandExecutor<Answer extends Executed> extends StreamStates {
  execute<State, Event extends DomainEvent>(command: StreamCommand<State, Event>): Promise<Answer>;
}

/** Finds an event of a stream by its id. */
export type FindEvent = (stream: string, eventId: string) => Promise<LedgerEvent | undefined>;

/** Commands whose events may have another half in another pool. */
const CROSSING_COMMANDS: ReadonlySet<PoolCommandName> = new Set([
  'TransferFunds',
  'CarryOverFunds',
  'ReverseEntry',
  'DeclineTaking',
]);

/**
 * Content of a command in canonical form. Neither the order of a document's lines nor the approval that let it into a
 * closed period makes it another document: an office's ledger that is imported again does not know of the approval.
 */
const fingerprintOf = (name: string, command: object): string => {
  const said = 'adjustment' in command ? { ...command, adjustment: undefined } : command;
  const content = 'original' in said ? { ...said, original: (said.original as LedgerEvent).id } : said;
  if (!('lines' in content) || !Array.isArray(content.lines) || content.lines.length < 2) {
    return canonicalJson({ name, content });
  }
  return canonicalJson({ name, content: { ...content, lines: content.lines.map(canonicalJson).sort() } });
};

/**
 * Where every command comes in, whoever brings it (HTTP, CLI, import, scenario): gathers the facts it is judged by,
 * seals their revisions, has it decided in its stream, and sees to the other half of transfers and carry-overs.
 */
export class LedgerDesk<Answer extends Executed> {
  readonly #executor: CommandExecutor<Answer>;
  readonly #facts: FactGatherer;
  readonly #findEvent: FindEvent;

  constructor(executor: CommandExecutor<Answer>, findEvent: FindEvent) {
    this.#executor = executor;
    this.#facts = new FactGatherer(executor);
    this.#findEvent = findEvent;
  }

  registries(): Promise<Registries> {
    return this.#facts.registries();
  }

  /** One command to one pool, and what follows from it in other pools. */
  async pool<Name extends PoolCommandName>(
    name: Name,
    command: PoolCommands[Name],
    request: CommandRequest,
  ): Promise<Answer> {
    if (name === 'ReverseEntry') {
      const giving = givingHalfOf(command as PoolCommands['ReverseEntry']);
      if (giving !== null) return this.#reverseFromTaker(command as PoolCommands['ReverseEntry'], giving, request);
    }
    const rules = POOL_DECISIONS[name];
    const projects = rules.projects(command);
    const { facts, seal } = this.#facts.peek(projects) ?? (await this.#facts.gather(projects));
    const takers = name === 'CloseYear' ? await this.#takersOf(command) : NO_TAKERS;
    const fingerprint = fingerprintOf(name, command);
    let decided: readonly PoolEvent[] = [];
    const answer = await this.#executor.execute<Pool, PoolEvent>({
      stream: poolStream(command.division, command.fiscalYear),
      kind: poolKind,
      fingerprint,
      envelope: {
        effectiveOn: command.effectiveOn,
        basis: rules.basis(command),
        metadata: { command: name, seal: seal + takers.seal },
        commandId: request.commandId,
        correlationId: request.correlationId,
        causationId: request.causationId,
        actor: request.actor,
      },
      decide: (pool) => {
        const { actor } = request;
        decided = rules.decide({ command, pool, facts, fingerprint, actor, notTakenIn: takers.notTakenIn });
        return decided;
      },
    });
    if (CROSSING_COMMANDS.has(name)) {
      const happened = answer.unchanged
        ? await this.#storedEvents(command, answer.eventIds)
        : decided.map((event, index) => ({ ...event, id: answer.eventIds[index] ?? '' }));
      for (const event of happened) await this.#takeIn(command, event, request);
    }
    return answer;
  }

  /** A repeated command finds out whether its other half is missing, because its first caller may have been cut off. */
  async #storedEvents(
    pool: { readonly division: string; readonly fiscalYear: number },
    eventIds: readonly string[],
  ): Promise<readonly (PoolEvent & { readonly id: string })[]> {
    const stream = poolStream(pool.division, pool.fiscalYear);
    const events = await Promise.all(eventIds.map((id) => this.#findEvent(stream, id)));
    return events.filter((event) => event !== undefined) as readonly (LedgerEvent & PoolEvent)[];
  }

  async #takeIn(pool: PoolEntry, event: PoolEvent & { readonly id: string }, request: CommandRequest): Promise<void> {
    try {
      await this.followUp(pool, event, request);
    } catch (error) {
      throw error instanceof DomainError && error.kind === 'rule' ? notTakenIn(error) : error;
    }
  }

  /**
   * The other half of what crosses pools, once its first half is there. Idempotent: the command id is derived from the
   * event, so that it can be repeated by whoever finds it missing.
   */
  async followUp(
    pool: PoolEntry,
    event: PoolEvent & { readonly id: string },
    request: Pick<CommandRequest, 'actor' | 'correlationId'>,
  ): Promise<void> {
    const next: CommandRequest = {
      actor: request.actor,
      correlationId: request.correlationId,
      causationId: event.id,
      commandId: followUpCommandId(event.id),
    };
    const half = otherHalfOf(pool, event);
    switch (half?.kind) {
      case undefined:
        return;
      case 'take-transfer':
        await this.pool('ReceiveTransfer', half.command, next);
        return;
      case 'take-carry-over':
        await this.pool('ReceiveCarryOver', half.command, next);
        return;
      case 'reverse-giver': {
        const { division, fiscalYear } = half.command;
        const original = await this.#findEvent(poolStream(division, fiscalYear), half.givingEventId);
        if (original === undefined) throw new Error(`event ${half.givingEventId} is not in its stream`);
        await this.pool('ReverseEntry', { ...half.command, original: original as PoolLedgerEvent }, next);
        return;
      }
      default:
        assertNever(half);
    }
  }

  /**
   * A transfer or carry-over goes back from the pool that took it in; where nothing was taken in, that pool first says
   * that it never will, so that money on its way can go back and cannot arrive as well.
   */
  async #reverseFromTaker(
    command: PoolCommands['ReverseEntry'],
    { givingType, taker }: GivingHalf,
    request: CommandRequest,
  ): Promise<Answer> {
    const { original, reversalNo, reason, effectiveOn, division, fiscalYear } = command;
    const settled = await this.#findEvent(
      poolStream(taker.division, taker.fiscalYear),
      eventId(followUpCommandId(original.id), 0),
    );
    if (settled !== undefined && settled.type !== 'TakingDeclined') {
      return this.pool('ReverseEntry', { ...command, ...taker, original: settled as PoolLedgerEvent }, request);
    }
    if (settled !== undefined && settled.basis !== reversalNo) throw reversedAlready(original.id);
    return this.pool(
      'DeclineTaking',
      {
        ...taker,
        effectiveOn,
        reversalNo,
        reason,
        givingEventId: original.id,
        givingType,
        fromDivision: division,
        fromFiscalYear: fiscalYear,
      },
      { ...request, commandId: followUpCommandId(original.id), causationId: original.id },
    );
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
      if (!taker.state.settledCrossings.has(id)) notTakenIn.push(documentNo);
    }
    return { notTakenIn, seal: [...revisions].map(([stream, revision]) => ` ${stream}@${revision}`).join('') };
  }

  registerDivision(division: Division, on: string, request: CommandRequest): Promise<Answer> {
    return this.#register({
      stream: DIVISIONS_STREAM,
      kind: divisionsKind,
      code: division.divisionCode,
      content: division,
      decide: registerDivision(division),
      on,
      request,
    });
  }

  registerDepartment(
    department: Department,
    on: string,
    request: CommandRequest,
    alsoComing?: (code: string) => boolean,
  ): Promise<Answer> {
    return this.#register({
      stream: DEPARTMENTS_STREAM,
      kind: departmentsKind,
      code: department.departmentCode,
      content: department,
      decide: registerDepartment(department, alsoComing),
      on,
      request,
    });
  }

  registerPurpose(
    purpose: Purpose,
    on: string,
    request: CommandRequest,
    alsoComing?: (code: string) => boolean,
  ): Promise<Answer> {
    return this.#register({
      stream: PURPOSES_STREAM,
      kind: purposesKind,
      code: purpose.purposeCode,
      content: purpose,
      decide: registerPurpose(purpose, alsoComing),
      on,
      request,
    });
  }

  async registerChannel(channel: Channel, on: string, request: CommandRequest): Promise<Answer> {
    const { departments, purposes } = await this.registries();
    return this.#register({
      stream: CHANNELS_STREAM,
      kind: channelsKind,
      code: channel.channelCode,
      content: channel,
      decide: registerChannel(channel, {
        hasDepartment: (code) => departments.has(code),
        hasPurpose: (code) => purposes.has(code),
      }),
      on,
      request,
    });
  }

  async registerProject(
    particulars: ProjectParticulars,
    milestones: Milestones,
    on: string,
    request: CommandRequest,
  ): Promise<Answer> {
    const { divisions, purposes, seal } = await this.registries();
    return this.#executor.execute({
      stream: projectStream(particulars.projectCode),
      kind: projectKind,
      fingerprint: fingerprintOf('RegisterProject', { particulars, milestones }),
      envelope: {
        ...request,
        effectiveOn: on,
        basis: particulars.projectCode,
        metadata: { command: 'RegisterProject', seal },
      },
      decide: registerProject(particulars, milestones, {
        hasDivision: (code) => divisions.newest(code) !== undefined,
        hasPurpose: (code) => purposes.has(code),
      }),
    });
  }

  #register<State, Event extends DomainEvent>(entry: {
    readonly stream: string;
    readonly kind: StreamCommand<State, Event>['kind'];
    readonly code: string;
    readonly content: object;
    readonly decide: (state: State) => readonly Event[];
    readonly on: string;
    readonly request: CommandRequest;
  }): Promise<Answer> {
    return this.#executor.execute({
      stream: entry.stream,
      kind: entry.kind,
      fingerprint: fingerprintOf(entry.stream, entry.content),
      envelope: { ...entry.request, effectiveOn: entry.on, basis: entry.code, metadata: { command: 'Register' } },
      decide: entry.decide,
    });
  }
}

type PoolLedgerEvent = LedgerEvent<PoolEvent['type'], PoolEvent['data']>;

interface Takers {
  readonly notTakenIn: readonly string[];
  readonly seal: string;
}

const NO_TAKERS: Takers = { notTakenIn: [], seal: '' };

/** The first half of a crossing stands (or, in an import, would stand) while the other pool refuses the second. */
const notTakenIn = (why: DomainError): DomainError =>
  new DomainError('rule', {
    code: 'NOT_TAKEN_IN',
    message: `接收方的池未能入账：${why.message}`,
    messageEn: `The taking pool refused its half: ${why.messageEn}`,
    remedy: `${why.remedy} 已记入下达方的款项为在途，处理后由 yichi doctor 或服务启动时自动补记。`,
    remedyEn: `${why.remedyEn} What the giver has recorded is in transit; yichi doctor or the next start of the service takes it in.`,
    parameters: { ...why.parameters, cause: why.code },
  });
