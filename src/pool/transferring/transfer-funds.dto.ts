import { CodeField, DivisionField, LinesField, YesNoField } from '../../http/fields';
import { NamedLineDto, PoolDocumentDto } from '../pool.dto';
import type { TransferFunds } from './transfer-funds';

export class TransferLineDto extends NamedLineDto {
  @DivisionField('接收区划', 'division that takes it in', '630222')
  readonly toDivision: string;

  @YesNoField('已整合；不写为 true', 'integrated; true when left out', { optional: true })
  readonly integrated?: boolean | null;
}

/** 分解下达. */
export class TransferFundsDto extends PoolDocumentDto {
  @CodeField('下达文号', 'transfer number', '东财农〔2024〕45号')
  readonly transferNo: string;

  @LinesField(() => TransferLineDto, '各接收区划、各指标的金额', 'amounts by taking division and quota line')
  readonly lines: readonly TransferLineDto[];

  command(): TransferFunds {
    return {
      ...this.entry(),
      transferNo: this.transferNo,
      lines: this.lines.map((line) => ({
        ...line.named(),
        toDivision: line.toDivision,
        integrated: line.integrated ?? true,
      })),
    };
  }
}
