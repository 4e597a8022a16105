import type { Position, RecordedEvent } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import { readEvent } from '../../event-log/upcasting';
import { fenFromYuan } from '../../money/fen';
import type { Movement } from '../../pool/account';
import type { PoolEvent } from '../../pool/pool-event';
import { poolOfStream, poolStream } from '../../pool/pool-stream';
import { EntryPlaces } from './entry-places';
import { type Finding, finding, type VoucherCode } from './finding';

/** How far a payment has come. */
type Step = 'requested' | 'approved' | 'paid' | 'cancelled';

interface Voucher {
  step: Step;
  /** How far it had come when it was cancelled. */
  cancelledAt: Step;
  readonly parts: Sums;
  /** What has come back of each part, in fen; null: nothing ever did. */
  returned: Map<string, number> | null;
}

/** Amounts in fen by what they are of, as a text: two of them are equal when the texts are. */
type Sums = string & { readonly __brand: 'Sums' };

interface PoolVouchers {
  readonly division: string;
  readonly byNumber: Map<string, Voucher>;
  /** Ids of events that a reversal took back. */
  readonly reversed: Set<string>;
}

/** What left for another pool. */
interface Giving {
  readonly type: 'TransferIssued' | 'FundsCarriedOver';
  readonly taker: string;
  readonly sums: Sums;
  isTaken: boolean;
}

interface Said {
  readonly zh: string;
  readonly en: string;
}

type MoneyEvent = PoolEvent & { readonly id: string };
type Reversed = Extract<PoolEvent, { readonly type: 'EntryReversed' }>['data'];
type TakenIn = Extract<PoolEvent, { readonly type: 'TransferReceived' | 'CarryOverReceived' }>;

/** Reversals that are held against their originals at a time. */
const REVERSALS_AT_ONCE = 64;

/**
 * What vouchers must be to one another, over all events in their order: nothing comes back that was not paid, what is
 * paid is what was requested, a reversal is its entry backwards and what is taken in is what was given. It knows no rule
 * of the desk but these, which hold in every version's logs.
 */
export class VoucherCheck {
  readonly #pools = new Map<string, PoolVouchers | null>();
  readonly #givings = new Map<string, Giving>();
  readonly #names = new Map<string, number>();
  /** By the number of an account: that of its place. */
  readonly #placeNumbers: (number | undefined)[] = [];
  readonly #places = new EntryPlaces();
  readonly #reversals: Position[] = [];
  readonly #findings: Finding[] = [];
  #position: Position = 0;

  /** @param most findings that are kept: the first ones */
  constructor(readonly most: number) {}

  /**
   * Of all events so far, in their order. Reversals are held against their originals only now, with the events read
   * from the log once more: they are few, and keeping what every entry moved would take more than all the rest.
   */
  async finish(log: Pick<EventLog, 'readAt'>): Promise<readonly Finding[]> {
    const found = [...this.#findings];
    for (let from = 0; from < this.#reversals.length; from += REVERSALS_AT_ONCE) {
      const some = this.#reversals.slice(from, from + REVERSALS_AT_ONCE);
      const judged = await Promise.all(some.map((position) => this.#judgeReversal(log, position)));
      found.push(...judged.filter((each) => each !== null));
    }
    return found.sort((left, right) => (left.position ?? 0) - (right.position ?? 0)).slice(0, this.most);
  }

  take({ position, stream, id, type, data }: RecordedEvent): void {
    const pool = this.#poolOf(stream);
    if (pool === null) return;
    this.#position = position;
    const event = { id, type, data } as MoneyEvent;
    this.#follow(pool, stream, event);
    if ('documentNo' in event.data) this.#places.add(id, position);
  }

  #find(code: VoucherCode, zh: string, en: string): void {
    if (this.#findings.length < this.most) this.#findings.push(finding(code, this.#position, zh, en));
  }

  #poolOf(stream: string): PoolVouchers | null {
    let pool = this.#pools.get(stream);
    if (pool === undefined) {
      const { division } = poolOfStream(stream) ?? {};
      pool = division === undefined ? null : { division, byNumber: new Map(), reversed: new Set() };
      this.#pools.set(stream, pool);
    }
    return pool;
  }

  #follow(pool: PoolVouchers, stream: string, event: MoneyEvent): void {
    switch (event.type) {
      case 'PaymentRequested':
        this.#begin(pool, event.data.documentNo, 'requested', event.data.movements);
        return;
      case 'PaymentApproved':
        this.#approve(pool, event.data.documentNo);
        return;
      case 'PaymentExecuted':
        this.#execute(pool, event.data.documentNo, event.data.movements);
        return;
      case 'PaymentCancelled':
        this.#cancel(pool, event.data.documentNo, event.data.movements);
        return;
      case 'PaymentReturned':
        this.#giveBack(pool, event.data.originalVoucherNo, event.data.movements);
        return;
      case 'TransferIssued':
        this.#give(
          event.id,
          event.type,
          poolStream(event.data.toDivision, event.data.toFiscalYear),
          event.data.movements,
        );
        return;
      case 'FundsCarriedOver':
        this.#give(event.id, event.type, poolStream(pool.division, event.data.toFiscalYear), event.data.movements);
        return;
      case 'TransferReceived':
      case 'CarryOverReceived':
        this.#takeIn(stream, event);
        return;
      case 'EntryReversed':
        this.#reverse(pool, event.data);
        return;
      default:
        return;
    }
  }

