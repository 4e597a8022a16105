import { ChoiceField, CodeField, LinesField } from '../../http/fields';
import { PlacedLineDto, PoolEntryDto } from '../pool.dto';
import { LINE_SELECTIONS, type LineSelection } from '../pool-command';
import type { AllocateFunds } from './allocate-funds';

/** 资金安排. */
export class AllocateFundsDto extends PoolEntryDto {
  @CodeField('安排文号', 'allocation number', '民乡振〔2024〕8号')
  readonly allocationNo: string;

  @ChoiceField(
    '未写指标文号的行如何选择指标：fifo 先进先出（默认），proportional 按比例',
    'how lines without a document choose: oldest first (default) or in proportion',
    LINE_SELECTIONS,
    { optional: true },
  )
  readonly lineSelection?: LineSelection | null;

  @LinesField(() => PlacedLineDto, '各项目、各地点的金额', 'amounts by project and place')
  readonly lines: readonly PlacedLineDto[];

  command(): AllocateFunds {
    return {
      ...this.entry(),
      allocationNo: this.allocationNo,
      lineSelection: this.lineSelection ?? 'fifo',
      lines: this.lines.map((line) => line.placed()),
    };
  }
}
