import { type Bookmark, type BookmarkJson, bookmarkJson } from '../bookmarks/bookmark';
import { type Fen, yuanFromFen } from '../../money/fen';

export const TRACE_KINDS = ['event', 'appropriation', 'transfer', 'allocation', 'payment', 'project'] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];

export type MoneyState = 'unintegrated' | 'available' | 'inTransit' | 'unspent' | 'held' | 'paid' | 'recalled';

/** One quota line that the money is part of. */
export interface TraceSource {
  readonly documentNo: string;
  readonly channelCode: string;
  readonly departmentCode: string;
  readonly purposeCode: string;
  readonly amount: Fen;
}

/** Where some of the money is. What does not apply is null. */
export interface TraceUse {
  readonly division: string;
  readonly projectCode: string | null;
  readonly place: string | null;
  /** Of held and paid money: the voucher. */
  readonly voucherNo: string | null;
  /** Whom the voucher pays; for people, not part of the answer to programs. */
  readonly payee: string | null;
  readonly state: MoneyState;
  readonly amount: Fen;
}

export interface Trace {
  readonly of: { readonly kind: TraceKind; readonly id: string };
  /** Sums to the same amount as `uses`. */
  readonly sources: readonly TraceSource[];
  readonly uses: readonly TraceUse[];
  /** Ids of the events that moved the money, in the order of the log. */
  readonly events: readonly string[];
  /** Position up to which the answer looks. */
  readonly position: number;
  /** Business date up to which it looks; null: all that is recorded. */
  readonly asOf: string | null;
  /** The bookmark that named the moment. */
  readonly bookmark?: Bookmark;
}

/** The answer as other programs read it; interface.md, section 4. */
export interface TraceJson {
  readonly of: { readonly kind: TraceKind; readonly id: string };
  readonly sources: readonly (Omit<TraceSource, 'amount'> & { readonly amount: string })[];
  readonly uses: readonly (Omit<TraceUse, 'amount' | 'payee'> & { readonly amount: string })[];
  readonly events: readonly string[];
  readonly position: string;
  /** Only where a date was asked for. */
  readonly asOf?: string;
  /** Only where the answer was read at one. */
  readonly bookmark?: BookmarkJson;
}

export const traceJson = ({ of, sources, uses, events, position, asOf, bookmark }: Trace): TraceJson => ({
  of,
  sources: sources.map((source) => ({ ...source, amount: yuanFromFen(source.amount) })),
  uses: uses.map(({ payee: _, ...use }) => ({ ...use, amount: yuanFromFen(use.amount) })),
  events,
  position: String(position),
  ...(asOf === null ? {} : { asOf }),
  ...(bookmark === undefined ? {} : { bookmark: bookmarkJson(bookmark) }),
});
