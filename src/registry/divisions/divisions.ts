import type { StreamKind } from '../../event-log/decider';
import type { DomainEvent } from '../../event-log/event';
import { validToBeforeValidFrom } from '../registry-errors';
import { newestVersion, type Version, versionOn, withVersion } from '../valid-time';

export const DIVISIONS_STREAM = 'registry-divisions';

/** An administrative division of one of five levels; its code has 2, 4, 6, 9 or 12 digits. */
export interface Division extends Version {
  readonly divisionCode: string;
}

export type DivisionEvent = DomainEvent<'DivisionRegistered', Division> | DomainEvent<'DivisionChanged', Division>;

export class Divisions {
  readonly #versions = new Map<string, readonly Division[]>();
  /** By code and first day: what was replaced, oldest first. */
  readonly #former = new Map<string, readonly Division[]>();

  put(division: Division): void {
    const { divisionCode: code, validFrom } = division;
    const replaced = this.startingOn(code, validFrom);
    if (replaced !== undefined) {
      this.#former.set(`${code}|${validFrom ?? ''}`, [...this.former(code, validFrom), replaced]);
    }
    this.#versions.set(division.divisionCode, withVersion(this.#versions.get(division.divisionCode), division));
  }

  on(code: string, on: string): Division | undefined {
    return versionOn(this.#versions.get(code), on);
  }

  newest(code: string): Division | undefined {
    return newestVersion(this.#versions.get(code));
  }

  /** What was said before of the version that begins on a day, oldest first. */
  former(code: string, validFrom: string | null): readonly Division[] {
    return this.#former.get(`${code}|${validFrom ?? ''}`) ?? [];
  }

  startingOn(code: string, validFrom: string | null): Division | undefined {
    return this.#versions.get(code)?.find((version) => version.validFrom === validFrom);
  }

  /** As they would be with one more version. */
  with(division: Division): Divisions {
    const changed = new Divisions();
    for (const [code, versions] of this.#versions) changed.#versions.set(code, versions);
    changed.put(division);
    return changed;
  }

  get size(): number {
    return this.#versions.size;
  }
}

export const divisionsKind: StreamKind<Divisions, DivisionEvent> = {
  category: 'registry',
  schemaVersion: 1,
  initial: () => new Divisions(),
  evolve: (divisions, event) => {
    divisions.put(event.data);
    return divisions;
  },
};

/** Of versions that begin on the same day. */
export const sameDivision = (left: Division, right: Division): boolean =>
  left.name === right.name && left.validTo === right.validTo;

/** Registers a division or a new version of it; the same content again is nothing new. */
export const registerDivision =
  (division: Division) =>
  (divisions: Divisions): readonly DivisionEvent[] => {
    if (division.validFrom !== null && division.validTo !== null && division.validTo < division.validFrom) {
      throw validToBeforeValidFrom(division.divisionCode, division.validTo);
    }
    const known = divisions.startingOn(division.divisionCode, division.validFrom);
    if (known === undefined) return [{ type: 'DivisionRegistered', data: division }];
    return sameDivision(known, division) ? [] : [{ type: 'DivisionChanged', data: division }];
  };
