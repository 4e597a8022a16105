import { type ArgumentMetadata, type ValidationError, ValidationPipe } from '@nestjs/common';

import { quoted } from '../importing/cells/cell-problem';
import { DomainError, type Refusal } from '../platform/domain-error';
import { refusalOfField } from './fields';
import { requireObject } from './json-body';

/** One field of a request that cannot be taken, as the problem lists it. */
export interface FieldProblem extends Refusal {
  /** Where it is: `lines[0].amount`. */
  readonly field: string;
}

/** A hostile request must not make an answer of any length. */
const MAX_FIELDS_LISTED = 50;

/** How many of them the sentence itself tells. */
const FIELDS_TOLD = 3;

/** Refuses unknown fields at every depth and lists everything that is wrong, not only the first. */
export const requestPipe = (): ValidationPipe =>
  new RequestPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    exceptionFactory: (errors) => requestInvalid(fieldProblems(errors)),
  });

/**
 * The validator takes what every object has from birth for known fields of each class: `constructor`, `toString` and the
 * like would be passed over in silence.
 */
class RequestPipe extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body') requireObject(value);
    if (metadata.type === 'body' || metadata.type === 'query') {
      const inborn = inbornNames(value);
      if (inborn.length > 0) throw requestInvalid(inborn.map((field) => ({ field, ...unknownField(field) })));
    }
    return super.transform(value, metadata);
  }
}

/** Where a value of JSON, which is nowhere deep, has names that every object has. */
const inbornNames = (value: unknown, parent = ''): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const field = pathOf(parent, name);
    return !Array.isArray(value) && name in Object.prototype ? [field] : inbornNames(inner, field);
  });
};

const requestInvalid = (fields: readonly FieldProblem[]): DomainError => {
  const told = fields.slice(0, FIELDS_TOLD);
  const more = fields.length - told.length;
  return new DomainError('input', {
    code: 'REQUEST_INVALID',
    message: told.map(({ field, message }) => `${field}：${message}`).join('') + (more > 0 ? `另有 ${more} 处。` : ''),
    messageEn:
      told.map(({ field, messageEn }) => `${field}: ${messageEn}`).join(' ') + (more > 0 ? ` And ${more} more.` : ''),
    remedy: told.length === 1 ? (told[0]?.remedy ?? '') : '按 parameters.fields 逐项改正后重发。',
    remedyEn: told.length === 1 ? (told[0]?.remedyEn ?? '') : 'Correct what parameters.fields lists and send it again.',
    parameters: { fields: fields.slice(0, MAX_FIELDS_LISTED) },
  });
};

const fieldProblems = (errors: readonly ValidationError[], parent = ''): FieldProblem[] =>
  errors.flatMap((error) => {
    const field = pathOf(parent, error.property);
    const own = ownProblem(error, field);
    return [...(own === null ? [] : [own]), ...fieldProblems(error.children ?? [], field)];
  });

const pathOf = (parent: string, property: string): string => {
  if (/^\d+$/.test(property)) return `${parent}[${quoted(property)}]`;
  return parent === '' ? quoted(property) : `${parent}.${quoted(property)}`;
};

const ownProblem = (error: ValidationError, field: string): FieldProblem | null => {
  const constraints = error.constraints ?? {};
  if ('whitelistValidation' in constraints) return { field, ...unknownField(field) };
  const refusalOf = refusalOfField(error.target?.constructor ?? null, error.property);
  const refusal = refusalOf?.(error.value) ?? null;
  if (refusal !== null) return { field, ...refusal };
  return Object.keys(constraints).length === 0 ? null : { field, ...notUnderstood(field) };
};

const unknownField = (field: string): Refusal => ({
  code: 'UNKNOWN_FIELD',
  message: `没有“${field}”这一项。`,
  messageEn: `There is no field "${field}".`,
  remedy: '核对拼写，或删去该项；各项见 /api。',
  remedyEn: 'Check the spelling or remove it; see /api for the fields.',
});

const notUnderstood = (field: string): Refusal => ({
  code: 'FIELD_INVALID',
  message: `“${field}”的内容无法识别。`,
  messageEn: `The content of "${field}" is not understood.`,
  remedy: '按接口说明 /api 填写。',
  remedyEn: 'Fill it in as documented at /api.',
});
