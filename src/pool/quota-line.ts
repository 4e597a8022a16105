import type { ChannelKind, ChannelLevel } from '../registry/channels/channel-kind';

/** `documentNo/channelCode/purposeCode`: a quota line's name, the same wherever its money goes. */
export type QuotaLineId = string & { readonly __brand: 'QuotaLineId' };

/**
 * The origin of money, which travels with it: carried by the event that first brings the line into a stream, and by one
 * that brings it anew when nothing of it stood any more.
 */
export interface QuotaLine {
  readonly quotaLine: QuotaLineId;
  readonly documentNo: string;
  readonly parentDocumentNo: string | null;
  readonly channelCode: string;
  readonly purposeCode: string;
  /** Owner of the channel when the line was issued. */
  readonly departmentCode: string;
  readonly level: ChannelLevel;
  readonly kind: ChannelKind;
  /** 须到账: what is held and paid of this line in a pool never exceeds the cash received for it. */
  readonly cashRequired: boolean;
  /** Business date of the first appropriation of what stands of the line: its age in 先进先出. */
  readonly issuedOn: string;
}

/** What a line took over from its channel when it was issued; the channel still has to say so as long as it has money. */
export const CHANNEL_PARTICULARS = ['departmentCode', 'level', 'kind', 'cashRequired'] as const;

export const isSameLine = (one: QuotaLine, other: QuotaLine): boolean =>
  one.issuedOn === other.issuedOn &&
  one.parentDocumentNo === other.parentDocumentNo &&
  CHANNEL_PARTICULARS.every((field) => one[field] === other[field]);

export const quotaLineId = (documentNo: string, channelCode: string, purposeCode: string): QuotaLineId =>
  `${documentNo}/${channelCode}/${purposeCode}` as QuotaLineId;
