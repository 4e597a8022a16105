import { receivedAccount, sourceAccount } from '../account';
import { summedLines } from '../document-lines';
import { MovementDraft } from '../movement-draft';
import type { NamedLine, PoolEntry } from '../pool-command';
import { parentsDiffer, purposeNotAllowed, unknownChannel, unknownDivision, unknownPurpose } from '../pool-errors';
import { type DecidePool, isRecorded, linesToRemember, requireOpen } from '../pool-rules';
import { type QuotaLine, quotaLineId } from '../quota-line';

/** 指标下达: money enters a division's pool from outside, under a document, by channel and purpose. */
export interface AppropriateFunds extends PoolEntry {
  readonly documentNo: string;
  readonly lines: readonly (Omit<NamedLine, 'documentNo'> & { readonly parentDocumentNo: string | null })[];
}

export const appropriateFunds: DecidePool<AppropriateFunds> = (decision) => {
  const { command, pool, facts } = decision;
  const { documentNo, effectiveOn } = command;
  if (isRecorded(decision, 'appropriations', documentNo)) return [];
  requireOpen(decision);
  if (!facts.hasDivision(pool.division, effectiveOn)) throw unknownDivision(pool.division, 'division');

  const particulars = new Map<string, QuotaLine>();
  const lines = summedLines(command.lines);
  for (const line of lines) {
    const channel = facts.channel(line.channelCode, effectiveOn);
    if (channel === undefined) throw unknownChannel(line.channelCode);
    if (!facts.hasPurpose(line.purposeCode)) throw unknownPurpose(line.purposeCode);
    const allowed = channel.allowedPurposes;
    if (allowed.length > 0 && !allowed.some((purpose) => facts.purposeCovers(purpose, line.purposeCode))) {
      throw purposeNotAllowed(line.channelCode, line.purposeCode, allowed);
    }
    const quotaLine = quotaLineId(documentNo, line.channelCode, line.purposeCode);
    if (particulars.has(quotaLine)) throw parentsDiffer(line.channelCode, line.purposeCode);
    particulars.set(quotaLine, {
      quotaLine,
      documentNo,
      parentDocumentNo: line.parentDocumentNo,
      channelCode: line.channelCode,
      purposeCode: line.purposeCode,
      departmentCode: channel.departmentCode,
      level: channel.level,
      kind: channel.kind,
      cashRequired: channel.cashRequired,
      issuedOn: effectiveOn,
    });
  }

  const draft = new MovementDraft(pool, facts, effectiveOn);
  for (const line of lines) {
    draft.move(
      quotaLineId(documentNo, line.channelCode, line.purposeCode),
      sourceAccount(line.channelCode),
      receivedAccount(pool.division, pool.fiscalYear),
      line.amount,
    );
  }
  return [
    {
      type: 'FundsAppropriated',
      data: { documentNo, ...linesToRemember(pool, particulars.values()), movements: draft.finish() },
    },
  ];
};
