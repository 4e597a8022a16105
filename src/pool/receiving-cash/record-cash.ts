import { yuanFromFen } from '../../money/fen';
import { summedLines } from '../document-lines';
import { requireLine } from '../movement-draft';
import type { NamedLine, PoolEntry } from '../pool-command';
import { type DecidePool, isRecorded, requireOpen } from '../pool-rules';

/** 资金到位: cash has arrived for quota lines; it moves no quota. */
export interface RecordCash extends PoolEntry {
  readonly receiptNo: string;
  readonly lines: readonly NamedLine[];
}

export const recordCash: DecidePool<RecordCash> = (decision) => {
  const { command, pool } = decision;
  if (isRecorded(decision, 'cash-receipts', command.receiptNo)) return [];
  requireOpen(decision);
  const receipts = summedLines(command.lines).map((line) => ({
    quotaLine: requireLine(pool, line).quotaLine,
    amount: yuanFromFen(line.amount),
  }));
  return [{ type: 'CashReceived', data: { documentNo: command.receiptNo, receipts } }];
};
