import { CodeField, LinesField, ObjectField, PlaceField } from '../../http/fields';
import { NamedLineDto, placeOrNull, PoolDocumentDto, ProjectPlaceDto } from '../pool.dto';
import type { ReallocateFunds } from './reallocate-funds';

export class ReallocationLineDto extends NamedLineDto {
  @CodeField('调出项目', 'project that gives', 'M1')
  readonly fromProject: string;

  @PlaceField('调出地点', 'place that gives')
  readonly fromPlace: string;

  @ObjectField(
    () => ProjectPlaceDto,
    '调入项目和地点；不写则退回池内',
    'project and place that take; left out: back into the pool',
    {
      optional: true,
    },
  )
  readonly to?: ProjectPlaceDto | null;
}

/** 调剂. */
export class ReallocateFundsDto extends PoolDocumentDto {
  @CodeField('调剂文号', 'reallocation number', '民乡振〔2024〕21号')
  readonly reallocationNo: string;

  @LinesField(() => ReallocationLineDto, '各笔调剂', 'what moves')
  readonly lines: readonly ReallocationLineDto[];

  command(): ReallocateFunds {
    return {
      ...this.entry(),
      reallocationNo: this.reallocationNo,
      lines: this.lines.map((line) => ({
        ...line.named(),
        fromProject: line.fromProject,
        fromPlace: line.fromPlace,
        to: placeOrNull(line.to),
      })),
    };
  }
}
