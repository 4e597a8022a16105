import { AmountField, CodeField, DateField, DivisionField, PlaceField, YearField } from '../http/fields';
import { fenFromYuan } from '../money/fen';
import type { NamedLine, PlacedLine, PoolEntry } from './pool-command';

/** What every command to a pool says. */
export abstract class PoolEntryDto {
  @DivisionField('区划编码：哪一级的资金池', 'division whose pool it is')
  readonly division: string;

  @YearField()
  readonly fiscalYear: number;

  @DateField()
  readonly effectiveOn: string;

  entry(): PoolEntry {
    const { division, fiscalYear, effectiveOn } = this;
    return { division, fiscalYear, effectiveOn };
  }
}

/** Money of a channel and purpose. */
export abstract class FundsDto {
  @CodeField('渠道编码', 'channel code', 'SL')
  readonly channelCode: string;

  @CodeField('用途编码', 'purpose code', 'GSBZ')
  readonly purposeCode: string;

  @AmountField()
  readonly amount: string;
}

/** A quota line named in full. */
export class NamedLineDto extends FundsDto {
  @CodeField('指标文号', 'document number of the quota line', '青财农字〔2024〕318号')
  readonly documentNo: string;

  named(): NamedLine {
    const { documentNo, channelCode, purposeCode, amount } = this;
    return { documentNo, channelCode, purposeCode, amount: fenFromYuan(amount) };
  }
}

/** Money at a place of a project. */
export class PlacedLineDto extends FundsDto {
  @CodeField('项目编号', 'project code', 'MH-2024-001')
  readonly projectCode: string;

  @PlaceField()
  readonly place: string;

  @CodeField(
    '指标文号；不写则由 lineSelection 选择指标',
    'document number of the quota line; without one lineSelection chooses',
    '青财农字〔2024〕318号',
    { optional: true },
  )
  readonly documentNo?: string | null;

  placed(): PlacedLine {
    const { projectCode, place, documentNo, channelCode, purposeCode, amount } = this;
    return {
      projectCode,
      place,
      documentNo: documentNo ?? null,
      channelCode,
      purposeCode,
      amount: fenFromYuan(amount),
    };
  }
}

interface ProjectPlace {
  readonly projectCode: string;
  readonly place: string;
}

/** A place of a project. */
export class ProjectPlaceDto implements ProjectPlace {
  @CodeField('项目编号', 'project code', 'MH-2024-001')
  readonly projectCode: string;

  @PlaceField()
  readonly place: string;
}

export const placeOrNull = (place: ProjectPlaceDto | null | undefined): ProjectPlace | null =>
  place === undefined || place === null ? null : { projectCode: place.projectCode, place: place.place };
