import { availableAccount, receivedAccount, transitAccount } from '../account';
import { MovementDraft, requireLine } from '../movement-draft';
import type { NamedLine, PoolEntry } from '../pool-command';
import { transferNotDownward, unknownDivision } from '../pool-errors';
import type { PoolEvent } from '../pool-event';
import { type DecidePool, isRecorded, requireOpen, sumByLine } from '../pool-rules';

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
  if (isRecorded(decision, 'TransferIssued', command.transferNo)) return [];
  requireOpen(decision);

  const parcels = new Map<string, TransferFunds['lines'][number][]>();
  for (const line of command.lines) {
    if (!facts.hasDivision(line.toDivision, command.effectiveOn)) throw unknownDivision(line.toDivision, 'toDivision');
    if (line.toDivision === pool.division || !line.toDivision.startsWith(pool.division)) {
      throw transferNotDownward(pool.division, line.toDivision);
    }
    const key = `${line.toDivision}|${line.integrated}`;
    parcels.set(key, [...(parcels.get(key) ?? []), line]);
  }

  const whole = new MovementDraft(pool, facts, command.effectiveOn);
  const events: PoolEvent[] = [];
  for (const lines of parcels.values()) {
    const [first] = lines;
    if (first === undefined) continue;
    const from = first.integrated
      ? availableAccount(pool.division, pool.fiscalYear)
      : receivedAccount(pool.division, pool.fiscalYear);
    const parcel = new MovementDraft(pool, facts, command.effectiveOn);
    const sentLines = sumByLine(lines).map((line) => {
      const known = requireLine(pool, line);
      parcel.move(known.quotaLine, from, transitAccount(command.transferNo), line.amount);
      whole.move(known.quotaLine, from, transitAccount(command.transferNo), line.amount);
      return known;
    });
    events.push({
      type: 'TransferIssued',
      data: {
        documentNo: command.transferNo,
        toDivision: first.toDivision,
        toFiscalYear: pool.fiscalYear,
        integrated: first.integrated,
        sentLines,
        movements: parcel.finish(),
      },
    });
  }
  whole.finish();
  return events;
};
