import { availableAccount, receivedAccount } from '../account';
import { summedLines } from '../document-lines';
import { MovementDraft, requireLine } from '../movement-draft';
import type { NamedLine, PoolEntry } from '../pool-command';
import type { IntegrationRegime } from '../pool-event';
import { type DecidePool, isRecorded, requireOpen } from '../pool-rules';

/** 资金整合: 多个渠道进水，一个池子蓄水 (000 附件1 §6) — appropriated lines are put into the pool and keep their names. */
export interface IntegrateFunds extends PoolEntry {
  readonly integrationNo: string;
  readonly integrationRegime: IntegrationRegime;
  readonly lines: readonly NamedLine[];
}

export const integrateFunds: DecidePool<IntegrateFunds> = (decision) => {
  const { command, pool, facts } = decision;
  if (isRecorded(decision, 'integrations', command.integrationNo)) return [];
  requireOpen(decision);
  const draft = new MovementDraft(pool, facts, command.effectiveOn);
  for (const line of summedLines(command.lines)) {
    draft.move(
      requireLine(pool, line).quotaLine,
      receivedAccount(pool.division, pool.fiscalYear),
      availableAccount(pool.division, pool.fiscalYear),
      line.amount,
    );
  }
  return [
    {
      type: 'FundsIntegrated',
      data: {
        documentNo: command.integrationNo,
        integrationRegime: command.integrationRegime,
        movements: draft.finish(),
      },
    },
  ];
};
