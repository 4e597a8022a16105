import { type Fen, yuanFromFen } from '../../money/fen';
import { availableAccount, projectAccount } from '../account';
import { linesOldestFirst, MovementDraft, requireLine } from '../movement-draft';
import type { LineSelection, PlacedLine, PoolEntry } from '../pool-command';
import {
  type DecidePool,
  isRecorded,
  purposeAuthority,
  requireOpen,
  requireProjectPlace,
  SideDraft,
} from '../pool-rules';
import type { QuotaLine, QuotaLineId } from '../quota-line';

/** 资金安排: money of the pool is given to projects, village by village (000 附件1 §4: 以村庄为单位). */
export interface AllocateFunds extends PoolEntry {
  readonly allocationNo: string;
  readonly lineSelection: LineSelection;
  readonly lines: readonly PlacedLine[];
}

export const allocateFunds: DecidePool<AllocateFunds> = (decision) => {
  const { command, pool, facts } = decision;
  if (isRecorded(decision, 'FundsAllocated', command.allocationNo)) return [];
  requireOpen(decision);

  const from = availableAccount(pool.division, pool.fiscalYear);
  const draft = new MovementDraft(pool, facts, command.effectiveOn);
  const sides = new SideDraft(pool, command.effectiveOn);
  const usedAuthorities: { quotaLine: QuotaLineId; toPurposeCode: string; amount: string }[] = [];
  for (const placed of command.lines) {
    const project = requireProjectPlace(decision, placed.projectCode, placed.place);
    const to = projectAccount(placed.projectCode, placed.place, 'available');
    const allot = (line: QuotaLine, amount: Fen): void => {
      const authority = purposeAuthority(decision, sides, line, project, amount);
      if (authority !== null) {
        usedAuthorities.push({ quotaLine: line.quotaLine, toPurposeCode: authority, amount: yuanFromFen(amount) });
      }
      draft.move(line.quotaLine, from, to, amount);
    };
    if (placed.documentNo !== null) {
      allot(requireLine(pool, { ...placed, documentNo: placed.documentNo }), placed.amount);
      continue;
    }
    const candidates = linesOldestFirst(pool, placed.channelCode, placed.purposeCode);
    for (const part of draft.select(candidates, from, placed.amount, command.lineSelection)) {
      allot(part.line, part.amount);
    }
  }
  return [
    {
      type: 'FundsAllocated',
      data: {
        documentNo: command.allocationNo,
        movements: draft.finish(),
        ...(usedAuthorities.length > 0 ? { usedAuthorities } : {}),
      },
    },
  ];
};
