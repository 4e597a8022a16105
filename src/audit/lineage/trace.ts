import { Facts, type PoolLine } from '../../balances/facts';
import { type FactLimit, factLimit } from '../../balances/moment';
import type { Moment } from '../../balances/moment-request';
import { invalid } from '../../balances/parsing';
import { addFen, type Fen, fen, sumFen, ZERO_FEN } from '../../money/fen';
import { DomainError } from '../../platform/domain-error';
import { dateOfDay } from '../../projecting/day-number';
import type { ReadSnapshot, SnapshotSource } from '../../projecting/read-database';
import { BEFORE_FIRST } from '../../event-log/event';
import { rowMissing } from '../../projecting/read-model-failure';
import { registerChanges } from '../history/register-changes';
import { followMoney } from './follow-money';
import {
  type LineMovements,
  type MoneyMovement,
  movementsOfEvent,
  movementsOfLine,
  type Whereabouts,
  whereabouts,
} from './money-movement';
import { MoneyTally } from './money-tally';
import { Standing } from './standing';
import { type ReversedEntry, type Trace, TRACE_KINDS, type TraceKind } from './trace-answer';

export interface TraceRequest {
  /** A document, transfer, allocation or voucher number, a project code, or an event id. */
  readonly id: string;
  /** What the id is, where it may be several things. Otherwise the first of TRACE_KINDS that it is. */
  readonly kind?: TraceKind | undefined;
  /** As the ledger knew it and as it was; by itself the newest. */
  readonly moment?: Moment | undefined;
}

const NEWEST: Moment = { at: null, asOf: null };

/** @throws DomainError(input) TRACE_KIND_UNKNOWN */
export const parseTraceKind = (text: string): TraceKind => {
  const kind = TRACE_KINDS.find((name) => name === text);
  if (kind === undefined) {
    throw invalid(
      'TRACE_KIND_UNKNOWN',
      `不能追溯“${text}”类对象。`,
      `There is nothing of the kind “${text}” to trace.`,
      `请用其中之一：${TRACE_KINDS.join('、')}。`,
      `Use one of: ${TRACE_KINDS.join(', ')}.`,
      { kind: text },
    );
  }
  return kind;
};

/**
 * Where money came from and where it is: of what stands at the moment. Entries that a 红字冲销 has taken back are listed
 * as history, outside the sums; so is what a 红字冲销 itself took back. A return (退回) or a cancellation of a payment is
 * no correction: it stands beside the payment, which stands too.
 *
 * - `appropriation`: every line of the document, and where its money is now.
 * - `project`: the money that the project holds, has paid or gave back, and the lines it is of.
 * - `payment`: what stands at the voucher, held or paid; and of what came back, where it is now.
 * - `transfer`, `allocation`, `event`: the money that those entries moved, and where it is now; see followMoney for
 *   which fen of a line that is. Any other number of a document (integration, recall, carry-over …) is traced
 *   through its events and answered as `event`. Of what was taken back, and of a 红字冲销, nothing stands.
 *
 * One number may be used in several pools; the answer then holds all of them, told apart by division.
 *
 * @throws DomainError(not-found) TRACE_NOT_FOUND; those of factLimit
 */
export const trace = (source: SnapshotSource, { id, kind, moment = NEWEST }: TraceRequest): Trace =>
  source.read((snapshot) => {
    const tracer = new Tracer(snapshot, id, moment);
    for (const candidate of kind === undefined ? TRACE_KINDS : [kind]) {
      const answer = tracer.traceAs(candidate);
      if (answer !== null) return answer;
    }
    const byNumber = kind === undefined || kind === 'event' ? tracer.traceOtherDocument() : null;
    if (byNumber !== null) return byNumber;
    throw new DomainError('not-found', {
      code: 'TRACE_NOT_FOUND',
      message: `${tracer.isPast ? '在该时点' : ''}没有找到“${id}”${kind === undefined ? '' : `（${kind}）`}。`,
      messageEn: `Nothing is called “${id}”${kind === undefined ? '' : ` (${kind})`}${tracer.isPast ? ' at that moment' : ''}.`,
      remedy: '请核对指标文号、下达文号、安排文号、支付凭证号、项目编号或事件编号，须与台账完全一致。',
      remedyEn:
        'Check the document, transfer, allocation or voucher number, project code or event id; it must match exactly.',
      parameters: { id, kind: kind ?? null },
    });
  });

/** Types of the events whose document number makes a thing of a kind. */
const TYPES_OF_KIND = {
  transfer: ['TransferIssued'],
  allocation: ['FundsAllocated', 'FundsReallocated'],
} as const;

