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

  put(division: Division): void {
    this.#versions.set(division.divisionCode, withVersion(this.#versions.get(division.divisionCode), division));
  }

  on(code: string, on: string): Division | undefined {
    return versionOn(this.#versions.get(code), on);
  }

  newest(code: string): Division | undefined {
    return newestVersion(this.#versions.get(code));
  }

  startingOn(code: string, validFrom: string | null): Division | undefined {
    return this.#versions.get(code)?.find((version) => version.validFrom === validFrom);
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

/** Registers a division or a new version of it; the same content again is nothing new. */
export const registerDivision =
  (division: Division) =>
  (divisions: Divisions): readonly DivisionEvent[] => {
    if (division.validFrom !== null && division.validTo !== null && division.validTo < division.validFrom) {
      throw validToBeforeValidFrom(division.divisionCode, division.validTo);
    }
    const known = divisions.startingOn(division.divisionCode, division.validFrom);
    if (known === undefined) return [{ type: 'DivisionRegistered', data: division }];
    const same = known.name === division.name && known.validTo === division.validTo;
    return same ? [] : [{ type: 'DivisionChanged', data: division }];
  };
