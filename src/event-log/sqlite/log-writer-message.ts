import type { Committed, WriterUnit } from './log-writer';

/** To the writer's thread: what is to be committed together, or that it is over. */
export type WriterRequest =
  { readonly kind: 'commit'; readonly units: readonly WriterUnit[] } | { readonly kind: 'close' };

/** Back from it, one for each commit. */
export type WriterReply =
  | { readonly kind: 'committed'; readonly committed: Committed }
  /** Errors lose their class and code on the way from thread to thread, so what is needed of them goes as data. */
  | { readonly kind: 'failed'; readonly name: string; readonly code: string; readonly message: string };
