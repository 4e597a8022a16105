import type { StreamCommand } from '../event-log/decider';
import type { DomainEvent, LedgerEvent } from '../event-log/event';
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
import { fingerprintOf } from './command-content';
import { CrossingDesk, crossingOf, entryOf, type FindEvent } from './crossing-desk';
import type { PoolCommandName, PoolCommands } from './pool-decisions';
import { type CommandExecutor, type CommandRequest, type Executed, PoolDesk } from './pool-desk';
import { FactGatherer, type Registries } from './registry-facts';

export type { FindEvent } from './crossing-desk';
export type { CommandExecutor, CommandRequest, Executed } from './pool-desk';

/**
 * Where every command comes in, whoever brings it (HTTP, CLI, import, scenario): gathers the facts it is judged by,
 * seals their revisions, has it decided in its stream, and sees to the other half of transfers and carry-overs.
 */
export class LedgerDesk<Answer extends Executed> {
  readonly #executor: CommandExecutor<Answer>;
  readonly #facts: FactGatherer;
  readonly #pools: PoolDesk<Answer>;
  readonly #crossings: CrossingDesk<Answer>;

  constructor(executor: CommandExecutor<Answer>, findEvent: FindEvent) {
    this.#executor = executor;
    this.#facts = new FactGatherer(executor);
    this.#pools = new PoolDesk(executor, this.#facts);
    this.#crossings = new CrossingDesk(executor, this.#pools, findEvent);
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
    const crossing = crossingOf(name, command);
    if (crossing !== null) return this.#crossings.submit(crossing, request);
    return (await this.#pools.submit(name, command, request)).answer;
  }

  /** Brings in the other half of a recorded event, or takes the event back; see CrossingDesk.followUp. */
  async finish(event: LedgerEvent & PoolEvent): Promise<void> {
    await this.#crossings.followUp(entryOf(event), event, event);
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
