import type { Facts, Pool, PoolLine } from '../../balances/facts';
import { fen, ZERO_FEN } from '../../money/fen';
import { addSums, type FenSum } from '../../money/fen-sum';
import type { Whereabouts } from './money-movement';
import type { TraceSource, TraceUse } from './trace-answer';

/**
 * Sums money by quota line and by whereabouts at once, so that both sides of an answer are sums of the same amounts.
 * Pools of several years of one division are one division.
 */
export class MoneyTally {
  readonly #pools: ReadonlyMap<number, Pool>;
  readonly #sources = new Map<string, { readonly line: PoolLine; amount: FenSum }>();
  readonly #uses = new Map<string, { readonly division: string; readonly at: Whereabouts; amount: FenSum }>();

  constructor(facts: Facts) {
    this.#pools = facts.pools();
  }

  add(line: PoolLine, at: Whereabouts, amount: number): void {
    const lineKey = `${line.quotaLine} ${line.departmentCode}`;
    const source = this.#sources.get(lineKey) ?? { line, amount: ZERO_FEN };
    this.#sources.set(lineKey, source);
    source.amount = addSums(source.amount, fen(amount));

    const division = this.#pools.get(at.pool)?.division ?? '';
    const useKey = [division, at.projectCode ?? '', at.place ?? '', at.state, at.voucherNo ?? ''].join(' ');
    const use = this.#uses.get(useKey) ?? { division, at, amount: ZERO_FEN };
    this.#uses.set(useKey, use);
    use.amount = addSums(use.amount, fen(amount));
  }

  sources(): TraceSource[] {
    return [...this.#sources]
      .sort(byKey)
      .filter(([, { amount }]) => amount !== 0)
      .map(([, { line, amount }]) => ({
        documentNo: line.documentNo,
        channelCode: line.channelCode,
        departmentCode: line.departmentCode,
        purposeCode: line.purposeCode,
        amount,
      }));
  }

  /** @param payeeOf whom a division's voucher pays */
  uses(payeeOf: (division: string, voucherNo: string) => string | null): TraceUse[] {
    return [...this.#uses]
      .sort(byKey)
      .filter(([, { amount }]) => amount !== 0)
      .map(([, { division, at, amount }]) => ({
        division,
        projectCode: at.projectCode,
        place: at.place,
        voucherNo: at.voucherNo,
        payee: at.voucherNo === null ? null : payeeOf(division, at.voucherNo),
        state: at.state,
        amount,
      }));
  }
}

const byKey = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : left > right ? 1 : 0;
