import { quotaLineId } from '../pool/quota-line';
import type { DomainError, Refusal } from '../platform/domain-error';
import type { LedgerRow } from './ledger-row';
import { refuseField, refuseRow, type RowRefusal } from './row-refusal';

/** Refusals that an earlier refused row may itself have caused: the money or the entry it speaks of is missing now. */
const MAY_FOLLOW = new Set([
  'OVERDRAFT',
  'UNKNOWN_QUOTA_LINE',
  'CHANNEL_CHANGED',
  'CASH_NOT_RECEIVED',
  'UNKNOWN_PAYMENT',
  'UNKNOWN_PROJECT',
  'UNKNOWN_PURPOSE',
  'UNKNOWN_CHANNEL',
  'UNKNOWN_DIVISION',
  'UNKNOWN_DEPARTMENT',
]);

/**
 * Fields that stand for the whole document when a refusal names none. A ledger's own number comes before the document
 * of its quota line, which may be empty.
 */
const NUMBER_FIELDS = [
  'integrationNo',
  'transferNo',
  'receiptNo',
  'allocationNo',
  'reallocationNo',
  'voucherNo',
  'recallNo',
  'carryOverNo',
  'documentNo',
] as const;

/** Which field of a row a refusal is about, when it does not name one itself. */
const FIELD_OF_CODE: Readonly<Record<string, string>> = {
  OVERDRAFT: 'amount',
  CASH_NOT_RECEIVED: 'amount',
  RETURN_EXCEEDS_PAYMENT: 'amount',
  PURPOSE_CHANGED: 'purposeCode',
  PURPOSE_NOT_ALLOWED: 'purposeCode',
  CHANNEL_CHANGED: 'channelCode',
  PLACE_NOT_IN_PROJECT: 'place',
  SAME_PLACE: 'toPlace',
  PLACE_OUTSIDE_DIVISION: 'place',
  PROJECT_NOT_IN_LIBRARY: 'projectCode',
  PERIOD_CLOSED: 'effectiveOn',
  YEAR_CLOSED: 'fiscalYear',
  TRANSFER_NOT_DOWNWARD: 'toDivision',
  SAME_PERSON: 'approvedBy',
  PAYMENT_STATE: 'originalVoucherNo',
  NOTHING_TO_RETURN: 'originalVoucherNo',
  BEFORE_PAYMENT_STEP: 'effectiveOn',
  DATE_IN_FUTURE: 'effectiveOn',
  DATE_BEFORE_YEAR: 'effectiveOn',
  ROW_TWICE: 'amount',
};

const has = (row: LedgerRow, field: string): boolean => row.source.columns.has(field);

const valueOf = (row: LedgerRow, field: string): unknown =>
  (row as unknown as Readonly<Record<string, unknown>>)[field];

const lineOf = (row: LedgerRow): string | null =>
  'documentNo' in row && row.documentNo !== null && 'channelCode' in row
    ? quotaLineId(row.documentNo, row.channelCode, row.purposeCode)
    : null;

/** The row of a document that a refusal is about: the one with the value or the quota line it names. */
const rowMeant = (
  rows: readonly [LedgerRow, ...LedgerRow[]],
  error: DomainError,
  field: string | undefined,
): LedgerRow => {
  const { value, quotaLine, projectCode, place, asked, second } = error.parameters;
  if (typeof second === 'number' && rows[second] !== undefined) return rows[second];
  const matches = (row: LedgerRow): boolean => {
    if (field !== undefined && value !== undefined) return String(valueOf(row, field)) === value;
    if (quotaLine !== undefined && lineOf(row) === quotaLine) return true;
    if (place !== undefined) return valueOf(row, 'place') === place;
    if (projectCode !== undefined) return valueOf(row, 'projectCode') === projectCode;
    return asked !== undefined && field !== undefined && valueOf(row, field) === asked;
  };
  return rows.find(matches) ?? rows[0];
};

/** Lines are counted within their document; whoever looks at the sheet counts its rows. */
const countedInSheet = (rows: readonly LedgerRow[], error: DomainError): Pick<Refusal, 'message' | 'messageEn'> => {
  const { first, second } = error.parameters;
  const [one, other] = [rows[Number(first)]?.row, rows[Number(second)]?.row];
  return error.code !== 'ROW_TWICE' || one === undefined || other === undefined
    ? error
    : {
        message: `第 ${one} 行与第 ${other} 行是同一凭证的两行，说的是同一笔。`,
        messageEn: `Rows ${one} and ${other} are of one document and say the very same.`,
      };
};

/**
 * Turns a refusal of a whole document into one of the cell that a person has to look at.
 * @param afterOthers rows were refused before, so that a shortage may only be their consequence
 */
export const pointAtCell = (
  rows: readonly [LedgerRow, ...LedgerRow[]],
  error: DomainError,
  afterOthers: boolean,
): RowRefusal => {
  const named = error.parameters['field'];
  const field = typeof named === 'string' ? named : FIELD_OF_CODE[error.code];
  const row = rowMeant(rows, error, field);
  const follows = afterOthers && MAY_FOLLOW.has(error.code);
  const { message, messageEn } = countedInSheet(rows, error);
  const refusal = {
    ...error.toRefusal(),
    message: follows ? `${message}（可能由前面被拒绝的行引起。）` : message,
    messageEn: follows ? `${messageEn} (Rows refused before may be the cause.)` : messageEn,
  };
  const cell = [field, ...NUMBER_FIELDS].find((each) => each !== undefined && has(row, each));
  return cell === undefined ? refuseRow(row, refusal) : refuseField(row, cell as never, refusal);
};
