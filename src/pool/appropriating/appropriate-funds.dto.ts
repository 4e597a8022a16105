import { CodeField, LinesField } from '../../http/fields';
import { FundsDto, PoolDocumentDto } from '../pool.dto';
import type { AppropriateFunds } from './appropriate-funds';

export class AppropriationLineDto extends FundsDto {
  @CodeField('上级文号', 'document number of the level above', '财农〔2023〕124号', { optional: true })
  readonly parentDocumentNo?: string | null;
}

/** 指标下达. */
export class AppropriateFundsDto extends PoolDocumentDto {
  @CodeField('指标文号', 'document number', '青财农〔2024〕18号')
  readonly documentNo: string;

  @LinesField(() => AppropriationLineDto, '各渠道、用途的金额', 'amounts by channel and purpose')
  readonly lines: readonly AppropriationLineDto[];

  command(): AppropriateFunds {
    return {
      ...this.entry(),
      documentNo: this.documentNo,
      lines: this.lines.map((line) => ({ parentDocumentNo: line.parentDocumentNo ?? null, ...line.funds() })),
    };
  }
}
