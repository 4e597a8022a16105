import { addFen, fen, type Fen, subtractFen, sumFen, yuanFromFen, ZERO_FEN } from '../money/fen';
import { splitFen } from '../money/split-fen';
import { assertNever } from '../platform/domain-error';
import { type Account, type Movement, parseAccount } from './account';
import type { LineSelection, NamedLine } from './pool-command';
import { boundCash, type Pool } from './pool';
import { poolStream } from './pool-stream';
import { cashNotReceived, channelChanged, noMoneyOfChannelAndPurpose, overdraft, unknownLine } from './pool-errors';
import type { PoolFacts } from './pool-facts';
import { type QuotaLine, type QuotaLineId, quotaLineId } from './quota-line';

/** Finds a line that a command names in full; tells a changed channel or purpose from an unknown document. */
export const requireLine = (
  pool: Pool,
  named: Pick<NamedLine, 'documentNo' | 'channelCode' | 'purposeCode'>,
): QuotaLine => {
  const id = quotaLineId(named.documentNo, named.channelCode, named.purposeCode);
  const line = pool.lines.get(id);
  if (line !== undefined) return line;
  const sameDocument = [...pool.lines.values()].filter((known) => known.documentNo === named.documentNo);
  if (sameDocument.length > 0) {
    throw channelChanged(
      named.documentNo,
      `${named.channelCode}/${named.purposeCode}`,
      sameDocument.map((known) => `${known.channelCode}/${known.purposeCode}`),
    );
  }
  throw unknownLine(id, poolStream(pool.division, pool.fiscalYear));
};

/** The lines of a channel and purpose, oldest first. */
export const linesOldestFirst = (pool: Pool, channelCode: string, purposeCode: string): readonly QuotaLine[] => {
  const lines = pool.linesByAge.of(channelCode, purposeCode);
  if (lines === undefined) {
    throw noMoneyOfChannelAndPurpose(channelCode, purposeCode, poolStream(pool.division, pool.fiscalYear));
  }
  return lines;
};

/** What one line gives to an amount. */
interface LinePart {
  readonly line: QuotaLine;
  readonly amount: Fen;
}

/** What a draft changes about one line, in one account or in its cash. */
interface Change {
  readonly line: QuotaLineId;
  amount: Fen;
}

/** A movement whose amount may still grow. */
interface DraftMovement extends Omit<Movement, 'amount'> {
  amount: Fen;
}

const nameOf = ({ quotaLine, from, to }: DraftMovement): string => `${quotaLine}|${from}|${to}`;

/** Few lines meet in one account, so looking through them is faster than keeping them by name. */
const changeOf = (changes: readonly Change[] | undefined, line: QuotaLineId): Change | undefined =>
  changes?.find((change) => change.line === line);

const addChange = (changes: Change[], line: QuotaLineId, amount: Fen): void => {
  const change = changeOf(changes, line);
  if (change === undefined) changes.push({ line, amount });
  else change.amount = addFen(change.amount, amount);
};

/**
 * Movements of one command in the making. It sees the pool and its own earlier movements, and at the end refuses
 * whatever would leave an account of any line negative on the business date or on any later one.
 */
export class MovementDraft {
  readonly #pool: Pool;
  readonly #facts: PoolFacts;
  readonly #on: string;
  readonly #movements: DraftMovement[] = [];
  /** Movements of the event in the making, by line and accounts; kept from its second movement on. */
  readonly #known = new Map<string, DraftMovement>();
  #firstOfEvent = 0;
  readonly #net = new Map<Account, Change[]>();
  readonly #cash: Change[] = [];

  constructor(pool: Pool, facts: PoolFacts, on: string) {
    this.#pool = pool;
    this.#facts = facts;
    this.#on = on;
  }

