import type { Asked, Named, Place, Placed, Step, Verdict } from './step';
import { CHANNELS, DIVISIONS, type ModelProject, PROJECTS, PURPOSES, TODAY } from './world';

/**
 * What the ledger promises, once more, in plain words: a list of what was accepted, and every question answered by
 * scanning it. Written from the promise to users and not from the program, and slow on purpose; what it says of a
 * history the ledger must say as well.
 */

/** So much of a line from one account to another; a reversal says the same with the sign changed. */
export interface Move {
  readonly line: string;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
}

export type EntryKind = Asked['name'] | 'ReceiveTransfer' | 'ReceiveCarryOver';

export interface Entry {
  readonly n: number;
  readonly step: number;
  readonly kind: EntryKind;
  readonly division: string;
  readonly fiscalYear: number;
  readonly on: string;
  readonly documentNo: string;
  /** What the document said, in one form. */
  readonly content: string;
  readonly moves: readonly Move[];
  /** Cash that arrived, or went to the next year with its line. */
  readonly cash: readonly { readonly line: string; readonly amount: bigint; readonly carried: boolean }[];
  /** The entry that this one takes back. */
  readonly reverses: number | null;
  /** The payment that a step of a payment or a return is about. */
  readonly about: number | null;
  /** The first half, of a half that another pool takes in. */
  readonly half: number | null;
  readonly by: string;
}

type Pool = Pick<Entry, 'division' | 'fiscalYear'>;
type Draft = Omit<Entry, 'n' | 'step' | 'by' | 'cash' | 'reverses' | 'about' | 'half' | keyof Pool> &
  Partial<Pick<Entry, 'cash' | 'reverses' | 'about' | 'half'>> &
  Partial<Pool>;

/** Any code is right; which one is not promised. */
const ANY = 'ANY';

/** Document numbers are unique in one of these, in one pool. */
const LEDGERS: Partial<Record<EntryKind, string>> = {
  AppropriateFunds: 'appropriations',
  RecordCash: 'cash receipts',
  IntegrateFunds: 'integrations',
  TransferFunds: 'transfers',
  AllocateFunds: 'allocations',
  ReallocateFunds: 'reallocations',
  RecallFunds: 'recalls',
  RequestPayment: 'payments',
  RecordPayment: 'payments',
  ReturnPayment: 'payments',
  CarryOverFunds: 'carry-overs',
  ReverseEntry: 'reversals',
  CloseMonth: 'closings',
  CloseYear: 'closings',
  RequestReopening: 'reopenings',
};

const REVERSIBLE: ReadonlySet<EntryKind> = new Set<EntryKind>([
  'AppropriateFunds',
  'RecordCash',
  'IntegrateFunds',
  'TransferFunds',
  'ReceiveTransfer',
  'AllocateFunds',
  'ReallocateFunds',
  'RecallFunds',
  'RequestPayment',
  'ApprovePayment',
  'ExecutePayment',
  'CancelPayment',
  'RecordPayment',
  'ReturnPayment',
  'CarryOverFunds',
  'ReceiveCarryOver',
  'ReverseEntry',
]);

/** How far a payment has to be for a step to be taken back: its last one goes first. */
const STATE_AFTER: Partial<Record<EntryKind, Voucher['state']>> = {
  RequestPayment: 'requested',
  ApprovePayment: 'approved',
  ExecutePayment: 'executed',
  CancelPayment: 'cancelled',
  RecordPayment: 'executed',
};

/** How far a payment has to be for a step, or for a return. */
const STATE_BEFORE: Partial<Record<EntryKind, readonly Voucher['state'][]>> = {
  ApprovePayment: ['requested'],
  ExecutePayment: ['approved'],
  CancelPayment: ['requested', 'approved'],
  ReturnPayment: ['executed'],
};

export const lineOf = ({ documentNo, channelCode, purposeCode }: Omit<Named, 'amount'>): string =>
  `${documentNo}/${channelCode}/${purposeCode}`;

export const documentOf = (line: string): string => line.slice(0, line.indexOf('/'));
export const channelOf = (line: string): string => line.slice(line.indexOf('/') + 1, line.lastIndexOf('/'));
export const purposeOf = (line: string): string => line.slice(line.lastIndexOf('/') + 1);

const received = (pool: Pool): string => `pool:${pool.division}:${pool.fiscalYear}:received`;
const available = (pool: Pool): string => `pool:${pool.division}:${pool.fiscalYear}:available`;
const atProject = ({ projectCode, place }: Place, state: 'available' | 'held' | 'paid'): string =>
  `project:${projectCode}:${place}:${state}`;
const changeState = (account: string, state: string): string => account.replace(/[^:]+$/, state);

const lastDayOf = (month: string): string => {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
};

/** P pays for P and for everything under it. */
export const liesUnder = (purpose: string, above: string): boolean => {
  for (let at: string | null | undefined = purpose; at !== null && at !== undefined; at = PURPOSES[at]) {
    if (at === above) return true;
  }
  return false;
};

const numberOf = (asked: Asked): string => {
  switch (asked.name) {
    case 'AppropriateFunds':
      return asked.documentNo;
    case 'RecordCash':
      return asked.receiptNo;
    case 'IntegrateFunds':
      return asked.integrationNo;
    case 'TransferFunds':
      return asked.transferNo;
    case 'AllocateFunds':
      return asked.allocationNo;
    case 'ReallocateFunds':
      return asked.reallocationNo;
    case 'RecallFunds':
      return asked.recallNo;
    case 'CarryOverFunds':
      return asked.carryOverNo;
    case 'ReverseEntry':
      return asked.reversalNo;
    case 'CloseMonth':
    case 'CloseYear':
      return asked.closingNo;
    case 'RequestReopening':
    case 'ApproveReopening':
      return asked.approvalNo;
    default:
      return asked.voucherNo;
  }
};

/** What a document says twice of one place and one source is one amount. */
const summed = (rows: readonly Placed[]): readonly Placed[] => {
  const sums = new Map<string, Placed>();
  for (const row of rows) {
    const { projectCode, place, documentNo, channelCode, purposeCode } = row;
    const key = JSON.stringify([projectCode, place, documentNo, channelCode, purposeCode]);
    sums.set(key, { ...row, amount: row.amount + (sums.get(key)?.amount ?? 0) });
  }
  return [...sums.values()];
};

