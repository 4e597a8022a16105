import type { Position } from '../../event-log/event';

/** What vouchers can be to one another that they must not. */
export const VOUCHER_CODES = [
  'PAYMENT_OUT_OF_ORDER',
  'PAYMENT_DIFFERS',
  'RETURN_EXCEEDS_PAYMENT',
  'REVERSAL_DIFFERS',
  'REVERSED_TWICE',
  'TAKEN_IN_DIFFERS',
  'TAKEN_IN_TWICE',
] as const;
export type VoucherCode = (typeof VOUCHER_CODES)[number];

/** Money whose purpose did not fit; named as the desk refuses it. */
export const PURPOSE_CODES = ['PURPOSE_CHANGED', 'PURPOSE_NOT_ALLOWED'] as const;
export type PurposeCode = (typeof PURPOSE_CODES)[number];

/** What verification can find; programs may rely on these. */
export type FindingCode =
  // An event by itself.
  | 'EVENT_UNREADABLE'
  | 'EVENT_NOT_CANONICAL'
  | 'EVENT_FIELD_INVALID'
  | 'EVENT_ROW_DIFFERS'
  | 'EVENT_ID_DIFFERS'
  | 'ACTOR_MISSING'
  | 'BASIS_MISSING'
  | 'MOVEMENT_INVALID'
  | 'MONEY_NOT_CONSERVED'
  // Events in their order.
  | 'POSITION_GAP'
  | 'REVISION_GAP'
  | VoucherCode
  | PurposeCode
  // The stored tree.
  | 'EVENT_ALTERED'
  | 'TREE_ALTERED'
  | 'TREE_SIZE_DIFFERS'
  | 'TREE_UNREADABLE'
  // The file of an embedded log.
  | 'LOG_FILE_ALTERED'
  | 'LOG_UNREADABLE'
  // A stream on a server.
  | 'STREAM_CUT'
  // Checkpoints.
  | 'CHECKPOINT_NOT_TRUSTED'
  | 'CHECKPOINT_BEYOND_LOG'
  | 'CHECKPOINT_ROOT_DIFFERS'
  | 'COSIGNATURE_MISSING';

/** One thing that is not as it must be. */
export interface Finding {
  readonly code: FindingCode;
  /** First position that it concerns; null when it concerns none. */
  readonly position: Position | null;
  readonly message: string;
  readonly messageEn: string;
}

export const finding = (code: FindingCode, position: Position | null, message: string, messageEn: string): Finding => ({
  code,
  position,
  message,
  messageEn,
});