  /** What can leave the account on the business date, after this command's own movements. */
  spendable(line: QuotaLineId, account: Account): Fen {
    const lowest = this.#pool.accounts.lowestFrom(line, account, this.#on).balance;
    return addFen(lowest, changeOf(this.#net.get(account), line)?.amount ?? ZERO_FEN);
  }

  move(line: QuotaLineId, from: Account, to: Account, amount: Fen): void {
    if (amount <= 0) throw new Error(`a movement moves a positive amount, not ${amount} fen`);
    this.#add({ quotaLine: line, from, to, amount });
    this.#addNet(line, from, fen(-amount));
    this.#addNet(line, to, amount);
    const bound = boundCash({ from, to }, amount);
    if (bound !== 0 && this.#pool.lines.get(line)?.cashRequired === true) addChange(this.#cash, line, fen(-bound));
  }

  /**
   * Divides an amount over lines of a channel and purpose that have money in an account.
   *
   * @returns parts in the order of the lines, each positive, summing to the amount
   * @throws DomainError OVERDRAFT when all lines together have less
   */
  select(lines: readonly QuotaLine[], account: Account, amount: Fen, selection: LineSelection): readonly LinePart[] {
    const parts =
      selection === 'proportional' ? this.#inProportion(lines, account, amount) : this.#inTurn(lines, account, amount);
    const found = sumFen(parts.map((part) => part.amount));
    if (found === amount) return parts;
    const [first] = lines;
    const name = first === undefined ? '' : `*/${first.channelCode}/${first.purposeCode}`;
    throw this.#overdraft(name, account, amount, found, this.#on);
  }

  /** As much as each line has, one after another, until it is enough; less when all of them have less. */
  #inTurn(lines: readonly QuotaLine[], account: Account, amount: Fen): readonly LinePart[] {
    const parts: LinePart[] = [];
    let rest = amount;
    for (const line of lines) {
      const part = fen(Math.min(rest, this.spendable(line.quotaLine, account)));
      if (part <= 0) continue;
      parts.push({ line, amount: part });
      rest = subtractFen(rest, part);
      if (rest === 0) break;
    }
    return parts;
  }

  /** Of each line in proportion to what it has; all that they have when that is less. */
  #inProportion(lines: readonly QuotaLine[], account: Account, amount: Fen): readonly LinePart[] {
    const withMoney = lines
      .map((line) => ({ line, amount: this.spendable(line.quotaLine, account) }))
      .filter((part) => part.amount > 0);
    const spendable = withMoney.map((part) => part.amount);
    if (sumFen(spendable) < amount) return withMoney;
    const shares = splitFen(amount, spendable);
    return withMoney
      .map(({ line }, index) => ({ line, amount: shares[index] ?? ZERO_FEN }))
      .filter((part) => part.amount > 0);
  }

  /** The movements, once nothing is overdrawn by them. */
  finish(): readonly Movement[] {
    for (const [account, changes] of this.#net) {
      if (account.startsWith('source:')) continue;
      for (const { line, amount } of changes) {
        if (amount >= 0) continue;
        const lowest = this.#pool.accounts.lowestFrom(line, account, this.#on);
        if (lowest.balance + amount < 0) {
          throw this.#overdraft(line, account, fen(-amount), lowest.balance, lowest.on);
        }
      }
    }
    for (const { line, amount } of this.#cash) {
      if (amount >= 0) continue;
      const lowest = this.#pool.sides.lowestFrom(line, 'cash', this.#on);
      if (lowest.balance + amount < 0) throw cashNotReceived(line, fen(-amount), lowest.balance, lowest.on);
    }
    return this.#movements.map(({ quotaLine, from, to, amount }) => ({
      quotaLine,
      from,
      to,
      amount: yuanFromFen(amount),
    }));
  }

  /** What moves from here on is another event's: equal movements of two events stay apart. */
  beginEvent(): void {
    this.#known.clear();
    this.#firstOfEvent = this.#movements.length;
  }

  /** An event moves a line from one account to another once, whatever made it: so a voucher has one part for each. */
  #add(movement: DraftMovement): void {
    const nth = this.#movements.length - this.#firstOfEvent;
    if (nth > 0) {
      if (nth === 1 && this.#known.size === 0) this.#remember(this.#movements[this.#firstOfEvent] as DraftMovement);
      const same = this.#known.get(nameOf(movement));
      if (same !== undefined) {
        same.amount = addFen(same.amount, movement.amount);
        return;
      }
      this.#remember(movement);
    }
    this.#movements.push(movement);
  }

  #remember(movement: DraftMovement): void {
    this.#known.set(nameOf(movement), movement);
  }

  #addNet(line: QuotaLineId, account: Account, amount: Fen): void {
    const changes = this.#net.get(account);
    if (changes === undefined) this.#net.set(account, [{ line, amount }]);
    else addChange(changes, line, amount);
  }

  #overdraft(line: string, account: Account, asked: Fen, available: Fen, on: string): Error {
    const { zh, en } = this.#nameOf(account);
    return overdraft({ line, where: zh, whereEn: en, account, asked, available, on });
  }

  #nameOf(account: Account): { readonly zh: string; readonly en: string } {
    const place = parseAccount(account);
    switch (place.kind) {
      case 'received':
        return {
          zh: `${this.#facts.divisionName(place.division)} ${place.year} 年池（未整合）`,
          en: `the pool of ${place.division} ${place.year} (not integrated)`,
        };
      case 'available':
        return {
          zh: `${this.#facts.divisionName(place.division)} ${place.year} 年池`,
          en: `the pool of ${place.division} ${place.year}`,
        };
      case 'project':
        return {
          zh: `项目 ${place.projectCode} 在 ${place.place} 的${{ available: '可用', held: '冻结', paid: '已支付' }[place.state]}资金`,
          en: `project ${place.projectCode} at ${place.place} (${place.state})`,
        };
      case 'transit':
        return { zh: `在途 ${place.transferNo}`, en: `transit ${place.transferNo}` };
      case 'source':
        return { zh: `渠道 ${place.channelCode}`, en: `channel ${place.channelCode}` };
      case 'recalled':
      case 'carried':
        return { zh: account, en: account };
      default:
        return assertNever(place);
    }
  }
}