  #begin(pool: PoolVouchers, voucherNo: string, step: Step, movements: readonly Movement[]): void {
    const parts = this.#sums(movements, this.#partOf);
    pool.byNumber.set(voucherNo, { step, cancelledAt: 'requested', parts, returned: null });
  }

  /** The voucher, when it has come to one of these steps. */
  #inOrder(pool: PoolVouchers, voucherNo: string, ...steps: readonly Step[]): Voucher | null {
    const voucher = pool.byNumber.get(voucherNo);
    if (voucher !== undefined && steps.includes(voucher.step)) return voucher;
    const now = voucher === undefined ? ABSENT : STEPS[voucher.step];
    const wanted = steps.map((step) => STEPS[step]);
    this.#find(
      'PAYMENT_OUT_OF_ORDER',
      `凭证 ${voucherNo} 此前应为${wanted.map(({ zh }) => zh).join('或')}，实为${now.zh}`,
      `voucher ${voucherNo} must be ${wanted.map(({ en }) => en).join(' or ')} before this, but is ${now.en}`,
    );
    return null;
  }

  #execute(pool: PoolVouchers, voucherNo: string, movements: readonly Movement[]): void {
    if (!movements.some(({ from }) => from.endsWith(':held'))) {
      // Reported as made: nobody requested it here.
      this.#begin(pool, voucherNo, 'paid', movements);
      return;
    }
    const voucher = this.#inOrder(pool, voucherNo, 'approved');
    if (voucher === null) return;
    this.#requireRequested(voucher, voucherNo, movements);
    voucher.step = 'paid';
  }

  #approve(pool: PoolVouchers, voucherNo: string): void {
    const voucher = this.#inOrder(pool, voucherNo, 'requested');
    if (voucher !== null) voucher.step = 'approved';
  }

  #cancel(pool: PoolVouchers, voucherNo: string, movements: readonly Movement[]): void {
    const voucher = this.#inOrder(pool, voucherNo, 'requested', 'approved');
    if (voucher === null) return;
    this.#requireRequested(voucher, voucherNo, movements);
    voucher.cancelledAt = voucher.step;
    voucher.step = 'cancelled';
  }

  #requireRequested({ parts }: Voucher, voucherNo: string, movements: readonly Movement[]): void {
    if (this.#sums(movements, this.#partOf) === parts) return;
    this.#find(
      'PAYMENT_DIFFERS',
      `凭证 ${voucherNo} 的资金与其申请不符`,
      `the money of voucher ${voucherNo} is not what was requested`,
    );
  }

  #giveBack(pool: PoolVouchers, voucherNo: string, movements: readonly Movement[]): void {
    const voucher = this.#inOrder(pool, voucherNo, 'paid');
    if (voucher === null) return;
    const paid = amountsIn(voucher.parts);
    const returned = (voucher.returned ??= new Map<string, number>());
    let over = 0;
    for (const [part, amount] of amountsIn(this.#sums(movements, this.#partOf))) {
      const together = (returned.get(part) ?? 0) + amount;
      returned.set(part, together);
      over = Math.max(over, together - (paid.get(part) ?? 0));
    }
    if (over <= 0) return;
    this.#find(
      'RETURN_EXCEEDS_PAYMENT',
      `凭证 ${voucherNo} 退回的超过所付（同一指标、项目、地点多出 ${over} 分）`,
      `more came back of voucher ${voucherNo} than it paid (${over} fen more of one line, project and place)`,
    );
  }

  #give(id: string, type: Giving['type'], taker: string, movements: readonly Movement[]): void {
    this.#givings.set(id, { type, taker, sums: this.#sums(movements, this.#leftFor), isTaken: false });
  }

  #takeIn(stream: string, { type, data }: TakenIn): void {
    const givingEventId = type === 'TransferReceived' ? data.transferEventId : data.carryOverEventId;
    const giving = this.#givings.get(givingEventId);
    const given = type === 'TransferReceived' ? 'TransferIssued' : 'FundsCarriedOver';
    if (giving?.type !== given || giving.taker !== stream) {
      this.#find(
        'TAKEN_IN_DIFFERS',
        `接收的 ${data.documentNo} 没有对应的下达或结转（事件 ${givingEventId}）`,
        `what is taken in as ${data.documentNo} was given by no event ${givingEventId} to this pool`,
      );
      return;
    }
    if (this.#sums(data.movements, this.#arrivedFrom) !== giving.sums) {
      this.#find(
        'TAKEN_IN_DIFFERS',
        `接收的 ${data.documentNo} 与下达或结转的指标、金额不符`,
        `what is taken in as ${data.documentNo} is not what was given, by lines and amounts`,
      );
    }
    if (giving.isTaken) {
      this.#find(
        'TAKEN_IN_TWICE',
        `${data.documentNo} 重复接收（事件 ${givingEventId}）`,
        `${data.documentNo} is taken in a second time (event ${givingEventId})`,
      );
    }
    giving.isTaken = true;
  }

  #reverse(pool: PoolVouchers, data: Reversed): void {
    const { reversedEventId, restoredEventId } = data;
    if (pool.reversed.has(reversedEventId)) {
      this.#find(
        'REVERSED_TWICE',
        `被冲销的事件 ${reversedEventId} 已经冲销过`,
        `the reversed event ${reversedEventId} was reversed before`,
      );
      return;
    }
    pool.reversed.add(reversedEventId);
    this.#reversals.push(this.#position);
    const isTakenAgain = restoredEventId !== undefined;
    const giving = data.givingEventId === undefined ? undefined : this.#givings.get(data.givingEventId);
    if (giving !== undefined) giving.isTaken = isTakenAgain;
    if (!isTakenAgain) {
      this.#stepBack(pool, data);
      return;
    }
    pool.reversed.delete(restoredEventId);
    this.#stepAgain(pool, data);
  }

  async #judgeReversal(log: Pick<EventLog, 'readAt'>, position: Position): Promise<Finding | null> {
    const reversal = await eventAt(log, position);
    if (reversal === null) return null;
    const data = reversal.data as Reversed;
    const { reversedEventId } = data;
    for (const place of this.#places.of(reversedEventId)) {
      const original = place < position ? await eventAt(log, place) : null;
      if (original?.id !== reversedEventId || original.stream !== reversal.stream) continue;
      const isItsReverse =
        isWhatIsReversed(original, data) &&
        this.#movedBy(original.data as PoolEvent['data']) ===
          this.#movedBy({ ...data, movements: data.movements.map(backwards) });
      return isItsReverse
        ? null
        : finding(
            'REVERSAL_DIFFERS',
            position,
            `冲销 ${data.documentNo} 不是事件 ${reversedEventId} 的反向`,
            `reversal ${data.documentNo} is not event ${reversedEventId} backwards`,
          );
    }
    return finding(
      'REVERSAL_DIFFERS',
      position,
      `被冲销的事件 ${reversedEventId} 不在此前的本池之中`,
      `the reversed event ${reversedEventId} is not in this pool before it`,
    );
  }

  #stepBack({ byNumber }: PoolVouchers, data: Reversed): void {
    const voucherNo = data.originalVoucherNo ?? data.reversedDocumentNo;
    const voucher = byNumber.get(voucherNo);
    if (voucher === undefined) return;
    switch (data.reversedType) {
      case 'PaymentRequested':
        byNumber.delete(voucherNo);
        return;
      case 'PaymentApproved':
        voucher.step = 'requested';
        return;
      case 'PaymentCancelled':
        voucher.step = voucher.cancelledAt;
        return;
      case 'PaymentExecuted':
        if (data.movements.some(({ to }) => to.endsWith(':held'))) voucher.step = 'approved';
        else byNumber.delete(voucherNo);
        return;
      case 'PaymentReturned':
        for (const [part, amount] of amountsIn(this.#sums(data.movements.map(backwards), this.#partOf))) {
          voucher.returned?.set(part, (voucher.returned.get(part) ?? 0) - amount);
        }
        return;
      default:
        return;
    }
  }

  /** An entry that stands again says once more of vouchers what it had said. */
  #stepAgain(pool: PoolVouchers, { reversedType, reversedDocumentNo, originalVoucherNo, movements }: Reversed): void {
    switch (reversedType) {
      case 'PaymentRequested':
        this.#begin(pool, reversedDocumentNo, 'requested', movements);
        return;
      case 'PaymentApproved':
        this.#approve(pool, reversedDocumentNo);
        return;
      case 'PaymentExecuted':
        this.#execute(pool, reversedDocumentNo, movements);
        return;
      case 'PaymentCancelled':
        this.#cancel(pool, reversedDocumentNo, movements);
        return;
      case 'PaymentReturned':
        this.#giveBack(pool, originalVoucherNo ?? reversedDocumentNo, movements);
        return;
      default:
        return;
    }
  }

  /** Money or cash that an entry moved; null: it is none that could be reversed. */
  #movedBy(data: PoolEvent['data']): Sums | null {
    if (!('documentNo' in data)) return null;
    const movements = 'movements' in data ? data.movements : [];
    const receipts = 'receipts' in data ? (data.receipts ?? []) : [];
    if (receipts.length === 0) return this.#sums(movements, this.#whole);
    return this.#sums(
      [
        ...movements.map((each) => ({ ...each, name: this.#whole(each) })),
        ...receipts.map(({ quotaLine, amount }) => ({ name: `${this.#nameOf(quotaLine)},cash`, amount })),
      ],
      named,
    );
  }

  /** Logs of earlier versions name the same in several movements, so amounts of the same are one amount. */
  #sums<Item extends { readonly amount: string }>(items: readonly Item[], of: (item: Item) => string): Sums {
    const [first] = items;
    if (first === undefined) return '' as Sums;
    if (items.length === 1) return `${of(first)}:${fenFromYuan(first.amount)}` as Sums;
    const sums = new Map<string, number>();
    for (const item of items) {
      const name = of(item);
      sums.set(name, (sums.get(name) ?? 0) + fenFromYuan(item.amount));
    }
    const each = [...sums].map(([name, amount]) => `${name}:${amount}`);
    return each.sort().join(';') as Sums;
  }

  readonly #whole = ({ quotaLine, from, to }: Movement): string =>
    `${this.#nameOf(quotaLine)},${this.#nameOf(from)},${this.#nameOf(to)}`;
  readonly #leftFor = ({ quotaLine, to }: Movement): string => `${this.#nameOf(quotaLine)},${this.#nameOf(to)}`;
  readonly #arrivedFrom = ({ quotaLine, from }: Movement): string => `${this.#nameOf(quotaLine)},${this.#nameOf(from)}`;

  /** A payment's money stays at its place of its project: one that goes elsewhere is no part of any payment. */
  readonly #partOf = (movement: Movement): string => {
    const place = this.#placeOf(movement.from);
    return place === this.#placeOf(movement.to)
      ? `${this.#nameOf(movement.quotaLine)},${place}`
      : this.#whole(movement);
  };

  #placeOf(account: string): number {
    const number = this.#nameOf(account);
    return (this.#placeNumbers[number] ??= this.#nameOf(account.slice(0, account.lastIndexOf(':'))));
  }

  /** A number for a name that many vouchers share: long names are put together nowhere. */
  #nameOf(name: string): number {
    let number = this.#names.get(name);
    if (number === undefined) {
      number = this.#names.size;
      this.#names.set(name, number);
    }
    return number;
  }
}

