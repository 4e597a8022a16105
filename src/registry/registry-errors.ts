import { type DomainError, refuseValue } from '../platform/domain-error';

export const validToBeforeValidFrom = (code: string, validTo: string): DomainError =>
  refuseValue(
    'VALID_TIME',
    'validTo',
    validTo,
    `${code} 的停用日期早于启用日期。`,
    `${code} ends before it begins.`,
    '核对启用日期和停用日期。',
    'Check validFrom and validTo.',
  );

export const unknownDepartment = (code: string, field: string): DomainError =>
  refuseValue(
    'UNKNOWN_DEPARTMENT',
    field,
    code,
    `没有部门 ${code}。`,
    `There is no department ${code}.`,
    '先在部门表登记该部门。',
    'Register the department first.',
  );

export const unknownParentPurpose = (code: string): DomainError =>
  refuseValue(
    'UNKNOWN_PURPOSE',
    'parentPurpose',
    code,
    `没有上级用途 ${code}。`,
    `There is no parent purpose ${code}.`,
    '先登记上级用途，或放在同一份表中。',
    'Register the parent purpose first, or in the same file.',
  );

export const unknownAllowedPurpose = (code: string): DomainError =>
  refuseValue(
    'UNKNOWN_PURPOSE',
    'allowedPurposes',
    code,
    `允许用途 ${code} 未登记。`,
    `Allowed purpose ${code} is not registered.`,
    '先在用途表登记该用途。',
    'Register the purpose first.',
  );

export const purposeCycle = (code: string): DomainError =>
  refuseValue(
    'PURPOSE_CYCLE',
    'parentPurpose',
    code,
    `用途 ${code} 不能是自己的上级。`,
    `Purpose ${code} would be above itself.`,
    '核对上级用途。',
    'Check the parent purpose.',
  );

/**
 * A table from before a change: what it says was replaced since.
 * @param address where the change can be entered by hand
 * @param hasVersions whether a later first day makes another version of it
 */
export const rowStale = (of: {
  readonly field: string;
  readonly code: string;
  readonly address: string;
  readonly hasVersions: boolean;
}): DomainError =>
  refuseValue(
    'ROW_STALE',
    of.field,
    of.code,
    `${of.code} 的这一行是已被替换的旧内容，整行未采用。`,
    `This row is what ${of.code} said before it was changed; it is not taken.`,
    `请用最新的台账；确要改回，${of.hasVersions ? '写一个较晚的启用日期作为新的一段，或' : ''}通过接口 POST /${of.address} 单独登记。`,
    `Use the newest table; whoever does mean to go back ${of.hasVersions ? 'names a later first day (validFrom), or ' : ''}enters it by itself over the API (POST /${of.address}).`,
  );
