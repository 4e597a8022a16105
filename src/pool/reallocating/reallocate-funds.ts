import { availableAccount, projectAccount } from '../account';
import { summedLines } from '../document-lines';
import { requireLine } from '../movement-draft';
import type { NamedLine, PoolEntry } from '../pool-command';
import { samePlace } from '../pool-errors';
import { type DecidePool, isRecorded, requireOpen } from '../pool-rules';
import { ProjectDraft } from '../project-draft';

/** 调剂: the same line moves from one project to another, or back into the pool. */
export interface ReallocateFunds extends PoolEntry {
  readonly reallocationNo: string;
  readonly lines: readonly (NamedLine & {
    readonly fromProject: string;
    readonly fromPlace: string;
    /** Null: back into the pool. */
    readonly to: { readonly projectCode: string; readonly place: string } | null;
  })[];
}

export const reallocateFunds: DecidePool<ReallocateFunds> = (decision) => {
  const { command, pool } = decision;
  if (isRecorded(decision, 'reallocations', command.reallocationNo)) return [];
  requireOpen(decision);

  const draft = new ProjectDraft(decision);
  for (const each of summedLines(command.lines)) {
    if (each.to?.projectCode === each.fromProject && each.to.place === each.fromPlace) {
      throw samePlace(each.fromProject, each.fromPlace);
    }
    const line = requireLine(pool, each);
    const from = projectAccount(each.fromProject, each.fromPlace, 'available');
    if (each.to !== null) draft.give(line, from, each.to.projectCode, each.to.place, each.amount);
    else draft.movements.move(line.quotaLine, from, availableAccount(pool.division, pool.fiscalYear), each.amount);
  }
  return [{ type: 'FundsReallocated', data: { documentNo: command.reallocationNo, ...draft.finish() } }];
};
