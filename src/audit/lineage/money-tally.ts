import type { Facts, Pool, PoolLine } from '../../balances/facts';
import { fen } from '../../money/fen';
import type { Whereabouts } from './money-movement';
import type { TraceSource, TraceUse } from './trace-answer';

/**
 * Sums money by quota line and by whereabouts at once, so that both sides of an answer are sums of the same amounts.
 * Pools of several years of one division are one division.
 */
export class MoneyTally {
  readonly #pools: ReadonlyMap<number, Pool>;
  readonly #sources = new Map<string, { readonly line: PoolLine; amount: number }>();
  readonly #uses = new Map<string, { readonly division: string; readonly at: Whereabouts; amount: number }>();

  constructor(facts: Facts) {
    this.#pools = facts.pools();
  }

  add(line: PoolLine, at: Whereabouts, amount: number): void {
    const lineKey = `${line.quotaLine} ${line.departmentCode}`;
    const source = this.#sources.get(lineKey);
    if (source === undefined) this.#sources.set(lineKey, { line, amount: fen(amount) });
    else source.amount = fen(source.amount + amount);

    const division = this.#pools.get(at.pool)?.division ?? '';
    const useKey = [division, at.projectCode ?? '', at.place ?? '', at.state, at.voucherNo ?? ''].join(' ');
    const use = this.#uses.get(useKey);
    if (use === undefined) this.#uses.set(useKey, { division, at, amount: fen(amount) });
    else use.amount = fen(use.amount + amount);
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
        amount: fen(amount),
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
        amount: fen(amount),
      }));
  }
}

const byKey = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : left > right ? 1 : 0;
