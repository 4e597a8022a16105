import type { StreamKind } from '../../event-log/decider';
import type { DomainEvent } from '../../event-log/event';
import type { ChannelKind, ChannelLevel } from './channel-kind';
import { RegisterMap } from '../register-map';
import { unknownAllowedPurpose, unknownDepartment } from '../registry-errors';

export const CHANNELS_STREAM = 'registry-channels';

/** 资金渠道: a fund of one level with one owner department (000 L42–64). */
export interface Channel {
  readonly channelCode: string;
  readonly name: string;
  readonly departmentCode: string;
  readonly level: ChannelLevel;
  readonly kind: ChannelKind;
  /** Empty: every purpose. */
  readonly allowedPurposes: readonly string[];
  /** 须到账: payment waits for cash. */
  readonly cashRequired: boolean;
}

export type ChannelEvent = DomainEvent<'ChannelRegistered', Channel> | DomainEvent<'ChannelChanged', Channel>;

export type Channels = RegisterMap<Channel>;

export const channelsKind: StreamKind<Channels, ChannelEvent> = {
  category: 'registry',
  schemaVersion: 1,
  initial: () => new RegisterMap(),
  evolve: (channels, event) => channels.put(event.data.channelCode, event.data),
};

export const sameChannel = (left: Channel, right: Channel): boolean =>
  left.name === right.name &&
  left.departmentCode === right.departmentCode &&
  left.level === right.level &&
  left.kind === right.kind &&
  left.cashRequired === right.cashRequired &&
  left.allowedPurposes.length === right.allowedPurposes.length &&
  left.allowedPurposes.every((purpose, index) => purpose === right.allowedPurposes[index]);

/** Registers or changes a channel. Whether the lines there are allow it is judged beforehand; they keep what they say. */
export const registerChannel =
  (
    channel: Channel,
    known: { readonly hasDepartment: (code: string) => boolean; readonly hasPurpose: (code: string) => boolean },
  ) =>
  (channels: Channels): readonly ChannelEvent[] => {
    if (!known.hasDepartment(channel.departmentCode)) throw unknownDepartment(channel.departmentCode, 'departmentCode');
    for (const purpose of channel.allowedPurposes) {
      if (!known.hasPurpose(purpose)) throw unknownAllowedPurpose(purpose);
    }
    const before = channels.get(channel.channelCode);
    if (before === undefined) return [{ type: 'ChannelRegistered', data: channel }];
    return sameChannel(before, channel) ? [] : [{ type: 'ChannelChanged', data: channel }];
  };
