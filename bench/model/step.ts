/** What a history is made of: one command each, as an office would say it. Plain data, so that a history can be printed. */

export interface Place {
  readonly projectCode: string;
  readonly place: string;
}

/** Amounts are whole fen. */
export interface Funds {
  readonly channelCode: string;
  readonly purposeCode: string;
  readonly amount: number;
}

export interface Named extends Funds {
  readonly documentNo: string;
}

export interface Placed extends Funds, Place {
  readonly documentNo: string | null;
}

export interface Approval {
  readonly approvalNo: string;
  readonly approvedBy: string;
  readonly reason: string;
}

/** What an earlier step has made happen: the how-manieth entry of that step. */
export interface Target {
  readonly step: number;
  readonly part: number;
}

export type Regime = 'BUNDLING_UNCHANGED' | 'PILOT_INTEGRATION' | 'LONG_TERM_MECHANISM';

export type Asked =
  | {
      readonly name: 'AppropriateFunds';
      readonly documentNo: string;
      readonly lines: readonly (Funds & { readonly parentDocumentNo: string | null })[];
    }
  | { readonly name: 'RecordCash'; readonly receiptNo: string; readonly lines: readonly Named[] }
  | {
      readonly name: 'IntegrateFunds';
      readonly integrationNo: string;
      readonly integrationRegime: Regime;
      readonly lines: readonly Named[];
    }
  | {
      readonly name: 'TransferFunds';
      readonly transferNo: string;
      readonly lines: readonly (Named & { readonly toDivision: string; readonly integrated: boolean })[];
    }
  | {
      readonly name: 'AllocateFunds';
      readonly allocationNo: string;
      readonly lineSelection: 'fifo';
      readonly lines: readonly Placed[];
    }
  | {
      readonly name: 'ReallocateFunds';
      readonly reallocationNo: string;
      readonly lines: readonly (Named & {
        readonly fromProject: string;
        readonly fromPlace: string;
        readonly to: Place | null;
      })[];
    }
  | {
      readonly name: 'RecallFunds';
      readonly recallNo: string;
      readonly recalledTo: null;
      readonly lines: readonly (Named & { readonly from: Place | null })[];
    }
  | {
      readonly name: 'RequestPayment';
      readonly voucherNo: string;
      readonly payee: string;
      readonly lineSelection: 'fifo';
      readonly repaysVoucherNo: string | null;
      readonly lines: readonly Placed[];
    }
  | { readonly name: 'ApprovePayment'; readonly voucherNo: string }
  | { readonly name: 'ExecutePayment'; readonly voucherNo: string }
  | { readonly name: 'CancelPayment'; readonly voucherNo: string; readonly reason: string }
  | {
      readonly name: 'RecordPayment';
      readonly voucherNo: string;
      readonly payee: string;
      readonly lineSelection: 'fifo';
      readonly lines: readonly Placed[];
    }
  | {
      readonly name: 'ReturnPayment';
      readonly voucherNo: string;
      readonly originalVoucherNo: string;
      readonly payee: string;
      readonly lines: readonly Placed[];
    }
  | { readonly name: 'CarryOverFunds'; readonly carryOverNo: string; readonly toFiscalYear: number }
  | { readonly name: 'ReverseEntry'; readonly reversalNo: string; readonly reason: string; readonly target: Target }
  | { readonly name: 'CloseMonth'; readonly closingNo: string; readonly month: string }
  | { readonly name: 'CloseYear'; readonly closingNo: string }
  | {
      readonly name: 'RequestReopening';
      readonly approvalNo: string;
      readonly period: string;
      readonly reason: string;
    }
  | { readonly name: 'ApproveReopening'; readonly approvalNo: string; readonly period: string };

export type AskedName = Asked['name'];

export interface Step {
  /** Stays the same when steps before it are left out. */
  readonly id: number;
  readonly commandId: string;
  /** Who asks. */
  readonly by: string;
  readonly division: string;
  readonly fiscalYear: number;
  readonly effectiveOn: string;
  readonly adjustment?: Approval;
  readonly asked: Asked;
}

export interface Verdict {
  /** `repeated`: the same command id with the same content; the first answer again. */
  readonly outcome: 'accepted' | 'unchanged' | 'refused' | 'repeated';
  /** Why it is refused: every code that would be right, as more than one rule may be broken. `ANY`: no code is promised. */
  readonly codes: readonly string[];
}
