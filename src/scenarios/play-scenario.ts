import { canonicalJson } from '../event-log/canonical-json';
import { commandIdFrom, eventId } from '../event-log/event-id';
import type { Actor, LedgerEvent } from '../event-log/event';
import type { CommandRequest, Executed, FindEvent, LedgerDesk } from '../ledger/ledger-desk';
import type { PoolCommandName } from '../ledger/pool-decisions';
import { assertNever, DomainError } from '../platform/domain-error';
import type { PoolEntry } from '../pool/pool-command';
import { poolStream } from '../pool/pool-stream';
import type { PoolEvent } from '../pool/pool-event';
import type { PoolCall, ScenarioRegistry, ScenarioStep, StepWork } from './scenario';

/** Who plays, and what all events of the run have in common. */
export interface PlayedBy {
  readonly actor: Actor;
  readonly correlationId: string;
}

/** How many of a step's commands were stored. */
export interface Played {
  readonly stored: number;
  readonly unchanged: number;
}

export const NOTHING_PLAYED: Played = { stored: 0, unchanged: 0 };

/** In a file, the approver who is nobody but the one that plays it: the file cannot know who that will be. */
const WHO_PLAYS: ReadonlySet<string> = new Set(['本人', 'me']);

const plus = (sum: Played, answer: Executed): Played => ({
  stored: sum.stored + (answer.unchanged ? 0 : 1),
  unchanged: sum.unchanged + (answer.unchanged ? 1 : 0),
});

/** Registers what a scenario needs. What the ledger knows already with the same content stays as it is. */
export const playRegistry = async <Answer extends Executed>(
  desk: LedgerDesk<Answer>,
  registry: ScenarioRegistry,
  by: PlayedBy,
  step: () => void,
): Promise<Played> => {
  const { on } = registry;
  const departments = new Set(registry.departments.map(({ departmentCode }) => departmentCode));
  const purposes = new Set(registry.purposes.map(({ purposeCode }) => purposeCode));
  // A registration's command id is the run's own: a file whose registry part was changed and changed back must register
  // the first content again.
  const request = (content: object): CommandRequest => ({
    ...by,
    commandId: commandIdFrom(`scenario-registration:${by.correlationId}:${canonicalJson(content)}`),
    causationId: null,
  });
  let played = NOTHING_PLAYED;
  const done = (answer: Answer): void => {
    played = plus(played, answer);
    step();
  };
  for (const division of registry.divisions) {
    done(await desk.registerDivision(division, division.validFrom ?? on, request({ division })));
  }
  for (const department of registry.departments) {
    const knows = (code: string): boolean => departments.has(code);
    done(
      await desk.registerDepartment(department, department.validFrom ?? on, request({ department }), {
        alsoComing: knows,
      }),
    );
  }
  for (const purpose of registry.purposes) {
    done(await desk.registerPurpose(purpose, on, request({ purpose }), { alsoComing: (code) => purposes.has(code) }));
  }
  for (const channel of registry.channels) {
    done(await desk.registerChannel(channel, on, request({ channel })));
  }
  for (const project of registry.projects) {
    const { particulars, milestones } = project;
    done(await desk.registerProject(particulars, milestones, milestones.enteredOn ?? on, request({ project })));
  }
  return played;
};

export const registrySize = (registry: ScenarioRegistry): number =>
  registry.divisions.length +
  registry.departments.length +
  registry.purposes.length +
  registry.channels.length +
  registry.projects.length;

/** Plays steps of one run. Command ids derive from the steps' names, so that a step played again changes nothing. */
export class StepPlayer<Answer extends Executed> {
  readonly #desk: LedgerDesk<Answer>;
  readonly #findEvent: FindEvent;
  readonly #steps: ReadonlyMap<string, ScenarioStep>;
  readonly #by: PlayedBy;

  constructor(desk: LedgerDesk<Answer>, findEvent: FindEvent, steps: readonly ScenarioStep[], by: PlayedBy) {
    this.#desk = desk;
    this.#findEvent = findEvent;
    this.#steps = new Map(steps.map((step) => [step.id, step]));
    this.#by = by;
  }

