import type { StreamKind } from '../../event-log/decider';
import type { DomainEvent } from '../../event-log/event';
import { purposeCycle, unknownParentPurpose } from '../registry-errors';

export const PURPOSES_STREAM = 'registry-purposes';

/** 用途: purposes are a tree; one covers itself and everything under it. */
export interface Purpose {
  readonly purposeCode: string;
  readonly name: string;
  readonly parentPurpose: string | null;
}

export type PurposeEvent = DomainEvent<'PurposeRegistered', Purpose> | DomainEvent<'PurposeChanged', Purpose>;

export type Purposes = Map<string, Purpose>;

export const purposesKind: StreamKind<Purposes, PurposeEvent> = {
  category: 'registry',
  schemaVersion: 1,
  initial: () => new Map(),
  evolve: (purposes, event) => purposes.set(event.data.purposeCode, event.data),
};

export const purposeCovers = (purposes: Purposes, purpose: string, other: string): boolean => {
  let current: string | null = other;
  while (current !== null) {
    if (current === purpose) return true;
    current = purposes.get(current)?.parentPurpose ?? null;
  }
  return false;
};

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
    const same = before.name === purpose.name && before.parentPurpose === purpose.parentPurpose;
    return same ? [] : [{ type: 'PurposeChanged', data: purpose }];
  };