/** Events that put money at a voucher; a number that only a PaymentReturned has is that of the returning voucher. */
const PAYING_TYPES: readonly string[] = ['PaymentRequested', 'PaymentExecuted'];

interface EventRow {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly stream: number;
  readonly firstMovement: number;
  readonly movements: number;
  readonly reversedEventId: string | null;
}

const EVENT_COLUMNS = `event.position, event.id, event_type.name, event.stream, event.first_movement, event.movements,
  event.reversed_event_id
  FROM event CROSS JOIN event_type ON event_type.id = event.type`;
type EventColumns = readonly [number, string, string, number, number, number, string | null];

class Tracer {
  readonly #snapshot: ReadSnapshot;
  readonly #facts: Facts;
  readonly #id: string;
  readonly #moment: Moment;
  readonly #limit: FactLimit;
  readonly #standing: Standing;

  constructor(snapshot: ReadSnapshot, id: string, moment: Moment) {
    this.#snapshot = snapshot;
    this.#facts = new Facts(snapshot);
    this.#id = id;
    this.#moment = moment;
    this.#limit = factLimit(snapshot, moment);
    this.#standing = new Standing(snapshot, this.#limit);
  }

  /** What cannot be found may be there now. */
  get isPast(): boolean {
    return this.#moment.at !== null || this.#moment.asOf !== null;
  }

  traceAs(kind: TraceKind): Trace | null {
    switch (kind) {
      case 'appropriation':
        return this.#traceAppropriation();
      case 'project':
        return this.#traceProject();
      case 'event':
        return this.#traceMoved('event', this.#events('event.id = ?'));
      case 'payment':
        return this.#tracePayment();
      case 'transfer':
      case 'allocation': {
        const types: readonly string[] = TYPES_OF_KIND[kind];
        const events = this.#eventsOfDocument().filter(({ type }) => types.includes(type));
        return this.#traceMoved(kind, events);
      }
    }
  }

  /** Integrations, recalls, carry-overs and whatever else has a document number. */
  traceOtherDocument(): Trace | null {
    return this.#traceMoved('event', this.#eventsOfDocument());
  }

  #traceAppropriation(): Trace | null {
    const names = this.#snapshot
      .all<readonly [string]>(
        'SELECT DISTINCT quota_line FROM quota_line WHERE document_no = ? ORDER BY quota_line',
        this.#id,
      )
      .map(([name]) => name);
    const tally = new MoneyTally(this.#facts);
    const history = new TakenBack();
    const positions = new Set<number>();
    for (const name of names) {
      const lines = this.#facts.linesNamed(name);
      for (const line of lines) {
        const { standing, reversed, reversals } = this.#movementsOfLine(line);
        for (const movement of standing) addBothSides(tally, movement, lines[0] ?? line, () => true);
        history.add(reversed);
        for (const { position } of [...standing, ...reversed, ...reversals]) positions.add(position);
      }
    }
    return positions.size === 0 ? null : this.#answer('appropriation', tally, history, positions);
  }

