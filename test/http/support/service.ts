import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { randomUUID } from 'node:crypto';

import type { Actor } from '../../../src/event-log/event';
import type { EventLog } from '../../../src/event-log/event-log';
import { type RunningServer, startServer } from '../../../src/http/server';
import { issueToken, openKeys, type TokenKeys } from '../../../src/identity/tokens';
import { Ledger } from '../../../src/ledger/ledger';
import { createLogger } from '../../../src/platform/logging';
import { CONTRACT } from './contract';

export const PROVINCE = '63';
export const COUNTY = '630222';
export const VILLAGE = '630222103200';
export const OTHER_VILLAGE = '630222103201';
export const YEAR = 2024;

export const CLERK: Actor = { id: '张三', role: 'finance', division: COUNTY };
export const CHIEF: Actor = { id: '李四', role: 'finance', division: COUNTY };

const HOUR_SECONDS = 3600;

/** Parsed JSON of an answer; tests say what they expect of it. */
export type Body = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface PostOptions {
  readonly key?: string | null;
  readonly as?: Actor;
  readonly headers?: Record<string, string>;
}

/**
 * The real service on a real port, over a real log in a directory of its own. Whatever it answers to any test is held
 * against openapi.json.
 */
export class Service {
  readonly dataDir: string;
  readonly ledger: Ledger;
  readonly server: RunningServer;
  readonly logLines: string[];
  readonly #keys: TokenKeys;
  #closed = false;

  private constructor(dataDir: string, ledger: Ledger, server: RunningServer, keys: TokenKeys, logLines: string[]) {
    this.dataDir = dataDir;
    this.ledger = ledger;
    this.server = server;
    this.#keys = keys;
    this.logLines = logLines;
  }

  /** @param log another one than a file in the data directory; it is closed with the service */
  static async start(log?: EventLog): Promise<Service> {
    const dataDir = mkdtempSync(join(tmpdir(), 'yichi-http-'));
    const ledger =
      log === undefined
        ? await Ledger.open({ dataDir, eventLog: `sqlite:${join(dataDir, 'log.sqlite')}` })
        : await Ledger.on(log, { dataDir });
    await ledger.catchUp();
    const logLines: string[] = [];
    const destination = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        logLines.push(chunk.toString('utf8'));
        done();
      },
    });
    const server = await startServer(
      ledger,
      { dataDir, host: '127.0.0.1', port: 0 },
      { logger: createLogger('info', destination) },
    );
    return new Service(dataDir, ledger, server, await openKeys(dataDir), logLines);
  }

  token(actor: Actor = CLERK, lifetimeSeconds = HOUR_SECONDS): Promise<string> {
    return issueToken(this.#keys, actor, lifetimeSeconds);
  }

  async request(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.server.url}${path}`, init);
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const body = /json/.test(type) ? (JSON.parse(text) as Body) : { text };
    const { method = 'GET' } = init;
    const breach = CONTRACT.breachOf({
      method,
      path,
      sent: jsonOrNothing(init.body),
      status: response.status,
      type,
      body,
    });
    if (breach !== null) throw new Error(`Not as openapi.json has it: ${breach}`);
    return { status: response.status, headers: response.headers, body };
  }

  async post(path: string, body: unknown, options: PostOptions = {}): Promise<Answer> {
    const { key = randomUUID(), as = CLERK, headers = {} } = options;
    return this.request(`/api/v1/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await this.token(as)}`,
        ...(key === null ? {} : { 'idempotency-key': key }),
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.request(`/api/v1/${path}`, { headers: { authorization: `Bearer ${await this.token()}`, ...headers } });
  }

  /** Posts what must be stored and gives the answer's body. */
  async stored(path: string, body: unknown, options: PostOptions = {}): Promise<Body> {
    const answer = await this.post(path, body, options);
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      await this.server.stop();
      await this.ledger.close();
    }
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

const jsonOrNothing = (sent: unknown): unknown => {
  try {
    return JSON.parse(String(sent)) as unknown;
  } catch {
    return undefined;
  }
};

/** The registry that the tests' money needs: two divisions above, two villages, a channel, a purpose, a project. */
export const registerWorld = async (service: Service): Promise<void> => {
  for (const [divisionCode, name] of [
    ['630000000000', '青海省'],
    [COUNTY, '民和回族土族自治县'],
    [VILLAGE, '史纳村'],
    [OTHER_VILLAGE, '川口村'],
  ]) {
    await service.stored('divisions', { divisionCode, name });
  }
  await service.stored('departments', { departmentCode: 'SLT', name: '水利厅' });
  await service.stored('purposes', { purposeCode: 'GSBZ', name: '供水保障' });
  await service.stored('purposes', { purposeCode: 'CUNLU', name: '村路' });
  await service.stored('channels', {
    channelCode: 'SL',
    name: '水利发展资金',
    departmentCode: 'SLT',
    level: '省',
    kind: '行业',
    allowedPurposes: ['GSBZ'],
  });
  await service.stored('projects', {
    projectCode: 'P-1',
    projectName: '供水工程',
    division: '630222000000',
    purposeCode: 'GSBZ',
    places: [VILLAGE, OTHER_VILLAGE],
    enteredOn: '2023-11-20',
  });
};

export const LINE = { channelCode: 'SL', purposeCode: 'GSBZ' };
export const DOCUMENT = '青财农〔2024〕1号';

export const inPool = (effectiveOn: string, division = COUNTY): Body => ({ division, fiscalYear: YEAR, effectiveOn });

/** Brings an amount to village VILLAGE of project P-1, ready to be paid. */
export const fund = async (service: Service, amount: string): Promise<void> => {
  await service.stored('appropriations', {
    ...inPool('2024-01-10'),
    documentNo: DOCUMENT,
    lines: [{ ...LINE, amount }],
  });
  await service.stored('integrations', {
    ...inPool('2024-01-20'),
    integrationNo: '整1号',
    integrationRegime: 'BUNDLING_UNCHANGED',
    lines: [{ ...LINE, documentNo: DOCUMENT, amount }],
  });
  await service.stored('allocations', {
    ...inPool('2024-02-01'),
    allocationNo: '安1号',
    lines: [{ ...LINE, projectCode: 'P-1', place: VILLAGE, amount }],
  });
};

export const paymentOf = (voucherNo: string, amount: string): Body => ({
  ...inPool('2024-03-01'),
  voucherNo,
  payee: '某某公司',
  lines: [{ ...LINE, projectCode: 'P-1', place: VILLAGE, amount }],
});
