/** What may go wrong with one append. The server has the last word on whether it is stored; the caller cannot see it. */
export type AppendFault =
  | 'reset-before-commit'
  | 'reset-after-commit'
  /** Stored, and answered only when the caller has long stopped waiting. */
  | 'answer-too-late'
  /** Never answered; stored after the caller has stopped waiting. */
  | 'commit-too-late'
  /** Neither stored nor answered. */
  | 'lost'
  | 'unavailable-before-commit'
  | 'unavailable-after-commit'
  | 'server-timeout'
  | 'leader-gone'
  | 'server-error-after-commit';

/** What may go wrong while events are read or followed. */
export type ReadFault =
  /** The connection is reset after so many events. */
  | { readonly kind: 'reset'; readonly afterEvents: number }
  /** The stream ends with an error after so many events. */
  | { readonly kind: 'error'; readonly afterEvents: number }
  /** Nothing comes any more after so many events, and nobody is told. */
  | { readonly kind: 'silence'; readonly afterEvents: number }
  /** Each page of a followed log begins with the last event of the page before. */
  | { readonly kind: 'duplicates' }
  /** Between events come pages in which nothing passes the filter, and the end is said to be reached too early. */
  | { readonly kind: 'empty-pages' };

export const APPEND_FAULTS: readonly AppendFault[] = [
  'reset-before-commit',
  'reset-after-commit',
  'answer-too-late',
  'commit-too-late',
  'lost',
  'unavailable-before-commit',
  'unavailable-after-commit',
  'server-timeout',
  'leader-gone',
  'server-error-after-commit',
];

/** Asked for every call; null or nothing: all goes well. */
export interface FaultPlan {
  onAppend?(stream: string): AppendFault | null;
  onRead?(): ReadFault | null;
  onSubscription?(): ReadFault | null;
}
