import type { StreamKind } from '../event-log/decider';
import type { DomainEvent } from '../event-log/event';
import type { ChannelFacts, PoolFacts, ProjectFacts } from '../pool/pool-facts';
import { type Project, projectKind, projectStream } from '../project-library/project';
import { type Channels, CHANNELS_STREAM, channelsKind } from '../registry/channels/channels';
import { type Departments, DEPARTMENTS_STREAM, departmentsKind } from '../registry/departments/departments';
import { type Divisions, DIVISIONS_STREAM, divisionsKind } from '../registry/divisions/divisions';
import { purposeCovers, type Purposes, PURPOSES_STREAM, purposesKind } from '../registry/purposes/purposes';

interface StreamState<State> {
  readonly state: State;
  readonly revision: number;
}

/** Where streams' present states come from: the command runner, or an import's unit of work. */
export interface StreamStates {
  load<State, Event extends DomainEvent>(stream: string, kind: StreamKind<State, Event>): Promise<StreamState<State>>;
  /** The same at once, where it is at hand: most decisions then need not wait for anything. */
  peek<State, Event extends DomainEvent>(stream: string, kind: StreamKind<State, Event>): StreamState<State> | null;
}

/** The four registries as one moment saw them. */
export interface Registries {
  readonly divisions: Divisions;
  readonly departments: Departments;
  readonly channels: Channels;
  readonly purposes: Purposes;
  /** Revisions of the four streams, as they are sealed in the events that a decision causes. */
  readonly seal: string;
}

const registriesOf = (
  divisions: StreamState<Divisions>,
  departments: StreamState<Departments>,
  channels: StreamState<Channels>,
  purposes: StreamState<Purposes>,
): Registries => ({
  divisions: divisions.state,
  departments: departments.state,
  channels: channels.state,
  purposes: purposes.state,
  seal: sealOf(divisions.revision, departments.revision, channels.revision, purposes.revision),
});

let lastRevisions: readonly [divisions: number, departments: number, channels: number, purposes: number] | null = null;
let lastSeal = '';

/** Registries seldom change, and the events of every command name them: the text is put together once. */
const sealOf = (divisions: number, departments: number, channels: number, purposes: number): string => {
  const isKnown =
    lastRevisions?.[0] === divisions &&
    lastRevisions[1] === departments &&
    lastRevisions[2] === channels &&
    lastRevisions[3] === purposes;
  if (!isKnown) {
    lastRevisions = [divisions, departments, channels, purposes];
    lastSeal =
      `${DIVISIONS_STREAM}@${divisions} ${DEPARTMENTS_STREAM}@${departments} ` +
      `${CHANNELS_STREAM}@${channels} ${PURPOSES_STREAM}@${purposes}`;
  }
  return lastSeal;
};

export const loadRegistries = async (states: StreamStates): Promise<Registries> =>
  registriesOf(
    await states.load(DIVISIONS_STREAM, divisionsKind),
    await states.load(DEPARTMENTS_STREAM, departmentsKind),
    await states.load(CHANNELS_STREAM, channelsKind),
    await states.load(PURPOSES_STREAM, purposesKind),
  );

const peekRegistries = (states: StreamStates): Registries | null => {
  const divisions = states.peek(DIVISIONS_STREAM, divisionsKind);
  const departments = states.peek(DEPARTMENTS_STREAM, departmentsKind);
  const channels = states.peek(CHANNELS_STREAM, channelsKind);
  const purposes = states.peek(PURPOSES_STREAM, purposesKind);
  return divisions === null || departments === null || channels === null || purposes === null
    ? null
    : registriesOf(divisions, departments, channels, purposes);
};

const projectFacts = (project: Project): ProjectFacts | undefined =>
  project.particulars === null
    ? undefined
    : {
        projectCode: project.particulars.projectCode,
        name: project.particulars.projectName,
        division: project.particulars.division,
        purposeCode: project.particulars.purposeCode,
        places: project.particulars.places,
        enteredOn: project.enteredOn,
        exitedOn: project.exitedOn,
      };

/** What one decision may look at: the registries as they are, and the projects that it names. */
class GatheredFacts implements PoolFacts {
  readonly #registries: Registries;
  readonly #projects: ReadonlyMap<string, ProjectFacts>;

  constructor(registries: Registries, projects: ReadonlyMap<string, ProjectFacts>) {
    this.#registries = registries;
    this.#projects = projects;
  }

  channel(code: string, on: string): ChannelFacts | undefined {
    const channel = this.#registries.channels.get(code);
    if (channel === undefined) return undefined;
    return { ...channel, departmentCode: this.#registries.departments.successorOn(channel.departmentCode, on) };
  }

  hasPurpose(code: string): boolean {
    return this.#registries.purposes.has(code);
  }

  purposeCovers(purpose: string, other: string): boolean {
    return purposeCovers(this.#registries.purposes, purpose, other);
  }

  hasDivision(code: string, on: string): boolean {
    return this.#registries.divisions.on(code, on) !== undefined;
  }

  divisionName(code: string): string {
    return this.#registries.divisions.newest(code)?.name ?? code;
  }

  project(code: string): ProjectFacts | undefined {
    return this.#projects.get(code);
  }
}

/** Facts for one decision, with the revisions they rest on. */
export interface SealedFacts {
  readonly facts: PoolFacts;
  readonly seal: string;
}

/** Projects of a decision, as far as they have been gathered. */
class ProjectGatherer {
  readonly #projects = new Map<string, ProjectFacts>();
  #seal = '';

  has(code: string): boolean {
    return this.#projects.has(code);
  }

  add(code: string, stream: string, { state, revision }: StreamState<Project>): void {
    const facts = projectFacts(state);
    if (facts === undefined) return;
    this.#projects.set(code, facts);
    this.#seal += ` ${stream}@${revision}`;
  }

  sealed(registries: Registries): SealedFacts {
    return { seal: registries.seal + this.#seal, facts: new GatheredFacts(registries, this.#projects) };
  }
}

/** Facts that are all at hand; null when something has to be waited for. */
export const peekFacts = (states: StreamStates, projectCodes: readonly string[]): SealedFacts | null => {
  const registries = peekRegistries(states);
  if (registries === null) return null;
  const projects = new ProjectGatherer();
  for (const code of projectCodes) {
    if (projects.has(code)) continue;
    const stream = projectStream(code);
    const project = states.peek(stream, projectKind);
    if (project === null) return null;
    projects.add(code, stream, project);
  }
  return projects.sealed(registries);
};

export const gatherFacts = async (states: StreamStates, projectCodes: readonly string[]): Promise<SealedFacts> => {
  const projects = new ProjectGatherer();
  for (const code of new Set(projectCodes)) {
    const stream = projectStream(code);
    projects.add(code, stream, await states.load(stream, projectKind));
  }
  return projects.sealed(await loadRegistries(states));
};
