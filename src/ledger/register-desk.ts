import { CONCURRENT_WRITE, concurrentWrite } from '../event-log/command-failure';
import type { StreamCommand } from '../event-log/decider';
import type { DomainEvent } from '../event-log/event';
import { FactsMoved, type RestsOn } from '../event-log/event-log';
import { DomainError } from '../platform/domain-error';
import {
  type Milestones,
  projectKind,
  type ProjectParticulars,
  projectStream,
  registerProject,
  sameParticulars,
} from '../project-library/project';
import {
  type Channel,
  CHANNELS_STREAM,
  channelsKind,
  registerChannel,
  sameChannel,
} from '../registry/channels/channels';
import {
  type Department,
  DEPARTMENTS_STREAM,
  departmentsKind,
  registerDepartment,
  sameDepartment,
} from '../registry/departments/departments';
import {
  type Division,
  DIVISIONS_STREAM,
  divisionsKind,
  registerDivision,
  sameDivision,
} from '../registry/divisions/divisions';
import { type FieldChange, fieldChanges } from '../registry/field-change';
import {
  type Purpose,
  PURPOSES_STREAM,
  purposesKind,
  registerPurpose,
  samePurpose,
} from '../registry/purposes/purposes';
import { rowStale } from '../registry/registry-errors';
import { fingerprintOf } from './command-content';
import type { LeaningPools } from './leaning-pools';
import type { CommandExecutor, CommandRequest, Executed } from './pool-desk';
import type { FactGatherer, Registries } from './registry-facts';
import type { RegisterGate } from './register-gate';
import { type Judged, RegisterJudge } from './register-judge';

/** What whoever registers may ask for beside the entry itself. */
export interface Registering {
  /** Codes that are registered later in the same table. */
  readonly alsoComing?: (code: string) => boolean;
  /** True for rows of tables: one that says what was replaced since is from an old table (ROW_STALE). */
  readonly refuseStale?: boolean;
  /** Told which fields of an entry that was there were replaced. */
  readonly onChanged?: (changes: readonly FieldChange[]) => void;
}

/** One entry of one register, as every register's kind needs it said. */
interface RegisterEntry<State, Event extends DomainEvent, Entry extends object> {
  readonly stream: string;
  readonly kind: StreamCommand<State, Event>['kind'];
  readonly command: string;
  readonly fingerprint: string;
  readonly code: string;
  /** The field that holds the code, and the address where an entry is made by hand. */
  readonly codeField: string;
  readonly address: string;
  /** Whether versions with first days of their own may follow each other. */
  readonly hasVersions: boolean;
  readonly becomes: Entry;
  readonly known: (state: State) => Entry | undefined;
  readonly former: (state: State) => readonly Entry[];
  readonly same: (left: Entry, right: Entry) => boolean;
  /** Revisions to be sealed whatever is looked at beside. */
  readonly seal: (registries: Registries) => string;
  readonly judge: (registries: Registries, state: State) => Promise<Judged | null>;
  readonly decide: (registries: Registries) => (state: State) => readonly Event[];
  /** What it replaces, field by field. */
  readonly changes: (before: Entry, state: State) => readonly FieldChange[];
  readonly on: string;
  readonly request: CommandRequest;
  readonly options: Registering;
}

/**
 * How often it is judged anew, at most, because somebody registered at the same time, or another program stored money that
 * might lean on it. Of a program that books all the time, most moments between its commits are enough for one attempt.
 */
const ATTEMPTS = 20;

const unsealed = (): string => '';

/** A refusal is told where the entry is decided, so that a command that was stored long ago still gets its answer. */
interface Verdict {
  /** Null: nothing that money leans on changes. */
  readonly judged: Judged | null;
  readonly refusal: DomainError | null;
}

const NOTHING_JUDGED: Verdict = { judged: null, refusal: null };

const verdictOf = async (judged: Promise<Judged | null>): Promise<Verdict> => {
  try {
    return { judged: await judged, refusal: null };
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'rule') return { judged: null, refusal: error };
    throw error;
  }
};

/** What a change rests on beside its own register, which is asked for where it is decided. */
const restingOn = (own: string, { restsOn: registries }: Registries, { restsOn }: Judged): RestsOn => ({
  ...restsOn,
  streams: [...registries.streams, ...restsOn.streams].filter(({ stream }) => stream !== own),
});

/**
 * Where entries of the registers and of the project library come in. What money leans on is judged before the entry is
 * decided, on the pools as they stand, whose revisions are sealed in the change.
 */
