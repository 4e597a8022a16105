import { availableAccount, receivedAccount, transitAccount } from '../account';
import { summedLines } from '../document-lines';
import { MovementDraft, requireLine } from '../movement-draft';
import type { NamedLine, PoolEntry } from '../pool-command';
import { transferNotDownward, unknownDivision } from '../pool-errors';
import { type DecidePool, isRecorded, requireOpen, requirePool } from '../pool-rules';

/** 分解下达: a division issues lines of its pool to divisions below it. */
export interface TransferFunds extends PoolEntry {
  readonly transferNo: string;
  readonly lines: readonly (NamedLine & {
    readonly toDivision: string;
    /** Leaves from and arrives in 池内可用; otherwise from and in 未整合. */
    readonly integrated: boolean;
  })[];
}

export const transferFunds: DecidePool<TransferFunds> = (decision) => {
  const { command, pool, facts } = decision;
  requirePool(decision);
  if (isRecorded(decision, 'transfers', command.transferNo)) return [];
  requireOpen(decision);

  const parcels = new Map<string, TransferFunds['lines'][number][]>();
  for (const line of summedLines(command.lines)) {
    if (!facts.hasDivision(line.toDivision, command.effectiveOn)) throw unknownDivision(line.toDivision, 'toDivision');
    if (line.toDivision === pool.division || !line.toDivision.startsWith(pool.division)) {
      throw transferNotDownward(pool.division, line.toDivision);
    }
    const key = `${line.toDivision}|${line.integrated}`;
    parcels.set(key, [...(parcels.get(key) ?? []), line]);
  }

  // One draft for all parcels: what leaves by one is not there for the next.
  const draft = new MovementDraft(pool, facts, command.effectiveOn);
  const drafted = [...parcels.values()].flatMap((lines) => {
    const [first] = lines;
    if (first === undefined) return [];
    const { toDivision, integrated } = first;
    draft.beginEvent();
    const from = (integrated ? availableAccount : receivedAccount)(pool.division, pool.fiscalYear);
    const sentLines = lines.map((line) => {
      const known = requireLine(pool, line);
      draft.move(known.quotaLine, from, transitAccount(command.transferNo), line.amount);
      return known;
    });
    return [{ toDivision, integrated, sentLines }];
  });
  // Each line of a parcel is one movement, in the order of the parcels.
  const movements = [...draft.finish()];
  return drafted.map(({ toDivision, integrated, sentLines }) => ({
    type: 'TransferIssued',
    data: {
      documentNo: command.transferNo,
      toDivision,
      toFiscalYear: pool.fiscalYear,
      integrated,
      sentLines,
      movements: movements.splice(0, sentLines.length),
    },
  }));
};
