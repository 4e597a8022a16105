import { DomainError } from '../platform/domain-error';
import type { UnfinishedImport } from './import-journal';
import type { RowRefusal } from './row-refusal';

/** @param cutOff what an earlier run of the same import has left, if it was cut off */
export const importRefused = (rows: readonly RowRefusal[], cutOff: UnfinishedImport | null): DomainError =>
  cutOff === null ? refusedWhole(rows) : refusedAfterCut(rows, cutOff);

const entriesWere = ({ length }: readonly RowRefusal[]): string =>
  length === 1 ? '1 entry was' : `${length} entries were`;

const refusedWhole = (rows: readonly RowRefusal[]): DomainError =>
  new DomainError('input', {
    code: 'IMPORT_REFUSED',
    message: `有 ${rows.length} 处被拒绝，整批未入账。`,
    messageEn: `${entriesWere(rows)} refused; nothing of the import is stored.`,
    remedy: '按各行的说明改正后重新导入；未改动的行不会重复入账。',
    remedyEn: 'Correct the rows as they say and import again; rows that are unchanged are not stored twice.',
    parameters: { rows },
  });

const refusedAfterCut = (rows: readonly RowRefusal[], { importId, beganAt }: UnfinishedImport): DomainError =>
  new DomainError('input', {
    code: 'IMPORT_REFUSED',
    message: `有 ${rows.length} 处被拒绝，其余各行此次未入账；${beganAt} 开始的同一导入曾被中断，已有一部分在账。`,
    messageEn: `${entriesWere(rows)} refused and nothing more is stored; the same import was cut off at ${beganAt}, and a part of it is stored.`,
    remedy: `按各行的说明改正后，用 yichi import --instead-of ${importId} 导入改正后的文件；已在账的行不会重复入账。`,
    remedyEn: `Correct the rows as they say and import the corrected files with yichi import --instead-of ${importId}; rows that are stored are not stored twice.`,
    parameters: { rows, importId },
  });
