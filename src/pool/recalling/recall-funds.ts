import { fen } from '../../money/fen';
import { availableAccount, projectAccount, receivedAccount, recalledAccount } from '../account';
import { summedLines } from '../document-lines';
import { MovementDraft, requireLine } from '../movement-draft';
import type { NamedLine, PoolEntry } from '../pool-command';
import { type DecidePool, isRecorded, requireOpen } from '../pool-rules';

/** 收回: quota is taken back from a project's place or from the pool. */
export interface RecallFunds extends PoolEntry {
  readonly recallNo: string;
  /** Who takes it back, for the record. */
  readonly recalledTo: string | null;
  readonly lines: readonly (NamedLine & {
    /** Null: from the pool itself, 池内可用 first, then 未整合. */
    readonly from: { readonly projectCode: string; readonly place: string } | null;
  })[];
}

export const recallFunds: DecidePool<RecallFunds> = (decision) => {
  const { command, pool, facts } = decision;
  if (isRecorded(decision, 'recalls', command.recallNo)) return [];
  requireOpen(decision);
  const draft = new MovementDraft(pool, facts, command.effectiveOn);
  const to = recalledAccount(pool.division, pool.fiscalYear);
  for (const each of summedLines(command.lines)) {
    const { quotaLine } = requireLine(pool, each);
    if (each.from !== null) {
      draft.move(quotaLine, projectAccount(each.from.projectCode, each.from.place, 'available'), to, each.amount);
      continue;
    }
    const available = availableAccount(pool.division, pool.fiscalYear);
    const received = receivedAccount(pool.division, pool.fiscalYear);
    const fromReceived = fen(Math.max(0, each.amount - Math.max(0, draft.spendable(quotaLine, available))));
    const covered = draft.spendable(quotaLine, received) >= fromReceived;
    const fromAvailable = covered ? fen(each.amount - fromReceived) : each.amount;
    if (fromAvailable > 0) draft.move(quotaLine, available, to, fromAvailable);
    if (covered && fromReceived > 0) draft.move(quotaLine, received, to, fromReceived);
  }
  return [
    {
      type: 'FundsRecalled',
      data: { documentNo: command.recallNo, recalledTo: command.recalledTo, movements: draft.finish() },
    },
  ];
};
