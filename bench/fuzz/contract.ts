import Ajv, { type ValidateFunction } from 'ajv';

import { isUuid } from '../../src/event-log/event-id';
import { isBusinessDate } from '../../src/platform/business-date';

export type Schema = Readonly<Record<string, unknown>>;
type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
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

/** As much of an OpenAPI document as is looked at. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** An operation with where it is. */
export interface Route {
  readonly method: string;
  /** As the document has it, with names in braces. */
  readonly path: string;
  readonly operation: Operation;
}

/** What a service promises of its requests and answers, and whether an exchange keeps it. */
export class Contract {
  readonly routes: readonly Route[];
  readonly schemas: ApiDocument['components']['schemas'];
  readonly #ajv = new Ajv({
    strict: false,
    allErrors: true,
    formats: { date: isBusinessDate, uuid: isUuid, binary: true },
  });
  readonly #validators = new Map<Schema, ValidateFunction>();
  readonly #addresses: ReadonlyMap<Route, RegExp>;

  constructor({ paths, components }: ApiDocument) {
    this.schemas = components.schemas;
    this.#ajv.addSchema({ $id: 'api', ...(jsonSchemaOf({ components }) as object) });
    this.routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    );
    this.#addresses = new Map(
      // A path in the log has slashes; anything else in braces has none.
      this.routes.map((route) => [
        route,
        new RegExp(`^${route.path.replace('{path}', '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      ]),
    );
  }

  /** The operation that answers at an address; what is more exactly named is asked first. */
  operationOf(method: string, path: string): Operation | undefined {
    const address = path.split('?')[0] ?? '';
    return this.routes
      .filter((route) => route.method === method && this.#addresses.get(route)?.test(address) === true)
      .map(({ operation }) => operation)
      .sort((a, b) => Number(a.operationId === 'LogTile') - Number(b.operationId === 'LogTile'))[0];
  }

  /** What is wrong with a value by a schema; null when nothing is. */
  faultsOf(schema: Schema, value: unknown): string | null {
    let validate = this.#validators.get(schema);
    if (validate === undefined) {
      const text = JSON.stringify(jsonSchemaOf(schema)).replaceAll('"#/components', '"api#/components');
      validate = this.#ajv.compile(JSON.parse(text) as object);
      this.#validators.set(schema, validate);
    }
    return validate(value) ? null : this.#ajv.errorsText(validate.errors);
  }

  /** Why an exchange is not as the document has it; null when it is. */
  breachOf(exchange: Exchange): string | null {
    const { method, path, sent, status } = exchange;
    const answered = this.answerBreachOf(exchange);
    if (answered !== null) return answered;
    const operation = this.operationOf(method, path);
    const asked = operation?.requestBody?.content['application/json']?.schema;
    const request = asked === undefined || status >= 400 ? null : this.faultsOf(asked, sent);
    return request === null ? null : `${operation?.operationId} takes what it does not declare: ${request}`;
  }

  /** Why an answer is not as the document has it; null when it is. */
  answerBreachOf({ method, path, status, type, body }: Omit<Exchange, 'sent'>): string | null {
    const operation = this.operationOf(method, path);
    if (operation === undefined) return null;
    const response =
      operation.responses[String(status)] ?? (status >= 400 ? operation.responses['default'] : undefined);
    if (response === undefined) return `${operation.operationId} declares no ${status}`;
    const declared = Object.entries(response.content ?? {}).find(([mediaType]) => type.split(';')[0] === mediaType);
    if (declared === undefined) return `${operation.operationId} declares no ${type} for ${status}`;
    const answered = /json$/.test(declared[0]) ? this.faultsOf(declared[1].schema, body) : null;
    return answered === null ? null : `${operation.operationId} ${status}: ${answered}`;
  }
}
