import { CodeField, YearField } from '../../http/fields';
import { PoolDocumentDto } from '../pool.dto';
import type { CarryOverFunds } from './carry-over-funds';

/** 结转. */
export class CarryOverFundsDto extends PoolDocumentDto {
  @CodeField('结转文号', 'carry-over number', '民财〔2024〕99号')
  readonly carryOverNo: string;

  @YearField('转入年度', 'fiscal year that takes it in', 2025)
  readonly toFiscalYear: number;

  command(): CarryOverFunds {
    return { ...this.entry(), carryOverNo: this.carryOverNo, toFiscalYear: this.toFiscalYear };
  }
}
