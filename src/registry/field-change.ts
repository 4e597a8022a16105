/** One field of a register's entry that a change replaced; as a table writes it, empty is null. */
export interface FieldChange {
  readonly field: string;
  readonly from: string | null;
  readonly to: string | null;
}

const written = (value: unknown): string | null => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? '是' : '否';
  return Array.isArray(value) ? (value.length === 0 ? null : value.join(';')) : String(value);
};

/** What differs between two entries of the same fields. */
export const fieldChanges = <Entry extends object>(before: Entry, after: Entry): readonly FieldChange[] =>
  (Object.keys(after) as (keyof Entry & string)[])
    .map((field) => ({ field, from: written(before[field]), to: written(after[field]) }))
    .filter(({ from, to }) => from !== to);
