import type { Fen } from '../money/fen';
import { assertNever } from '../platform/domain-error';
import type { ChannelKind, ChannelLevel } from '../registry/channels/channel-kind';
import type { IntegrationRegime } from '../pool/pool-event';

/** The fourteen ledgers an office can hand in, in the order in which they are taken up. */
export const LEDGER_KINDS = [
  'divisions',
  'departments',
  'purposes',
  'channels',
  'appropriations',
  'integrations',
  'transfers',
  'cash-receipts',
  'projects',
  'allocations',
  'reallocations',
  'payments',
  'recalls',
  'carry-overs',
] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

export const PAYMENT_STATUSES = ['已支付', '退回'] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** Where in a sheet a field stands. */
export interface SheetColumn {
  /** The header as the office wrote it. */
  readonly header: string;
  /** The column's letters, as a spreadsheet shows them. */
  readonly letters: string;
}

/** One sheet of one file that was recognised as a ledger. All rows of a sheet share one such object. */
export interface LedgerSheet {
  /** The path as it was given. */
  readonly file: string;
  /** The sheet's name; of a CSV file the file's name without its extension, as spreadsheet programs show it. */
  readonly sheet: string;
  readonly ledger: LedgerKind;
  /** By field name; only of columns that the sheet has. */
  readonly columns: ReadonlyMap<string, SheetColumn>;
}

interface Row<Kind extends LedgerKind> {
  readonly ledger: Kind;
  readonly source: LedgerSheet;
  /** As the spreadsheet shows it: 1-based and with the header counted; of a CSV file the number of the record. */
  readonly row: number;
}

/*
 * In all rows: codes are trimmed and in NFC; divisions and places have the length of their level (2, 4, 6, 9, 12);
 * dates are YYYY-MM-DD and exist in the calendar; amounts are positive; a cell left empty is null.
 */

export interface DivisionRow extends Row<'divisions'> {
  readonly divisionCode: string;
  readonly name: string;
  readonly validFrom: string | null;
  readonly validTo: string | null;
}

export interface DepartmentRow extends Row<'departments'> {
  readonly departmentCode: string;
  readonly name: string;
  readonly validFrom: string | null;
  readonly validTo: string | null;
  readonly mergedInto: string | null;
}

export interface PurposeRow extends Row<'purposes'> {
  readonly purposeCode: string;
  readonly name: string;
  readonly parentPurpose: string | null;
}

export interface ChannelRow extends Row<'channels'> {
  readonly channelCode: string;
  readonly name: string;
  readonly departmentCode: string;
  readonly level: ChannelLevel;
  readonly kind: ChannelKind;
  /** Null: every purpose. */
  readonly allowedPurposes: readonly string[] | null;
  /** 否 when the cell is empty or the column absent. */
  readonly cashRequired: boolean;
}

/** What every ledger of money names: when, whose pool, which channel and purpose. */
interface MoneyRow<Kind extends LedgerKind> extends Row<Kind> {
  readonly effectiveOn: string;
  readonly fiscalYear: number;
  readonly channelCode: string;
  readonly purposeCode: string;
  readonly amount: Fen;
  /** Tells rows of one document apart that say the same. */
  readonly lineNo: string | null;
  /** 重记: the reversal after which the same document is entered again. */
  readonly rebooks: string | null;
}

export interface AppropriationRow extends MoneyRow<'appropriations'> {
  readonly documentNo: string;
  readonly parentDocumentNo: string | null;
  readonly division: string;
}

export interface IntegrationRow extends MoneyRow<'integrations'> {
  readonly integrationNo: string;
  readonly division: string;
  readonly regime: IntegrationRegime;
  readonly documentNo: string;
}

export interface TransferRow extends MoneyRow<'transfers'> {
  readonly transferNo: string;
  readonly fromDivision: string;
  readonly toDivision: string;
  readonly documentNo: string;
  /** 是 when the cell is empty or the column absent. */
  readonly integrated: boolean;
}

