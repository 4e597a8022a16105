import { randomUUID } from 'node:crypto';

import { Contract, type ApiDocument, type Route } from './contract';
import { Draw } from './draw';
import { Values } from './values';

export interface FuzzOptions {
  readonly url: string;
  readonly token: string;
  readonly requests: number;
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Something that the service must not do, with how to see it again. */
export interface FuzzFinding {
  readonly kind: 'failed' | 'no-problem' | 'not-as-declared' | 'declared-and-refused';
  readonly operation: string;
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
}

export interface FuzzReport {
  readonly requests: number;
  /** How often each status came. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly findings: readonly FuzzFinding[];
}

/** So many requests are under way at once: commands meet each other, as they do in an office. */
const CALLERS = 8;

/** Values that were answered under one name and may be sent again. */
const KNOWN_PER_FIELD = 200;

/** Fields whose values name something that a later request may ask for. */
const NAMING: ReadonlySet<string> = new Set([
  ...[
    'divisionCode',
    'departmentCode',
    'purposeCode',
    'parentPurpose',
    'channelCode',
    'projectCode',
    'place',
    'places',
  ],
  ...['documentNo', 'integrationNo', 'transferNo', 'receiptNo', 'allocationNo', 'reallocationNo', 'voucherNo'],
  ...['recallNo', 'carryOverNo', 'originalVoucherNo', 'reversalNo', 'eventId', 'division', 'toDivision', 'effectiveOn'],
]);

/** Names under which the same thing is asked for. */
const ALSO_KNOWN_AS: Readonly<Record<string, readonly string[]>> = {
  divisionCode: ['division', 'toDivision', 'under', 'place', 'places'],
  voucherNo: ['originalVoucherNo', 'repaysVoucherNo', 'id'],
  documentNo: ['id'],
  projectCode: ['fromProject', 'id'],
  eventId: ['id'],
};

interface Request {
  readonly path: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** The one refusal of the service that is not the request's fault and not a defect: documented, and to be tried again. */
const UNAVAILABLE = 503;

/** What a request's own form is refused with; a declared form must not be. */
const FORM_REFUSED = 'REQUEST_INVALID';

/** Sends a running service what its own document says, bent in every way, and holds what it answers against the document. */
export class Fuzz {
  readonly #options: FuzzOptions;
  readonly #contract: Contract;
  readonly #draw: Draw;
  readonly #values: Values;
  readonly #known = new Map<string, string[]>();
  readonly #statuses: Record<string, number> = {};
  readonly #findings: FuzzFinding[] = [];

  constructor(document: ApiDocument, options: FuzzOptions) {
    this.#options = options;
    this.#contract = new Contract(document);
    this.#draw = new Draw(options.seed);
    this.#values = new Values({ schemas: this.#contract.schemas, known: this.#known }, this.#draw);
  }

  async run(): Promise<FuzzReport> {
    const { requests, onProgress } = this.#options;
    for (let sent = 0; sent < requests; sent += CALLERS) {
      const together = Math.min(CALLERS, requests - sent);
      // Drawn one after another before anything is sent, so that the seed decides what is sent together.
      const drawn = Array.from({ length: together }, () => this.#drawn());
      await Promise.all(drawn.map(([route, request]) => this.#exchange(route, request)));
      onProgress?.(sent + together, requests);
    }
    return { requests, statuses: this.#statuses, findings: this.#findings };
  }

  #drawn(): readonly [Route, Request] {
    // Commands change what every question answers, so they are asked as often as all questions together.
    const commands = this.#contract.routes.filter(({ method }) => method === 'POST');
    const questions = this.#contract.routes.filter(({ method }) => method !== 'POST');
    const route = this.#draw.of(this.#draw.oneIn(2) ? commands : questions);
    const oddness = this.#draw.of([10, 100, 100_000, 100_000]);
    const asked = route.operation.requestBody?.content['application/json']?.schema;
    return [
      route,
      {
        path: this.#address(route, oddness),
        body: asked === undefined ? undefined : this.#values.of(asked, '', oddness),
        headers: this.#headers(oddness),
      },
    ];
  }

  #address(route: Route, oddness: number): string {
    const query: string[] = [];
    let { path } = route;
    for (const { name, in: where, required, schema } of route.operation.parameters ?? []) {
      if (where === 'path') {
        path = path.replace(`{${name}}`, encode(this.#values.of(schema, name, oddness)));
      } else if (required === true || this.#draw.oneIn(3)) {
        query.push(`${name}=${encode(this.#values.of(schema, name, oddness))}`);
      }
    }
    if (this.#draw.oneIn(oddness * 4)) query.push(this.#draw.of(['surplus=1', 'by=county&by=county', '%', '=', '&&']));
    return query.length === 0 ? path : `${path}?${query.join('&')}`;
  }

  #headers(oddness: number): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {
      authorization: `Bearer ${this.#options.token}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    };
    const odd = this.#draw.oneIn(oddness * 2) ? this.#draw.of(Object.keys(headers)) : null;
    if (odd !== null) headers[odd] = this.#draw.of(['', 'x', 'Bearer', 'text/plain', '{}', 'a'.repeat(300)]);
    return headers;
  }

  async #exchange(route: Route, { path, body, headers }: Request): Promise<void> {
    const { method } = route;
    const response = await fetch(`${this.#options.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status } = response;
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const answer = /json/.test(type) ? (JSON.parse(text) as unknown) : { text };
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    const found = (kind: FuzzFinding['kind'], what: string): void => {
      this.#findings.push({ kind, operation: route.operation.operationId, what, method, path, sent: body, status });
    };
    const { code, parameters } = answer as { readonly code?: unknown; readonly parameters?: { fields?: unknown } };
    if (status >= 500 && status !== UNAVAILABLE) found('failed', `${status} ${String(code)}`);
    if (status >= 400 && !type.startsWith('application/problem+json')) found('no-problem', `${status} as ${type}`);
    const breach = this.#contract.answerBreachOf({ method, path, status, type, body: answer });
    if (breach !== null) found('not-as-declared', breach);
    const asked = route.operation.requestBody?.content['application/json']?.schema;
    if (code === FORM_REFUSED && asked !== undefined && this.#contract.faultsOf(asked, asSent(body)) === null) {
      found('declared-and-refused', JSON.stringify(parameters?.fields));
    }
    if (status < 400) this.#remember(body, answer);
  }

  #remember(sent: unknown, answered: unknown): void {
    for (const [name, value] of namedIn([sent, answered])) {
      for (const known of [name, ...(ALSO_KNOWN_AS[name] ?? [])]) {
        const values = this.#known.get(known) ?? [];
        if (values.includes(value)) continue;
        values.push(value);
        if (values.length > KNOWN_PER_FIELD) values.splice(this.#draw.below(values.length), 1);
        this.#known.set(known, values);
      }
    }
  }
}

/** As it is in JSON: what is undefined is not there. */
const asSent = (body: unknown): unknown =>
  body === undefined ? undefined : (JSON.parse(JSON.stringify(body)) as unknown);

const encode = (value: unknown): string =>
  encodeURIComponent((typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed());

/** Texts that stand under a naming field anywhere in a value. */
function* namedIn(value: unknown, name = ''): Generator<readonly [name: string, value: string]> {
  if (typeof value === 'string') {
    if (name === 'eventIds' || name === 'id') yield ['eventId', value];
    else if (NAMING.has(name)) yield [name, value];
  } else if (Array.isArray(value)) {
    for (const each of value) yield* namedIn(each, name);
  } else if (typeof value === 'object' && value !== null) {
    for (const [inner, each] of Object.entries(value)) yield* namedIn(each, inner);
  }
}
