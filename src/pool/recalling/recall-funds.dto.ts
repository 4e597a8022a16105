import { CodeField, LinesField, NameField, ObjectField } from '../../http/fields';
import { NamedLineDto, placeOrNull, PoolDocumentDto, ProjectPlaceDto } from '../pool.dto';
import type { RecallFunds } from './recall-funds';

export class RecallLineDto extends NamedLineDto {
  @ObjectField(
    () => ProjectPlaceDto,
    '从哪个项目和地点收回；不写则从池内收回',
    'project and place; left out: from the pool itself',
    {
      optional: true,
    },
  )
  readonly from?: ProjectPlaceDto | null;
}

/** 收回. */
export class RecallFundsDto extends PoolDocumentDto {
  @CodeField('收回文号', 'recall number', '民财〔2024〕66号')
  readonly recallNo: string;

  @NameField('收回至', 'who takes it back', '民和县财政局', { optional: true })
  readonly recalledTo?: string | null;

  @LinesField(() => RecallLineDto, '各指标的收回金额', 'amounts by quota line')
  readonly lines: readonly RecallLineDto[];

  command(): RecallFunds {
    return {
      ...this.entry(),
      recallNo: this.recallNo,
      recalledTo: this.recalledTo ?? null,
      lines: this.lines.map((line) => ({
        ...line.named(),
        from: placeOrNull(line.from),
      })),
    };
  }
}
