import type { Dimension } from '../../balances/balances-query';
import { DIMENSION_NAMES } from '../../balances/dimension-names';
import { DomainError } from '../../platform/domain-error';
import type { ReadSnapshot, SnapshotSource } from '../../projecting/read-database';

/**
 * A key of nothing that the ledger knows at the moment; an empty answer would pass for "no money".
 * @param by null: it was looked for in every dimension
 */
export const keyUnknown = (by: Dimension | null, key: string): DomainError =>
  new DomainError('not-found', {
    code: 'KEY_UNKNOWN',
    message: `该时点${by === null ? '' : `按${DIMENSION_NAMES[by].zh}`}没有“${key}”的资金记录。`,
    messageEn: `At that moment the ledger has no money of “${key}”${by === null ? '' : ` by ${DIMENSION_NAMES[by].en.toLowerCase()}`}.`,
    remedy: '核对编码或文号（须与台账完全一致）、维度 by、区划与年度范围，以及时点。',
    remedyEn: 'Check the code or number (it must match exactly), the dimension, the restriction and the moment.',
    parameters: { by, key },
  });

/** Codes of villages and townships, counties, and the levels above. */
const BY_LENGTH: Readonly<Record<number, Dimension>> = {
  12: 'village',
  9: 'village',
  6: 'county',
  4: 'division',
  2: 'division',
};

const TABLES: readonly (readonly [Dimension, string])[] = [
  ['project', 'SELECT 1 FROM account WHERE project_code = ? LIMIT 1'],
  ['line', 'SELECT 1 FROM quota_line WHERE quota_line = ? LIMIT 1'],
  ['document', 'SELECT 1 FROM quota_line WHERE document_no = ? LIMIT 1'],
  ['channel', 'SELECT 1 FROM quota_line WHERE channel_code = ? LIMIT 1'],
  ['department', 'SELECT 1 FROM quota_line WHERE department_code = ? LIMIT 1'],
];

/** What a key is, where nobody says so: a division by its digits, else the first that knows it. */
export const guessDimension = (source: SnapshotSource, key: string): Dimension =>
  source.read((snapshot: ReadSnapshot) => {
    const byLength = /^\d+$/.test(key) ? BY_LENGTH[key.length] : undefined;
    if (byLength !== undefined) return byLength;
    const known = TABLES.find(([, sql]) => snapshot.first(sql, key) !== undefined);
    if (known === undefined) throw keyUnknown(null, key);
    return known[0];
  });
