import type { StreamKind } from '../event-log/decider';
import type { DomainEvent } from '../event-log/event';
import { assertNever, DomainError, refuseValue } from '../platform/domain-error';

/** What a project is: the columns of the 项目台账. */
export interface ProjectParticulars {
  readonly projectCode: string;
  readonly projectName: string;
  readonly division: string;
  readonly purposeCode: string;
  /** Villages, townships or counties that its money is meant for; at least one. */
  readonly places: readonly string[];
  readonly category: string | null;
  readonly nature: string | null;
  readonly implementer: string | null;
  readonly content: string | null;
}

export type ProjectEvent =
  | DomainEvent<'ProjectRegistered', ProjectParticulars>
  | DomainEvent<'ProjectChanged', ProjectParticulars>
  | DomainEvent<'ProjectEnteredLibrary', { readonly projectCode: string; readonly on: string }>
  | DomainEvent<'ProjectStarted', { readonly projectCode: string; readonly on: string }>
  | DomainEvent<'ProjectCompleted', { readonly projectCode: string; readonly on: string }>
  | DomainEvent<'ProjectAccepted', { readonly projectCode: string; readonly on: string }>
  | DomainEvent<'ProjectExitedLibrary', { readonly projectCode: string; readonly on: string; readonly reason: string }>;

/** A project of the library with the dates of its milestones. */
export interface Project {
  particulars: ProjectParticulars | null;
  /** What was replaced, oldest first. */
  readonly former: ProjectParticulars[];
  /** Revision at which it was given its present purpose. */
  purposeSince: number;
  enteredOn: string | null;
  startedOn: string | null;
  completedOn: string | null;
  acceptedOn: string | null;
  exitedOn: string | null;
}

export const projectStream = (projectCode: string): string => `project-${projectCode}`;

export const projectKind: StreamKind<Project, ProjectEvent> = {
  category: 'project',
  schemaVersion: 1,
  initial: () => ({
    particulars: null,
    former: [],
    purposeSince: 0,
    enteredOn: null,
    startedOn: null,
    completedOn: null,
    acceptedOn: null,
    exitedOn: null,
  }),
  evolve: (project, event) => {
    const happened = { type: event.type, data: event.data } as ProjectEvent;
    switch (happened.type) {
      case 'ProjectRegistered':
      case 'ProjectChanged':
        if (project.particulars?.purposeCode !== happened.data.purposeCode) project.purposeSince = event.revision;
        if (project.particulars !== null) project.former.push(project.particulars);
        project.particulars = happened.data;
        return project;
      case 'ProjectEnteredLibrary':
        project.enteredOn = happened.data.on;
        return project;
      case 'ProjectStarted':
        project.startedOn = happened.data.on;
        return project;
      case 'ProjectCompleted':
        project.completedOn = happened.data.on;
        return project;
      case 'ProjectAccepted':
        project.acceptedOn = happened.data.on;
        return project;
      case 'ProjectExitedLibrary':
        project.exitedOn = happened.data.on;
        return project;
      default:
        return assertNever(happened);
    }
  },
};

/** What a project's registration is checked against. */
export interface ProjectFacts {
  readonly hasDivision: (code: string) => boolean;
  readonly hasPurpose: (code: string) => boolean;
}

const MILESTONES = [
  ['enteredOn', 'ProjectEnteredLibrary', '入库'],
  ['startedOn', 'ProjectStarted', '开工'],
  ['completedOn', 'ProjectCompleted', '竣工'],
  ['acceptedOn', 'ProjectAccepted', '验收'],
] as const;

/** Milestones known of a project; null where it is not reached or not known. */
export type Milestones = Readonly<Record<(typeof MILESTONES)[number][0], string | null>>;

export const sameParticulars = (left: ProjectParticulars, right: ProjectParticulars): boolean =>
  left.projectName === right.projectName &&
  left.division === right.division &&
  left.purposeCode === right.purposeCode &&
  left.places.join(';') === right.places.join(';') &&
  left.category === right.category &&
  left.nature === right.nature &&
  left.implementer === right.implementer &&
  left.content === right.content;

/**
 * Registers a project, or brings what is known of it up to date: changed particulars and newly reached milestones.
 * A milestone that is on record keeps its date.
 */
export const registerProject =
  (particulars: ProjectParticulars, milestones: Milestones, facts: ProjectFacts) =>
  (project: Project): readonly ProjectEvent[] => {
    const { projectCode } = particulars;
    if (!facts.hasDivision(particulars.division)) {
      throw refuseValue(
        'UNKNOWN_DIVISION',
        'division',
        particulars.division,
        `没有区划 ${particulars.division.padEnd(6, '0')}。`,
        `There is no division ${particulars.division.padEnd(6, '0')}.`,
        '核对区划编码，或先在区划表登记。',
        'Check the code, or register the division first.',
      );
    }
    if (!facts.hasPurpose(particulars.purposeCode)) {
      throw refuseValue(
        'UNKNOWN_PURPOSE',
        'purposeCode',
        particulars.purposeCode,
        `没有用途 ${particulars.purposeCode}。`,
        `There is no purpose ${particulars.purposeCode}.`,
        '先在用途表登记该用途。',
        'Register the purpose first.',
      );
    }
    for (const place of particulars.places) {
      if (!facts.hasDivision(place)) {
        throw refuseValue(
          'UNKNOWN_DIVISION',
          'places',
          place,
          `没有建设地点 ${place}。`,
          `There is no place ${place}.`,
          '核对地点编码，或先在区划表登记。',
          'Check the code, or register the division first.',
        );
      }
      if (place.length < 6 || !place.startsWith(particulars.division)) {
        throw refuseValue(
          'PLACE_OUTSIDE_DIVISION',
          'places',
          place,
          `地点 ${place} 不是区划 ${particulars.division} 的村、乡镇或县。`,
          `Place ${place} is no village, township or county of division ${particulars.division}.`,
          '核对地点编码和区划编码。',
          'Check the codes of place and division.',
        );
      }
    }

    const events: ProjectEvent[] = [];
    if (project.particulars === null) events.push({ type: 'ProjectRegistered', data: particulars });
    else if (!sameParticulars(project.particulars, particulars)) {
      events.push({ type: 'ProjectChanged', data: particulars });
    }
    for (const [milestone, type, name] of MILESTONES) {
      const on = milestones[milestone];
      const known = project[milestone];
      if (on === null || on === known) continue;
      if (known !== null) {
        throw new DomainError('rule', {
          code: 'MILESTONE_RECORDED',
          message: `项目 ${projectCode} 的${name}日期已登记为 ${known}，不能改为 ${on}。`,
          messageEn: `Project ${projectCode}: ${milestone} is on record as ${known} and cannot become ${on}.`,
          remedy: '核对日期。',
          remedyEn: 'Check the date.',
          parameters: { field: milestone, value: on, known },
        });
      }
      events.push({ type, data: { projectCode, on } });
    }
    return events;
  };
