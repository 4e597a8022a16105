import { CodeField } from '../../http/fields';
import { PlacedLinesDto } from '../pool.dto';
import type { AllocateFunds } from './allocate-funds';

/** 资金安排. */
export class AllocateFundsDto extends PlacedLinesDto {
  @CodeField('安排文号', 'allocation number', '民乡振〔2024〕8号')
  readonly allocationNo: string;

  command(): AllocateFunds {
    return { ...this.placedLines(), allocationNo: this.allocationNo };
  }
}
