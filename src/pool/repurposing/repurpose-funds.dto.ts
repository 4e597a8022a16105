import { CodeField, LinesField } from '../../http/fields';
import { NamedLineDto, PoolDocumentDto } from '../pool.dto';
import type { RepurposeFunds } from './repurpose-funds';

export class RepurposingLineDto extends NamedLineDto {
  @CodeField('调整后的用途编码', 'purpose that it may pay for as well', '村内整治')
  readonly toPurposeCode: string;
}

/** 用途调整. */
export class RepurposeFundsDto extends PoolDocumentDto {
  @CodeField('批准文号', 'number of the approved document', '青整合办〔2024〕3号')
  readonly approvalNo: string;

  @LinesField(() => RepurposingLineDto, '各指标的调整金额', 'amounts by quota line')
  readonly lines: readonly RepurposingLineDto[];

  command(): RepurposeFunds {
    return {
      ...this.entry(),
      approvalNo: this.approvalNo,
      lines: this.lines.map((line) => ({ ...line.named(), toPurposeCode: line.toPurposeCode })),
    };
  }
}