const eventAt = async (log: Pick<EventLog, 'readAt'>, position: Position): Promise<RecordedEvent | null> => {
  const stored = await log.readAt(position);
  return stored === null ? null : readEvent(stored);
};

/** What a reversal names is an entry of the kind that it says or, where an entry stands again, the reversal of that one. */
const isWhatIsReversed = (
  original: Pick<RecordedEvent, 'type' | 'data'>,
  { reversedType, restoredEventId }: Reversed,
): boolean => {
  if (restoredEventId === undefined) return original.type !== 'EntryReversed' && original.type === reversedType;
  if (original.type !== 'EntryReversed') return false;
  const reversed = original.data as Reversed;
  return (
    reversed.restoredEventId === undefined &&
    reversed.reversedEventId === restoredEventId &&
    reversed.reversedType === reversedType
  );
};

const STEPS: Readonly<Record<Step, Said>> = {
  requested: { zh: '已申请', en: 'requested' },
  approved: { zh: '已审批', en: 'approved' },
  paid: { zh: '已支付', en: 'paid' },
  cancelled: { zh: '已撤销', en: 'cancelled' },
};
const ABSENT: Said = { zh: '没有', en: 'not there' };

const amountsIn = (sums: Sums): Map<string, number> => {
  const amounts = new Map<string, number>();
  for (const each of sums === '' ? [] : sums.split(';')) {
    const [name, amount] = each.split(':');
    if (name !== undefined) amounts.set(name, Number(amount));
  }
  return amounts;
};

const backwards = (movement: Movement): Movement => ({ ...movement, from: movement.to, to: movement.from });

interface Named {
  readonly name: string;
  readonly amount: string;
}

const named = ({ name }: Named): string => name;
