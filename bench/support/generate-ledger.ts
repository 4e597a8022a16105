import type { LedgerEvent } from '../../src/event-log/event';
import { eventId } from '../../src/event-log/event-id';
import { quotaLineId } from '../../src/pool/quota-line';

/** How large a ledger to make. Counties come by themselves: one for every ten thousand events, as in a real year. */
export interface GenerateLedgerOptions {
  readonly events: number;
  /** Another seed gives another ledger; the same seed gives the same one, byte for byte. */
  readonly seed?: number;
}

export const BENCH_YEAR = 2024;
const PROVINCE = '63';
const EVENTS_PER_COUNTY = 10_000;
const LINES_PER_COUNTY = 24;
const VILLAGES_PER_COUNTY = 60;
const PROJECTS_PER_COUNTY = 160;
const CHANNELS = 8;

/** County codes of the ledger, in order. */
export const benchCounties = (events: number): string[] =>
  Array.from(
    { length: Math.max(1, Math.round(events / EVENTS_PER_COUNTY)) },
    (_, index) =>
      `63${String(21 + Math.floor(index / 50)).padStart(2, '0')}${String(21 + (index % 50)).padStart(2, '0')}`,
  );

export const benchVillage = (county: string, index: number): string =>
  `${county}1${String(Math.floor(index / 20)).padStart(2, '0')}${String(200 + (index % 20))}`;

/**
 * A year of one province: lines are appropriated to the province, issued to its counties, allocated to projects in
 * villages and paid in steps, with returns, reversals and cash between. No account is ever overdrawn. Events come in
 * the order of a log, with the revision of each stream.
 */
export function* generateLedger({ events, seed = 1 }: GenerateLedgerOptions): Generator<LedgerEvent, void, undefined> {
  const ledger = new GeneratedLedger(seed);
  let made = 0;
  for (const event of ledger.run(benchCounties(events))) {
    if (made === events) return;
    made += 1;
    yield event;
  }
}

type Data = Readonly<Record<string, unknown>>;

interface County {
  readonly code: string;
  readonly stream: string;
  readonly lines: readonly string[];
  readonly projects: readonly { readonly code: string; readonly place: string }[];
  /** Fen by `line project place`. */
  readonly allocated: Allocation[];
  readonly requested: Voucher[];
  readonly executed: Voucher[];
}

interface Allocation {
  readonly line: string;
  readonly project: string;
  readonly place: string;
  fen: number;
}

interface Voucher {
  readonly no: string;
  readonly parts: readonly { readonly allocation: Allocation; readonly fen: number }[];
  readonly eventId: string;
  approved: boolean;
}

const ACTOR = { id: 'u-1024', role: 'county-finance', division: PROVINCE };

class GeneratedLedger {
  readonly #revisions = new Map<string, number>();
  #state: number;
  #made = 0;
  #numbers = 0;

  constructor(seed: number) {
    this.#state = seed;
  }

