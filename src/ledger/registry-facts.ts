import type { StreamKind } from '../event-log/decider';
import type { DomainEvent } from '../event-log/event';
import type { ChannelFacts, PoolFacts, ProjectFacts } from '../pool/pool-facts';
import { type Project, projectKind, projectStream } from '../project-library/project';
import { type Channels, CHANNELS_STREAM, channelsKind } from '../registry/channels/channels';
import { type Departments, DEPARTMENTS_STREAM, departmentsKind } from '../registry/departments/departments';
import { type Divisions, DIVISIONS_STREAM, divisionsKind } from '../registry/divisions/divisions';
import { purposeCovers, type Purposes, PURPOSES_STREAM, purposesKind } from '../registry/purposes/purposes';

/** Where streams' present states come from: the command runner, or an import's unit of work. */
export interface StreamStates {
  load<State, Event extends DomainEvent>(
    stream: string,
    kind: StreamKind<State, Event>,
  ): Promise<{ readonly state: State; readonly revision: number }>;
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

export const loadRegistries = async (states: StreamStates): Promise<Registries> => {
  const divisions = await states.load(DIVISIONS_STREAM, divisionsKind);
  const departments = await states.load(DEPARTMENTS_STREAM, departmentsKind);
  const channels = await states.load(CHANNELS_STREAM, channelsKind);
  const purposes = await states.load(PURPOSES_STREAM, purposesKind);
  return {
    divisions: divisions.state,
    departments: departments.state,
    channels: channels.state,
    purposes: purposes.state,
    seal: [
      `${DIVISIONS_STREAM}@${divisions.revision}`,
      `${DEPARTMENTS_STREAM}@${departments.revision}`,
      `${CHANNELS_STREAM}@${channels.revision}`,
      `${PURPOSES_STREAM}@${purposes.revision}`,
    ].join(' '),
  };
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

export const gatherFacts = async (
  states: StreamStates,
  registries: Registries,
  projectCodes: readonly string[],
): Promise<SealedFacts> => {
  const projects = new Map<string, ProjectFacts>();
  let seal = registries.seal;
  for (const code of projectCodes) {
    if (projects.has(code)) continue;
    const { state, revision } = await states.load(projectStream(code), projectKind);
    const facts = projectFacts(state);
    if (facts === undefined) continue;
    projects.set(code, facts);
    seal += ` ${projectStream(code)}@${revision}`;
  }
  return { seal, facts: new GatheredFacts(registries, projects) };
};
