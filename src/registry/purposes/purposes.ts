import type { StreamKind } from '../../event-log/decider';
import type { DomainEvent } from '../../event-log/event';
import { RegisterMap } from '../register-map';
import { purposeCycle, unknownParentPurpose } from '../registry-errors';

export const PURPOSES_STREAM = 'registry-purposes';

/** 用途: purposes are a tree; one covers itself and everything under it. */
export interface Purpose {
  readonly purposeCode: string;
  readonly name: string;
  readonly parentPurpose: string | null;
}

export type PurposeEvent = DomainEvent<'PurposeRegistered', Purpose> | DomainEvent<'PurposeChanged', Purpose>;

export type Purposes = RegisterMap<Purpose>;

export const purposesKind: StreamKind<Purposes, PurposeEvent> = {
  category: 'registry',
  schemaVersion: 1,
  initial: () => new RegisterMap(),
  evolve: (purposes, event) => purposes.put(event.data.purposeCode, event.data),
};

export const purposeCovers = (purposes: ReadonlyMap<string, Purpose>, purpose: string, other: string): boolean => {
  let current: string | null = other;
  // A tree is no deeper than it has purposes. What somebody asks for, or an altered log says, may be a circle.
  for (let above = 0; current !== null && above <= purposes.size; above += 1) {
    if (current === purpose) return true;
    current = purposes.get(current)?.parentPurpose ?? null;
  }
  return false;
};

/** A purpose and everything under it. */
export const purposesUnder = (purposes: ReadonlyMap<string, Purpose>, purpose: string): readonly string[] =>
  [...purposes.keys()].filter((other) => purposeCovers(purposes, purpose, other));

export const samePurpose = (left: Purpose, right: Purpose): boolean =>
  left.name === right.name && left.parentPurpose === right.parentPurpose;

export const registerPurpose =
  (purpose: Purpose, alsoComing: (code: string) => boolean = () => false) =>
  (purposes: Purposes): readonly PurposeEvent[] => {
    const parent = purpose.parentPurpose;
    if (parent !== null) {
      if (parent === purpose.purposeCode || purposeCovers(purposes, purpose.purposeCode, parent)) {
        throw purposeCycle(purpose.purposeCode);
      }
      if (!purposes.has(parent) && !alsoComing(parent)) throw unknownParentPurpose(parent);
    }
    const before = purposes.get(purpose.purposeCode);
    if (before === undefined) return [{ type: 'PurposeRegistered', data: purpose }];
    return samePurpose(before, purpose) ? [] : [{ type: 'PurposeChanged', data: purpose }];
  };
