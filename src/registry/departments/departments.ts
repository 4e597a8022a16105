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
  /** By code and first day: what was replaced, oldest first. */
  readonly #former = new Map<string, readonly Department[]>();

  put(department: Department): void {
    const { departmentCode: code, validFrom } = department;
    const replaced = this.startingOn(code, validFrom);
    if (replaced !== undefined) {
      this.#former.set(`${code}|${validFrom ?? ''}`, [...this.former(code, validFrom), replaced]);
    }
    this.#versions.set(
      department.departmentCode,
      withVersion(this.#versions.get(department.departmentCode), department),
    );
  }

  has(code: string): boolean {
    return this.#versions.has(code);
  }

  /** What was said before of the version that begins on a day, oldest first. */
  former(code: string, validFrom: string | null): readonly Department[] {
    return this.#former.get(`${code}|${validFrom ?? ''}`) ?? [];
  }

  startingOn(code: string, validFrom: string | null): Department | undefined {
    return this.#versions.get(code)?.find((version) => version.validFrom === validFrom);
  }

  /** As they would be with one more version. */
  with(department: Department): Departments {
    const changed = new Departments();
    for (const [code, versions] of this.#versions) changed.#versions.set(code, versions);
    changed.put(department);
    return changed;
  }

  /** Whether one department has on some day been merged, perhaps by way of others, into another, or is that other. */
  leadsTo(code: string, other: string): boolean {
    const seen = new Set<string>();
    const open = [code];
    for (let current = open.pop(); current !== undefined; current = open.pop()) {
      if (current === other) return true;
      if (seen.has(current)) continue;
      seen.add(current);
      for (const { mergedInto } of this.#versions.get(current) ?? []) if (mergedInto !== null) open.push(mergedInto);
    }
    return false;
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

/** Of versions that begin on the same day. */
export const sameDepartment = (left: Department, right: Department): boolean =>
  left.name === right.name && left.validTo === right.validTo && left.mergedInto === right.mergedInto;

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
    return sameDepartment(known, department) ? [] : [{ type: 'DepartmentChanged', data: department }];
  };
