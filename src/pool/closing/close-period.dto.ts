import { CodeField, MonthField } from '../../http/fields';
import { PoolMatterDto } from '../pool.dto';
import type { CloseMonth, CloseYear } from './close-period';

/** 月结. */
export class CloseMonthDto extends PoolMatterDto {
  @CodeField('结账编号', 'number of the closing', 'YJ-2024-03')
  readonly closingNo: string;

  @MonthField('结账月份', 'month that is closed')
  readonly month: string;

  command(): CloseMonth {
    return { ...this.matter(), closingNo: this.closingNo, month: this.month };
  }
}

/** 年度关账. */
export class CloseYearDto extends PoolMatterDto {
  @CodeField('结账编号', 'number of the closing', 'NJ-2024')
  readonly closingNo: string;

  command(): CloseYear {
    return { ...this.matter(), closingNo: this.closingNo };
  }
}
