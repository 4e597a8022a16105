import type { LedgerEvent } from '../../src/event-log/event';
import { MEASURES, type Measure } from '../../src/balances/measures';
import { ledgerEvent, movement, quotaLine } from '../projecting/ledger-events';

/*
 * A ledger of a few lines that knows accounts and says, for each kind of entry, which measures it changes. It shares
 * nothing with the projections and the fact table, which know measures by the kinds of the two accounts.
 */

interface Dimensions {
  readonly division: string;
  readonly year: number;
  readonly line: string;
  readonly department: string;
  readonly place: string | null;
  readonly project: string | null;
}

interface Effect extends Dimensions {
  readonly measure: Measure;
  readonly change: number;
}

interface Entry {
  readonly event: LedgerEvent;
  readonly on: string;
  readonly effects: readonly Effect[];
  readonly moves: readonly Move[];
  reversed: boolean;
}

interface Move {
  readonly line: string;
  readonly from: string;
  readonly to: string;
  readonly fen: number;
}

interface Transfer {
  readonly no: string;
  readonly giver: Pool;
  readonly taker: Pool;
  readonly kind: 'received' | 'available';
  readonly line: string;
  readonly fen: number;
  readonly issued: Entry;
  taken: boolean;
}

interface Payment {
  readonly no: string;
  readonly pool: Pool;
  readonly line: string;
  readonly project: string;
  readonly place: string;
  held: number;
  paid: number;
  isApproved: boolean;
}

interface Pool {
  readonly division: string;
  readonly year: number;
  readonly stream: string;
  readonly owners: Map<string, string>;
}

const yuan = (fen: number): string => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;

const WITHOUT_MOVEMENTS: ReadonlySet<string> = new Set(['CashReceived', 'PaymentApproved']);

const DIVISIONS = ['63', '6302', '630222', '630224'];
const YEARS = [2023, 2024];
const PROJECTS = ['P1', 'P2', 'constructor'];
const PLACES = ['630222103200', '630222103', '630222', '630224101204'];
const LINES = ['D1/C1/U1', 'D1/C2/U1', 'D2/C1/U2'];
const OWNERS = ['ZJ', 'SL', 'toString'];
export const DATES = ['2023-02-28', '2023-12-31', '2024-01-05', '2024-02-29', '2024-06-30', '2024-12-31'];

/** Numbers that a property test draws; each is read as a choice among what is possible just then. */
export type Choices = readonly number[];

export class LedgerModel {
  readonly entries: Entry[] = [];
  readonly #pools: readonly Pool[];
  readonly #accounts = new Map<string, number>();
  readonly #transfers: Transfer[] = [];
  readonly payments: Payment[] = [];
  #choices: Choices = [];
  #next = 0;
  #numbered = 0;