const poolName = ({ division, fiscalYear }: Pool): string => `${division} ${fiscalYear}`;

const amongPool = (entries: readonly Entry[], { division, fiscalYear }: Pool): readonly Entry[] =>
  entries.filter((entry) => entry.division === division && entry.fiscalYear === fiscalYear);

const standingOf = (entries: readonly Entry[]): readonly Entry[] => {
  const undone = new Set<number>();
  for (const { n, reverses } of [...entries].reverse()) if (reverses !== null && !undone.has(n)) undone.add(reverses);
  return entries.filter(({ n }) => !undone.has(n));
};

export interface Voucher {
  readonly entry: Entry;
  readonly state: 'requested' | 'approved' | 'executed' | 'cancelled';
  /** By account and line: what was paid and has not come back. */
  readonly out: ReadonlyMap<string, Move>;
}

export class ReferenceModel {
  readonly entries: Entry[] = [];
  readonly #byPool = new Map<string, Entry[]>();
  readonly #byStep = new Map<number, readonly Entry[]>();
  readonly #answered = new Map<string, string>();
  /** Answers that hold until something is accepted. */
  #known = new Map<string, unknown>();
  readonly #said = new WeakMap<Step, string>();

  /** Judges a command and, where it is right, remembers it. */
  take(step: Step): Verdict {
    const said = this.#content(step);
    const answered = this.#answered.get(step.commandId);
    if (answered !== undefined) {
      return answered === said
        ? { outcome: 'repeated', codes: [] }
        : { outcome: 'refused', codes: ['COMMAND_ID_REUSED', ANY] };
    }
    const codes = new Set<string>();
    const drafts = this.#decide(step, codes);
    if (drafts === 'unchanged') return { outcome: 'unchanged', codes: [] };
    this.#judge(step, drafts, codes);
    const crosses = new Set(drafts.map(({ division, fiscalYear }) => `${division} ${fiscalYear}`)).size > 1;
    if (crosses && codes.size > 0) codes.add('NOT_TAKEN_IN');
    if (codes.size > 0) return { outcome: 'refused', codes: [...codes] };
    this.#remember(step, this.#asEntries(step, drafts));
    this.#answered.set(step.commandId, said);
    this.#known = new Map();
    return { outcome: 'accepted', codes: [] };
  }

