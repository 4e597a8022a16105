import { assertNever } from '../platform/domain-error';
import type { ReadSnapshot } from '../projecting/read-database';
import { dayNumber, LAST_DAY } from '../projecting/day-number';
import type { Dimension } from './balances-query';
import { versionInForce, versionParameters } from './registry-versions';

/** The table that knows the names of a dimension's keys; null where the key says it all. */
type NameSource =
  | { readonly table: 'division' | 'department'; readonly valid: true }
  | {
      readonly table: 'project' | 'channel';
      readonly valid: false;
    };

const sourceOf = (by: Dimension): NameSource | null => {
  switch (by) {
    case 'division':
    case 'county':
    case 'village':
      return { table: 'division', valid: true };
    case 'department':
      return { table: 'department', valid: true };
    case 'project':
      return { table: 'project', valid: false };
    case 'channel':
      return { table: 'channel', valid: false };
    case 'line':
    case 'document':
      return null;
    default:
      return assertNever(by);
  }
};

/**
 * What a key is called, as the ledger knew it at a position, on a business date (null: by its newest name). A name that
 * had not begun or had ended by then is still better than none. A key that the registry does not know is called by
 * itself.
 */
export const nameOf = (
  snapshot: ReadSnapshot,
  by: Dimension,
  key: string,
  on: string | null,
  position = snapshot.position,
): string => {
  const source = sourceOf(by);
  if (source === null) return key;
  const row = source.valid
    ? snapshot.first<readonly [string]>(
        `SELECT name FROM ${source.table} WHERE code = ? AND position <= ?
          ORDER BY valid_from <= ? DESC, valid_from DESC, position DESC LIMIT 1`,
        key,
        position,
        on ?? '9999-12-31',
      )
    : snapshot.first<readonly [string]>(
        `SELECT name FROM ${source.table} AS version WHERE code = ? AND position = ${versionInForce(source.table)}`,
        key,
        ...versionParameters({ position, day: on === null ? LAST_DAY : dayNumber(on) }),
      );
  return row?.[0] ?? key;
};