  #traceProject(): Trace | null {
    const pools = this.#snapshot
      .all<readonly [number]>('SELECT DISTINCT pool FROM account WHERE project_code = ?', this.#id)
      .map(([pool]) => pool);
    const isRegistered =
      this.#snapshot.first(
        'SELECT 1 FROM project WHERE code = ? AND position <= ? AND effective_on <= ?',
        this.#id,
        this.#limit.position,
        this.#limit.day,
      ) !== undefined;
    if (pools.length === 0 && !isRegistered) return null;
    const tally = new MoneyTally(this.#facts);
    const history = new TakenBack();
    const positions = new Set<number>();
    const isOurs = (projectCode: string | null): boolean => projectCode === this.#id;
    const touches = ({ from, to }: MoneyMovement): boolean => isOurs(from.projectCode) || isOurs(to.projectCode);
    for (const line of pools.flatMap((pool) => this.#facts.linesOf(pool))) {
      const { standing, reversed, reversals } = this.#movementsOfLine(line);
      for (const movement of standing) addBothSides(tally, movement, line, ({ projectCode }) => isOurs(projectCode));
      history.add(reversed.filter(touches));
      for (const { position } of [...standing, ...reversed, ...reversals].filter(touches)) positions.add(position);
    }
    return positions.size === 0 && !isRegistered ? null : this.#answer('project', tally, history, positions);
  }

  #tracePayment(): Trace | null {
    const own = this.#eventsOfDocument().filter(({ type }) => type.startsWith('Payment'));
    const paying = own.filter(({ type }) => PAYING_TYPES.includes(type));
    if (paying.length === 0) {
      return this.#traceMoved(
        'payment',
        own.filter(({ type }) => type === 'PaymentReturned'),
      );
    }
    const pools = new Set(paying.map(({ stream }) => stream));
    const related = [...own, ...this.#events('event.about_document_no = ?')].filter(({ stream }) => pools.has(stream));
    const isAtVoucher = (at: Whereabouts | null): boolean => at?.voucherNo === this.#id;

    const tally = new MoneyTally(this.#facts);
    const positions = new Set(related.map(({ position }) => position));
    const cameBack: MoneyMovement[] = [];
    for (const movement of this.#movementsOf(related.filter((event) => this.#stands(event)))) {
      addBothSides(tally, movement, movement.line, isAtVoucher);
      const left = isAtVoucher(whereabouts(movement, movement.from, movement.to));
      const entered = isAtVoucher(whereabouts(movement, movement.to, movement.from));
      if (left && !entered) cameBack.push(movement);
    }
    for (const { line, at, fen: amount } of this.#follow(cameBack, positions)) {
      if (!isAtVoucher(at)) tally.add(line, at, amount);
    }
    return this.#answer('payment', tally, this.#historyOf(related), positions);
  }

  #traceMoved(kind: TraceKind, events: readonly EventRow[]): Trace | null {
    if (events.length === 0) return null;
    const tally = new MoneyTally(this.#facts);
    const positions = new Set<number>(events.map(({ position }) => position));
    const moved = this.#movementsOf(events.filter((event) => this.#stands(event)));
    for (const { line, at, fen: amount } of this.#follow(moved, positions)) tally.add(line, at, amount);
    return this.#answer(kind, tally, this.#historyOf(events), positions);
  }

  /** What took something back stands for no money of its own. */
  #stands({ id, reversedEventId }: EventRow): boolean {
    return reversedEventId === null && this.#standing.reversalOf(id) === null;
  }

  /** Which of some entries and of their reversals were taken back, and what those took back that are reversals. */
  #historyOf(events: readonly EventRow[]): TakenBack {
    const history = new TakenBack();
    const known = [...events];
    // Reversals of a reversal come after it, so this ends.
    for (const event of known) {
      const { id, reversedEventId } = event;
      known.push(...this.#events('event.reversed_event_id = ?', id));
      if (this.#standing.reversalOf(id) !== null) this.#addWhole(history, event);
      else if (reversedEventId !== null) {
        for (const original of this.#events('event.id = ?', reversedEventId)) this.#addWhole(history, original);
      }
    }
    return history;
  }

  #addWhole(history: TakenBack, event: EventRow): void {
    if (history.has(event.position)) return;
    history.add(this.#movementsOf([event]));
    history.addAmount(event.position, event.movements === 0 ? this.#cashOf(event) : ZERO_FEN);
  }

  /** Cash that an event recorded. Asked of reversed events without movements only, so that no index is worth its while. */
  #cashOf({ position }: EventRow): Fen {
    const amounts = this.#snapshot.all<readonly [number]>(
      'SELECT amount FROM cash_receipt WHERE position = ?',
      position,
    );
    return sumFen(amounts.map(([amount]) => fen(amount)));
  }

  #movementsOfLine(line: PoolLine): LineMovements {
    return movementsOfLine(this.#snapshot, this.#facts, line, this.#limit, this.#standing);
  }

  /** Where the money of some movements is now; adds the positions of the events that have moved it since. */
  #follow(
    moved: readonly MoneyMovement[],
    positions: Set<number>,
  ): { readonly line: PoolLine; readonly at: Whereabouts; readonly fen: number }[] {
    const followed = new Set(moved.map(({ id }) => id));
    const lineOfName = new Map(moved.map(({ line }) => [line.quotaLine, line] as const));
    return [...lineOfName].flatMap(([name, line]) => {
      const movements = allOf(this.#facts.linesNamed(name).map((known) => this.#movementsOfLine(known)));
      const money = followMoney(movements, followed);
      for (const position of money.positions) positions.add(position);
      return money.holdings.map(({ at, fen }) => ({ line, at, fen }));
    });
  }

  #movementsOf(events: readonly EventRow[]): MoneyMovement[] {
    return events.flatMap(({ firstMovement, movements }) =>
      movements === 0 ? [] : movementsOfEvent(this.#snapshot, this.#facts, firstMovement, movements),
    );
  }

  #eventsOfDocument(): EventRow[] {
    return this.#events('event.document_no = ?');
  }

  #events(condition: string, value = this.#id): EventRow[] {
    return this.#snapshot
      .all<EventColumns>(
        `SELECT ${EVENT_COLUMNS} WHERE ${condition} AND event.position <= ? AND event.effective_on <= ?
          ORDER BY event.position`,
        value,
        this.#limit.position,
        this.#limit.day,
      )
      .map(([position, id, type, stream, firstMovement, movements, reversedEventId]) => ({
        position,
        id,
        type,
        stream,
        firstMovement,
        movements,
        reversedEventId,
      }));
  }

