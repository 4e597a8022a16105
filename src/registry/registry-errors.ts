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
