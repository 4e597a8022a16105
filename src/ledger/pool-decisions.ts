import { type AllocateFunds, allocateFunds } from '../pool/allocating/allocate-funds';
import { type AppropriateFunds, appropriateFunds } from '../pool/appropriating/appropriate-funds';
import { type CarryOverFunds, carryOverFunds } from '../pool/carrying-over/carry-over-funds';
import { type ReceiveCarryOver, receiveCarryOver } from '../pool/carrying-over/receive-carry-over';
import { crossingEntry, entry } from '../pool/closing/adjustment';
import { type CloseMonth, closeMonth, type CloseYear, closeYear } from '../pool/closing/close-period';
import {
  type ApproveReopening,
  approveReopening,
  type RequestReopening,
  requestReopening,
} from '../pool/closing/reopen-period';
import { projectsOf } from '../pool/correcting/return-fits';
import { type ReverseEntry, reverseEntry } from '../pool/correcting/reverse-entry';
import { type ApprovePayment, approvePayment } from '../pool/disbursing/approve-payment';
import { type CancelPayment, cancelPayment } from '../pool/disbursing/cancel-payment';
import { type ExecutePayment, executePayment } from '../pool/disbursing/execute-payment';
import { type RecordPayment, recordPayment } from '../pool/disbursing/record-payment';
import { type RequestPayment, requestPayment } from '../pool/disbursing/request-payment';
import { type ReturnPayment, returnPayment } from '../pool/disbursing/return-payment';
import { type IntegrateFunds, integrateFunds } from '../pool/integrating/integrate-funds';
import type { DocumentKind } from '../pool/document-book';
import type { DecidePool } from '../pool/pool-rules';
import { type ReallocateFunds, reallocateFunds } from '../pool/reallocating/reallocate-funds';
import { type RecallFunds, recallFunds } from '../pool/recalling/recall-funds';
import { type RecordCash, recordCash } from '../pool/receiving-cash/record-cash';
import { type RepurposeFunds, repurposeFunds } from '../pool/repurposing/repurpose-funds';
import { type DeclineTaking, declineTaking } from '../pool/transferring/decline-taking';
import { type ReceiveTransfer, receiveTransfer } from '../pool/transferring/receive-transfer';
import { type TransferFunds, transferFunds } from '../pool/transferring/transfer-funds';

/** Content of every command to a pool, by its name. */
export interface PoolCommands {
  readonly AppropriateFunds: AppropriateFunds;
  readonly RecordCash: RecordCash;
  readonly IntegrateFunds: IntegrateFunds;
  readonly TransferFunds: TransferFunds;
  readonly ReceiveTransfer: ReceiveTransfer;
  readonly DeclineTaking: DeclineTaking;
  readonly AllocateFunds: AllocateFunds;
  readonly ReallocateFunds: ReallocateFunds;
  readonly RepurposeFunds: RepurposeFunds;
  readonly RequestPayment: RequestPayment;
  readonly ApprovePayment: ApprovePayment;
  readonly ExecutePayment: ExecutePayment;
  readonly RecordPayment: RecordPayment;
  readonly CancelPayment: CancelPayment;
  readonly ReturnPayment: ReturnPayment;
  readonly RecallFunds: RecallFunds;
  readonly CarryOverFunds: CarryOverFunds;
  readonly ReceiveCarryOver: ReceiveCarryOver;
  readonly ReverseEntry: ReverseEntry;
  readonly CloseMonth: CloseMonth;
  readonly CloseYear: CloseYear;
  readonly RequestReopening: RequestReopening;
  readonly ApproveReopening: ApproveReopening;
}

export type PoolCommandName = keyof PoolCommands;

interface PoolCommandRules<Command extends PoolCommands[PoolCommandName]> {
  /** Ledger in which the command's document stands once; null: it brings none, or none that is entered again. */
  readonly document: DocumentKind | null;
  readonly decide: DecidePool<Command>;
  /** Number of the document that the command rests on. */
  readonly basis: (command: Command) => string;
  /** Projects that the decision looks at. */
  readonly projects: (command: Command) => readonly string[];
}

