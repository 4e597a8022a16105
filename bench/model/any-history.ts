import { Dice } from './drawing';
import { channelOf, documentOf, type Entry, liesUnder, lineOf, purposeOf, ReferenceModel } from './reference-model';
import type { Judged } from './play-history';
import type { Asked, AskedName, Named, Place, Placed, Step, Verdict } from './step';
import { COUNTY, NEIGHBOUR, PROJECTS, PROVINCE } from './world';

/** A step with what the model says of it. */
export interface JudgedStep {
  readonly step: Step;
  readonly verdict: Verdict;
}

interface Pool {
  readonly division: string;
  readonly fiscalYear: number;
}

const PROJECTS_BY_CODE = Object.fromEntries(
  Object.entries(PROJECTS).map(([projectCode, project]) => [projectCode, { projectCode, project }]),
);

const utcDay = (year: number, month: number, day: number): string =>
  new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

const PERSONS = ['甲', '乙'] as const;
/** After everything. */
const LAST = '9999-12-31';
const OTHER_PERSON = '局长';

const DAYS_A_STEP = 4.1;
const MOST_DAYS = 400;
const DAYS = Array.from({ length: MOST_DAYS + 1 }, (_, days) => utcDay(2024, 0, 5 + days));

/** How often each kind of command is drawn. */
const WEIGHTS: readonly (readonly [number, AskedName])[] = [
  [8, 'AppropriateFunds'],
  [5, 'RecordCash'],
  [9, 'IntegrateFunds'],
  [7, 'TransferFunds'],
  [11, 'AllocateFunds'],
  [4, 'ReallocateFunds'],
  [3, 'RecallFunds'],
  [8, 'RequestPayment'],
  [6, 'ApprovePayment'],
  [6, 'ExecutePayment'],
  [2, 'CancelPayment'],
  [8, 'RecordPayment'],
  [7, 'ReturnPayment'],
  [2, 'CarryOverFunds'],
  [9, 'ReverseEntry'],
  [2, 'CloseMonth'],
  [1, 'CloseYear'],
  [2, 'RequestReopening'],
  [3, 'ApproveReopening'],
];

