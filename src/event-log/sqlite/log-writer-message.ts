import type { AppendOrder } from '../append-rules';
import type { Committed } from './log-writer';

/** A unit without its events' texts: those lie one after another in the shared bytes, in the order of the appends. */
export interface PackedUnit {
  readonly order: AppendOrder | undefined;
  readonly appends: readonly {
    readonly stream: string;
    readonly expectedRevision: number;
    readonly ids: readonly string[];
    /** Bytes of each event's text. */
    readonly lengths: readonly number[];
  }[];
}

/** To the writer's thread: what is to be committed together, or that it is over. */
export type WriterRequest =
  | { readonly kind: 'commit'; readonly units: readonly PackedUnit[]; readonly texts: SharedArrayBuffer }
  | { readonly kind: 'close' };

/** Back from it, one for each commit. */
export type WriterReply =
  | { readonly kind: 'committed'; readonly committed: Committed }
  /** Errors lose their class and code on the way from thread to thread, so what is needed of them goes as data. */
  | { readonly kind: 'failed'; readonly name: string; readonly code: string; readonly message: string };
