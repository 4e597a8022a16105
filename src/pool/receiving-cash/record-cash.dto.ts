import { CodeField, LinesField } from '../../http/fields';
import { NamedLineDto, PoolDocumentDto } from '../pool.dto';
import type { RecordCash } from './record-cash';

/** 资金到位. */
export class RecordCashDto extends PoolDocumentDto {
  @CodeField('到账凭证号', 'receipt number', 'DZ-2024-0001')
  readonly receiptNo: string;

  @LinesField(() => NamedLineDto, '各指标的到账金额', 'cash by quota line')
  readonly lines: readonly NamedLineDto[];

  command(): RecordCash {
    return { ...this.entry(), receiptNo: this.receiptNo, lines: this.lines.map((line) => line.named()) };
  }
}
