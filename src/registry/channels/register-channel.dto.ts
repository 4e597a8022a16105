import { ChoiceField, CodeField, CodesField, NameField, YesNoField } from '../../http/fields';
import { CHANNEL_KINDS, CHANNEL_LEVELS, type ChannelKind, type ChannelLevel } from './channel-kind';
import type { Channel } from './channels';

export class RegisterChannelDto {
  @CodeField('渠道编码', 'channel code', 'SL')
  readonly channelCode: string;

  @NameField('名称', 'name', '水利发展资金')
  readonly name: string;

  @CodeField('主管部门编码', 'owner department', 'QH-SLT')
  readonly departmentCode: string;

  @ChoiceField('级次', 'level', CHANNEL_LEVELS)
  readonly level: ChannelLevel;

  @ChoiceField('类型', 'kind', CHANNEL_KINDS)
  readonly kind: ChannelKind;

  @CodesField('允许用途；不写为全部', 'allowed purposes; left out: every purpose', ['农村供水'], { optional: true })
  readonly allowedPurposes?: readonly string[] | null;

  @YesNoField('须到账后支付；不写为 false', 'payment waits for cash; false when left out', { optional: true })
  readonly cashRequired?: boolean | null;

  command(): Channel {
    const { channelCode, name, departmentCode, level, kind, allowedPurposes, cashRequired } = this;
    return {
      channelCode,
      name,
      departmentCode,
      level,
      kind,
      allowedPurposes: allowedPurposes ?? [],
      cashRequired: cashRequired ?? false,
    };
  }
}
