import { yuanFromFen } from '../../money/fen';
import { summedLines } from '../document-lines';
import { requireLine } from '../movement-draft';
import type { NamedLine, PoolEntry } from '../pool-command';
import { regimeForbids, samePurpose, unknownPurpose } from '../pool-errors';
import { type DecidePool, isRecorded, requireOpen, SideDraft } from '../pool-rules';

/**
 * 用途调整: under the pilot of 涉农资金统筹整合 (004 十三) and an approved document, so much of a line may pay for another
 * purpose as well. The line keeps its name; every allocation that uses the authority says so.
 */
export interface RepurposeFunds extends PoolEntry {
  readonly approvalNo: string;
  readonly lines: readonly (NamedLine & { readonly toPurposeCode: string })[];
}

export const repurposeFunds: DecidePool<RepurposeFunds> = (decision) => {
  const { command, pool, facts } = decision;
  if (isRecorded(decision, 'repurposings', command.approvalNo)) return [];
  requireOpen(decision);

  const sides = new SideDraft(pool, command.effectiveOn);
  const authorities = summedLines(command.lines).map((each) => {
    if (!facts.hasPurpose(each.toPurposeCode)) throw unknownPurpose(each.toPurposeCode);
    const { quotaLine } = requireLine(pool, each);
    if (facts.purposeCovers(each.purposeCode, each.toPurposeCode))
      throw samePurpose(each.purposeCode, each.toPurposeCode);
    const left = sides.left(quotaLine, 'pilot');
    if (left < each.amount) throw regimeForbids(quotaLine, each.amount, left);
    sides.use(quotaLine, 'pilot', each.amount);
    return { quotaLine, toPurposeCode: each.toPurposeCode, amount: yuanFromFen(each.amount) };
  });
  return [{ type: 'FundsRepurposed', data: { documentNo: command.approvalNo, authorities, movements: [] } }];
};
