import { ChoiceField, CodeField, LinesField } from '../../http/fields';
import { NamedLineDto, PoolDocumentDto } from '../pool.dto';
import { INTEGRATION_REGIMES, type IntegrationRegime } from '../pool-event';
import type { IntegrateFunds } from './integrate-funds';

/** 整合. */
export class IntegrateFundsDto extends PoolDocumentDto {
  @CodeField('整合文号', 'integration number', '民政办〔2024〕12号')
  readonly integrationNo: string;

  @ChoiceField(
    '整合方式：BUNDLING_UNCHANGED 用途渠道不变，PILOT_INTEGRATION 试点，LONG_TERM_MECHANISM 长效机制',
    'regime: purpose and channel unchanged, pilot, or long-term mechanism',
    INTEGRATION_REGIMES,
  )
  readonly integrationRegime: IntegrationRegime;

  @LinesField(() => NamedLineDto, '各指标的整合金额', 'amounts by quota line')
  readonly lines: readonly NamedLineDto[];

  command(): IntegrateFunds {
    return {
      ...this.entry(),
      integrationNo: this.integrationNo,
      integrationRegime: this.integrationRegime,
      lines: this.lines.map((line) => line.named()),
    };
  }
}
