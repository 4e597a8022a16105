import type { StreamKind } from '../event-log/decider';
import type { DomainEvent } from '../event-log/event';
import type { RestsOn, StreamRevision } from '../event-log/event-log';
import type { ChannelFacts, PoolFacts, ProjectFacts } from '../pool/pool-facts';
import { type Project, projectKind, projectStream } from '../project-library/project';
import { type Channel, type Channels, CHANNELS_STREAM, channelsKind } from '../registry/channels/channels';
import { type Departments, DEPARTMENTS_STREAM, departmentsKind } from '../registry/departments/departments';
import { type Divisions, DIVISIONS_STREAM, divisionsKind } from '../registry/divisions/divisions';
import {
  type Purpose,
  purposeCovers,
  type Purposes,
  PURPOSES_STREAM,
  purposesKind,
} from '../registry/purposes/purposes';

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
  readonly channels: ReadonlyMap<string, Channel>;
  readonly purposes: ReadonlyMap<string, Purpose>;
  /** Where the four streams were. */
  readonly restsOn: RestsOn;
  /** The same, as it is sealed in the events that a decision causes. */
  readonly seal: string;
}

/** What the registries say, whenever that was. */
type RegistryContents = Omit<Registries, 'restsOn' | 'seal'>;

interface RegistryStates {
  readonly divisions: StreamState<Divisions>;
  readonly departments: StreamState<Departments>;
  readonly channels: StreamState<Channels>;
  readonly purposes: StreamState<Purposes>;
}

/** Streams and revisions as they are sealed in an event's metadata. */
export const sealOf = (revisions: readonly StreamRevision[]): string =>
  revisions.map(({ stream, revision }) => `${stream}@${revision}`).join(' ');

const isSame = <State>(left: StreamState<State>, right: StreamState<State>): boolean =>
  left.revision === right.revision && left.state === right.state;

const areSame = (left: RegistryStates, right: RegistryStates): boolean =>
  isSame(left.divisions, right.divisions) &&
  isSame(left.departments, right.departments) &&
  isSame(left.channels, right.channels) &&
  isSame(left.purposes, right.purposes);

const registriesOf = ({ divisions, departments, channels, purposes }: RegistryStates): Registries => {
  const streams = [
    { stream: DIVISIONS_STREAM, revision: divisions.revision },
    { stream: DEPARTMENTS_STREAM, revision: departments.revision },
    { stream: CHANNELS_STREAM, revision: channels.revision },
    { stream: PURPOSES_STREAM, revision: purposes.revision },
  ];
  return {
    divisions: divisions.state,
    departments: departments.state,
    channels: channels.state,
    purposes: purposes.state,
    restsOn: { streams },
    seal: sealOf(streams),
  };
};

export const projectFacts = (project: Project): ProjectFacts | undefined =>
  project.particulars === null
    ? undefined
    : {
        projectCode: project.particulars.projectCode,
        name: project.particulars.projectName,
        division: project.particulars.division,
        purposeCode: project.particulars.purposeCode,
        purposeSince: project.purposeSince,
        places: project.particulars.places,
        enteredOn: project.enteredOn,
        exitedOn: project.exitedOn,
      };

/** What one decision may look at: the registries as they are, and the projects that it names. */
class GatheredFacts implements PoolFacts {
  readonly #registries: RegistryContents;
  readonly #projects: ReadonlyMap<string, ProjectFacts>;

