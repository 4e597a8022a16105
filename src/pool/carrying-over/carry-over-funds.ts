import { yuanFromFen } from '../../money/fen';
import { carriedAccount, parseAccount } from '../account';
import { MovementDraft } from '../movement-draft';
import { poolStream } from '../pool-stream';
import type { PoolEntry } from '../pool-command';
import { carryOverBackwards, nothingToCarryOver, paymentsPending } from '../pool-errors';
import { type DecidePool, isRecorded, pendingVouchers, requireOpen } from '../pool-rules';
import type { QuotaLine } from '../quota-line';

/** 结转: everything unspent of a year moves to a later year's pool, where it is the same quota line at the same place. */
export interface CarryOverFunds extends PoolEntry {
  readonly carryOverNo: string;
  readonly toFiscalYear: number;
}

export const carryOverFunds: DecidePool<CarryOverFunds> = (decision) => {
  const { command, pool, facts } = decision;
  if (isRecorded(decision, 'carry-overs', command.carryOverNo)) return [];
  requireOpen(decision);
  if (command.toFiscalYear <= pool.fiscalYear) throw carryOverBackwards(pool.fiscalYear, command.toFiscalYear);
  const pending = pendingVouchers(pool);
  if (pending.length > 0) throw paymentsPending(pending);

  const draft = new MovementDraft(pool, facts, command.effectiveOn);
  const sentLines: QuotaLine[] = [];
  const cash: { quotaLine: QuotaLine['quotaLine']; amount: string }[] = [];
  for (const line of pool.lines.values()) {
    let moved = false;
    for (const account of pool.accounts.accountsOf(line.quotaLine)) {
      const place = parseAccount(account);
      const carries =
        place.kind === 'received' ||
        place.kind === 'available' ||
        (place.kind === 'project' && place.state === 'available');
      if (!carries) continue;
      const left = draft.spendable(line.quotaLine, account);
      if (left <= 0) continue;
      draft.move(line.quotaLine, account, carriedAccount(pool.division, pool.fiscalYear), left);
      moved = true;
    }
    const cashLeft = pool.sides.lowestFrom(line.quotaLine, 'cash', command.effectiveOn).balance;
    if (cashLeft > 0) cash.push({ quotaLine: line.quotaLine, amount: yuanFromFen(cashLeft) });
    if (moved || cashLeft > 0) sentLines.push(line);
  }
  const movements = draft.finish();
  // Cash follows money; where none is left, there is nothing that it could be paid for.
  if (movements.length === 0) throw nothingToCarryOver(poolStream(pool.division, pool.fiscalYear));
  return [
    {
      type: 'FundsCarriedOver',
      data: {
        documentNo: command.carryOverNo,
        toFiscalYear: command.toFiscalYear,
        sentLines,
        cash,
        movements,
      },
    },
  ];
};
