import type { Actor, Position, StoredEvent } from '../../event-log/event';
import { type Fen, fenFromYuan } from '../../money/fen';
import { type AccountKind, parseAccount } from '../../pool/account';
import { poolOfStream } from '../../pool/pool-stream';

/** A movement with its accounts taken apart. */
export interface ReadMovement {
  readonly quotaLine: string;
  readonly from: ReadAccount;
  readonly to: ReadAccount;
  readonly fen: Fen;
}

export type ReadAccount = AccountKind & { readonly path: string };

/** The members of events that evidence looks at. */
export interface EvidenceData {
  readonly documentNo?: string;
  readonly originalVoucherNo?: string;
  readonly reversedDocumentNo?: string;
  readonly reversedType?: string;
  readonly reversedEventId?: string;
  readonly fromDivision?: string;
  readonly transferEventId?: string;
  readonly carryOverEventId?: string;
  readonly movements?: readonly {
    readonly quotaLine: string;
    readonly from: string;
    readonly to: string;
    readonly amount: string;
  }[];
  readonly receipts?: readonly { readonly quotaLine: string; readonly amount: string }[];
  readonly lines?: readonly { readonly quotaLine: string; readonly departmentCode: string }[];
  readonly reissuedLines?: readonly { readonly quotaLine: string; readonly departmentCode: string }[];
}

/** A stored event, its bytes kept as they are beside what is read of them. */
export interface StoredMoneyEvent {
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
  readonly canonical: string;
  /** All of it, as JSON is read. */
  readonly whole: object;
  readonly id: string;
  readonly type: string;
  readonly effectiveOn: string;
  readonly data: EvidenceData;
  /** Division of the pool that decided it; null for events of other categories. */
  readonly division: string | null;
  readonly movements: readonly ReadMovement[];
}

export const readMoneyEvent = ({ position, stream, revision, canonical }: StoredEvent): StoredMoneyEvent => {
  const event = JSON.parse(canonical) as {
    readonly id: string;
    readonly type: string;
    readonly effectiveOn: string;
    readonly actor: Actor;
    readonly data: EvidenceData;
  };
  const { id, type, effectiveOn, data } = event;
  const division = poolOfStream(stream)?.division ?? null;
  const movements = (data.movements ?? []).map(({ quotaLine, from, to, amount }) => ({
    quotaLine,
    from: { ...parseAccount(from), path: from },
    to: { ...parseAccount(to), path: to },
    fen: fenFromYuan(amount),
  }));
  return { position, stream, revision, canonical, whole: event, id, type, effectiveOn, data, division, movements };
};

/** Whose money in transit an event takes or gives. */
export const giverOf = (event: StoredMoneyEvent): string | null =>
  meaningOf(event) === 'TransferReceived' ? (event.data.fromDivision ?? null) : event.division;

/** What an entry means: a reversal means what it reverses, backwards; what takes a reversal back, the entry itself. */
export const meaningOf = ({ type, data }: StoredMoneyEvent): string =>
  type === 'EntryReversed' ? (data.reversedType ?? '') : type;

/** Whether an entry bears a number or is about the document that does. */
export const isOfNumber = ({ data }: StoredMoneyEvent, number: string): boolean =>
  data.documentNo === number || data.originalVoucherNo === number || data.reversedDocumentNo === number;
