import { addFen, fen, type Fen, yuanFromFen, ZERO_FEN } from '../money/fen';
import { splitFen } from '../money/split-fen';
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
  const lines = pool.linesOfChannelAndPurpose.get(`${channelCode}/${purposeCode}`);
  if (lines === undefined) {
    throw noMoneyOfChannelAndPurpose(channelCode, purposeCode, poolStream(pool.division, pool.fiscalYear));
  }
  return lines;
};

/**
 * Movements of one command in the making. It sees the pool and its own earlier movements, and at the end refuses
 * whatever would leave an account of any line negative on the business date or on any later one.
 */
export class MovementDraft {
  readonly #pool: Pool;
  readonly #facts: PoolFacts;
  readonly #on: string;
  readonly #movements: Movement[] = [];
  readonly #net = new Map<QuotaLineId, Map<Account, Fen>>();
  readonly #cash = new Map<QuotaLineId, Fen>();

  constructor(pool: Pool, facts: PoolFacts, on: string) {
    this.#pool = pool;
    this.#facts = facts;
    this.#on = on;
  }

  /** What can leave the account on the business date, after this command's own movements. */
  spendable(line: QuotaLineId, account: Account): Fen {
    const lowest = this.#pool.accounts.lowestFrom(line, account, this.#on).balance;
    return addFen(lowest, this.#net.get(line)?.get(account) ?? ZERO_FEN);
  }

  move(line: QuotaLineId, from: Account, to: Account, amount: Fen): void {
    if (amount <= 0) throw new Error(`a movement moves a positive amount, not ${amount} fen`);
    const movement: Movement = { quotaLine: line, from, to, amount: yuanFromFen(amount) };
    this.#movements.push(movement);
    this.#addNet(line, from, fen(-amount));
    this.#addNet(line, to, amount);
    const bound = boundCash(movement, amount);
    if (bound !== 0) this.#cash.set(line, addFen(this.#cash.get(line) ?? ZERO_FEN, fen(-bound)));
  }

  /**
   * Divides an amount over lines of a channel and purpose that have money in an account.
   *
   * @returns parts in the order of the lines, each positive, summing to the amount
   * @throws DomainError OVERDRAFT when all lines together have less
   */
  select(
    lines: readonly QuotaLine[],
    account: Account,
    amount: Fen,
    selection: LineSelection,
  ): readonly { readonly line: QuotaLine; readonly amount: Fen }[] {
    const withMoney: { readonly line: QuotaLine; readonly spendable: Fen }[] = [];
    let together = ZERO_FEN;
    for (const line of lines) {
      const spendable = this.spendable(line.quotaLine, account);
      if (spendable <= 0) continue;
      withMoney.push({ line, spendable });
      together = addFen(together, spendable);
    }
    if (together < amount) {
      const [first] = lines;
      const name = first === undefined ? '' : `*/${first.channelCode}/${first.purposeCode}`;
      throw this.#overdraft(name, account, amount, together, this.#on);
    }
    if (selection === 'proportional') {
      const parts = splitFen(
        amount,
        withMoney.map((candidate) => candidate.spendable),
      );
      return withMoney
        .map((candidate, index) => ({ line: candidate.line, amount: parts[index] ?? ZERO_FEN }))
        .filter((part) => part.amount > 0);
    }
    const parts: { line: QuotaLine; amount: Fen }[] = [];
    let rest: number = amount;
    for (const candidate of withMoney) {
      if (rest === 0) break;
      const part = fen(Math.min(rest, candidate.spendable));
      parts.push({ line: candidate.line, amount: part });
      rest -= part;
    }
    return parts;
  }

  /** The movements, once nothing is overdrawn by them. */
  finish(): readonly Movement[] {
    for (const [line, accounts] of this.#net) {
      for (const [account, change] of accounts) {
        if (change >= 0 || account.startsWith('source:')) continue;
        const lowest = this.#pool.accounts.lowestFrom(line, account, this.#on);
        if (lowest.balance + change < 0) {
          throw this.#overdraft(line, account, fen(-change), lowest.balance, lowest.on);
        }
      }
    }
    for (const [line, change] of this.#cash) {
      if (change >= 0 || this.#pool.lines.get(line)?.cashRequired !== true) continue;
      const lowest = this.#pool.sides.lowestFrom(line, 'cash', this.#on);
      if (lowest.balance + change < 0) throw cashNotReceived(line, fen(-change), lowest.balance, lowest.on);
    }
    return this.#movements;
  }

  #addNet(line: QuotaLineId, account: Account, change: Fen): void {
    let accounts = this.#net.get(line);
    if (accounts === undefined) {
      accounts = new Map();
      this.#net.set(line, accounts);
    }
    accounts.set(account, addFen(accounts.get(account) ?? ZERO_FEN, change));
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
    }
  }
}