  #answer(kind: TraceKind, tally: MoneyTally, history: TakenBack, positions: ReadonlySet<number>): Trace {
    const reversed = history.amounts().map(([position, amount]) => this.#reversedEntry(position, amount));
    const all = new Set([...positions, ...reversed.flatMap((entry) => entry.positions)]);
    const events = [...all]
      .sort((left, right) => left - right)
      .map((position) => {
        const [id] = this.#snapshot.first<readonly [string]>('SELECT id FROM event WHERE position = ?', position) ?? [];
        if (id === undefined) throw rowMissing('event', position);
        return id;
      });
    const sources = tally.sources();
    const uses = tally.uses((division, voucherNo) => this.#payeeOf(division, voucherNo));
    const projects = uses.flatMap(({ projectCode }) => (projectCode === null ? [] : [projectCode]));
    return {
      of: { kind, id: this.#id },
      sources,
      uses,
      reversed: reversed.map(({ entry }) => entry),
      events,
      registerChanges: registerChanges(
        this.#snapshot,
        {
          projects: kind === 'project' ? [this.#id, ...projects] : projects,
          channels: sources.map(({ channelCode }) => channelCode),
        },
        { after: BEFORE_FIRST, upTo: this.#limit.position },
      ),
      position: this.#limit.position,
      asOf: this.#moment.asOf,
      ...(this.#moment.bookmark === undefined ? {} : { bookmark: this.#moment.bookmark }),
    };
  }

  #reversedEntry(
    position: number,
    amount: Fen,
  ): { readonly entry: ReversedEntry; readonly positions: readonly number[] } {
    const row = this.#snapshot.first<readonly [string, string, string | null, string | null, number]>(
      `SELECT event.id, event_type.name, event.document_no, stream.division, event.effective_on FROM event
         CROSS JOIN event_type ON event_type.id = event.type CROSS JOIN stream ON stream.id = event.stream
        WHERE event.position = ?`,
      position,
    );
    if (row === undefined) throw rowMissing('event', position);
    const [eventId, type, documentNo, division, day] = row;
    const reversal = this.#standing.reversalOf(eventId);
    if (reversal === null) throw new Error(`event ${eventId} stands`);
    return {
      entry: {
        eventId,
        type,
        documentNo,
        division: division ?? '',
        effectiveOn: dateOfDay(day),
        amount,
        reversedBy: reversal.eventId,
        reversalNo: reversal.documentNo,
        reversedOn: dateOfDay(reversal.day),
      },
      positions: [position, reversal.position],
    };
  }

  #payeeOf(division: string, voucherNo: string): string | null {
    const row = this.#snapshot.first<readonly [string]>(
      `SELECT event.payee FROM event JOIN stream ON stream.id = event.stream
       WHERE event.document_no = ? AND stream.division = ? AND event.payee IS NOT NULL LIMIT 1`,
      voucherNo,
      division,
    );
    return row?.[0] ?? null;
  }
}

/** Movements of one quota line in all pools together. */
const allOf = (parts: readonly LineMovements[]): LineMovements => ({
  standing: parts.flatMap(({ standing }) => standing),
  reversed: parts.flatMap(({ reversed }) => reversed),
  reversals: parts.flatMap(({ reversals }) => reversals),
});

/** What a movement takes away from one whereabouts and brings to another, where they are asked for. */
const addBothSides = (
  tally: MoneyTally,
  movement: MoneyMovement,
  line: PoolLine,
  isAskedFor: (at: Whereabouts) => boolean,
): void => {
  const left = whereabouts(movement, movement.from, movement.to);
  if (left !== null && isAskedFor(left)) tally.add(line, left, -movement.fen);
  const entered = whereabouts(movement, movement.to, movement.from);
  if (entered !== null && isAskedFor(entered)) tally.add(line, entered, movement.fen);
};

/** Entries that were taken back, by position, with what they had moved of the money that is asked about. */
class TakenBack {
  readonly #amounts = new Map<number, Fen>();

  has(position: number): boolean {
    return this.#amounts.has(position);
  }

  add(movements: readonly MoneyMovement[]): void {
    for (const { position, fen: moved } of movements) this.addAmount(position, fen(moved));
  }

  addAmount(position: number, amount: Fen): void {
    this.#amounts.set(position, addFen(this.#amounts.get(position) ?? ZERO_FEN, amount));
  }

  amounts(): readonly (readonly [position: number, amount: Fen])[] {
    return [...this.#amounts].sort(([left], [right]) => left - right);
  }
}
