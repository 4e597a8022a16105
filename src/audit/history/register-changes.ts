import type { Dimension } from '../../balances/balances-query';
import type { ReadSnapshot } from '../../projecting/read-database';
import { type EventNote, type EventNoteJson, withNotes } from './event-notes';

/** Registers whose entries money leans on from day to day; each has a table of all that its events ever said. */
const REGISTERS = {
  projects: {
    table: 'project',
    fields: {
      name: 'projectName',
      division: 'division',
      purpose_code: 'purposeCode',
      places: 'places',
      category: 'category',
      nature: 'nature',
      implementer: 'implementer',
      content: 'content',
    },
  },
  channels: {
    table: 'channel',
    fields: {
      name: 'name',
      department_code: 'departmentCode',
      level: 'level',
      kind: 'kind',
      allowed_purposes: 'allowedPurposes',
      cash_required: 'cashRequired',
    },
  },
} as const;

type Register = keyof typeof REGISTERS;

/** The register that knows what a dimension's keys are; null where there is none that money leans on by key. */
export const registerOf = (by: Dimension): Register | null =>
  by === 'project' ? 'projects' : by === 'channel' ? 'channels' : null;

export const registersOf = (
  by: Dimension,
  keys: Iterable<string>,
): Readonly<Partial<Record<Register, Iterable<string>>>> => {
  const ledger = registerOf(by);
  return ledger === null ? {} : { [ledger]: keys };
};

/** A field of a project or channel that was replaced, and by which event; as tables write it, empty is null. */
export interface RegisterChange extends EventNote {
  readonly ledger: Register;
  readonly key: string;
  readonly field: string;
  readonly from: string | null;
  readonly to: string | null;
}

export type RegisterChangeJson = Omit<RegisterChange, 'position'> & Pick<EventNoteJson, 'position'>;

/** Positions between which changes are asked for: after one, up to the other. */
export interface PositionRange {
  readonly after: number;
  readonly upTo: number;
}

/** Changes of some projects and channels, in the order of the log. */
export const registerChanges = (
  snapshot: ReadSnapshot,
  of: Readonly<Partial<Record<Register, Iterable<string>>>>,
  range: PositionRange,
): readonly RegisterChange[] => {
  const changes = (Object.keys(REGISTERS) as Register[]).flatMap((ledger) =>
    [...new Set(of[ledger] ?? [])].flatMap((key) => changesOf(snapshot, ledger, key, range)),
  );
  changes.sort((left, right) => left.position - right.position);
  return withNotes(snapshot, changes, (note, change) => ({ ...note, ...change }));
};

/** Codes of a register that were changed between two positions. */
export const changedCodes = (
  snapshot: ReadSnapshot,
  ledger: Register,
  { after, upTo }: PositionRange,
): readonly string[] =>
  snapshot
    .all<readonly [string]>(
      `SELECT code FROM ${REGISTERS[ledger].table} WHERE position <= ?
        GROUP BY code HAVING max(position) > ? AND count(*) > 1`,
      upTo,
      after,
    )
    .map(([code]) => code);

type Change = Omit<RegisterChange, keyof EventNote> & { readonly position: number };

const changesOf = (snapshot: ReadSnapshot, ledger: Register, key: string, { after, upTo }: PositionRange): Change[] => {
  const { table, fields } = REGISTERS[ledger];
  const names = Object.values(fields);
  const versions = snapshot.all<readonly [number, ...unknown[]]>(
    `SELECT position, ${Object.keys(fields).join(', ')} FROM ${table} WHERE code = ? AND position <= ? ORDER BY position`,
    key,
    upTo,
  );
  return versions.flatMap(([position, ...values], index) => {
    const [, ...before] = versions[index - 1] ?? [];
    if (position <= after || index === 0) return [];
    return names.flatMap((field, column): Change[] => {
      const [from, to] = [written(field, before[column]), written(field, values[column])];
      return from === to ? [] : [{ position, ledger, key, field, from, to }];
    });
  });
};

const written = (field: string, value: unknown): string | null => {
  if (value === null || value === undefined) return null;
  if (field === 'cashRequired') return value === 1 ? '是' : '否';
  if (field !== 'places' && field !== 'allowedPurposes') return String(value);
  const codes = JSON.parse(String(value)) as readonly string[];
  return codes.length === 0 ? null : codes.join(';');
};

export const registerChangeJson = ({ position, ...change }: RegisterChange): RegisterChangeJson => ({
  ...change,
  position: String(position),
});

/** An answer says so only where something was changed. */
export const registerChangesJson = (
  changes: readonly RegisterChange[],
): { readonly registerChanges?: readonly RegisterChangeJson[] } =>
  changes.length === 0 ? {} : { registerChanges: changes.map(registerChangeJson) };