  constructor() {
    this.#pools = DIVISIONS.flatMap((division) =>
      YEARS.map((year) => ({ division, year, stream: `pool-${division}-${year}`, owners: new Map<string, string>() })),
    );
  }

  /** Tries one entry; what is impossible just then does nothing. */
  step(choices: Choices): void {
    this.#choices = choices;
    this.#next = 0;
    const actions = [
      () => this.#appropriate(),
      () => this.#appropriate(),
      () => this.#receiveCash(),
      () => this.#integrate(),
      () => this.#issue(),
      () => this.#takeIn(),
      () => this.#allocate(),
      () => this.#allocate(),
      () => this.#reallocate(),
      () => this.#hold(),
      () => this.#pay(),
      () => this.#returnOrCancel(),
      () => this.#recall(),
      () => this.#carryOver(),
      () => this.#reverse(),
    ];
    this.#pick(actions)();
  }

  /** Whether there is anything at a moment to answer from. */
  isAnswerable(position: number, asOf: string | null): boolean {
    return this.entries.slice(0, position).some(({ on }) => asOf === null || on <= asOf);
  }

  /** Measures by key, of entries up to a position and a business date. */
  balances(
    keyOf: (effect: Effect) => string | null,
    position: number,
    asOf: string | null,
  ): Map<string, Record<Measure, number>> {
    const cells = new Map<string, Record<Measure, number>>();
    for (const entry of this.entries.slice(0, position)) {
      if (asOf !== null && entry.on > asOf) continue;
      for (const effect of entry.effects) {
        const key = keyOf(effect);
        if (key === null) continue;
        const cell =
          cells.get(key) ?? (Object.fromEntries(MEASURES.map((measure) => [measure, 0])) as Record<Measure, number>);
        cell[effect.measure] += effect.change;
        cells.set(key, cell);
      }
    }
    return cells;
  }

  #choice(): number {
    const choice = this.#choices[this.#next % this.#choices.length] ?? 0;
    this.#next += 1;
    return choice;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#choice() % items.length] as Item;
  }

  #number(letter: string): string {
    this.#numbered += 1;
    return `${letter}${this.#numbered}`;
  }

  /** Accounts of a pool that match and have money of a line. Project accounts are the same path in every year. */
  #filled(pool: Pool, suffix: RegExp): { readonly line: string; readonly account: string; readonly fen: number }[] {
    return [...this.#accounts]
      .filter(([name, fen]) => fen > 0 && name.startsWith(`${pool.stream} `) && suffix.test(name))
      .map(([name, fen]) => {
        const [, line = '', account = ''] = name.split(' ');
        return { line, account, fen };
      });
  }

  #filledAnywhere(suffix: RegExp): { pool: Pool; line: string; account: string; fen: number }[] {
    return this.#pools.flatMap((pool) => this.#filled(pool, suffix).map((filled) => ({ pool, ...filled })));
  }

  #some(fen: number): number {
    return 1 + ((this.#choice() * 7919) % fen);
  }

  #record(pool: Pool, type: string, data: Record<string, unknown>, moves: readonly Move[], effects: Effect[]): Entry {
    const on = this.#pick(DATES);
    const event = ledgerEvent(pool.stream, type, on, {
      ...data,
      ...(WITHOUT_MOVEMENTS.has(type)
        ? {}
        : { movements: moves.map(({ line, from, to, fen }) => movement(line, from, to, yuan(fen))) }),
    });
    for (const { line, from, to, fen } of moves) {
      this.#change(pool, line, from, -fen);
      this.#change(pool, line, to, fen);
    }
    const entry: Entry = { event, on, effects, moves, reversed: false };
    this.entries.push(entry);
    return entry;
  }

  #change(pool: Pool, line: string, account: string, fen: number): void {
    const name = `${pool.stream} ${line} ${account}`;
    this.#accounts.set(name, (this.#accounts.get(name) ?? 0) + fen);
  }

  #of(pool: Pool, line: string, place: string | null = null, project: string | null = null): Dimensions {
    const department = pool.owners.get(line) ?? '?';
    return { division: pool.division, year: pool.year, line, department, place, project };
  }

  #learn(pool: Pool, line: string, owner: string): object {
    if (pool.owners.has(line)) return { lines: [] };
    pool.owners.set(line, owner);
    return { lines: [quotaLine(line, owner)] };
  }

  #appropriate(): void {
    const pool = this.#pick(this.#pools);
    const line = this.#pick(LINES);
    const learnt = this.#learn(pool, line, this.#pick(OWNERS));
    const fen = this.#some(100_000);
    const of = this.#of(pool, line);
    this.#record(
      pool,
      'FundsAppropriated',
      { documentNo: this.#number('A'), ...learnt },
      [{ line, from: `source:${line.split('/')[1]}`, to: `pool:${pool.division}:${pool.year}:received`, fen }],
      [
        { ...of, measure: 'appropriated', change: fen },
        { ...of, measure: 'unintegrated', change: fen },
      ],
    );
  }

  #receiveCash(): void {
    const pool = this.#pick(this.#pools);
    const line = this.#pick(LINES);
    const learnt = this.#learn(pool, line, this.#pick(OWNERS));
    const fen = this.#some(50_000);
    this.#record(
      pool,
      'CashReceived',
      { documentNo: this.#number('R'), ...learnt, receipts: [{ quotaLine: line, amount: yuan(fen) }] },
      [],
      [{ ...this.#of(pool, line), measure: 'cashReceived', change: fen }],
    );
  }

  #integrate(): void {
    const filled = this.#filledAnywhere(/:received$/);
    if (filled.length === 0) return;
    const { pool, line, account, fen: left } = this.#pick(filled);
    const fen = this.#some(left);
    const of = this.#of(pool, line);
    this.#record(
      pool,
      'FundsIntegrated',
      { documentNo: this.#number('I'), integrationRegime: 'BUNDLING_UNCHANGED' },
      [{ line, from: account, to: `pool:${pool.division}:${pool.year}:available`, fen }],
      [
        { ...of, measure: 'unintegrated', change: -fen },
        { ...of, measure: 'available', change: fen },
      ],
    );
  }

  #issue(): void {
    const filled = this.#filledAnywhere(/pool:.*:(received|available)$/);
    if (filled.length === 0) return;
    const { pool, line, account, fen: left } = this.#pick(filled);
    const taker = this.#pick(this.#pools.filter((other) => other.division !== pool.division));
    const fen = this.#some(left);
    const no = this.#number('T');
    const kind = account.endsWith('received') ? 'received' : 'available';
    const of = this.#of(pool, line);
    const issued = this.#record(
      pool,
      'TransferIssued',
      { documentNo: no, toDivision: taker.division, toFiscalYear: taker.year, integrated: kind === 'available' },
      [{ line, from: account, to: `transit:${no}`, fen }],
      [
        { ...of, measure: kind === 'received' ? 'unintegrated' : 'available', change: -fen },
        { ...of, measure: 'transferredOut', change: fen },
        { ...of, measure: 'inTransit', change: fen },
      ],
    );
    this.#transfers.push({ no, giver: pool, taker, kind, line, fen, issued, taken: false });
  }

  #takeIn(): void {
    const transfer = this.#transfers.find((candidate) => !candidate.taken && !candidate.issued.reversed);
    if (transfer === undefined) return;
    transfer.taken = true;
    const { giver, taker, line, fen, kind, no, issued } = transfer;
    const learnt = this.#learn(taker, line, giver.owners.get(line) ?? '?');
    const of = this.#of(taker, line);
    this.#record(
      taker,
      'TransferReceived',
      {
        documentNo: no,
        fromDivision: giver.division,
        fromFiscalYear: giver.year,
        transferEventId: issued.event.id,
        ...learnt,
      },
      [{ line, from: `transit:${no}`, to: `pool:${taker.division}:${taker.year}:${kind}`, fen }],
      [
        { ...of, measure: kind === 'received' ? 'unintegrated' : 'available', change: fen },
        { ...of, measure: 'transferredIn', change: fen },
        // The owner that the taker knows: the projections of its stream cannot know another.
        { ...of, division: giver.division, year: giver.year, measure: 'inTransit', change: -fen },
      ],
    );
  }

  #allocate(): void {
    const filled = this.#filledAnywhere(/pool:.*:available$/);
    if (filled.length === 0) return;
    const { pool, line, account, fen: left } = this.#pick(filled);
    const fen = this.#some(left);
    const project = this.#pick(PROJECTS);
    const place = this.#pick(PLACES);
    this.#record(
      pool,
      'FundsAllocated',
      { documentNo: this.#number('L') },
      [{ line, from: account, to: `project:${project}:${place}:available`, fen }],
      [
        { ...this.#of(pool, line, place, project), measure: 'allocated', change: fen },
        { ...this.#of(pool, line, place, project), measure: 'unspent', change: fen },
        { ...this.#of(pool, line), measure: 'available', change: -fen },
      ],
    );
  }

  #reallocate(): void {
    const filled = this.#filledAnywhere(/project:.*:available$/);
    if (filled.length === 0) return;
    const { pool, line, account, fen: left } = this.#pick(filled);
    const fen = this.#some(left);
    const [, project = '', place = ''] = account.split(':');
    const leaving: Effect[] = [
      { ...this.#of(pool, line, place, project), measure: 'allocated', change: -fen },
      { ...this.#of(pool, line, place, project), measure: 'unspent', change: -fen },
    ];
    const toProject = this.#pick([...PROJECTS, null]);
    const toPlace = this.#pick(PLACES);
    if (toProject === null) {
      this.#record(
        pool,
        'FundsReallocated',
        { documentNo: this.#number('X') },
        [{ line, from: account, to: `pool:${pool.division}:${pool.year}:available`, fen }],
        [...leaving, { ...this.#of(pool, line), measure: 'available', change: fen }],
      );
      return;
    }
    if (toProject === project && toPlace === place) return;
    const of = this.#of(pool, line, toPlace, toProject);
    this.#record(
      pool,
      'FundsReallocated',
      { documentNo: this.#number('X') },
      [{ line, from: account, to: `project:${toProject}:${toPlace}:available`, fen }],
      [...leaving, { ...of, measure: 'allocated', change: fen }, { ...of, measure: 'unspent', change: fen }],
    );
  }

  #hold(): void {
    const filled = this.#filledAnywhere(/project:.*:available$/);
    if (filled.length === 0) return;
    const { pool, line, account, fen: left } = this.#pick(filled);
    const fen = this.#some(left);
    const [, project = '', place = ''] = account.split(':');
    const no = this.#number('V');
    this.payments.push({ no, pool, line, project, place, held: fen, paid: 0, isApproved: false });
    this.#record(
      pool,
      'PaymentRequested',
      { documentNo: no, payee: 'payee', requestedBy: 'someone', repaysVoucherNo: null },
      [{ line, from: account, to: account.replace('available', 'held'), fen }],
      [{ ...this.#of(pool, line, place, project), measure: 'held', change: fen }],
    );
  }

  #pay(): void {
    const held = this.payments.filter((payment) => payment.held > 0);
    const filled = this.#filledAnywhere(/project:.*:available$/);
    if (held.length + filled.length === 0) return;
    const choice = this.#pick([...held, ...filled]);
    if ('held' in choice) {
      const { pool, line, project, place, no, held: fen, isApproved } = choice;
      if (!isApproved) this.#record(pool, 'PaymentApproved', { documentNo: no, approvedBy: 'another' }, [], []);
      choice.isApproved = true;
      choice.held = 0;
      choice.paid = fen;
      const of = this.#of(pool, line, place, project);
      const home = `project:${project}:${place}`;
      this.#record(
        pool,
        'PaymentExecuted',
        { documentNo: no, payee: 'payee', requestedBy: null, approvedBy: null },
        [{ line, from: `${home}:held`, to: `${home}:paid`, fen }],
        [
          { ...of, measure: 'paid', change: fen },
          { ...of, measure: 'unspent', change: -fen },
          { ...of, measure: 'held', change: -fen },
        ],
      );
      return;
    }
    const { pool, line, account, fen: left } = choice;
    const fen = this.#some(left);
    const [, project = '', place = ''] = account.split(':');
    const of = this.#of(pool, line, place, project);
    const no = this.#number('V');
    this.payments.push({ no, pool, line, project, place, held: 0, paid: fen, isApproved: false });
    this.#record(
      pool,
      'PaymentExecuted',
      { documentNo: no, payee: 'payee', requestedBy: null, approvedBy: null },
      [{ line, from: account, to: account.replace('available', 'paid'), fen }],
      [
        { ...of, measure: 'paid', change: fen },
        { ...of, measure: 'unspent', change: -fen },
      ],
    );
  }

  #returnOrCancel(): void {
    const standing = this.payments.filter(({ held, paid }) => held + paid > 0);
    if (standing.length === 0) return;
    const payment = this.#pick(standing);
    const { pool, line, project, place, no } = payment;
    const of = this.#of(pool, line, place, project);
    const home = `project:${project}:${place}`;
    if (payment.held > 0) {
      const fen = payment.held;
      payment.held = 0;
      this.#record(
        pool,
        'PaymentCancelled',
        { documentNo: no, reason: '' },
        [{ line, from: `${home}:held`, to: `${home}:available`, fen }],
        [{ ...of, measure: 'held', change: -fen }],
      );
      return;
    }
    const fen = this.#some(payment.paid);
    payment.paid -= fen;
    this.#record(
      pool,
      'PaymentReturned',
      { documentNo: this.#number('B'), originalVoucherNo: no, payee: 'payee' },
      [{ line, from: `${home}:paid`, to: `${home}:available`, fen }],
      [
        { ...of, measure: 'paid', change: -fen },
        { ...of, measure: 'unspent', change: fen },
      ],
    );
  }

  #recall(): void {
    const filled = this.#filledAnywhere(/(pool:.*:(received|available)|project:.*:available)$/);
    if (filled.length === 0) return;
    const { pool, line, account, fen: left } = this.#pick(filled);
    const fen = this.#some(left);
    const to = `recalled:${pool.division}:${pool.year}`;
    const leaving = this.#leaving(pool, line, account, fen);
    this.#record(
      pool,
      'FundsRecalled',
      { documentNo: this.#number('Z'), recalledTo: null },
      [{ line, from: account, to, fen }],
      [leaving, { ...leaving, measure: 'recalled', change: fen }],
    );
  }

  /** What an account of a pool or a project shows less of. */
  #leaving(pool: Pool, line: string, account: string, fen: number): Effect {
    const [head, project = '', place = '', state = ''] = account.split(':');
    return head === 'project'
      ? { ...this.#of(pool, line, place, project), measure: 'unspent', change: -fen }
      : { ...this.#of(pool, line), measure: state === 'received' ? 'unintegrated' : 'available', change: -fen };
  }

  #carryOver(): void {
    const pool = this.#pick(this.#pools.filter(({ year }) => year === 2023));
    const next = this.#pools.find(({ division, year }) => division === pool.division && year === 2024) as Pool;
    const filled = this.#filled(pool, /(pool:.*:(received|available)|project:.*:available)$/);
    if (filled.length === 0) return;
    const documentNo = this.#number('C');
    const carried = `carried:${pool.division}:${pool.year}`;
    const given = this.#record(
      pool,
      'FundsCarriedOver',
      { documentNo, toFiscalYear: 2024, sentLines: [], cash: [] },
      filled.map(({ line, account, fen }) => ({ line, from: account, to: carried, fen })),
      filled.flatMap(({ line, account, fen }) => {
        const leaving = this.#leaving(pool, line, account, fen);
        return [
          leaving,
          { ...leaving, measure: 'carriedOver', change: fen },
          ...this.#onItsWay(this.#of(pool, line), fen),
        ] as const;
      }),
    );
    const lines = filled
      .filter(({ line }) => !next.owners.has(line))
      .map(({ line }) => ({ line, owner: pool.owners.get(line) ?? '?' }));
    for (const { line, owner } of lines) next.owners.set(line, owner);
    this.#record(
      next,
      'CarryOverReceived',
      {
        documentNo,
        fromFiscalYear: 2023,
        carryOverEventId: given.event.id,
        cash: [{ quotaLine: filled[0]?.line, amount: '5.00' }],
        lines: lines.map(({ line, owner }) => quotaLine(line, owner)),
      },
      filled.map(({ line, account, fen }) => ({ line, from: carried, to: account.replace(/:2023:/, ':2024:'), fen })),
      filled.flatMap(({ line, account, fen }) => {
        const entering = this.#leaving(next, line, account, fen);
        // The owner that the next year knows, as with what is taken in.
        const left = { ...this.#of(next, line), division: pool.division, year: pool.year };
        return [{ ...entering, change: fen }, ...this.#onItsWay(left, -fen)];
      }),
    );
  }

  /** Until it arrives, what is carried over has gone out of its pool and is in transit, also where it left a project. */
  #onItsWay(of: Dimensions, fen: number): readonly Effect[] {
    return [
      { ...of, measure: 'inTransit', change: fen },
      { ...of, measure: 'transferredOut', change: fen },
    ];
  }

  #reverse(): void {
    const candidates = this.entries.filter(
      (entry) =>
        !entry.reversed &&
        entry.event.type !== 'EntryReversed' &&
        this.#canUndo(entry) &&
        !this.#isCarriedOnward(entry) &&
        !['PaymentRequested', 'PaymentApproved', 'PaymentCancelled'].includes(entry.event.type) &&
        !this.#transfers.some((transfer) => transfer.issued === entry && transfer.taken),
    );
    if (candidates.length === 0) return;
    const original = this.#pick(candidates);
    original.reversed = true;
    const pool = this.#poolOf(original);
    const data = original.event.data as Record<string, unknown>;
    const [move] = original.moves;
    const voucher = data['originalVoucherNo'] ?? data['documentNo'];
    const payment = this.payments.find(({ no }) => no === voucher);
    if (payment !== undefined && move !== undefined) {
      if (original.event.type === 'PaymentReturned') payment.paid += move.fen;
      else payment.paid -= move.fen;
      if (move.from.endsWith(':held')) payment.held += move.fen;
    }
    if (original.event.type === 'TransferReceived') {
      const transfer = this.#transfers.find(({ no }) => no === data['documentNo']);
      if (transfer !== undefined) transfer.taken = false;
    }
    const givingEventId = data['transferEventId'] ?? data['carryOverEventId'];
    this.#record(
      pool,
      'EntryReversed',
      {
        documentNo: this.#number('N'),
        reversedEventId: original.event.id,
        reversedType: original.event.type,
        reversedDocumentNo: data['documentNo'],
        reason: 'test',
        ...(data['receipts'] === undefined ? {} : { receipts: data['receipts'] }),
        ...(data['originalVoucherNo'] === undefined ? {} : { originalVoucherNo: data['originalVoucherNo'] }),
        ...(data['fromDivision'] === undefined ? {} : { fromDivision: data['fromDivision'] }),
        ...(data['fromFiscalYear'] === undefined ? {} : { fromFiscalYear: data['fromFiscalYear'] }),
        ...(givingEventId === undefined ? {} : { givingEventId }),
      },
      original.moves.map(({ line, from, to, fen }) => ({ line, from: to, to: from, fen })),
      original.effects.map((effect) => ({ ...effect, change: -effect.change })),
    );
  }

  /** What next year has taken in is undone there first. */
  #isCarriedOnward({ event }: Entry): boolean {
    const { documentNo } = event.data as { documentNo: string };
    return (
      event.type === 'FundsCarriedOver' &&
      this.entries.some(
        ({ event: other, reversed }) =>
          other.type === 'CarryOverReceived' &&
          !reversed &&
          (other.data as { documentNo: string }).documentNo === documentNo,
      )
    );
  }

  /** Nothing may have used what the entry brought. */
  #canUndo(entry: Entry): boolean {
    const pool = this.#poolOf(entry);
    if (entry.event.type === 'PaymentExecuted') {
      const [move] = entry.moves;
      const paid = this.payments.find(({ no }) => no === (entry.event.data as { documentNo: string }).documentNo)?.paid;
      if (move === undefined || paid !== move.fen) return false;
    }
    const needed = new Map<string, number>();
    for (const { line, to, fen } of entry.moves) {
      const name = `${pool.stream} ${line} ${to}`;
      needed.set(name, (needed.get(name) ?? 0) + fen);
    }
    return [...needed].every(([name, fen]) => {
      const isOutside = / (transit|carried|recalled):/.test(name);
      return isOutside || (this.#accounts.get(name) ?? 0) >= fen;
    });
  }

  #poolOf(entry: Entry): Pool {
    return this.#pools.find(({ stream }) => stream === entry.event.stream) as Pool;
  }
}

/** The key that an effect has in a dimension, as interface.md defines it. */
export const modelKey =
  (by: string) =>
  (effect: Effect): string | null => {
    switch (by) {
      case 'department':
        return effect.department;
      case 'division':
        return effect.division;
      case 'county':
        return effect.division.length === 6 ? effect.division : null;
      case 'village':
        return effect.place;
      case 'project':
        return effect.project;
      case 'channel':
        return effect.line.split('/')[1] ?? null;
      case 'document':
        return effect.line.split('/')[0] ?? null;
      default:
        return effect.line;
    }
  };
