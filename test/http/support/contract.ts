import Ajv, { type ValidateFunction } from 'ajv';

import openApi from '../../../openapi.json';
import { isUuid } from '../../../src/event-log/event-id';
import { isBusinessDate } from '../../../src/platform/business-date';

type Schema = Readonly<Record<string, unknown>>;
type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

/** What was asked and answered. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

/** OpenAPI 3.0 says `nullable` where JSON Schema has a type more; what an object does not name, it does not have. */
const jsonSchemaOf = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(jsonSchemaOf);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, example: _, description: __, ...rest } = schema as Record<string, unknown>;
  const inner = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, jsonSchemaOf(value)]));
  const closed = inner['type'] === 'object' && inner['properties'] !== undefined ? { additionalProperties: false } : {};
  const whole = { ...closed, ...inner };
  return nullable === true ? { anyOf: [whole, { type: 'null' }] } : whole;
};

const ajv = new Ajv({
  strict: false,
  allErrors: true,
  formats: { date: isBusinessDate, uuid: isUuid, binary: true },
});
ajv.addSchema({
  $id: 'api',
  ...(jsonSchemaOf({ components: { schemas: openApi.components.schemas } }) as object),
});

const validators = new Map<Schema, ValidateFunction>();

const faultsOf = (schema: Schema, value: unknown): string | null => {
  let validate = validators.get(schema);
  if (validate === undefined) {
    const text = JSON.stringify(jsonSchemaOf(schema)).replaceAll('"#/components', '"api#/components');
    validate = ajv.compile(JSON.parse(text) as object);
    validators.set(schema, validate);
  }
  return validate(value) ? null : ajv.errorsText(validate.errors);
};

const OPERATIONS = Object.entries(openApi.paths as unknown as Record<string, Record<string, Operation>>).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      // A path in the log has slashes; anything else in braces has none.
      address: new RegExp(`^${path.replace('{path}', '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      operation,
    })),
);

export const OPERATION_IDS = OPERATIONS.map(({ operation }) => operation.operationId);

/** The operation that answers at an address; what is more exactly named is asked first. */
export const operationOf = (method: string, path: string): Operation | undefined => {
  const address = path.split('?')[0] ?? '';
  return OPERATIONS.filter((each) => each.method === method && each.address.test(address))
    .map(({ operation }) => operation)
    .sort((a, b) => Number(a.operationId === 'LogTile') - Number(b.operationId === 'LogTile'))[0];
};

/** Why an exchange is not as openapi.json has it; null when it is. */
export const breachOf = ({ method, path, sent, status, type, body }: Exchange): string | null => {
  const operation = operationOf(method, path);
  if (operation === undefined) return null;
  const response = operation.responses[String(status)] ?? (status >= 400 ? operation.responses['default'] : undefined);
  if (response === undefined) return `${operation.operationId} declares no ${status}`;
  const declared = Object.entries(response.content ?? {}).find(([mediaType]) => type.split(';')[0] === mediaType);
  if (declared === undefined) return `${operation.operationId} declares no ${type} for ${status}`;
  const answered = /json$/.test(declared[0]) ? faultsOf(declared[1].schema, body) : null;
  if (answered !== null) return `${operation.operationId} ${status}: ${answered}`;
  const asked = operation.requestBody?.content['application/json']?.schema;
  const request = asked === undefined || status >= 400 ? null : faultsOf(asked, sent);
  return request === null ? null : `${operation.operationId} takes what it does not declare: ${request}`;
};
