import type { FactLimit } from './moment';

/** Tables that keep every version of a code, without valid time of their own. */
export type VersionedTable = 'channel' | 'purpose' | 'project';

/**
 * SQL for the position of the version of `version.code` that holds at a moment: the last that was recorded with a
 * business date up to the moment's. Where all are later, the first one: what was registered once has been so since
 * ever, because the day of entering it says nothing about when it began.
 */
export const versionInForce = (table: VersionedTable): string =>
  `(SELECT other.position FROM ${table} AS other WHERE other.code = version.code AND other.position <= ?
     ORDER BY other.effective_on <= ? DESC,
              CASE WHEN other.effective_on <= ? THEN -other.position ELSE other.position END
     LIMIT 1)`;

/** Values of the parameters in versionInForce. */
export const versionParameters = ({ position, day }: FactLimit): readonly number[] => [position, day, day];

/** Tables of versions with valid time: which row of a code and first day holds is decided by position alone. */
export const isNewestRow = (table: 'division' | 'department'): string =>
  `(version.position <= ? AND NOT EXISTS (
     SELECT 1 FROM ${table} AS other
      WHERE other.code = version.code AND other.valid_from = version.valid_from
        AND other.position > version.position AND other.position <= ?))`;