const none = (): readonly string[] => [];
const ofLines = (command: { readonly lines: readonly { readonly projectCode: string }[] }): readonly string[] =>
  command.lines.map((line) => line.projectCode);

/** How each command is decided. */
export const POOL_DECISIONS: { readonly [Name in PoolCommandName]: PoolCommandRules<PoolCommands[Name]> } = {
  AppropriateFunds: {
    document: 'appropriations',
    decide: entry(appropriateFunds),
    basis: (command) => command.documentNo,
    projects: none,
  },
  RecordCash: {
    document: 'cash-receipts',
    decide: entry(recordCash),
    basis: (command) => command.receiptNo,
    projects: none,
  },
  IntegrateFunds: {
    document: 'integrations',
    decide: entry(integrateFunds),
    basis: (command) => command.integrationNo,
    projects: none,
  },
  TransferFunds: {
    document: 'transfers',
    decide: crossingEntry(transferFunds),
    basis: (command) => command.transferNo,
    projects: none,
  },
  ReceiveTransfer: {
    document: null,
    decide: crossingEntry(receiveTransfer),
    basis: (command) => command.issued.documentNo,
    projects: none,
  },
  DeclineTaking: { document: null, decide: declineTaking, basis: (command) => command.reversalNo, projects: none },
  AllocateFunds: {
    document: 'allocations',
    decide: entry(allocateFunds),
    basis: (command) => command.allocationNo,
    projects: ofLines,
  },
  ReallocateFunds: {
    document: 'reallocations',
    decide: entry(reallocateFunds),
    basis: (command) => command.reallocationNo,
    projects: (command) =>
      command.lines.flatMap(({ fromProject, to }) => (to === null ? [fromProject] : [fromProject, to.projectCode])),
  },
  RepurposeFunds: {
    document: 'repurposings',
    decide: entry(repurposeFunds),
    basis: (command) => command.approvalNo,
    projects: none,
  },
  RequestPayment: {
    document: 'payments',
    decide: entry(requestPayment),
    basis: (command) => command.voucherNo,
    projects: ofLines,
  },
  ApprovePayment: {
    document: null,
    decide: entry(approvePayment),
    basis: (command) => command.voucherNo,
    projects: none,
  },
  ExecutePayment: {
    document: null,
    decide: entry(executePayment),
    basis: (command) => command.voucherNo,
    projects: none,
  },
  RecordPayment: {
    document: 'payments',
    decide: entry(recordPayment),
    basis: (command) => command.voucherNo,
    projects: ofLines,
  },
  CancelPayment: {
    document: null,
    decide: entry(cancelPayment),
    basis: (command) => command.voucherNo,
    projects: none,
  },
  ReturnPayment: {
    document: 'payments',
    decide: entry(returnPayment),
    basis: (command) => command.voucherNo,
    projects: none,
  },
  RecallFunds: {
    document: 'recalls',
    decide: entry(recallFunds),
    basis: (command) => command.recallNo,
    projects: (command) => command.lines.flatMap(({ from }) => (from === null ? [] : [from.projectCode])),
  },
  CarryOverFunds: {
    document: 'carry-overs',
    decide: crossingEntry(carryOverFunds),
    basis: (command) => command.carryOverNo,
    projects: none,
  },
  ReceiveCarryOver: {
    document: null,
    decide: crossingEntry(receiveCarryOver),
    basis: (command) => command.carried.documentNo,
    projects: none,
  },
  ReverseEntry: {
    document: null,
    decide: crossingEntry(reverseEntry),
    basis: (command) => command.reversalNo,
    projects: projectsOf,
  },
  CloseMonth: { document: null, decide: closeMonth, basis: (command) => command.closingNo, projects: none },
  CloseYear: { document: null, decide: closeYear, basis: (command) => command.closingNo, projects: none },
  RequestReopening: {
    document: null,
    decide: requestReopening,
    basis: (command) => command.approvalNo,
    projects: none,
  },
  ApproveReopening: {
    document: null,
    decide: approveReopening,
    basis: (command) => command.approvalNo,
    projects: none,
  },
};