  /** @throws DomainError when the ledger refuses it */
  async play(step: ScenarioStep): Promise<Played> {
    const { work } = step;
    switch (work.kind) {
      case 'later':
        return NOTHING_PLAYED;
      case 'commands': {
        let played = NOTHING_PLAYED;
        for (const [index, call] of work.calls.entries()) {
          played = plus(played, await this.#execute(call, commandIdOf(step, index)));
        }
        return played;
      }
      case 'reversal': {
        const target = this.#steps.get(work.step);
        const { stream, division, fiscalYear, id } = this.#eventOf(target, work.to);
        const original = await this.#findEvent(stream, id);
        if (original === undefined) throw notRecordedHere(work.step);
        const entry: Omit<LedgerEvent, 'type' | 'data'> = original;
        return plus(
          NOTHING_PLAYED,
          await this.#execute(
            {
              name: 'ReverseEntry',
              command: {
                division,
                fiscalYear,
                effectiveOn: step.on,
                reversalNo: work.reversalNo,
                reason: work.reason,
                original: { ...entry, ...(original as PoolEvent) },
                followsTaker: false,
                ...(work.adjustment === null ? {} : { adjustment: work.adjustment }),
              },
            },
            commandIdOf(step, 0),
          ),
        );
      }
      default:
        return assertNever(work);
    }
  }

  #execute<Name extends PoolCommandName>(call: PoolCall<Name>, commandId: string): Promise<Answer> {
    return this.#desk.pool(call.name, this.#asPlayed(call.command), { ...this.#by, commandId, causationId: null });
  }

  #asPlayed<Command extends PoolEntry>(command: Command): Command {
    const { adjustment } = command;
    if (adjustment === undefined || !WHO_PLAYS.has(adjustment.approvedBy)) return command;
    return { ...command, adjustment: { ...adjustment, approvedBy: this.#by.actor.id } };
  }

  /** The event to reverse: of what crosses pools the taking half, because the giving half follows it. */
  #eventOf(target: ScenarioStep | undefined, to: string | null): ReversibleEvent {
    if (target?.work.kind === 'reversal') return this.#reversalOf(target, target.work);
    if (target?.work.kind !== 'commands') throw notRecordedHere(target?.id ?? '');
    const last = target.work.calls.length - 1;
    const call = target.work.calls[last];
    if (call === undefined) throw notRecordedHere(target.id);
    const { division, fiscalYear } = call.command;
    const commandId = commandIdOf(target, last);
    if (call.name === 'TransferFunds') {
      const parcels = [...new Set(call.command.lines.map((line) => `${line.toDivision}|${String(line.integrated)}`))];
      const index = to === null ? 0 : parcels.findIndex((parcel) => parcel.startsWith(`${to}|`));
      const [taker] = (parcels[index] ?? '').split('|');
      if (taker === undefined || taker === '') throw notRecordedHere(target.id);
      return takenIn(eventId(commandId, index), taker, fiscalYear);
    }
    if (call.name === 'CarryOverFunds') return takenIn(eventId(commandId, 0), division, call.command.toFiscalYear);
    const id = eventId(commandId, 0);
    return { stream: poolStream(division, fiscalYear), division, fiscalYear, id, crosses: false, stands: true };
  }

  /** A reversal in the pool of what it took back; what crosses stands again at its giver first, and the taker follows. */
  #reversalOf(step: ScenarioStep, { step: about, to }: Extract<StepWork, { kind: 'reversal' }>): ReversibleEvent {
    const original = this.#eventOf(this.#steps.get(about), to);
    const id = eventId(commandIdOf(step, 0), 0);
    if (original.stands || !original.crosses) return { ...original, id, stands: !original.stands };
    return takenIn(id, original.division, original.fiscalYear);
  }
}

interface ReversibleEvent {
  readonly stream: string;
  readonly division: string;
  readonly fiscalYear: number;
  readonly id: string;
  /** It has another half in another pool. */
  readonly crosses: boolean;
  /** False: it took an entry back. */
  readonly stands: boolean;
}

/** The desk derives the taking half's command id from the giving event. */
const takenIn = (givingEventId: string, division: string, fiscalYear: number): ReversibleEvent => ({
  stream: poolStream(division, fiscalYear),
  division,
  fiscalYear,
  id: eventId(commandIdFrom(`follows:${givingEventId}`), 0),
  crosses: true,
  stands: true,
});

const commandIdOf = (step: ScenarioStep, index: number): string =>
  commandIdFrom(`scenario:${step.key}${index === 0 ? '' : `:${index}`}`);

const notRecordedHere = (step: string): DomainError =>
  new DomainError('rule', {
    code: 'SCENARIO_STEP_NOT_RECORDED',
    message: `步骤 ${step} 没有由本情景入账，无法冲销。`,
    messageEn: `Step ${step} was not recorded by this scenario, so it cannot be reversed by it.`,
    remedy: '只能冲销本情景已入账的资金步骤；分解下达到几个区划时用 to 指明接收区划。',
    remedyEn: 'Reverse only money steps that this scenario has recorded; name the taking division in `to`.',
    parameters: { step },
  });
