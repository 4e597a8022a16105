import { canonicalJson } from '../event-log/canonical-json';
import { assertNever, DomainError } from '../platform/domain-error';
import { LEDGER_KINDS, type LedgerRow, type LedgerSheet, type RegistryRow } from './ledger-row';

export type MoneyRow = Exclude<LedgerRow, RegistryRow>;
export type MoneyRows = readonly [MoneyRow, ...MoneyRow[]];

/** Rows of one document of one pool, which lie in one sheet: one command. */
export interface ImportedDocument {
  /** Ledger, number and pool. */
  readonly key: string;
  readonly rows: MoneyRows;
  /** The same document in other sheets or files. */
  readonly elsewhere: readonly MoneyRows[];
}

export const numberOf = (row: MoneyRow): string => {
  switch (row.ledger) {
    case 'appropriations':
      return row.documentNo;
    case 'integrations':
      return row.integrationNo;
    case 'transfers':
      return row.transferNo;
    case 'cash-receipts':
      return row.receiptNo;
    case 'allocations':
      return row.allocationNo;
    case 'reallocations':
      return row.reallocationNo;
    case 'payments':
      return row.voucherNo;
    case 'recalls':
      return row.recallNo;
    case 'carry-overs':
      return row.carryOverNo;
    default:
      return assertNever(row);
  }
};

const poolOf = (row: MoneyRow): string =>
  `${row.ledger === 'transfers' ? row.fromDivision : row.division}-${row.fiscalYear}`;

interface Gathered {
  /** Place of the document's first row among all rows. */
  readonly sequence: number;
  readonly places: [MoneyRow, ...MoneyRow[]][];
}

/** Groups rows into documents, in the order in which they are taken up: by date, then ledger, then row. */
export const documentsOf = (rows: readonly MoneyRow[]): readonly ImportedDocument[] => {
  const documents = new Map<string, Gathered>();
  for (const [sequence, row] of rows.entries()) {
    const key = `${row.ledger}|${numberOf(row)}|${poolOf(row)}`;
    const known = documents.get(key);
    if (known === undefined) {
      documents.set(key, { sequence, places: [[row]] });
      continue;
    }
    const here = known.places.find(([first]) => first.source === row.source);
    if (here === undefined) known.places.push([row]);
    else here.push(row);
  }
  return [...documents]
    .flatMap(
      ([
        key,
        {
          places: [ofDocument, ...elsewhere],
          sequence,
        },
      ]) => (ofDocument === undefined ? [] : [{ key, rows: ofDocument, elsewhere, sequence }]),
    )
    .sort((left, right) => {
      const [one, other] = [left.rows[0], right.rows[0]];
      if (one.effectiveOn !== other.effectiveOn) return one.effectiveOn < other.effectiveOn ? -1 : 1;
      return LEDGER_KINDS.indexOf(one.ledger) - LEDGER_KINDS.indexOf(other.ledger) || left.sequence - right.sequence;
    });
};

/** Whether rows say the same, in whatever order they stand. */
export const saySame = (one: MoneyRows, other: MoneyRows): boolean =>
  one.length === other.length && contentOf(one) === contentOf(other);

const contentOf = (rows: MoneyRows): string =>
  rows
    .map(({ source: _source, row: _row, ...said }) => canonicalJson(said))
    .sort()
    .join();

/** A place in a file as people find it. */
export const placeOf = ({ source, row }: { readonly source: LedgerSheet; readonly row: number }): string =>
  `${source.file} [${source.sheet}] ${row}`;

/** The document lies in another place with other rows: which of the two is meant, nobody but the office can say. */
export const documentInTwoPlaces = ([first]: MoneyRows, [again]: MoneyRows): DomainError =>
  new DomainError('input', {
    code: 'DOCUMENT_IN_TWO_PLACES',
    message: `文号 ${numberOf(first)} 在两处，内容不同：${placeOf(first)} 行，${placeOf(again)} 行。`,
    messageEn: `Document ${numberOf(first)} lies in two places and says different things: row ${placeOf(first)} and row ${placeOf(again)}.`,
    remedy: '一份凭证只放在一个工作表中：删去一处，或把各行放到一处。',
    remedyEn: 'Keep a document in one sheet: delete one of the two, or bring its rows together.',
    parameters: { first: placeOf(first), again: placeOf(again) },
  });
