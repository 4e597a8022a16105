import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Ledger } from '../../src/ledger/ledger';
import { fen, yuanFromFen } from '../../src/money/fen';
import { DomainError } from '../../src/platform/domain-error';
import { actorNamed, DeskPlayer, openWorld, type Outcome } from './player';
import type { Placed, Step } from './step';

const csv = (rows: readonly (readonly string[])[]): string => rows.map((row) => row.join(',')).join('\n');

type Row = Readonly<Record<string, string>>;

const yuan = (amount: number): string => yuanFromFen(fen(amount));
const yesOrNo = (yes: boolean): string => (yes ? '是' : '否');

const placed = ({ projectCode, place, documentNo }: Placed): Row => ({
  projectCode,
  place,
  documentNo: documentNo ?? '',
});

/** The rows in which an office would write a command; null: its ledgers have no words for it. */
const rowsOf = ({ asked, division, fiscalYear, effectiveOn, adjustment }: Step): readonly Row[] | null => {
  if (adjustment !== undefined) return null;
  const pool = { division, fiscalYear: String(fiscalYear), effectiveOn };
  const each = <Line extends { readonly channelCode: string; readonly purposeCode: string; readonly amount: number }>(
    lines: readonly Line[],
    row: (line: Line) => Row,
  ): readonly Row[] =>
    lines.map((line) => ({
      ...pool,
      channelCode: line.channelCode,
      purposeCode: line.purposeCode,
      amount: yuan(line.amount),
      unit: '元',
      ...row(line),
    }));
  switch (asked.name) {
    case 'AppropriateFunds':
      return each(asked.lines, () => ({ documentNo: asked.documentNo }));
    case 'RecordCash':
      return each(asked.lines, ({ documentNo }) => ({ receiptNo: asked.receiptNo, documentNo }));
    case 'IntegrateFunds':
      return each(asked.lines, ({ documentNo }) => ({
        integrationNo: asked.integrationNo,
        regime: '用途渠道不变',
        documentNo,
      }));
    case 'TransferFunds':
      return each(asked.lines, ({ documentNo, toDivision, integrated }) => ({
        transferNo: asked.transferNo,
        fromDivision: division,
        toDivision,
        documentNo,
        integrated: yesOrNo(integrated),
      })).map(({ division: _division, ...row }) => row);
    case 'AllocateFunds':
      return each(asked.lines, (line) => ({ allocationNo: asked.allocationNo, ...placed(line) }));
    case 'ReallocateFunds':
      return each(asked.lines, ({ documentNo, fromProject, fromPlace, to }) => ({
        reallocationNo: asked.reallocationNo,
        documentNo,
        fromProject,
        fromPlace,
        toProject: to?.projectCode ?? '',
        toPlace: to?.place ?? '',
      }));
    case 'RecallFunds':
      return each(asked.lines, ({ documentNo, from }) => ({
        recallNo: asked.recallNo,
        documentNo,
        projectCode: from?.projectCode ?? '',
        place: from?.place ?? '',
      }));
    case 'RecordPayment':
      return each(asked.lines, (line) => ({ voucherNo: asked.voucherNo, payee: asked.payee, ...placed(line) }));
    case 'ReturnPayment':
      if (asked.lines.length === 0) return null;
      return each(asked.lines, (line) => ({
        voucherNo: asked.voucherNo,
        payee: asked.payee,
        status: '退回',
        originalVoucherNo: asked.originalVoucherNo,
        ...placed(line),
      }));
    case 'CarryOverFunds':
      return [{ ...pool, carryOverNo: asked.carryOverNo, toFiscalYear: String(asked.toFiscalYear) }];
    default:
      return null;
  }
};

/** What an office's ledgers can say comes in as a file of its own; the rest is asked of the desk. */
export class ImportPlayer extends DeskPlayer {
  #files = 0;

  static override async open(): Promise<ImportPlayer> {
    const { ledger, directory, seen } = await openWorld('sqlite');
    return new ImportPlayer(ledger, directory, seen);
  }

  protected constructor(ledger: Ledger, directory: string, seen: number) {
    super(ledger, directory, seen);
  }

  override async play(step: Step): Promise<Outcome> {
    const rows = rowsOf(step);
    if (rows === null) return super.play(step);
    const headers = Object.keys(rows[0] ?? {});
    this.#files += 1;
    const file = join(this.directory, `${this.#files}.csv`);
    writeFileSync(file, csv([headers, ...rows.map((row) => headers.map((header) => row[header] ?? ''))]));
    try {
      const { stored } = await this.ledger.importFiles([file], { actor: actorNamed(step.by) });
      return { outcome: stored > 0 ? 'accepted' : 'unchanged', code: null };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const [row] = (error.parameters['rows'] ?? []) as readonly { readonly code: string }[];
      return { outcome: 'refused', code: row?.code ?? error.code };
    }
  }
}