  *run(countyCodes: readonly string[]): Generator<LedgerEvent, void, undefined> {
    yield* this.#register(countyCodes);
    const counties: County[] = [];
    for (const code of countyCodes) counties.push(yield* this.#open(code));
    for (;;) {
      for (const county of counties) yield* this.#act(county);
    }
  }

  *#register(countyCodes: readonly string[]): Generator<LedgerEvent, void, undefined> {
    for (const code of [PROVINCE, ...countyCodes]) {
      yield this.#event('registry-divisions', 'DivisionRegistered', 1, {
        divisionCode: code,
        name: `区划${code}`,
        validFrom: null,
        validTo: null,
      });
    }
    for (let channel = 0; channel < CHANNELS; channel += 1) {
      yield this.#event('registry-departments', 'DepartmentRegistered', 1, {
        departmentCode: `B${channel}`,
        name: `部门${channel}`,
        validFrom: null,
        validTo: null,
        mergedInto: null,
      });
      yield this.#event('registry-channels', 'ChannelRegistered', 1, {
        channelCode: `C${channel}`,
        name: `渠道${channel}`,
        departmentCode: `B${channel}`,
        level: '省',
        kind: '行业',
        allowedPurposes: [],
        cashRequired: false,
      });
    }
  }

  /** The province is given a county's lines and issues them to it. */
  *#open(code: string): Generator<LedgerEvent, County, undefined> {
    const province = `pool-${PROVINCE}-${BENCH_YEAR}`;
    const stream = `pool-${code}-${BENCH_YEAR}`;
    const lines: string[] = [];
    for (let index = 0; index < LINES_PER_COUNTY; index += 1) {
      const channel = index % CHANNELS;
      const documentNo = `青财农〔${BENCH_YEAR}〕${code}-${Math.floor(index / CHANNELS)}号`;
      const line = quotaLineId(documentNo, `C${channel}`, `U${channel}`);
      lines.push(line);
      const particulars = {
        quotaLine: line,
        documentNo,
        parentDocumentNo: null,
        channelCode: `C${channel}`,
        purposeCode: `U${channel}`,
        departmentCode: `B${channel}`,
        level: '省',
        kind: '行业',
        cashRequired: false,
        issuedOn: `${BENCH_YEAR}-01-02`,
      };
      const amount = '90000000.00';
      const move = (from: string, to: string) => [{ quotaLine: line, from, to, amount }];
      yield this.#event(province, 'FundsAppropriated', 2, {
        documentNo,
        lines: [particulars],
        movements: move(`source:C${channel}`, `pool:${PROVINCE}:${BENCH_YEAR}:received`),
      });
      yield this.#event(province, 'FundsIntegrated', 3, {
        documentNo: `青整〔${BENCH_YEAR}〕${code}-${index}`,
        integrationRegime: 'BUNDLING_UNCHANGED',
        movements: move(`pool:${PROVINCE}:${BENCH_YEAR}:received`, `pool:${PROVINCE}:${BENCH_YEAR}:available`),
      });
      const transferNo = `青下达〔${BENCH_YEAR}〕${code}-${index}`;
      const issued = this.#event(province, 'TransferIssued', 4, {
        documentNo: transferNo,
        toDivision: code,
        toFiscalYear: BENCH_YEAR,
        integrated: true,
        sentLines: [particulars],
        movements: move(`pool:${PROVINCE}:${BENCH_YEAR}:available`, `transit:${transferNo}`),
      });
      yield issued;
      yield this.#event(stream, 'TransferReceived', 4, {
        documentNo: transferNo,
        fromDivision: PROVINCE,
        fromFiscalYear: BENCH_YEAR,
        integrated: true,
        transferEventId: issued.id,
        lines: [particulars],
        movements: move(`transit:${transferNo}`, `pool:${code}:${BENCH_YEAR}:available`),
      });
    }
    const projects = Array.from({ length: PROJECTS_PER_COUNTY }, (_, index) => ({
      code: `P${code}-${index}`,
      place: benchVillage(code, index % VILLAGES_PER_COUNTY),
    }));
    return { code, stream, lines, projects, allocated: [], requested: [], executed: [] };
  }

  /** One entry of a county's year. */
  *#act(county: County): Generator<LedgerEvent, void, undefined> {
    const chance = this.#random(100);
    if (county.allocated.length < 8 || chance < 8) {
      yield this.#allocate(county);
    } else if (chance < 12) {
      yield this.#event(county.stream, 'CashReceived', this.#day(), {
        documentNo: this.#number('到'),
        receipts: [{ quotaLine: this.#pick(county.lines), amount: yuan(1 + this.#random(9_000_000)) }],
      });
    } else if (chance < 38) {
      yield this.#request(county);
    } else if (chance < 62) {
      yield* this.#advance(county);
    } else if (chance < 97) {
      yield this.#payDirectly(county);
    } else {
      yield* this.#takeBack(county, chance === 99);
    }
  }

  #allocate(county: County): LedgerEvent {
    const project = this.#pick(county.projects);
    const first = this.#random(county.lines.length);
    const movements = [0, 1].map((offset) => {
      const line = county.lines[(first + offset) % county.lines.length] as string;
      const fen = 1_000_000 + this.#random(2_000_000);
      county.allocated.push({ line, project: project.code, place: project.place, fen });
      return {
        quotaLine: line,
        from: `pool:${county.code}:${BENCH_YEAR}:available`,
        to: `project:${project.code}:${project.place}:available`,
        amount: yuan(fen),
      };
    });
    return this.#event(county.stream, 'FundsAllocated', this.#day(), { documentNo: this.#number('安'), movements });
  }

  #parts(county: County): Voucher['parts'] {
    const allocation = this.#pick(county.allocated);
    const fen = Math.min(allocation.fen, 1_000 + this.#random(20_000));
    allocation.fen -= fen;
    if (allocation.fen < 1_000) county.allocated.splice(county.allocated.indexOf(allocation), 1);
    return [{ allocation, fen }];
  }

  #request(county: County): LedgerEvent {
    const parts = this.#parts(county);
    const no = this.#number('支');
    const event = this.#event(county.stream, 'PaymentRequested', this.#day(), {
      documentNo: no,
      payee: '青海某某建设工程有限公司',
      requestedBy: 'u-2048',
      repaysVoucherNo: null,
      movements: steps(parts, 'available', 'held'),
    });
    county.requested.push({ no, parts, eventId: event.id, approved: false });
    return event;
  }

  *#advance(county: County): Generator<LedgerEvent, void, undefined> {
    const voucher = county.requested.shift();
    if (voucher === undefined) {
      yield this.#payDirectly(county);
      return;
    }
    yield this.#event(county.stream, 'PaymentApproved', this.#day(), { documentNo: voucher.no, approvedBy: 'u-4096' });
    const event = this.#event(county.stream, 'PaymentExecuted', this.#day(), {
      documentNo: voucher.no,
      payee: '青海某某建设工程有限公司',
      requestedBy: 'u-2048',
      approvedBy: 'u-4096',
      movements: steps(voucher.parts, 'held', 'paid'),
    });
    yield event;
  }

  #payDirectly(county: County): LedgerEvent {
    const parts = this.#parts(county);
    const no = this.#number('支');
    const event = this.#event(county.stream, 'PaymentExecuted', this.#day(), {
      documentNo: no,
      payee: '青海某某建设工程有限公司',
      requestedBy: null,
      approvedBy: null,
      movements: steps(parts, 'available', 'paid'),
    });
    county.executed.push({ no, parts, eventId: event.id, approved: true });
    if (county.executed.length > 64) county.executed.shift();
    return event;
  }

  *#takeBack(county: County, asReversal: boolean): Generator<LedgerEvent, void, undefined> {
    const voucher = county.executed.shift();
    if (voucher === undefined) {
      yield this.#payDirectly(county);
      return;
    }
    const movements = steps(voucher.parts, 'paid', 'available');
    for (const { allocation, fen } of voucher.parts) county.allocated.push({ ...allocation, fen });
    yield asReversal
      ? this.#event(county.stream, 'EntryReversed', this.#day(), {
          documentNo: this.#number('红'),
          reversedEventId: voucher.eventId,
          reversedType: 'PaymentExecuted',
          reversedDocumentNo: voucher.no,
          reversedEffectiveOn: `${BENCH_YEAR}-06-01`,
          reason: '重复登记',
          movements,
        })
      : this.#event(county.stream, 'PaymentReturned', this.#day(), {
          documentNo: this.#number('退'),
          originalVoucherNo: voucher.no,
          payee: '青海某某建设工程有限公司',
          movements,
        });
  }

  /** @param day of the year, from 1 */
  #event(stream: string, type: string, day: number, data: Data): LedgerEvent {
    this.#made += 1;
    const revision = (this.#revisions.get(stream) ?? -1) + 1;
    this.#revisions.set(stream, revision);
    const date = new Date(Date.UTC(BENCH_YEAR, 0, day)).toISOString();
    const commandId = this.#uuid('4');
    return {
      type,
      data,
      id: eventId(commandId, 0),
      schemaVersion: 1,
      stream,
      revision,
      recordedAt: date,
      effectiveOn: date.slice(0, 10),
      actor: ACTOR,
      commandId,
      correlationId: commandId,
      causationId: null,
      basis: String(data['documentNo'] ?? type),
      metadata: { fingerprint: `${this.#hex()}${this.#hex()}` },
    };
  }

  /** Business days move on with the log, a few weeks to and fro: ledgers are entered late and out of order. */
  #day(): number {
    return Math.min(366, 10 + Math.floor((this.#made / EVENTS_PER_COUNTY) % 300) + this.#random(40));
  }

  #number(kind: string): string {
    this.#numbers += 1;
    return `${kind}〔${BENCH_YEAR}〕${this.#numbers}号`;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#random(items.length)] as Item;
  }

  #random(below: number): number {
    // mulberry32: small, fast, and the same everywhere.
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  #hex(): string {
    return this.#random(0x100000000).toString(16).padStart(8, '0');
  }

  #uuid(version: '4' | '5'): string {
    const hex = `${this.#hex()}${this.#hex()}${this.#hex()}${this.#hex()}`;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

const yuan = (fen: number): string => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;

const steps = (parts: Voucher['parts'], from: string, to: string) =>
  parts.map(({ allocation: { line, project, place }, fen }) => ({
    quotaLine: line,
    from: `project:${project}:${place}:${from}`,
    to: `project:${project}:${place}:${to}`,
    amount: yuan(fen),
  }));
