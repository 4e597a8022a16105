import type { PoolEvent } from './pool-event';

/** The ledgers in which a number stands once. */
export type DocumentKind =
  | 'appropriations'
  | 'cash-receipts'
  | 'integrations'
  | 'transfers'
  | 'allocations'
  | 'reallocations'
  | 'repurposings'
  | 'payments'
  | 'recalls'
  | 'carry-overs'
  | 'reversals'
  | 'closings'
  | 'reopening-requests'
  | 'reopenings';

/** Null: the event brings no document of its own into its pool. */
const KIND_OF_TYPE: Readonly<Record<PoolEvent['type'], DocumentKind | null>> = {
  FundsAppropriated: 'appropriations',
  CashReceived: 'cash-receipts',
  FundsIntegrated: 'integrations',
  TransferIssued: 'transfers',
  TransferReceived: null,
  TakingDeclined: null,
  FundsAllocated: 'allocations',
  FundsReallocated: 'reallocations',
  FundsRepurposed: 'repurposings',
  PaymentRequested: 'payments',
  PaymentApproved: null,
  PaymentExecuted: 'payments',
  PaymentReturned: 'payments',
  PaymentCancelled: null,
  FundsRecalled: 'recalls',
  FundsCarriedOver: 'carry-overs',
  CarryOverReceived: null,
  EntryReversed: 'reversals',
  MonthClosed: 'closings',
  YearClosed: 'closings',
  ReopeningRequested: 'reopening-requests',
  PeriodReopened: 'reopenings',
  ClosedPeriodAdjusted: null,
};

/** The document of a 红字冲销. */
export interface Reversal {
  readonly reversalNo: string;
  readonly effectiveOn: string;
}

export interface RecordedDocument {
  readonly type: PoolEvent['type'];
  readonly effectiveOn: string;
  /** Of the command that brought it. */
  readonly fingerprint: string;
  /** 重记: the reversal after which it was entered again on purpose. */
  readonly rebooks: string | null;
  /** Events of it that are in force; a transfer has one for each taker. */
  readonly standing: number;
  /** What took back the last of it. */
  readonly reversal: Reversal | null;
}

/** A document, and the one before it that has the same number. */
interface Entry extends RecordedDocument {
  readonly next: Entry | null;
}

type Dated = Pick<RecordedDocument, 'type' | 'effectiveOn'>;

/** A document as what brought it tells it from others of its number. */
export type Brought = Pick<RecordedDocument, 'type' | 'effectiveOn' | 'fingerprint' | 'rebooks'>;

export const isSameDocument = (one: Brought, other: Brought): boolean =>
  one.type === other.type &&
  one.effectiveOn === other.effectiveOn &&
  one.fingerprint === other.fingerprint &&
  one.rebooks === other.rebooks;

/** The ledger in which a number of an event stands once; null: the event brings no document of its own. */
export const documentKindOf = (type: PoolEvent['type']): DocumentKind | null => KIND_OF_TYPE[type];

/**
 * The documents of a pool by number, those that were reversed among them: whether a number was used, for what, and
 * what became of it. Few documents share a number, so those of one number hang together.
 */
export class DocumentBook {
  readonly #newestOfNumber = new Map<string, Entry>();

  put(documentNo: string, document: Brought): void {
    if (KIND_OF_TYPE[document.type] === null) return;
    const others = this.#newestOfNumber.get(documentNo) ?? null;
    const same = find(others, (entry) => isOf(entry, document) && entry.fingerprint === document.fingerprint);
    if (others === null || same === null) {
      this.#newestOfNumber.set(documentNo, { ...document, standing: 1, reversal: null, next: others });
    } else {
      this.#replace(documentNo, others, same, { ...same, standing: same.standing + 1 });
    }
  }

  /** A document that stood elsewhere, as payments do, and was taken back. */
  putReversed(documentNo: string, document: Brought, reversal: Reversal): void {
    const next = this.#newestOfNumber.get(documentNo) ?? null;
    this.#newestOfNumber.set(documentNo, { ...document, standing: 0, reversal, next });
  }

  /** A document that stood elsewhere stands there again. */
  removeReversed(documentNo: string, document: Brought, { reversalNo }: Reversal): void {
    const newest = this.#newestOfNumber.get(documentNo) ?? null;
    const found = find(
      newest,
      (entry) => isSameDocument(entry, document) && entry.standing === 0 && entry.reversal?.reversalNo === reversalNo,
    );
    if (newest !== null && found !== null) this.#remove(documentNo, newest, found);
  }

  /**
   * @param reversal what took one event of the document back; null: the document counts as never entered
   * @returns the document; null where the event had none
   */
  reverse(documentNo: string, of: Dated, reversal: Reversal | null): Brought | null {
    const newest = this.#newestOfNumber.get(documentNo) ?? null;
    const found = find(newest, (entry) => isOf(entry, of));
    if (newest === null || found === null) return null;
    const standing = found.standing - 1;
    if (standing === 0 && reversal === null) this.#remove(documentNo, newest, found);
    else this.#replace(documentNo, newest, found, { ...found, standing, reversal: standing === 0 ? reversal : null });
    return found;
  }

  /** One event of a document that was taken back stands again. */
  restore(documentNo: string, document: Brought): void {
    const newest = this.#newestOfNumber.get(documentNo) ?? null;
    const found = find(newest, (entry) => isSameDocument(entry, document));
    if (newest === null || found === null) return;
    this.#replace(documentNo, newest, found, { ...found, standing: found.standing + 1, reversal: null });
  }

  /** The documents of a kind that have or had a number, newest first. */
  of(kind: DocumentKind, documentNo: string): readonly RecordedDocument[] {
    let entry = this.#newestOfNumber.get(documentNo) ?? null;
    if (entry === null) return NONE;
    const found: RecordedDocument[] = [];
    for (; entry !== null; entry = entry.next) if (KIND_OF_TYPE[entry.type] === kind) found.push(entry);
    return found;
  }

  #replace(documentNo: string, newest: Entry, old: Entry, by: Entry): void {
    this.#newestOfNumber.set(documentNo, replaced(newest, old, by) ?? by);
  }

  #remove(documentNo: string, newest: Entry, old: Entry): void {
    const rest = replaced(newest, old, null);
    if (rest === null) this.#newestOfNumber.delete(documentNo);
    else this.#newestOfNumber.set(documentNo, rest);
  }
}

const NONE: readonly RecordedDocument[] = [];

/** One that is in force. */
const isOf = (entry: Entry, { type, effectiveOn }: Dated): boolean =>
  entry.standing > 0 && entry.type === type && entry.effectiveOn === effectiveOn;

const find = (newest: Entry | null, matches: (entry: Entry) => boolean): Entry | null => {
  let entry = newest;
  while (entry !== null && !matches(entry)) entry = entry.next;
  return entry;
};

/** The same documents with one in the place of another, or without it. */
const replaced = (entry: Entry | null, old: Entry, by: Entry | null): Entry | null => {
  if (entry === null) return null;
  if (entry === old) return by === null ? entry.next : { ...by, next: entry.next };
  return { ...entry, next: replaced(entry.next, old, by) };
};
