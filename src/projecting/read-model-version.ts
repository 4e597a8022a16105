import { createHash } from 'node:crypto';
import { endianness } from 'node:os';

import { PROJECTION_NAMES, projectionSource } from './projection-loader';
import { READ_INDEXES, READ_TABLES, READ_WRITER_VERSION } from './read-schema';

let known: string | null = null;

/** What the tables are made with: other projections or another schema are another read model. */
export const readModelVersion = (): string => (known ??= versionOfTables());

const versionOfTables = (): string => {
  const hash = createHash('sha256')
    .update(`writer ${READ_WRITER_VERSION} ${endianness()}`)
    .update(READ_TABLES)
    .update(READ_INDEXES);
  for (const name of PROJECTION_NAMES) hash.update('\0').update(projectionSource(name));
  return hash.digest('hex');
};
