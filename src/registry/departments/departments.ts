import type { StreamKind } from '../../event-log/decider';
import type { DomainEvent } from '../../event-log/event';
import { unknownDepartment, validToBeforeValidFrom } from '../registry-errors';
import { newestVersion, type Version, versionOn, withVersion } from '../valid-time';

export const DEPARTMENTS_STREAM = 'registry-departments';

export interface Department extends Version {
  readonly departmentCode: string;
  /** Department that took it over after its last day. */
  readonly mergedInto: string | null;
}

export type DepartmentEvent =
  DomainEvent<'DepartmentRegistered', Department> | DomainEvent<'DepartmentChanged', Department>;

/** More mergers in a row than this are a circle. */
const MAX_MERGERS = 16;

export class Departments {
  readonly #versions = new Map<string, readonly Department[]>();

  put(department: Department): void {
    this.#versions.set(
      department.departmentCode,
      withVersion(this.#versions.get(department.departmentCode), department),
    );
  }

  has(code: string): boolean {
    return this.#versions.has(code);
  }

  startingOn(code: string, validFrom: string | null): Department | undefined {
    return this.#versions.get(code)?.find((version) => version.validFrom === validFrom);
  }

  /** Name on a day; old entries keep the old name. */
  nameOn(code: string, on: string): string {
    const versions = this.#versions.get(code);
    return (versionOn(versions, on) ?? newestVersion(versions))?.name ?? code;
  }

  /** Who answers for the department's money on a day, after mergers. */
  successorOn(code: string, on: string): string {
    let successor = code;
    for (let merger = 0; merger < MAX_MERGERS; merger += 1) {
      const versions = this.#versions.get(successor);
      if (versionOn(versions, on) !== undefined) return successor;
      const newest = newestVersion(versions);
      if (newest === undefined || newest.mergedInto === null || (newest.validTo ?? '') >= on) return successor;
      successor = newest.mergedInto;
    }
    return successor;
  }
}

export const departmentsKind: StreamKind<Departments, DepartmentEvent> = {
  category: 'registry',
  schemaVersion: 1,
  initial: () => new Departments(),
  evolve: (departments, event) => {
    departments.put(event.data);
    return departments;
  },
};

export const registerDepartment =
  (department: Department, alsoComing: (code: string) => boolean = () => false) =>
  (departments: Departments): readonly DepartmentEvent[] => {
    if (department.validFrom !== null && department.validTo !== null && department.validTo < department.validFrom) {
      throw validToBeforeValidFrom(department.departmentCode, department.validTo);
    }
    const { mergedInto } = department;
    if (mergedInto !== null && !departments.has(mergedInto) && !alsoComing(mergedInto)) {
      throw unknownDepartment(mergedInto, 'mergedInto');
    }
    const known = departments.startingOn(department.departmentCode, department.validFrom);
    if (known === undefined) return [{ type: 'DepartmentRegistered', data: department }];
    const same =
      known.name === department.name &&
      known.validTo === department.validTo &&
      known.mergedInto === department.mergedInto;
    return same ? [] : [{ type: 'DepartmentChanged', data: department }];
  };