  constructor(registries: RegistryContents, projects: ReadonlyMap<string, ProjectFacts>) {
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

/** What the registries say, with these projects beside them. */
export const factsOf = (registries: RegistryContents, projects: Iterable<ProjectFacts>): PoolFacts =>
  new GatheredFacts(registries, new Map([...projects].map((project) => [project.projectCode, project])));

/** Facts for one decision, with the revisions they rest on. */
export interface SealedFacts {
  readonly facts: PoolFacts;
  readonly restsOn: RestsOn;
  readonly seal: string;
}

/** What one project's decisions rest on, as long as neither it nor a registry changes. */
interface KnownProject extends SealedFacts {
  readonly registries: Registries;
  readonly revision: number;
}

interface NamedProject extends StreamState<Project> {
  readonly projectCode: string;
}

const distinct = (codes: readonly string[]): Iterable<string> => (codes.length > 1 ? new Set(codes) : codes);

const sealedFacts = (registries: Registries, projects: readonly NamedProject[]): SealedFacts => {
  const known = new Map<string, ProjectFacts>();
  const streams = [...registries.restsOn.streams];
  for (const { projectCode, state, revision } of projects) {
    const facts = projectFacts(state);
    if (facts === undefined) continue;
    known.set(projectCode, facts);
    streams.push({ stream: projectStream(projectCode), revision });
  }
  const facts = new GatheredFacts(registries, known);
  const { restsOn, seal } = registries;
  return known.size === 0 ? { facts, restsOn, seal } : { facts, restsOn: { streams }, seal: sealOf(streams) };
};

/**
 * Gathers what decisions look at outside their own pool. Registries and projects change seldom and are asked for with
 * every command, so what was put together for the last one serves until something in it has changed.
 */
export class FactGatherer {
  readonly #states: StreamStates;
  readonly #projects = new WeakMap<Project, KnownProject>();
  #lastStates: RegistryStates | null = null;
  #lastRegistries: Registries | null = null;

  constructor(states: StreamStates) {
    this.#states = states;
  }

  async registries(): Promise<Registries> {
    return this.#registriesOf({
      divisions: await this.#states.load(DIVISIONS_STREAM, divisionsKind),
      departments: await this.#states.load(DEPARTMENTS_STREAM, departmentsKind),
      channels: await this.#states.load(CHANNELS_STREAM, channelsKind),
      purposes: await this.#states.load(PURPOSES_STREAM, purposesKind),
    });
  }

  /** Facts that are all at hand; null when something has to be waited for. */
  peek(projectCodes: readonly string[]): SealedFacts | null {
    const registries = this.#peekRegistries();
    if (registries === null) return null;
    const projects: NamedProject[] = [];
    for (const projectCode of distinct(projectCodes)) {
      const project = this.#states.peek(projectStream(projectCode), projectKind);
      if (project === null) return null;
      projects.push({ projectCode, state: project.state, revision: project.revision });
    }
    const [first] = projects;
    return first !== undefined && projects.length === 1
      ? this.#factsOfOne(registries, first)
      : sealedFacts(registries, projects);
  }

  async gather(projectCodes: readonly string[]): Promise<SealedFacts> {
    const projects: NamedProject[] = [];
    for (const projectCode of distinct(projectCodes)) {
      projects.push({ projectCode, ...(await this.#states.load(projectStream(projectCode), projectKind)) });
    }
    return sealedFacts(await this.registries(), projects);
  }

  #peekRegistries(): Registries | null {
    const divisions = this.#states.peek(DIVISIONS_STREAM, divisionsKind);
    const departments = this.#states.peek(DEPARTMENTS_STREAM, departmentsKind);
    const channels = this.#states.peek(CHANNELS_STREAM, channelsKind);
    const purposes = this.#states.peek(PURPOSES_STREAM, purposesKind);
    return divisions === null || departments === null || channels === null || purposes === null
      ? null
      : this.#registriesOf({ divisions, departments, channels, purposes });
  }

  #registriesOf(states: RegistryStates): Registries {
    if (this.#lastRegistries === null || this.#lastStates === null || !areSame(this.#lastStates, states)) {
      this.#lastRegistries = registriesOf(states);
      this.#lastStates = states;
    }
    return this.#lastRegistries;
  }

  #factsOfOne(registries: Registries, project: NamedProject): SealedFacts {
    const known = this.#projects.get(project.state);
    if (known !== undefined && known.registries === registries && known.revision === project.revision) return known;
    const fresh: KnownProject = { ...sealedFacts(registries, [project]), registries, revision: project.revision };
    this.#projects.set(project.state, fresh);
    return fresh;
  }
}
