import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const PROVINCE = '63';
const COUNTY = '630222';
const VILLAGE = '630222103200';
const LINE = { channelCode: 'SL', purposeCode: 'GSBZ' };
const AT_VILLAGE = { ...LINE, projectCode: 'P-1', place: VILLAGE };

/** How long a client waits before it tries a service again that is not there. */
const RETRY_MS = 50;

/** Where the service is just now: it has another port after each start. */
export type Where = () => string;

interface Answered {
  readonly eventIds: readonly string[];
}

type Body = Readonly<Record<string, unknown>>;

/** The clerks of one office. Each asks for the same with the same key until there is an answer, as a good client does. */
export class Office {
  /** Ids of all events that were acknowledged. */
  readonly acknowledged = new Set<string>();
  /** Answers that a clerk can make nothing of. */
  readonly surprises: string[] = [];
  readonly #where: Where;
  readonly #token: string;
  #open = true;
  #number = 0;

  constructor(where: Where, token: string) {
    this.#where = where;
    this.#token = token;
  }

  /** Registers what the office's money needs. */
  async settle(): Promise<void> {
    for (const [divisionCode, name] of [
      [PROVINCE, '青海省'],
      [COUNTY, '民和回族土族自治县'],
      [VILLAGE, '史纳村'],
    ]) {
      await this.#post('divisions', { divisionCode, name });
    }
    await this.#post('departments', { departmentCode: 'SLT', name: '水利厅' });
    await this.#post('purposes', { purposeCode: 'GSBZ', name: '供水保障' });
    const channel = { channelCode: 'SL', name: '水利发展资金', departmentCode: 'SLT', level: '省', kind: '行业' };
    await this.#post('channels', channel);
    const project = { projectCode: 'P-1', projectName: '供水工程', division: COUNTY, purposeCode: 'GSBZ' };
    await this.#post('projects', { ...project, places: [VILLAGE], enteredOn: '2023-11-20' });
  }

  /** A year of one document after another, until the office closes: in, down, integrated, allocated, paid, back, taken back. */
  async work(): Promise<void> {
    while (this.#open) {
      this.#number += 1;
      const number = `浸${this.#number}`;
      const entry = { fiscalYear: 2024, effectiveOn: '2024-03-01' };
      const inCounty = { ...entry, division: COUNTY };
      const named = { ...LINE, documentNo: `文${number}`, amount: '100.00' };
      const steps: readonly (readonly [string, Body])[] = [
        [
          'appropriations',
          { ...entry, division: PROVINCE, documentNo: named.documentNo, lines: [{ ...LINE, amount: '100.00' }] },
        ],
        [
          'transfers',
          {
            ...entry,
            division: PROVINCE,
            transferNo: `下${number}`,
            lines: [{ ...named, toDivision: COUNTY, integrated: false }],
          },
        ],
        [
          'integrations',
          { ...inCounty, integrationNo: `整${number}`, integrationRegime: 'BUNDLING_UNCHANGED', lines: [named] },
        ],
        [
          'allocations',
          {
            ...inCounty,
            allocationNo: `安${number}`,
            lines: [{ ...AT_VILLAGE, documentNo: named.documentNo, amount: '100.00' }],
          },
        ],
        [
          'payments',
          {
            ...inCounty,
            voucherNo: `支${number}`,
            payee: '某某公司',
            lines: [{ ...AT_VILLAGE, documentNo: named.documentNo, amount: '60.00' }],
          },
        ],
        [
          'payment-returns',
          { ...inCounty, voucherNo: `退${number}`, originalVoucherNo: `支${number}`, payee: '某某公司' },
        ],
      ];
      let last: Answered = { eventIds: [] };
      for (const [path, body] of steps) last = await this.#post(path, body);
      const [eventId] = last.eventIds;
      await this.#post('reversals', {
        eventId,
        effectiveOn: '2024-03-02',
        reversalNo: `冲${number}`,
        reason: '回单有误',
      });
    }
  }

  /** Asks for balances all the time. */
  async read(): Promise<void> {
    while (this.#open) await this.#ask('GET', `balances?by=village&year=2024`, undefined, randomUUID());
  }

  close(): void {
    this.#open = false;
  }

  async #post(path: string, body: Body): Promise<Answered> {
    const answer = (await this.#ask('POST', path, body, randomUUID())) as Answered;
    for (const id of answer.eventIds) this.acknowledged.add(id);
    return answer;
  }

  async #ask(method: string, path: string, body: Body | undefined, key: string): Promise<unknown> {
    for (;;) {
      try {
        const response = await fetch(`${this.#where()}/api/v1/${path}`, {
          method,
          headers: {
            authorization: `Bearer ${this.#token}`,
            'content-type': 'application/json',
            'idempotency-key': key,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const answer = (await response.json()) as unknown;
        if (response.ok) return answer;
        if (response.status !== 503) {
          this.surprises.push(`${path} ${response.status} ${JSON.stringify(answer)}`);
          return { eventIds: [] };
        }
      } catch {
        // The service is being killed or not there yet; the same is asked again.
      }
      await pause(RETRY_MS);
    }
  }
}
