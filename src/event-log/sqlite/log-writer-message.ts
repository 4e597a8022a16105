import type { AppendOrder } from '../append-rules';
import type { Position } from '../event';
import type { RestsOn } from '../event-log';
import type { Exception } from './log-writer';
import type { WalPages } from './wal-copies';

/**
 * Units side by side instead of one in another, because copying many small objects from thread to thread costs more
 * than what is in them. The events' texts lie one after another in shared memory.
 */
export interface PackedUnits {
  /** Appends of each unit. */
  readonly appendCounts: readonly number[];
  /** Orders of the units that have one, by the unit's index. */
  readonly orders: readonly (readonly [unit: number, order: AppendOrder])[];
  /** Of each append. */
  readonly streams: readonly string[];
  readonly expectedRevisions: readonly number[];
  readonly eventCounts: readonly number[];
  readonly rests: PackedRests;
  /** Of each event: all ids in one text, and the bytes of each event's text. */
  readonly ids: string;
  readonly lengths: readonly number[];
}

/** What appends rest on. */
export interface PackedRests {
  /** Decisions of each append. */
  readonly counts: readonly number[];
  /** Streams of each decision. */
  readonly streamCounts: readonly number[];
  /** Of each stream: its index among the names, and its revision. */
  readonly indexes: readonly number[];
  readonly revisions: readonly number[];
  /** Each once. */
  readonly names: readonly string[];
  /** Of the few decisions that have it, by the decision's index. */
  readonly nothingElse: readonly (readonly [decision: number, nothingElse: RestsOn['nothingElse']])[];
}

/** What the writer's thread is started with. */
export interface WriterThreadData {
  readonly file: string;
  readonly walPages: WalPages | undefined;
}

/** To the writer's thread: what is to be committed together, or that it is over. */
export type WriterRequest =
  | { readonly kind: 'commit'; readonly units: PackedUnits; readonly texts: SharedArrayBuffer }
  | { readonly kind: 'close' };

/** Back from it, one for each commit. */
export type WriterReply =
  | {
      readonly kind: 'committed';
      /** Position of the first event of each unit; of no meaning for the exceptions. */
      readonly firstPositions: readonly Position[];
      readonly exceptions: readonly (readonly [unit: number, exception: Exception])[];
      readonly before: Position;
      readonly after: Position;
    }
  /** Errors lose their class and code on the way from thread to thread, so what is needed of them goes as data. */
  | { readonly kind: 'failed'; readonly name: string; readonly code: string; readonly message: string };