export class RegisterDesk<Answer extends Executed> {
  readonly #executor: CommandExecutor<Answer>;
  readonly #facts: FactGatherer;
  readonly #judge: RegisterJudge;
  readonly #gate: RegisterGate;

  constructor(executor: CommandExecutor<Answer>, facts: FactGatherer, pools: LeaningPools, gate: RegisterGate) {
    this.#executor = executor;
    this.#facts = facts;
    this.#judge = new RegisterJudge(executor, pools);
    this.#gate = gate;
  }

  division(division: Division, on: string, request: CommandRequest, options: Registering = {}): Promise<Answer> {
    const { divisionCode: code, validFrom } = division;
    return this.#register({
      stream: DIVISIONS_STREAM,
      kind: divisionsKind,
      command: 'Register',
      fingerprint: fingerprintOf(DIVISIONS_STREAM, division),
      code,
      codeField: 'divisionCode',
      address: 'divisions',
      hasVersions: true,
      becomes: division,
      known: (divisions) => divisions.startingOn(code, validFrom),
      former: (divisions) => divisions.former(code, validFrom),
      same: sameDivision,
      changes: (before) => fieldChanges(before, division),
      seal: unsealed,
      judge: (registries) => this.#judge.division(registries, division),
      decide: () => registerDivision(division),
      on,
      request,
      options,
    });
  }

  department(department: Department, on: string, request: CommandRequest, options: Registering = {}): Promise<Answer> {
    const { departmentCode: code, validFrom } = department;
    return this.#register({
      stream: DEPARTMENTS_STREAM,
      kind: departmentsKind,
      command: 'Register',
      fingerprint: fingerprintOf(DEPARTMENTS_STREAM, department),
      code,
      codeField: 'departmentCode',
      address: 'departments',
      hasVersions: true,
      becomes: department,
      known: (departments) => departments.startingOn(code, validFrom),
      former: (departments) => departments.former(code, validFrom),
      same: sameDepartment,
      changes: (before) => fieldChanges(before, department),
      seal: unsealed,
      judge: (registries) => this.#judge.department(registries, department),
      decide: () => registerDepartment(department, options.alsoComing),
      on,
      request,
      options,
    });
  }

  purpose(purpose: Purpose, on: string, request: CommandRequest, options: Registering = {}): Promise<Answer> {
    const { purposeCode: code } = purpose;
    return this.#register({
      stream: PURPOSES_STREAM,
      kind: purposesKind,
      command: 'Register',
      fingerprint: fingerprintOf(PURPOSES_STREAM, purpose),
      code,
      codeField: 'purposeCode',
      address: 'purposes',
      hasVersions: false,
      becomes: purpose,
      known: (purposes) => purposes.get(code),
      former: (purposes) => purposes.former(code),
      same: samePurpose,
      changes: (before) => fieldChanges(before, purpose),
      seal: unsealed,
      judge: (registries) => this.#judge.purpose(registries, purpose),
      decide: () => registerPurpose(purpose, options.alsoComing),
      on,
      request,
      options,
    });
  }

  channel(channel: Channel, on: string, request: CommandRequest, options: Registering = {}): Promise<Answer> {
    const { channelCode: code } = channel;
    return this.#register({
      stream: CHANNELS_STREAM,
      kind: channelsKind,
      command: 'Register',
      fingerprint: fingerprintOf(CHANNELS_STREAM, channel),
      code,
      codeField: 'channelCode',
      address: 'channels',
      hasVersions: false,
      becomes: channel,
      known: (channels) => channels.get(code),
      former: (channels) => channels.former(code),
      same: sameChannel,
      changes: (before) => fieldChanges(before, channel),
      seal: unsealed,
      judge: (registries) => this.#judge.channel(registries, channel),
      decide: ({ departments, purposes }) =>
        registerChannel(channel, {
          hasDepartment: (each) => departments.has(each),
          hasPurpose: (each) => purposes.has(each),
        }),
      on,
      request,
      options,
    });
  }

  project(
    particulars: ProjectParticulars,
    milestones: Milestones,
    on: string,
    request: CommandRequest,
    options: Registering = {},
  ): Promise<Answer> {
    const { projectCode: code } = particulars;
    return this.#register({
      stream: projectStream(code),
      kind: projectKind,
      command: 'RegisterProject',
      fingerprint: fingerprintOf('RegisterProject', { particulars, milestones }),
      code,
      codeField: 'projectCode',
      address: 'projects',
      hasVersions: false,
      becomes: particulars,
      known: (project) => project.particulars ?? undefined,
      former: (project) => project.former,
      same: sameParticulars,
      seal: (registries) => registries.seal,
      judge: (registries, project) => this.#judge.project(registries, project, particulars),
      decide: ({ divisions, purposes }) =>
        registerProject(particulars, milestones, {
          hasDivision: (each) => divisions.newest(each) !== undefined,
          hasPurpose: (each) => purposes.has(each),
        }),
      changes: (before, project) => [
        ...fieldChanges(before, particulars),
        ...fieldChanges(milestonesOf(project), milestonesOf({ ...project, ...reached(milestones) })),
      ],
      on,
      request,
      options,
    });
  }

  async #register<State, Event extends DomainEvent, Entry extends object>(
    entry: RegisterEntry<State, Event, Entry>,
  ): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const isChange = await this.#isChange(entry);
        return await (isChange ? this.#gate.alone(() => this.#registerOnce(entry)) : this.#registerOnce(entry));
      } catch (error) {
        const failure = error instanceof FactsMoved ? concurrentWrite(error.moved[0].stream) : error;
        const again = failure instanceof DomainError && failure.code === CONCURRENT_WRITE && attempt < ATTEMPTS;
        if (!again) throw failure;
      }
    }
  }

  async #isChange<State, Event extends DomainEvent, Entry extends object>({
    stream,
    kind,
    known,
    same,
    becomes,
  }: RegisterEntry<State, Event, Entry>): Promise<boolean> {
    const { state } = this.#executor.peek(stream, kind) ?? (await this.#executor.load(stream, kind));
    const before = known(state);
    return before !== undefined && !same(before, becomes);
  }

  async #registerOnce<State, Event extends DomainEvent, Entry extends object>(
    entry: RegisterEntry<State, Event, Entry>,
  ): Promise<Answer> {
    const { stream, kind, known, options, request } = entry;
    const registries = await this.#facts.registries();
    const looked = this.#executor.peek(stream, kind) ?? (await this.#executor.load(stream, kind));
    const { revision: lookedAt } = looked;
    const judged = known(looked.state);
    if (judged !== undefined) requireSameLook(stream, lookedAt, registries);
    const verdict = judged === undefined ? NOTHING_JUDGED : await verdictOf(entry.judge(registries, looked.state));
    const seal = [entry.seal(registries), verdict.judged?.seal ?? ''].filter((each) => each !== '').join(' ');
    let changes: readonly FieldChange[] = [];
    const answer = await this.#executor.execute<State, Event>({
      stream,
      kind,
      fingerprint: entry.fingerprint,
      restsOn: verdict.judged === null ? undefined : restingOn(stream, registries, verdict.judged),
      envelope: {
        commandId: request.commandId,
        correlationId: request.correlationId,
        causationId: request.causationId,
        actor: request.actor,
        effectiveOn: entry.on,
        basis: entry.code,
        metadata: { command: entry.command, ...(seal === '' ? {} : { seal }) },
      },
      decide: (state, { revision }) => {
        const before = known(state);
        // Somebody registered it in between, or something beside it by which it was judged.
        if (before !== judged || (verdict.judged !== null && revision !== lookedAt)) throw concurrentWrite(stream);
        if (options.refuseStale === true && before !== undefined) requireNotStale(entry, state, before);
        const events = entry.decide(registries)(state);
        if (verdict.refusal !== null) throw verdict.refusal;
        changes = before === undefined ? [] : entry.changes(before, state);
        return events;
      },
    });
    if (!answer.unchanged && changes.length > 0) options.onChanged?.(changes);
    return answer;
  }
}

/** The register may have moved between a look at all of them and one at this: the entry is judged by both. */
const requireSameLook = (stream: string, revision: number, { restsOn }: Registries): void => {
  const other = restsOn.streams.find((each) => each.stream === stream);
  if (other !== undefined && other.revision !== revision) throw concurrentWrite(stream);
};

const milestonesOf = ({ enteredOn, startedOn, completedOn, acceptedOn }: Milestones): Milestones => ({
  enteredOn,
  startedOn,
  completedOn,
  acceptedOn,
});

/** A milestone that is not said stays as it is. */
const reached = (milestones: Milestones): Partial<Milestones> =>
  Object.fromEntries(Object.entries(milestones).filter(([, on]) => on !== null));

const requireNotStale = <State, Event extends DomainEvent, Entry extends object>(
  entry: RegisterEntry<State, Event, Entry>,
  state: State,
  before: Entry,
): void => {
  const { becomes, same, former, code, codeField: field, address, hasVersions } = entry;
  if (same(before, becomes)) return;
  if (former(state).some((each) => same(each, becomes))) throw rowStale({ field, code, address, hasVersions });
};
