import { type Bookmark, type BookmarkJson, bookmarkJson } from '../bookmarks/bookmark';
import { type RegisterChange, type RegisterChangeJson, registerChangesJson } from '../history/register-changes';
import { type FenSum, yuanFromSum } from '../../money/fen-sum';

export const TRACE_KINDS = ['event', 'appropriation', 'transfer', 'allocation', 'payment', 'project'] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];

export type MoneyState = 'unintegrated' | 'available' | 'inTransit' | 'unspent' | 'held' | 'paid' | 'recalled';

/** One quota line that the money is part of. */
export interface TraceSource {
  readonly documentNo: string;
  readonly channelCode: string;
  readonly departmentCode: string;
  readonly purposeCode: string;
  readonly amount: FenSum;
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
  readonly amount: FenSum;
}

/** An entry that was taken back by a 红字冲销: history, in no sum of the answer. */
export interface ReversedEntry {
  readonly eventId: string;
  readonly type: string;
  readonly documentNo: string | null;
  readonly division: string;
  readonly effectiveOn: string;
  /** What it had moved of the money that is asked about, or of cash what it had recorded. */
  readonly amount: FenSum;
  /** The event, number and business date of the 红字冲销. */
  readonly reversedBy: string;
  readonly reversalNo: string | null;
  readonly reversedOn: string;
}

export interface Trace {
  readonly of: { readonly kind: TraceKind; readonly id: string };
  /** Of what stands. Sums to the same amount as `uses`. */
  readonly sources: readonly TraceSource[];
  readonly uses: readonly TraceUse[];
  /** In the order of the log. */
  readonly reversed: readonly ReversedEntry[];
  /** Ids of the events that moved the money and of those that were taken back and took back, in the order of the log. */
  readonly events: readonly string[];
  /** What was changed about the projects and channels that the money is in and of. */
  readonly registerChanges: readonly RegisterChange[];
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
  readonly reversed: readonly (Omit<ReversedEntry, 'amount'> & { readonly amount: string })[];
  readonly events: readonly string[];
  /** Only where something was changed. */
  readonly registerChanges?: readonly RegisterChangeJson[];
  readonly position: string;
  /** Only where a date was asked for. */
  readonly asOf?: string;
  /** Only where the answer was read at one. */
  readonly bookmark?: BookmarkJson;
}

export const traceJson = ({
  of,
  sources,
  uses,
  reversed,
  events,
  registerChanges,
  position,
  asOf,
  bookmark,
}: Trace): TraceJson => ({
  of,
  sources: sources.map((source) => ({ ...source, amount: yuanFromSum(source.amount) })),
  uses: uses.map(({ payee: _, ...use }) => ({ ...use, amount: yuanFromSum(use.amount) })),
  reversed: reversed.map((entry) => ({ ...entry, amount: yuanFromSum(entry.amount) })),
  events,
  ...registerChangesJson(registerChanges),
  position: String(position),
  ...(asOf === null ? {} : { asOf }),
  ...(bookmark === undefined ? {} : { bookmark: bookmarkJson(bookmark) }),
});