  #remember({ id }: Step, entries: readonly Entry[]): void {
    this.entries.push(...entries);
    this.#byStep.set(id, entries);
    for (const entry of entries) {
      const its = this.#byPool.get(poolName(entry)) ?? [];
      this.#byPool.set(poolName(entry), its);
      its.push(entry);
    }
  }

  /** The entries of a step, in the order in which they came about. */
  entriesOf(step: number): readonly Entry[] {
    return this.#byStep.get(step) ?? [];
  }

  /** Entries that nothing standing has taken back. */
  standing(): readonly Entry[] {
    return this.#once('standing', () => standingOf(this.entries));
  }

  /** The same, by number. */
  #standingNumbers(): ReadonlySet<number> {
    return this.#once('standing numbers', () => new Set(this.standing().map(({ n }) => n)));
  }

  #once<Answer>(question: string, answer: () => Answer): Answer {
    const known = this.#known.get(question);
    if (known !== undefined) return known as Answer;
    const found = answer();
    this.#known.set(question, found);
    return found;
  }

  inPool(pool: Pool): readonly Entry[] {
    return this.#byPool.get(poolName(pool)) ?? [];
  }

  /** What an account of a pool has of a line that can be taken from it on a day: the least that it has on any day from then on. */
  has(pool: Pool, account: string, line: string, on: string, drafted: readonly Move[] = []): bigint {
    const days = new Map<string, bigint>([[on, 0n]]);
    const book = (move: Move, day: string): void => {
      if (move.line !== line) return;
      const change = (move.to === account ? move.amount : 0n) - (move.from === account ? move.amount : 0n);
      const at = day < on ? on : day;
      if (change !== 0n) days.set(at, (days.get(at) ?? 0n) + change);
    };
    for (const entry of this.inPool(pool)) for (const move of entry.moves) book(move, entry.on);
    for (const move of drafted) book(move, on);
    let balance = 0n;
    let least: bigint | null = null;
    for (const day of [...days.keys()].sort()) {
      balance += days.get(day) ?? 0n;
      if (least === null || balance < least) least = balance;
    }
    return least ?? 0n;
  }

  /** What the accounts of a pool have of each line when everything is counted: by account, then line. */
  accountsOf(pool: Pool): ReadonlyMap<string, ReadonlyMap<string, bigint>> {
    return this.#once(`accounts of ${poolName(pool)}`, () => {
      const accounts = new Map<string, Map<string, bigint>>();
      const book = (account: string, line: string, amount: bigint): void => {
        const lines = accounts.get(account) ?? new Map<string, bigint>();
        lines.set(line, (lines.get(line) ?? 0n) + amount);
        accounts.set(account, lines);
      };
      for (const { moves } of this.inPool(pool)) {
        for (const { from, to, line, amount } of moves) {
          book(from, line, -amount);
          book(to, line, amount);
        }
      }
      return accounts;
    });
  }

  /** Lines that a pool has ever had, oldest first, then by document number. */
  linesOf(pool: Pool): readonly string[] {
    return this.#once(`lines of ${poolName(pool)}`, () => this.#linesByAge(pool));
  }

  #linesByAge(pool: Pool): readonly string[] {
    const lines = new Set<string>();
    for (const { kind, moves } of this.inPool(pool)) {
      if (!['AppropriateFunds', 'ReceiveTransfer', 'ReceiveCarryOver'].includes(kind)) continue;
      for (const { line } of moves) lines.add(line);
    }
    if (lines.size < 2) return [...lines];
    const ages = new Map([...lines].map((line) => [line, `${this.#issuedOn(line)} ${documentOf(line)}`]));
    const age = (line: string): string => ages.get(line) ?? '';
    return [...lines].sort((one, other) => (age(one) < age(other) ? -1 : 1));
  }

  /** First day on which what stands of a line was issued from outside. */
  #issuedOn(line: string): string {
    const issued = this.entries.filter(
      ({ kind, moves }) => kind === 'AppropriateFunds' && moves.some((move) => move.line === line),
    );
    const first = (entries: readonly Entry[]): string | undefined => entries.map(({ on }) => on).sort()[0];
    if (issued.length < 2) return first(issued) ?? '';
    const standing = new Set(this.standing());
    return first(issued.filter((entry) => standing.has(entry))) ?? first(issued) ?? '';
  }

  vouchers(pool: Pool): readonly Voucher[] {
    return this.#once(`vouchers of ${poolName(pool)}`, () => this.#vouchersAmong(amongPool(this.standing(), pool)));
  }

  /** @param standing what stands in one pool */
  #vouchersAmong(standing: readonly Entry[]): readonly Voucher[] {
    return standing
      .filter(({ kind }) => kind === 'RequestPayment' || kind === 'RecordPayment')
      .map((entry) => {
        const steps = standing.filter(({ about }) => about === entry.n);
        const has = (kind: EntryKind): boolean => steps.some((step) => step.kind === kind);
        const executed = entry.kind === 'RecordPayment' || has('ExecutePayment');
        const state = executed
          ? 'executed'
          : has('CancelPayment')
            ? 'cancelled'
            : has('ApprovePayment')
              ? 'approved'
              : 'requested';
        const out = new Map<string, Move>();
        if (executed) {
          const back = steps.filter(({ kind }) => kind === 'ReturnPayment').flatMap(({ moves }) => moves);
          for (const move of entry.moves) {
            const paid = { ...move, from: changeState(move.from, 'paid'), to: changeState(move.from, 'available') };
            const key = `${paid.from} ${paid.line}`;
            out.set(key, { ...paid, amount: (out.get(key)?.amount ?? 0n) + move.amount });
          }
          for (const move of back) {
            const key = `${move.from} ${move.line}`;
            const paid = out.get(key);
            if (paid !== undefined) out.set(key, { ...paid, amount: paid.amount - move.amount });
          }
        }
        return { entry, state, out };
      });
  }

  voucher(pool: Pool, voucherNo: string): Voucher | undefined {
    return this.vouchers(pool).find(({ entry }) => entry.documentNo === voucherNo);
  }

  isYearClosed(pool: Pool): boolean {
    return this.#once(`closed ${poolName(pool)}`, () => this.#yearClosed(pool));
  }

  #yearClosed(pool: Pool): boolean {
    let closed = false;
    for (const entry of this.inPool(pool)) {
      if (entry.kind === 'CloseYear') closed = true;
      if (entry.kind === 'ApproveReopening' && periodOf(entry).length === 4) closed = false;
    }
    return closed;
  }

  isMonthClosed(pool: Pool, month: string): boolean {
    return this.#once(`closed ${poolName(pool)} ${month}`, () => this.#closed(pool, month));
  }

  #closed(pool: Pool, month: string): boolean {
    let closed = false;
    for (const entry of this.inPool(pool)) {
      if (entry.kind === 'CloseMonth' && month === periodOf(entry)) closed = true;
      // A month that was reopened by itself stays open when a later one is closed.
      if (entry.kind === 'CloseMonth' && month < periodOf(entry) && !this.#reopenedBefore(entry, month)) closed = true;
      if (entry.kind === 'ApproveReopening' && month === periodOf(entry)) closed = false;
    }
    return closed;
  }

  #reopenedBefore(closing: Entry, month: string): boolean {
    const earlier = this.inPool(closing).filter(({ n }) => n < closing.n);
    return earlier.some((entry) => entry.kind === 'ApproveReopening' && periodOf(entry) === month);
  }

  // What a command would bring about -------------------------------------------------------------------------------

  #decide(step: Step, codes: Set<string>): readonly Draft[] | 'unchanged' {
    const { asked } = step;
    const ledger = LEDGERS[asked.name];
    if (ledger !== undefined) {
      if (this.#isRecorded(step, ledger, codes)) return 'unchanged';
    }
    this.#requireDates(step, [step], codes);
    if ('lines' in asked && new Set(asked.lines.map((line) => JSON.stringify(line))).size < asked.lines.length) {
      codes.add('ROW_TWICE');
    }
    switch (asked.name) {
      case 'CloseMonth':
      case 'CloseYear':
      case 'RequestReopening':
      case 'ApproveReopening':
        return this.#periods(step, codes);
      case 'ReverseEntry':
        return this.#reversal(step, codes);
      default:
        return this.#money(step, codes);
    }
  }

  /** Whether the document stands with this content, or did until it was reversed; other content is refused. */
  #isRecorded(step: Step, ledger: string, codes: Set<string>): boolean {
    const content = this.#content(step);
    const sameNumber = this.inPool(step).filter(
      ({ kind, documentNo }) => LEDGERS[kind] === ledger && documentNo === numberOf(step.asked),
    );
    if (sameNumber.length === 0) return false;
    const standing = this.#standingNumbers();
    const inForce = sameNumber.filter(({ n }) => standing.has(n));
    if (inForce.length === 0) return sameNumber.some((entry) => entry.content === content);
    const same = inForce.every((entry) => entry.content === content);
    if (step.asked.name === 'CloseMonth' && same && !this.isMonthClosed(step, step.asked.month)) {
      codes.add('DUPLICATE_DOCUMENT');
      return false;
    }
    if (step.asked.name === 'CloseYear' && same && !this.isYearClosed(step)) {
      codes.add('DUPLICATE_DOCUMENT');
      return false;
    }
    if (!same) {
      codes.add('DUPLICATE_DOCUMENT');
      if (['closings', 'reopenings', 'reversals'].includes(ledger)) codes.add(ANY);
    }
    return same;
  }

  /** Nothing later than the day on which it is recorded, nothing before 1 October of the year before the pool's. */
  #requireDates({ effectiveOn }: Step, pools: readonly Pool[], codes: Set<string>): void {
    if (effectiveOn > TODAY) codes.add(ANY);
    if (pools.some(({ fiscalYear }) => effectiveOn < `${fiscalYear - 1}-10-01`)) codes.add(ANY);
  }

  #requireOpen(step: Step, pools: readonly Pool[], codes: Set<string>): void {
    this.#requireDates(step, pools, codes);
    const { adjustment, effectiveOn, by } = step;
    const yearClosed = pools.some((pool) => this.isYearClosed(pool));
    const monthClosed = pools.some((pool) => this.isMonthClosed(pool, effectiveOn.slice(0, 7)));
    if (yearClosed && adjustment === undefined) codes.add('YEAR_CLOSED');
    if (monthClosed && adjustment === undefined) codes.add('PERIOD_CLOSED');
    if (!yearClosed && !monthClosed && adjustment !== undefined) codes.add('ADJUSTMENT_NOT_NEEDED');
    if (adjustment !== undefined && adjustment.approvedBy === by) codes.add('SAME_PERSON');
  }

  #money(step: Step, codes: Set<string>): readonly Draft[] {
    const { asked, effectiveOn: on } = step;
    const documentNo = numberOf(asked);
    const content = this.#content(step);
    const pools: Pool[] = [step];
    const one = (moves: readonly Move[], more: Partial<Draft> = {}): readonly Draft[] => [
      { kind: asked.name, on, documentNo, content, moves, ...more },
    ];
    const drafts = ((): readonly Draft[] => {
      switch (asked.name) {
        case 'AppropriateFunds':
          return one(
            asked.lines.map(({ channelCode, purposeCode, amount }) => {
              const allowedPurposes = CHANNELS[channelCode]?.allowedPurposes ?? [];
              if (CHANNELS[channelCode] === undefined) codes.add('UNKNOWN_CHANNEL');
              if (PURPOSES[purposeCode] === undefined) codes.add('UNKNOWN_PURPOSE');
              if (allowedPurposes.length > 0 && !allowedPurposes.includes(purposeCode)) {
                codes.add('PURPOSE_NOT_ALLOWED');
              }
              const line = lineOf({ documentNo, channelCode, purposeCode });
              return { line, from: `source:${channelCode}`, to: received(step), amount: BigInt(amount) };
            }),
          );
        case 'RecordCash':
          return one([], {
            cash: asked.lines.map((line) => ({
              line: this.#line(step, line, codes),
              amount: BigInt(line.amount),
              carried: false,
            })),
          });
        case 'IntegrateFunds':
          return one(asked.lines.map((line) => this.#move(step, line, received(step), available(step), codes)));
        case 'TransferFunds': {
          const parts = new Map(asked.lines.map((line) => [`${line.toDivision} ${line.integrated}`, line]));
          return [...parts.values()].flatMap(({ toDivision: division, integrated }) => {
            const taker = { division, fiscalYear: step.fiscalYear };
            if (!division.startsWith(step.division) || division === step.division) codes.add('TRANSFER_NOT_DOWNWARD');
            if (DIVISIONS[division] === undefined) codes.add('UNKNOWN_DIVISION');
            pools.push(taker);
            const lines = asked.lines.filter((line) => line.toDivision === division && line.integrated === integrated);
            const transit = `transit:${documentNo}`;
            const account = integrated ? available : received;
            const out = lines.map((line) => this.#move(step, line, account(step), transit, codes));
            const taken = out.map((move) => ({ ...move, from: transit, to: account(taker) }));
            return [
              ...one(out),
              { kind: 'ReceiveTransfer', on, documentNo, content: '', moves: taken, half: -1, ...taker },
            ];
          });
        }
        case 'AllocateFunds':
          return one(this.#placed(step, asked.lines, () => available(step), 'available', codes));
        case 'ReallocateFunds':
          return one(
            asked.lines.map((line) => {
              const from = { projectCode: line.fromProject, place: line.fromPlace };
              if (line.to !== null) {
                this.#requireProject(step, line.to, line.purposeCode, codes);
                if (atProject(from, 'available') === atProject(line.to, 'available')) codes.add(ANY);
              }
              const to = line.to === null ? available(step) : atProject(line.to, 'available');
              return this.#move(step, line, atProject(from, 'available'), to, codes);
            }),
          );
        case 'RecallFunds': {
          const moves: Move[] = [];
          for (const line of asked.lines) {
            const recalled = `recalled:${step.division}:${step.fiscalYear}`;
            if (line.from !== null) {
              moves.push(this.#move(step, line, atProject(line.from, 'available'), recalled, codes));
              continue;
            }
            // What is in the pool, and after it what was never put into the pool.
            const whole = this.#move(step, line, available(step), recalled, codes);
            const here = this.has(step, available(step), whole.line, on, moves);
            const pooled = here < whole.amount ? here : whole.amount;
            if (pooled > 0n) moves.push({ ...whole, amount: pooled });
            if (pooled < whole.amount) moves.push({ ...whole, from: received(step), amount: whole.amount - pooled });
          }
          return one(moves);
        }
        case 'RequestPayment':
          if (asked.repaysVoucherNo !== null) this.#requireReturned(step, asked.repaysVoucherNo, codes);
          return one(this.#placed(step, asked.lines, (row) => atProject(row, 'available'), 'held', codes));
        case 'RecordPayment':
          return one(this.#placed(step, asked.lines, (row) => atProject(row, 'available'), 'paid', codes));
        case 'ApprovePayment':
        case 'ExecutePayment':
        case 'CancelPayment': {
          const voucher = this.voucher(step, asked.voucherNo);
          if (voucher === undefined) {
            codes.add('UNKNOWN_PAYMENT');
            return [];
          }
          const { state, entry } = voucher;
          const needed = { ApprovePayment: ['requested'], ExecutePayment: ['approved'] } as Record<string, string[]>;
          if (!(needed[asked.name] ?? ['requested', 'approved']).includes(state)) codes.add('PAYMENT_STATE');
          if (asked.name === 'ApprovePayment' && entry.by === step.by) codes.add('SAME_PERSON');
          this.#requireAfter(step, entry, codes);
          const moves = entry.moves.map((move) => ({
            ...move,
            from: changeState(move.from, 'held'),
            to: changeState(move.from, asked.name === 'ExecutePayment' ? 'paid' : 'available'),
          }));
          return one(asked.name === 'ApprovePayment' ? [] : moves, { about: entry.n });
        }
        case 'ReturnPayment':
          return one(this.#returned(step, asked, codes), {
            about: this.voucher(step, asked.originalVoucherNo)?.entry.n ?? null,
          });
        case 'CarryOverFunds': {
          const next = { division: step.division, fiscalYear: asked.toFiscalYear };
          pools.push(next);
          return this.#carriedOver(step, next, one, codes);
        }
        default:
          throw new Error(`${asked.name} moves no money`);
      }
    })();
    this.#requireOpen(step, pools, codes);
    return drafts;
  }

  #carriedOver(
    step: Step,
    next: Pool,
    one: (moves: readonly Move[], more?: Partial<Draft>) => readonly Draft[],
    codes: Set<string>,
  ): readonly Draft[] {
    const { effectiveOn: on, fiscalYear, division } = step;
    if (next.fiscalYear <= fiscalYear) codes.add('CARRY_OVER_YEAR');
    if (this.vouchers(step).some(({ state }) => state === 'requested' || state === 'approved')) {
      codes.add('PAYMENTS_PENDING');
    }
    const carried = `carried:${division}:${fiscalYear}`;
    const moves: Move[] = [];
    const taken: Move[] = [];
    for (const account of [...this.accountsOf(step).keys()].filter((path) => /^pool:|:available$/.test(path)).sort()) {
      for (const line of this.linesOf(step)) {
        const amount = this.has(step, account, line, on);
        if (amount <= 0n) continue;
        moves.push({ line, from: account, to: carried, amount });
        const to = account.replace(`pool:${division}:${fiscalYear}:`, `pool:${division}:${next.fiscalYear}:`);
        taken.push({ line, from: carried, to, amount });
      }
    }
    if (moves.length === 0) codes.add('NOTHING_TO_CARRY_OVER');
    const cash = this.linesOf(step)
      .map((line) => ({ line, amount: this.cashLeft(step, line, on), carried: true }))
      .filter(({ amount }) => amount > 0n);
    const away = cash.map((each) => ({ ...each, amount: -each.amount }));
    const { documentNo } = one([])[0] as Draft;
    return [
      ...one(moves, { cash: away }),
      { kind: 'ReceiveCarryOver', on, documentNo, content: '', moves: taken, cash, half: -1, ...next },
    ];
  }

  /** Cash of a line that has come and not been held or paid, from a day on. */
  cashLeft(pool: Pool, line: string, on: string): bigint {
    const days = new Map<string, bigint>([[on, 0n]]);
    const add = (day: string, amount: bigint): void => {
      const at = day < on ? on : day;
      days.set(at, (days.get(at) ?? 0n) + amount);
    };
    for (const entry of this.inPool(pool)) {
      for (const each of entry.cash) if (each.line === line) add(entry.on, each.amount);
      for (const { line: of, from, to, amount } of entry.moves) {
        if (of !== line) continue;
        if (/:(held|paid)$/.test(to)) add(entry.on, -amount);
        if (/:(held|paid)$/.test(from)) add(entry.on, amount);
      }
    }
    let left = 0n;
    let least: bigint | null = null;
    for (const day of [...days.keys()].sort()) {
      left += days.get(day) ?? 0n;
      if (least === null || left < least) least = left;
    }
    return least ?? 0n;
  }

  /** A named line of the pool. */
  #line(step: Step, named: Omit<Named, 'amount'>, codes: Set<string>): string {
    const line = lineOf(named);
    if (!this.linesOf(step).includes(line)) codes.add('UNKNOWN_QUOTA_LINE').add(ANY);
    return line;
  }

  #move(step: Step, named: Named, from: string, to: string, codes: Set<string>): Move {
    return { line: this.#line(step, named, codes), from, to, amount: BigInt(named.amount) };
  }

  #requireProject(step: Step, { projectCode, place }: Place, purposeCode: string, codes: Set<string>): void {
    const project: ModelProject | undefined = PROJECTS[projectCode];
    if (project === undefined) {
      codes.add('UNKNOWN_PROJECT');
      return;
    }
    if (project.enteredOn > step.effectiveOn) codes.add('PROJECT_NOT_IN_LIBRARY');
    if (!project.places.includes(place)) codes.add('PLACE_NOT_IN_PROJECT').add('PLACE_OUTSIDE_DIVISION');
    if (!place.startsWith(step.division)) codes.add('PLACE_OUTSIDE_DIVISION').add(ANY);
    if (!liesUnder(project.purposeCode, purposeCode)) codes.add('PURPOSE_CHANGED');
  }

  /** Rows that name a place; where they name no document, the oldest lines of that channel and purpose go first. */
  #placed(
    step: Step,
    rows: readonly Placed[],
    fromOf: (row: Placed) => string,
    state: 'available' | 'held' | 'paid',
    codes: Set<string>,
  ): readonly Move[] {
    const moves: Move[] = [];
    for (const row of summed(rows)) {
      this.#requireProject(step, row, row.purposeCode, codes);
      const from = fromOf(row);
      const to = atProject(row, state);
      if (row.documentNo !== null) {
        moves.push(this.#move(step, { ...row, documentNo: row.documentNo }, from, to, codes));
        continue;
      }
      const lines = this.linesOf(step).filter(
        (line) => channelOf(line) === row.channelCode && purposeOf(line) === row.purposeCode,
      );
      if (lines.length === 0) codes.add(ANY);
      let rest = BigInt(row.amount);
      for (const line of lines) {
        const here = this.has(step, from, line, step.effectiveOn, moves);
        const amount = here < rest ? here : rest;
        if (amount <= 0n) continue;
        moves.push({ line, from, to, amount });
        rest -= amount;
      }
      if (rest > 0n) codes.add('OVERDRAFT');
    }
    return moves;
  }

  /** No step of a payment lies before the last one, forwards or back. */
  #requireAfter({ effectiveOn }: Step, payment: Entry, codes: Set<string>): void {
    const isStep = ({ n, about, kind }: Entry): boolean =>
      n === payment.n || (about === payment.n && kind !== 'ReturnPayment');
    const steps = new Set(this.entries.filter(isStep).map(({ n }) => n));
    const before = [
      ...this.standing().filter(isStep),
      ...this.#withReversals(steps).filter(({ reverses }) => reverses !== null),
    ];
    if (before.some(({ on }) => on > effectiveOn)) codes.add('BEFORE_PAYMENT_STEP');
  }

  /** By account and line: what is out of a payment on a day and on every later one. */
  #outFrom({ entry: payment, out }: Voucher, day: string): Map<string, Move> {
    const returns = this.entries.filter(({ about, kind }) => about === payment.n && kind === 'ReturnPayment');
    const back = this.#withReversals(new Set(returns.map(({ n }) => n)));
    const days = [day, ...back.map(({ on }) => on).filter((on) => on > day)];
    return new Map(
      [...out].map(([key, move]) => {
        const paid = payment.moves.filter(
          ({ line, from }) => line === move.line && changeState(from, 'paid') === move.from,
        );
        const backBy = (last: string): bigint =>
          back
            .filter(({ on }) => on <= last)
            .flatMap(({ moves }) => moves)
            .filter(({ line, from }) => line === move.line && from === move.from)
            .reduce((sum, { amount }) => sum + amount, 0n);
        const most = days.map(backBy).reduce((one, other) => (other > one ? other : one));
        const all = paid.reduce((sum, { amount }) => sum + amount, 0n);
        return [key, { ...move, amount: most > all ? 0n : all - most }];
      }),
    );
  }

  /** Nothing of a payment has come back on a day or on any later one; a return that was reversed later had come back until then. */
  #requireWholeFrom(executed: Entry, day: string, codes: Set<string>): void {
    const payment = executed.about ?? executed.n;
    const voucher = this.vouchers(executed).find(({ entry }) => entry.n === payment);
    if (voucher === undefined) return;
    const out = [...this.#outFrom(voucher, day).values()].reduce((sum, { amount }) => sum + amount, 0n);
    const all = voucher.entry.moves.reduce((sum, { amount }) => sum + amount, 0n);
    if (out < all) codes.add('NOT_REVERSIBLE');
  }

  #requireReturned(step: Step, voucherNo: string, codes: Set<string>): void {
    const voucher = this.voucher(step, voucherNo);
    if (voucher === undefined) codes.add('UNKNOWN_PAYMENT');
    else if (!this.standing().some(({ kind, about }) => kind === 'ReturnPayment' && about === voucher.entry.n)) {
      codes.add('PAYMENT_STATE');
    }
  }

  #returned(step: Step, asked: Asked & { readonly name: 'ReturnPayment' }, codes: Set<string>): readonly Move[] {
    const voucher = this.voucher(step, asked.originalVoucherNo);
    if (voucher === undefined) {
      codes.add('UNKNOWN_PAYMENT');
      return [];
    }
    if (voucher.state !== 'executed') {
      codes.add('PAYMENT_STATE');
      return [];
    }
    this.#requireAfter(step, voucher.entry, codes);
    const out = this.#outFrom(voucher, step.effectiveOn);
    if (asked.lines.length === 0) {
      const all = [...out.values()].filter(({ amount }) => amount > 0n);
      if (all.length === 0) codes.add('NOTHING_TO_RETURN').add('RETURN_EXCEEDS_PAYMENT');
      return all;
    }
    const moves: Move[] = [];
    for (const row of summed(asked.lines)) {
      // What was paid last comes back first.
      const parts = [...out]
        .reverse()
        .filter(([, { from, line }]) => from === atProject(row, 'paid') && channelOf(line) === row.channelCode)
        .filter(([, { line }]) => purposeOf(line) === row.purposeCode)
        .filter(([, { line }]) => row.documentNo === null || documentOf(line) === row.documentNo);
      let rest = BigInt(row.amount);
      for (const [key, part] of parts) {
        const amount = part.amount < rest ? part.amount : rest;
        if (amount <= 0n) continue;
        moves.push({ ...part, amount });
        out.set(key, { ...part, amount: part.amount - amount });
        rest -= amount;
      }
      if (rest > 0n) codes.add('RETURN_EXCEEDS_PAYMENT').add(ANY);
    }
    return moves;
  }

  #reversal(step: Step, codes: Set<string>): readonly Draft[] {
    const { asked, effectiveOn: on } = step;
    if (asked.name !== 'ReverseEntry') throw new Error('no reversal');
    const named = this.entriesOf(asked.target.step)[asked.target.part];
    if (named === undefined) {
      codes.add(ANY);
      return [];
    }
    const original = this.meant(named);
    const halves = this.halvesOf(original);
    if (!REVERSIBLE.has(original.kind)) codes.add('NOT_REVERSIBLE').add(ANY);
    const stoodAgainOn = this.entries.filter((entry) => this.#restores(entry, original)).map((entry) => entry.on);
    if ([original.on, named.on, ...stoodAgainOn].some((day) => on < day)) codes.add('REVERSED_BEFORE_ENTRY').add(ANY);
    const standing = this.#standingNumbers();
    if (halves.some(({ n }) => !standing.has(n))) codes.add('REVERSED_ALREADY').add(ANY);
    if (original.kind === 'RecordPayment' || original.kind === 'ExecutePayment') {
      this.#requireWholeFrom(original, on, codes);
    }
    this.#requireLastStep(step, original, codes);
    if (original.kind === 'ReverseEntry') this.#requireAgain(step, original, codes);
    this.#requireOpen(step, halves, codes);
    const content = this.#content(step);
    return halves.map((half): Draft => {
      const { division, fiscalYear, n, cash, moves } = half;
      const negative = <Each extends { readonly amount: bigint }>(each: Each): Each => ({
        ...each,
        amount: -each.amount,
      });
      return {
        kind: 'ReverseEntry',
        division,
        fiscalYear,
        on,
        documentNo: asked.reversalNo,
        content,
        moves: moves.map(negative),
        cash: cash.map(negative),
        reverses: n,
      };
    });
  }

  #requireLastStep(step: Step, original: Entry, codes: Set<string>): void {
    const wanted = STATE_AFTER[original.kind];
    if (wanted === undefined) return;
    const payment = original.about ?? original.n;
    this.#requireAfter(step, this.entries[payment] ?? original, codes);
    const voucher = this.vouchers(original).find(({ entry: { n } }) => n === payment);
    if (voucher?.state !== wanted) codes.add('PAYMENT_STATE');
  }

  /** What comes to stand again keeps the rules of an entry of its date. */
  #requireAgain(step: Step, reversal: Entry, codes: Set<string>): void {
    const entry = this.#reversedBy(reversal);
    const original = entry === undefined ? undefined : this.meant(entry);
    if (original === undefined) return;
    if (original.kind === 'CarryOverFunds' || original.kind === 'ReceiveCarryOver') {
      const giver = this.halvesOf(original)[0] ?? original;
      if (this.vouchers(giver).some(({ state }) => state === 'requested' || state === 'approved')) {
        codes.add('PAYMENTS_PENDING');
      }
    }
    const wanted = STATE_BEFORE[original.kind];
    const voucher = this.vouchers(original).find(({ entry: { n } }) => n === original.about);
    if (wanted === undefined || voucher === undefined) return;
    this.#requireAfter(step, voucher.entry, codes);
    if (!wanted.includes(voucher.state)) codes.add('PAYMENT_STATE');
    if (original.kind !== 'ReturnPayment') return;
    const out = this.#outFrom(voucher, step.effectiveOn);
    for (const { from, line, amount } of original.moves) {
      if (amount > (out.get(`${from} ${line}`)?.amount ?? 0n)) codes.add('RETURN_EXCEEDS_PAYMENT');
    }
  }

  /** What made an entry stand again is the entry, once more; a reversal of an entry is meant itself. */
  meant(named: Entry): Entry {
    const reversed = this.#reversedBy(named);
    const entry = reversed === undefined ? undefined : this.#reversedBy(reversed);
    return entry === undefined ? named : this.meant(entry);
  }

  #restores(restoration: Entry, original: Entry): boolean {
    return restoration.n !== original.n && original.kind !== 'ReverseEntry' && this.meant(restoration).n === original.n;
  }

  #reversedBy({ reverses }: Entry): Entry | undefined {
    return reverses === null ? undefined : this.entries[reverses];
  }

  /** Those of some entries that take back or bring back what the others are, however often. */
  #withReversals(numbers: ReadonlySet<number>): readonly Entry[] {
    const known = new Set(numbers);
    for (const { n, reverses } of this.entries) if (reverses !== null && known.has(reverses)) known.add(n);
    return this.entries.filter(({ n }) => known.has(n));
  }

  /** Both halves of what crossed between two pools (the giving one first), or the entry alone. */
  halvesOf(entry: Entry): readonly Entry[] {
    if (entry.kind === 'ReverseEntry') {
      const original = this.entries.find(({ n }) => n === entry.reverses);
      const both = original === undefined ? [] : this.halvesOf(original).map(({ n }) => n);
      if (both.length > 1) {
        return this.entries.filter(
          ({ step, reverses }) => step === entry.step && reverses !== null && both.includes(reverses),
        );
      }
    }
    const first = entry.half ?? entry.n;
    return this.entries.filter(({ n, half }) => n === first || half === first);
  }

  #periods(step: Step, codes: Set<string>): readonly Draft[] | 'unchanged' {
    const { asked, effectiveOn: on } = step;
    const drafts: readonly Draft[] = [
      { kind: asked.name, on, documentNo: numberOf(asked), content: this.#content(step), moves: [] },
    ];
    switch (asked.name) {
      case 'CloseMonth':
        if (this.isMonthClosed(step, asked.month)) codes.add('MONTH_CLOSED_ALREADY');
        if (this.isYearClosed(step)) codes.add('YEAR_CLOSED');
        if (lastDayOf(asked.month) > on || lastDayOf(asked.month) > TODAY) codes.add('PERIOD_NOT_OVER').add(ANY);
        return drafts;
      case 'CloseYear': {
        if (this.isYearClosed(step)) codes.add('YEAR_CLOSED');
        if (on < `${step.fiscalYear}-12-31`) codes.add('PERIOD_NOT_OVER');
        if (this.vouchers(step).some(({ state }) => state === 'requested' || state === 'approved')) {
          codes.add('PAYMENTS_PENDING');
        }
        const own = [...this.accountsOf(step)].filter(([path]) => /^pool:|:(available|held)$/.test(path));
        if (own.some(([, lines]) => [...lines.values()].some((amount) => amount !== 0n)))
          codes.add('YEAR_NOT_EMPTY').add('PAYMENTS_PENDING');
        const months = Array.from({ length: 12 }, (_, at) => `${step.fiscalYear}-${String(at + 1).padStart(2, '0')}`);
        const before = [10, 11, 12].map((month) => `${step.fiscalYear - 1}-${month}`);
        if ([...before, ...months].some((month) => !this.isMonthClosed(step, month))) codes.add('MONTHS_OPEN');
        return drafts;
      }
      case 'RequestReopening':
        if (asked.period.length === 7 && this.isYearClosed(step)) codes.add('YEAR_CLOSED');
        if (!this.#isPeriodClosed(step, asked.period)) codes.add('PERIOD_NOT_CLOSED');
        return drafts;
      case 'ApproveReopening': {
        const request = this.#openRequest(step, asked.period);
        if (request?.documentNo !== asked.approvalNo && this.#isReopenedSo(step, asked.period)) return 'unchanged';
        if (request === undefined || request.documentNo !== asked.approvalNo)
          codes.add('REOPENING_NOT_REQUESTED').add('DUPLICATE_DOCUMENT');
        else if (request.by === step.by) codes.add('SAME_PERSON');
        return drafts;
      }
      default:
        throw new Error(`${asked.name} is about no period`);
    }
  }

  #isPeriodClosed(pool: Pool, period: string): boolean {
    return period.length === 4 ? this.isYearClosed(pool) : this.isMonthClosed(pool, period);
  }

  /** Whether the same approval has opened the period, and it is open still. */
  #isReopenedSo(step: Step, period: string): boolean {
    const content = this.#content(step);
    return !this.#isPeriodClosed(step, period) && this.inPool(step).some((entry) => entry.content === content);
  }

  /** The newest request to reopen a period that nothing has settled. */
  #openRequest(pool: Pool, period: string): Entry | undefined {
    const about = this.inPool(pool).filter(
      (entry) => (entry.kind === 'RequestReopening' || entry.kind === 'ApproveReopening') && periodOf(entry) === period,
    );
    const last = about.at(-1);
    return last?.kind === 'RequestReopening' ? last : undefined;
  }

  // Whether what would stand is right ------------------------------------------------------------------------------

  #asEntries(step: Step, drafts: readonly Draft[]): readonly Entry[] {
    let giver = -1;
    return drafts.map((draft, index) => {
      const n = this.entries.length + index;
      if (draft.half === undefined) giver = n;
      return {
        cash: [],
        reverses: null,
        about: null,
        division: step.division,
        fiscalYear: step.fiscalYear,
        ...draft,
        n,
        step: step.id,
        by: step.by,
        half: draft.half === undefined ? null : giver,
      };
    });
  }

  #judge(step: Step, drafts: readonly Draft[], codes: Set<string>): void {
    const added = this.#asEntries(step, drafts);
    const takesBack = added.some(({ reverses }) => reverses !== null);
    const pools = new Map(added.map((entry) => [poolName(entry), entry]));
    const lines = new Set(added.flatMap(({ moves, cash }) => [...moves, ...cash].map(({ line }) => line)));
    for (const pool of pools.values()) {
      this.#judgeAccounts(step, [...this.inPool(pool), ...amongPool(added, pool)], lines, codes);
    }
    // What stood before was right; only what is about it, or brings it back or away, can make it wrong.
    if (!takesBack && added.every(({ about }) => about === null)) return;
    const standing = takesBack ? standingOf([...this.entries, ...added]) : [...this.standing(), ...added];
    for (const pool of pools.values()) {
      const standingThere = amongPool(standing, pool);
      this.#judgeVouchers(standingThere, codes);
      if (takesBack) this.#judgeNumbers(standingThere, codes);
    }
  }

  #judgeAccounts(step: Step, entries: readonly Entry[], lines: ReadonlySet<string>, codes: Set<string>): void {
    if (lines.size === 0) return;
    const needCash = new Set([...lines].filter((line) => CHANNELS[channelOf(line)]?.cashRequired));
    const accounts = new Map<string, Map<string, bigint>>();
    const book = (key: string, on: string, amount: bigint): void => {
      const days = accounts.get(key) ?? new Map<string, bigint>();
      days.set(on, (days.get(on) ?? 0n) + amount);
      accounts.set(key, days);
    };
    for (const entry of entries) {
      for (const { line, from, to, amount } of entry.moves) {
        if (!lines.has(line)) continue;
        if (/^(pool|project|recalled):/.test(from)) book(`${from} ${line}`, entry.on, -amount);
        if (/^(pool|project|recalled):/.test(to)) book(`${to} ${line}`, entry.on, amount);
        if (!needCash.has(line)) continue;
        if (/:(held|paid)$/.test(to)) book(`cash ${line}`, entry.on, -amount);
        if (/:(held|paid)$/.test(from)) book(`cash ${line}`, entry.on, amount);
      }
      for (const { line, amount } of entry.cash) {
        if (needCash.has(line)) book(`cash ${line}`, entry.on, amount);
      }
    }
    for (const [key, days] of accounts) {
      let balance = 0n;
      for (const day of [...days.keys()].sort()) {
        balance += days.get(day) ?? 0n;
        if (balance >= 0n) continue;
        codes.add(key.startsWith('cash ') ? 'CASH_NOT_RECEIVED' : 'OVERDRAFT');
        // Where cash that went to the next year is taken back, either is right.
        if (step.asked.name === 'ReverseEntry') codes.add('OVERDRAFT').add('CASH_NOT_RECEIVED');
      }
    }
  }

  /** Every step of a payment rests on the one before it, and no more came back than was paid. */
  #judgeVouchers(standing: readonly Entry[], codes: Set<string>): void {
    const count = (about: number, kind: EntryKind): number =>
      standing.filter((entry) => entry.about === about && entry.kind === kind).length;
    const there = new Set(standing.map(({ n }) => n));
    for (const { about, kind } of standing) {
      if (about === null) continue;
      const payment = standing.find(({ n }) => n === about);
      const fits =
        there.has(about) &&
        count(about, 'ApprovePayment') <= 1 &&
        count(about, 'ExecutePayment') + count(about, 'CancelPayment') <= 1 &&
        (kind !== 'ExecutePayment' || count(about, 'ApprovePayment') === 1) &&
        (kind !== 'ReturnPayment' || payment?.kind === 'RecordPayment' || count(about, 'ExecutePayment') === 1);
      if (!fits) codes.add('PAYMENT_STATE').add(ANY);
    }
    for (const { out } of this.#vouchersAmong(standing)) {
      if ([...out.values()].some(({ amount }) => amount < 0n)) codes.add('RETURN_EXCEEDS_PAYMENT').add(ANY);
    }
  }

  /** A document number stands once. */
  #judgeNumbers(standing: readonly Entry[], codes: Set<string>): void {
    const steps = new Map<string, number>();
    for (const { kind, documentNo, step } of standing) {
      const ledger = LEDGERS[kind];
      if (ledger === undefined) continue;
      const other = steps.get(`${ledger} ${documentNo}`);
      if (other !== undefined && other !== step) codes.add('DUPLICATE_DOCUMENT').add(ANY);
      steps.set(`${ledger} ${documentNo}`, step);
    }
  }

  /** What a document says, in one form: neither the order of its lines nor what lets it into a closed month matters. */
  #content(step: Step): string {
    const said = this.#said.get(step) ?? this.#say(step);
    // What a reversal names may not have come about yet.
    if (step.asked.name !== 'ReverseEntry') this.#said.set(step, said);
    return said;
  }

  #say(step: Step): string {
    const { asked, division, fiscalYear, effectiveOn, by } = step;
    const lines = 'lines' in asked ? asked.lines.map((line) => JSON.stringify(line)).sort() : [];
    const target = asked.name === 'ReverseEntry' ? this.entriesOf(asked.target.step)[asked.target.part] : undefined;
    const who = ['RequestPayment', 'RequestReopening', 'ApprovePayment', 'ApproveReopening'].includes(asked.name)
      ? by
      : '';
    const about = target === undefined ? undefined : this.halvesOf(this.meant(target))[0]?.n;
    return JSON.stringify({ division, fiscalYear, effectiveOn, who, ...asked, lines, target: about });
  }
}

const periods = new WeakMap<Entry, string>();

/** The month or year that a closing or a reopening is about. */
const periodOf = (entry: Entry): string => {
  const known = periods.get(entry);
  if (known !== undefined) return known;
  const { month, period, fiscalYear } = JSON.parse(entry.content) as {
    readonly month?: string;
    readonly period?: string;
    readonly fiscalYear: number;
  };
  const said = period ?? month ?? String(fiscalYear);
  periods.set(entry, said);
  return said;
};
