import { fen, type Fen, fenFromYuan } from '../../money/fen';
import type { Pool, SideAccount } from '../pool';
import { overdraft } from '../pool-errors';
import type { PoolDecision } from '../pool-rules';
import type { QuotaLineId } from '../quota-line';
import type { Subject } from './particulars';
import type { ReverseEntry } from './reverse-entry';

const SIDE_NAMES: Readonly<Record<'cash' | 'pilot', readonly [zh: string, en: string]>> = {
  cash: ['到位未用资金', 'cash received and not used'],
  pilot: ['试点整合、尚未调整用途的额度', 'what is integrated under the pilot regime and not repurposed'],
};

interface SideChange {
  readonly quotaLine: QuotaLineId;
  readonly side: SideAccount;
  readonly change: Fen;
}

/** How the balances beside money change. Cash is watched only where a channel asks for it. */
const sideChangesOf = (pool: Pool, { particulars, isRestored }: Subject): ReadonlyMap<string, SideChange> => {
  const changes = new Map<string, SideChange>();
  const add = (quotaLine: QuotaLineId, side: SideAccount, change: number): void => {
    if (side === 'cash' && pool.lines.get(quotaLine)?.cashRequired !== true) return;
    const key = `${quotaLine}|${side}`;
    changes.set(key, { quotaLine, side, change: fen((changes.get(key)?.change ?? 0) + change) });
  };
  const sign = isRestored ? 1 : -1;
  for (const { quotaLine, amount } of particulars.receipts ?? []) add(quotaLine, 'cash', sign * fenFromYuan(amount));
  for (const { quotaLine, amount } of particulars.carriedCash ?? []) add(quotaLine, 'cash', fenFromYuan(amount));
  for (const { quotaLine, amount } of particulars.pilot ?? []) add(quotaLine, 'pilot', fenFromYuan(amount));
  for (const { quotaLine, toPurposeCode, amount } of particulars.authorityChanges ?? []) {
    add(quotaLine, `authority:${toPurposeCode}`, fenFromYuan(amount));
  }
  return changes;
};

/**
 * What is taken back beside money must still be there: cash that is bound, authority that is used, stays.
 *
 * @throws DomainError OVERDRAFT
 */
export const requireSides = ({ pool, command }: PoolDecision<ReverseEntry>, subject: Subject): void => {
  for (const { quotaLine, side, change } of sideChangesOf(pool, subject).values()) {
    if (change >= 0) continue;
    const lowest = pool.sides.lowestFrom(quotaLine, side, command.effectiveOn);
    if (lowest.balance + change >= 0) continue;
    const purpose = side.slice('authority:'.length);
    const [where, whereEn] =
      side === 'cash' || side === 'pilot'
        ? SIDE_NAMES[side]
        : [`用途 ${purpose} 的调整额度`, `authority for purpose ${purpose}`];
    throw overdraft({
      line: quotaLine,
      where,
      whereEn,
      account: side,
      asked: fen(-change),
      available: lowest.balance,
      on: lowest.on,
    });
  }
};
