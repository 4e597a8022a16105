import { availableAccount } from '../account';
import { summedLines } from '../document-lines';
import { linesOldestFirst, requireLine } from '../movement-draft';
import type { LineSelection, PlacedLine, PoolEntry } from '../pool-command';
import { type DecidePool, isRecorded, requireOpen, requireProjectPlace } from '../pool-rules';
import { ProjectDraft } from '../project-draft';

/** 资金安排: money of the pool is given to projects, village by village (000 附件1 §4: 以村庄为单位). */
export interface AllocateFunds extends PoolEntry {
  readonly allocationNo: string;
  readonly lineSelection: LineSelection;
  readonly lines: readonly PlacedLine[];
}

export const allocateFunds: DecidePool<AllocateFunds> = (decision) => {
  const { command, pool } = decision;
  if (isRecorded(decision, 'allocations', command.allocationNo)) return [];
  requireOpen(decision);

  const from = availableAccount(pool.division, pool.fiscalYear);
  const draft = new ProjectDraft(decision);
  for (const placed of summedLines(command.lines)) {
    const { projectCode, place, documentNo, channelCode, purposeCode, amount } = placed;
    // The project before the money: where it is wrong, that is the reason to name.
    requireProjectPlace(decision, projectCode, place);
    if (documentNo !== null) {
      draft.give(requireLine(pool, { ...placed, documentNo }), from, projectCode, place, amount);
      continue;
    }
    const candidates = linesOldestFirst(pool, channelCode, purposeCode);
    for (const part of draft.movements.select(candidates, from, amount, command.lineSelection)) {
      draft.give(part.line, from, projectCode, place, part.amount);
    }
  }
  return [{ type: 'FundsAllocated', data: { documentNo: command.allocationNo, ...draft.finish() } }];
};
