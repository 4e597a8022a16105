import { yuanFromFen } from '../../money/fen';
import { availableAccount, projectAccount } from '../account';
import { MovementDraft, requireLine } from '../movement-draft';
import type { NamedLine, PoolEntry } from '../pool-command';
import {
  type DecidePool,
  isRecorded,
  purposeAuthority,
  requireOpen,
  requireProjectPlace,
  SideDraft,
} from '../pool-rules';
import type { QuotaLineId } from '../quota-line';

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
  const { command, pool, facts } = decision;
  if (isRecorded(decision, 'FundsReallocated', command.reallocationNo)) return [];
  requireOpen(decision);

  const draft = new MovementDraft(pool, facts, command.effectiveOn);
  const sides = new SideDraft(pool, command.effectiveOn);
  const usedAuthorities: { quotaLine: QuotaLineId; toPurposeCode: string; amount: string }[] = [];
  for (const each of command.lines) {
    const line = requireLine(pool, each);
    const from = projectAccount(each.fromProject, each.fromPlace, 'available');
    if (each.to === null) {
      draft.move(line.quotaLine, from, availableAccount(pool.division, pool.fiscalYear), each.amount);
      continue;
    }
    const project = requireProjectPlace(decision, each.to.projectCode, each.to.place);
    const authority = purposeAuthority(decision, sides, line, project, each.amount);
    if (authority !== null) {
      usedAuthorities.push({ quotaLine: line.quotaLine, toPurposeCode: authority, amount: yuanFromFen(each.amount) });
    }
    draft.move(line.quotaLine, from, projectAccount(each.to.projectCode, each.to.place, 'available'), each.amount);
  }
  return [
    {
      type: 'FundsReallocated',
      data: {
        documentNo: command.reallocationNo,
        movements: draft.finish(),
        ...(usedAuthorities.length > 0 ? { usedAuthorities } : {}),
      },
    },
  ];
};