/** Draws commands that often fit what has happened, and often do not. */
export class HistoryDrawer {
  readonly model = new ReferenceModel();
  readonly #dice: Dice;
  readonly #steps: Step[] = [];
  #numbers = 0;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
  }

  next(): JudgedStep {
    const step = this.#draw();
    this.#steps.push(step);
    return { step, verdict: this.model.take(step) };
  }

  #draw(): Step {
    const id = this.#steps.length;
    const commandId = `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`;
    const dice = this.#dice;
    // The same again: as it was, under the same command id, or on another day.
    if (this.#steps.length > 0 && dice.chance(9)) {
      const earlier = dice.pick(this.#steps);
      const again = { ...earlier, id };
      return dice.weighted<() => Step>([
        [5, () => ({ ...again, commandId })],
        [3, () => again],
        [1, () => ({ ...again, effectiveOn: this.#day(earlier) })],
        [3, () => ({ ...again, commandId, effectiveOn: this.#day(earlier) })],
        [3, () => ({ ...again, commandId, asked: this.#changed(earlier.asked) })],
      ])();
    }
    const pool = this.#pool();
    const asked = this.#asked(pool);
    const step: Step = {
      id,
      commandId,
      by: dice.pick(PERSONS),
      ...pool,
      ...(asked.name === 'ReverseEntry' ? this.#poolOf(asked.target) : {}),
      effectiveOn: this.#dayFor(pool, asked),
      asked,
    };
    return this.#adjusted(step);
  }

  #adjusted(step: Step): Step {
    const { name } = step.asked;
    if (['CloseMonth', 'CloseYear', 'RequestReopening', 'ApproveReopening'].includes(name)) return step;
    const closed = this.model.isMonthClosed(step, step.effectiveOn.slice(0, 7));
    if (!this.#dice.chance(closed ? 50 : 2)) return step;
    const approvedBy = this.#dice.chance(90) ? OTHER_PERSON : step.by;
    return { ...step, adjustment: { approvalNo: this.#number('调'), approvedBy, reason: '迟到' } };
  }

  #pool(): Pool {
    return this.#dice.weighted<Pool>([
      [3, { division: PROVINCE, fiscalYear: 2024 }],
      [12, { division: COUNTY, fiscalYear: 2024 }],
      [3, { division: NEIGHBOUR, fiscalYear: 2024 }],
      [2, { division: COUNTY, fiscalYear: 2025 }],
    ]);
  }

  #poolOf({ step, part }: { readonly step: number; readonly part: number }): Partial<Pool> {
    const entry = this.model.entriesOf(step)[part];
    return entry === undefined ? {} : { division: entry.division, fiscalYear: entry.fiscalYear };
  }

  /** Days go on with the steps, from January 2024 to February 2025; some entries come late. */
  #today(): string {
    const days = Math.min(MOST_DAYS, Math.floor(this.#steps.length * DAYS_A_STEP));
    return DAYS[days] ?? '';
  }

  #day(pool: Pool): string {
    const dice = this.#dice;
    const two = (number: number): string => String(number).padStart(2, '0');
    if (dice.chance(2)) return dice.pick(['2034-05-01', '2025-03-16', '2022-12-31', `${pool.fiscalYear - 1}-09-30`]);
    if (pool.fiscalYear === 2025) return `2025-0${1 + dice.below(2)}-${two(1 + dice.below(28))}`;
    return dice.weighted([
      [1, () => `2023-1${1 + dice.below(2)}-${two(1 + dice.below(28))}`],
      [16, () => `2024-${two(1 + dice.below(12))}-${two(1 + dice.below(28))}`],
      [1, () => `2025-0${1 + dice.below(2)}-${two(1 + dice.below(28))}`],
    ])();
  }

  #dayFor(pool: Pool, asked: Asked): string {
    const dice = this.#dice;
    if (asked.name === 'CloseMonth') return dice.chance(85) ? this.#afterMonth(asked.month) : this.#day(pool);
    if (asked.name === 'CloseYear') return dice.chance(85) ? '2025-01-20' : this.#day(pool);
    if (asked.name === 'CarryOverFunds' && dice.chance(80)) return `${pool.fiscalYear}-12-31`;
    if (dice.chance(pool.fiscalYear === 2025 ? 40 : 78)) return this.#today();
    const days = this.model.inPool(pool).map(({ on }) => on);
    return days.length > 0 && dice.chance(60) ? dice.pick(days) : this.#day(pool);
  }

  #afterMonth(month: string): string {
    const [year = 0, number = 0] = month.split('-').map(Number);
    return utcDay(year, number, this.#dice.below(3));
  }

  #number(word: string): string {
    this.#numbers += 1;
    return `${word}${this.#numbers}`;
  }

  #amount(): number {
    return this.#dice.weighted([
      [3, () => 1 + this.#dice.below(100)],
      [6, () => 100 * (1 + this.#dice.below(5000))],
      [1, () => 1 + this.#dice.below(10_000_000)],
    ])();
  }

  /** Mostly a part of what is there, sometimes all of it, sometimes too much. */
  #amountOf(there: bigint): number {
    const all = Number(there);
    if (all <= 0) return this.#amount();
    return this.#dice.weighted([
      [8, () => 1 + this.#dice.below(all)],
      [3, () => all],
      [1, () => all + 1],
      [1, () => this.#amount()],
    ])();
  }

  /** Something else under the same number. */
  #changed(asked: Asked): Asked {
    if (!('lines' in asked) || asked.lines.length === 0) return asked;
    const lines = asked.lines.map((line, index) => (index === 0 ? { ...line, amount: line.amount + 1 } : line));
    return { ...asked, lines } as Asked;
  }

  #lines<Line>(draw: () => Line): readonly Line[] {
    return Array.from({ length: this.#dice.weighted([[14, 1], [3, 2], [1, 3]]) }, draw); // prettier-ignore
  }

  /** A line of the pool, with something in the account where that can be. */
  #named(pool: Pool, account: (line: string) => string): Named {
    const dice = this.#dice;
    const lines = this.model.linesOf(pool);
    const accounts = this.model.accountsOf(pool);
    const full = lines.filter((line) => (accounts.get(account(line))?.get(line) ?? 0n) > 0n);
    if (lines.length === 0 || dice.chance(1)) {
      return { documentNo: '无此文号', channelCode: 'C-XZ', purposeCode: 'ROAD', amount: this.#amount() };
    }
    const line = full.length > 0 && dice.chance(92) ? dice.pick(full) : dice.pick(lines);
    const there = this.model.has(pool, account(line), line, dice.chance(60) ? LAST : this.#today());
    return {
      documentNo: documentOf(line),
      channelCode: channelOf(line),
      purposeCode: purposeOf(line),
      amount: this.#amountOf(there),
    };
  }

  /** A place of a project, mostly one that the purpose may pay for. */
  #place(pool: Pool, purposeCode?: string): Place {
    const dice = this.#dice;
    if (purposeCode !== undefined && dice.chance(92)) {
      const fitting = Object.values(PROJECTS_BY_CODE).filter(
        ({ project }) => project.division === pool.division && liesUnder(project.purposeCode, purposeCode),
      );
      if (fitting.length > 0) {
        const { projectCode, project } = dice.pick(fitting);
        return { projectCode, place: dice.pick(project.places) };
      }
    }
    if (dice.chance(2)) return { projectCode: 'P-NONE', place: '630222103200' };
    const codes = Object.keys(PROJECTS).filter((code) => PROJECTS[code]?.division === pool.division);
    const projectCode = codes.length > 0 && dice.chance(96) ? dice.pick(codes) : dice.pick(Object.keys(PROJECTS));
    const places = PROJECTS[projectCode]?.places ?? [];
    return { projectCode, place: dice.chance(97) ? dice.pick(places) : '630224101204' };
  }

  /** Money at a place of a project, where there is some. */
  #atPlace(pool: Pool): Placed {
    const dice = this.#dice;
    const spots = this.model
      .inPool(pool)
      .flatMap(({ moves }) => moves)
      .filter(({ to }) => to.startsWith('project:') && to.endsWith(':available'));
    if (spots.length === 0 || dice.chance(5)) {
      const { amount, ...named } = this.#named(pool, () => '');
      return { ...this.#place(pool), ...named, amount };
    }
    const { to, line } = dice.pick(spots);
    const [, projectCode = '', place = ''] = to.split(':');
    const there = this.model.has(pool, to, line, dice.chance(50) ? LAST : this.#today());
    return {
      projectCode,
      place,
      documentNo: dice.chance(50) ? null : documentOf(line),
      channelCode: channelOf(line),
      purposeCode: purposeOf(line),
      amount: this.#amountOf(there),
    };
  }

  /** Mostly what can be done with what there is by now. */
  #name(pool: Pool): AskedName {
    const dice = this.#dice;
    const drawn = dice.weighted(WEIGHTS);
    if (dice.chance(5)) return drawn;
    const entries = this.model.inPool(pool);
    if (entries.length === 0) return 'AppropriateFunds';
    const isProvince = pool.division === PROVINCE;
    const issued = this.#holds(pool, 'pool:', ':received');
    const pooled = this.#holds(pool, 'pool:', ':available');
    const placed = this.#holds(pool, 'project:', ':available');
    const toPlace = pooled
      ? isProvince
        ? 'TransferFunds'
        : 'AllocateFunds'
      : issued
        ? 'IntegrateFunds'
        : 'AppropriateFunds';
    const toPay = placed ? dice.pick(['RequestPayment', 'RecordPayment'] as const) : toPlace;
    const needed: Partial<Record<AskedName, string>> = {
      ApprovePayment: 'requested',
      ExecutePayment: 'approved',
      CancelPayment: 'requested',
      ReturnPayment: 'executed',
    };
    switch (drawn) {
      case 'IntegrateFunds':
        return issued ? drawn : 'AppropriateFunds';
      case 'AllocateFunds':
      case 'TransferFunds':
        return isProvince && issued && drawn === 'TransferFunds' ? drawn : toPlace;
      case 'ReallocateFunds':
      case 'RecallFunds':
      case 'RequestPayment':
      case 'RecordPayment':
        return placed ? drawn : toPlace;
      case 'ApprovePayment':
      case 'ExecutePayment':
      case 'CancelPayment':
      case 'ReturnPayment':
        return this.model.vouchers(pool).some(({ state }) => state === needed[drawn]) ? drawn : toPay;
      case 'ApproveReopening':
        return entries.some(({ kind }) => kind === 'RequestReopening') ? drawn : 'RequestReopening';
      case 'RequestReopening':
        return entries.some(({ kind }) => kind === 'CloseMonth') ? drawn : 'CloseMonth';
      case 'CloseYear':
        return this.#steps.length < 60 ? toPlace : drawn;
      case 'CarryOverFunds':
        return this.#steps.length < 50 && dice.chance(80) ? toPay : drawn;
      default:
        return drawn;
    }
  }

  #holds(pool: Pool, kind: string, state: string): boolean {
    for (const [account, lines] of this.model.accountsOf(pool)) {
      if (!account.startsWith(kind) || !account.endsWith(state)) continue;
      for (const amount of lines.values()) if (amount > 0n) return true;
    }
    return false;
  }

  #asked(pool: Pool): Asked {
    const dice = this.#dice;
    const { division, fiscalYear } = pool;
    const accountOf = (kind: string) => (): string => `pool:${division}:${fiscalYear}:${kind}`;
    const name = this.#name(pool);
    switch (name) {
      case 'AppropriateFunds':
        return {
          name,
          documentNo: this.#number(fiscalYear === 2024 ? '文' : '新文'),
          lines: this.#lines(() => {
            const channelCode = dice.pick(['C-JT', 'C-XZ', 'C-CASH']);
            const purposeCode =
              channelCode === 'C-JT' && dice.chance(95) ? 'ROAD' : dice.pick(['ROAD', 'ALL', 'WATER']);
            return { channelCode, purposeCode, amount: this.#amount(), parentDocumentNo: null };
          }),
        };
      case 'RecordCash':
        return { name, receiptNo: this.#number('到'), lines: this.#lines(() => this.#cashLine(pool)) };
      case 'IntegrateFunds':
        return {
          name,
          integrationNo: this.#number('整'),
          integrationRegime: 'BUNDLING_UNCHANGED',
          lines: this.#lines(() => this.#named(pool, accountOf('received'))),
        };
      case 'TransferFunds':
        return {
          name,
          transferNo: this.#number('下'),
          lines: this.#lines(() => {
            const integrated = dice.chance(70);
            const toDivision =
              dice.chance(95) && division === PROVINCE
                ? dice.pick([COUNTY, NEIGHBOUR])
                : dice.pick([PROVINCE, '630222103200', '639999']);
            return { ...this.#named(pool, accountOf(integrated ? 'available' : 'received')), toDivision, integrated };
          }),
        };
      case 'AllocateFunds':
        return {
          name,
          allocationNo: this.#number('安'),
          lineSelection: 'fifo',
          lines: this.#lines(() => {
            const { documentNo, ...named } = this.#named(pool, accountOf('available'));
            return {
              ...this.#place(pool, named.purposeCode),
              ...named,
              documentNo: dice.chance(50) ? documentNo : null,
            };
          }),
        };
      case 'ReallocateFunds':
        return {
          name,
          reallocationNo: this.#number('剂'),
          lines: this.#lines(() => {
            const { projectCode, place, documentNo, ...funds } = this.#atPlace(pool);
            const to = dice.chance(40) ? null : this.#place(pool, funds.purposeCode);
            return {
              ...funds,
              documentNo: documentNo ?? this.#someDocument(pool, funds),
              fromProject: projectCode,
              fromPlace: place,
              to,
            };
          }),
        };
      case 'RecallFunds':
        return {
          name,
          recallNo: this.#number('收'),
          recalledTo: null,
          lines: this.#lines(() => {
            if (dice.chance(40)) return { ...this.#named(pool, accountOf('available')), from: null };
            const { projectCode, place, documentNo, ...funds } = this.#atPlace(pool);
            return {
              ...funds,
              documentNo: documentNo ?? this.#someDocument(pool, funds),
              from: { projectCode, place },
            };
          }),
        };
      case 'RequestPayment':
      case 'RecordPayment': {
        const payment = {
          voucherNo: this.#number('支'),
          payee: '某公司',
          lineSelection: 'fifo' as const,
          lines: this.#lines(() => this.#atPlace(pool)),
        };
        const repaysVoucherNo = dice.chance(85) ? null : (this.#someVoucher(pool)?.documentNo ?? null);
        return name === 'RecordPayment' ? { name, ...payment } : { name, ...payment, repaysVoucherNo };
      }
      case 'ApprovePayment':
      case 'ExecutePayment':
      case 'CancelPayment': {
        const state = { ApprovePayment: 'requested', ExecutePayment: 'approved', CancelPayment: 'requested' }[name];
        const fitting = this.model.vouchers(pool).filter((voucher) => voucher.state === state);
        const voucher = fitting.length > 0 && dice.chance(85) ? dice.pick(fitting).entry : this.#someVoucher(pool);
        const voucherNo = voucher?.documentNo ?? '支0';
        return name === 'CancelPayment' ? { name, voucherNo, reason: '有误' } : { name, voucherNo };
      }
      case 'ReturnPayment': {
        const original = this.#someVoucher(pool, 'executed') ?? this.#someVoucher(pool);
        const voucher = this.model.vouchers(pool).find(({ entry }) => entry.n === original?.n);
        const parts = [...(voucher?.out.values() ?? [])];
        const lines = this.#lines((): Placed => {
          if (parts.length === 0 || dice.chance(5)) return this.#atPlace(pool);
          const { from, line, amount } = dice.pick(parts);
          const [, projectCode = '', place = ''] = from.split(':');
          return {
            projectCode,
            place,
            documentNo: dice.chance(50) ? null : documentOf(line),
            channelCode: channelOf(line),
            purposeCode: purposeOf(line),
            amount: this.#amountOf(amount),
          };
        });
        return {
          name,
          voucherNo: this.#number('退'),
          originalVoucherNo: original?.documentNo ?? '支0',
          payee: '某公司',
          lines: dice.chance(40) ? [] : lines,
        };
      }
      case 'CarryOverFunds':
        return {
          name,
          carryOverNo: this.#number('转'),
          toFiscalYear: dice.chance(93) ? fiscalYear + 1 : fiscalYear,
        };
      case 'ReverseEntry':
        return { name, reversalNo: this.#number('红'), reason: '有误', target: this.#target() };
      case 'CloseMonth': {
        const month = 1 + dice.below(dice.chance(70) ? 4 : 12);
        return { name, closingNo: this.#number('结'), month: `${fiscalYear}-${String(month).padStart(2, '0')}` };
      }
      case 'CloseYear':
        return { name, closingNo: this.#number('年') };
      case 'RequestReopening':
        return { name, approvalNo: this.#number('反'), period: this.#period(pool), reason: '漏记' };
      case 'ApproveReopening': {
        const requests = this.model.inPool(pool).filter(({ kind }) => kind === 'RequestReopening');
        const request = requests.at(-1);
        if (request === undefined || dice.chance(10)) return { name, approvalNo: '反0', period: this.#period(pool) };
        const { period } = JSON.parse(request.content) as { readonly period: string };
        return { name, approvalNo: request.documentNo, period };
      }
    }
  }

  #cashLine(pool: Pool): Named {
    const waiting = this.model.linesOf(pool).filter((line) => channelOf(line) === 'C-CASH');
    if (waiting.length === 0 || this.#dice.chance(30)) return this.#named(pool, () => '');
    const line = this.#dice.pick(waiting);
    const [documentNo = '', channelCode = '', purposeCode = ''] = line.split('/');
    return { documentNo, channelCode, purposeCode, amount: this.#amount() * 10 };
  }

  #someDocument(
    pool: Pool,
    { channelCode, purposeCode }: { readonly channelCode: string; readonly purposeCode: string },
  ): string {
    const lines = this.model
      .linesOf(pool)
      .filter((line) => line.endsWith(lineOf({ documentNo: '', channelCode, purposeCode })));
    return documentOf(lines[0] ?? '无此文号');
  }

  #someVoucher(pool: Pool, state?: string): Entry | undefined {
    const vouchers = this.model.vouchers(pool).filter((voucher) => state === undefined || voucher.state === state);
    return vouchers.length === 0 ? undefined : this.#dice.pick(vouchers).entry;
  }

  #period({ fiscalYear }: Pool): string {
    if (this.#dice.chance(15)) return String(fiscalYear);
    return `${fiscalYear}-${String(1 + this.#dice.below(4)).padStart(2, '0')}`;
  }

  /** Mostly something that stands. */
  #target(): { readonly step: number; readonly part: number } {
    const { entries } = this.model;
    const standing = this.model.standing();
    const dice = this.#dice;
    if (entries.length === 0) return { step: -1, part: 0 };
    const entry = dice.chance(45)
      ? dice.pick(standing.slice(-6))
      : dice.chance(85)
        ? dice.pick(standing)
        : dice.pick(entries);
    return { step: entry.step, part: this.model.entriesOf(entry.step).indexOf(entry) };
  }
}

export const drawHistory = (seed: number, length: number): Judged => {
  const drawer = new HistoryDrawer(seed);
  const steps = Array.from({ length }, () => ({ ...drawer.next(), entries: drawer.model.entries.length }));
  return { model: drawer.model, steps };
};
