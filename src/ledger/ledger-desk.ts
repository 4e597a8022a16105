import type { LedgerEvent } from '../event-log/event';
import type { PoolEvent } from '../pool/pool-event';
import { CrossingDesk, crossingOf, entryOf, type FindEvent } from './crossing-desk';
import type { LeaningPools } from './leaning-pools';
import type { PoolCommandName, PoolCommands } from './pool-decisions';
import { type CommandExecutor, type CommandRequest, type Executed, PoolDesk } from './pool-desk';
import { RegisterDesk } from './register-desk';
import { RegisterGate } from './register-gate';
import { FactGatherer, type Registries } from './registry-facts';

export type { FindEvent } from './crossing-desk';
export type { CommandExecutor, CommandRequest, Executed } from './pool-desk';

/**
 * Where every command comes in, whoever brings it (HTTP, CLI, import, scenario): gathers the facts it is judged by,
 * seals their revisions, has it decided in its stream, and sees to the other half of transfers and carry-overs.
 */
export class LedgerDesk<Answer extends Executed> {
  readonly #facts: FactGatherer;
  readonly #pools: PoolDesk<Answer>;
  readonly #crossings: CrossingDesk<Answer>;
  readonly #registers: RegisterDesk<Answer>;
  readonly #gate = new RegisterGate();

  constructor(executor: CommandExecutor<Answer>, findEvent: FindEvent, pools: LeaningPools) {
    this.#facts = new FactGatherer(executor);
    this.#pools = new PoolDesk(executor, this.#facts);
    this.#crossings = new CrossingDesk(executor, this.#pools, findEvent);
    this.#registers = new RegisterDesk(executor, this.#facts, pools, this.#gate);
    executor.whenLogAway?.((failure) => this.#gate.refuseWaiting(failure));
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
    return this.#passing(async () => {
      const crossing = crossingOf(name, command);
      if (crossing !== null) return this.#crossings.submit(crossing, request);
      return (await this.#pools.submit(name, command, request)).answer;
    });
  }

  /** Brings in the other half of a recorded event, or takes the event back; see CrossingDesk.followUp. */
  async finish(event: LedgerEvent & PoolEvent): Promise<void> {
    await this.#passing(() => this.#crossings.followUp(entryOf(event), event, event));
  }

  /** Moves money while nobody changes what it rests on. */
  async #passing<Result>(move: () => Promise<Result>): Promise<Result> {
    const opened = this.#gate.enter();
    if (opened !== null) await opened;
    try {
      return await move();
    } finally {
      this.#gate.leave();
    }
  }

  registerDivision(...asked: Parameters<RegisterDesk<Answer>['division']>): Promise<Answer> {
    return this.#registers.division(...asked);
  }

  registerDepartment(...asked: Parameters<RegisterDesk<Answer>['department']>): Promise<Answer> {
    return this.#registers.department(...asked);
  }

  registerPurpose(...asked: Parameters<RegisterDesk<Answer>['purpose']>): Promise<Answer> {
    return this.#registers.purpose(...asked);
  }

  registerChannel(...asked: Parameters<RegisterDesk<Answer>['channel']>): Promise<Answer> {
    return this.#registers.channel(...asked);
  }

  registerProject(...asked: Parameters<RegisterDesk<Answer>['project']>): Promise<Answer> {
    return this.#registers.project(...asked);
  }
}