export interface CashReceiptRow extends MoneyRow<'cash-receipts'> {
  readonly receiptNo: string;
  readonly division: string;
  readonly documentNo: string;
}

export interface ProjectRow extends Row<'projects'> {
  readonly projectCode: string;
  readonly projectName: string;
  readonly division: string;
  readonly purposeCode: string;
  /** At least one, none twice. */
  readonly places: readonly string[];
  readonly enteredOn: string;
  readonly category: string | null;
  readonly nature: string | null;
  readonly implementer: string | null;
  readonly content: string | null;
  readonly startedOn: string | null;
  readonly completedOn: string | null;
  readonly acceptedOn: string | null;
}

export interface AllocationRow extends MoneyRow<'allocations'> {
  readonly allocationNo: string;
  readonly division: string;
  readonly projectCode: string;
  readonly place: string;
  /** Null: oldest line first (先进先出). */
  readonly documentNo: string | null;
}

export interface ReallocationRow extends MoneyRow<'reallocations'> {
  readonly reallocationNo: string;
  readonly division: string;
  readonly documentNo: string;
  readonly fromProject: string;
  readonly fromPlace: string;
  /** Null together with toPlace: back into the pool. */
  readonly toProject: string | null;
  readonly toPlace: string | null;
}

export interface PaymentRow extends MoneyRow<'payments'> {
  readonly voucherNo: string;
  readonly division: string;
  readonly projectCode: string;
  readonly place: string;
  /** Null: oldest line first (先进先出). */
  readonly documentNo: string | null;
  readonly payee: string;
  /** 已支付 when the cell is empty or the column absent. */
  readonly status: PaymentStatus;
  /** Never null in a 退回. */
  readonly originalVoucherNo: string | null;
  readonly requestedBy: string | null;
  readonly approvedBy: string | null;
}

export interface RecallRow extends MoneyRow<'recalls'> {
  readonly recallNo: string;
  readonly division: string;
  /** Null together with place: out of the pool. */
  readonly projectCode: string | null;
  readonly place: string | null;
  readonly documentNo: string;
  /** A division's code in the length of its level, or a name. */
  readonly recalledTo: string | null;
}

export interface CarryOverRow extends Row<'carry-overs'> {
  readonly carryOverNo: string;
  readonly effectiveOn: string;
  readonly division: string;
  readonly fiscalYear: number;
  readonly toFiscalYear: number;
  readonly rebooks: string | null;
}

/** One row of an office's ledger, its cells understood; whether what it names exists is for the ledger to say. */
export type LedgerRow =
  | DivisionRow
  | DepartmentRow
  | PurposeRow
  | ChannelRow
  | AppropriationRow
  | IntegrationRow
  | TransferRow
  | CashReceiptRow
  | ProjectRow
  | AllocationRow
  | ReallocationRow
  | PaymentRow
  | RecallRow
  | CarryOverRow;

/** The row type of one ledger. */
export type RowOf<Kind extends LedgerKind> = Extract<LedgerRow, { readonly ledger: Kind }>;

/** Ledgers that say what there is, in the order in which they are taken up; a row that is there twice says nothing new. */
export const REGISTRY_KINDS = ['divisions', 'departments', 'purposes', 'channels', 'projects'] as const;
export type RegistryRow = RowOf<(typeof REGISTRY_KINDS)[number]>;

export const isRegistryRow = (row: LedgerRow): row is RegistryRow =>
  (REGISTRY_KINDS as readonly LedgerKind[]).includes(row.ledger);

/** The code that a register's row is about. */
export const registerCodeOf = (row: RegistryRow): string => {
  switch (row.ledger) {
    case 'divisions':
      return row.divisionCode;
    case 'departments':
      return row.departmentCode;
    case 'purposes':
      return row.purposeCode;
    case 'channels':
      return row.channelCode;
    case 'projects':
      return row.projectCode;
    default:
      return assertNever(row);
  }
};

/** The fields of a ledger that come out of cells. */
export type FieldOf<Kind extends LedgerKind> = Exclude<keyof RowOf<Kind>, keyof Row<Kind>> & string;
