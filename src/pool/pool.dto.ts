import {
  AmountField,
  ChoiceField,
  CodeField,
  DateField,
  DivisionField,
  LinesField,
  NameField,
  ObjectField,
  PlaceField,
  TextField,
  YearField,
} from '../http/fields';
import { fenFromYuan } from '../money/fen';
import {
  type Adjustment,
  LINE_SELECTIONS,
  type LineSelection,
  type NamedLine,
  type PlacedLine,
  type PoolEntry,
  type PoolMatter,
} from './pool-command';

/** Which pool, and when. */
export abstract class PoolMatterDto {
  @DivisionField('区划编码：哪一级的资金池', 'division whose pool it is')
  readonly division: string;

  @YearField()
  readonly fiscalYear: number;

  @DateField()
  readonly effectiveOn: string;

  matter(): PoolMatter {
    const { division, fiscalYear, effectiveOn } = this;
    return { division, fiscalYear, effectiveOn };
  }
}

/** What lets an entry into a closed period. */
export class AdjustmentDto implements Adjustment {
  @CodeField('批准文号', 'number of the document that approves it', '民财〔2024〕调1号')
  readonly approvalNo: string;

  @NameField('批准人，不得为经办人', 'who approved it: another person than the one who enters it', '李四')
  readonly approvedBy: string;

  @TextField('原因', 'reason', '上级文件迟到')
  readonly reason: string;
}

export const ADJUSTMENT_TEXTS = [
  '结账后调整的依据：只用于业务日期已结账的记账',
  'what lets it into a closed period; only for a business date that is closed',
] as const;

export const adjustmentOf = (adjustment: AdjustmentDto | null | undefined): { readonly adjustment?: Adjustment } => {
  if (adjustment === null || adjustment === undefined) return {};
  const { approvalNo, approvedBy, reason } = adjustment;
  return { adjustment: { approvalNo, approvedBy, reason } };
};

/** What every entry into a pool says. */
export abstract class PoolEntryDto extends PoolMatterDto {
  @ObjectField(() => AdjustmentDto, ...ADJUSTMENT_TEXTS, { optional: true })
  readonly adjustment?: AdjustmentDto | null;

  entry(): PoolEntry {
    return { ...this.matter(), ...adjustmentOf(this.adjustment) };
  }
}

/** An entry that brings a document of its own. */
export abstract class PoolDocumentDto extends PoolEntryDto {
  @CodeField(
    '重记：内容与已冲销的同一文号完全相同、确要再记一次时，写冲销它的红字文号',
    'enters again, on purpose, what a reversal took back: the number of that reversal',
    '民财〔2024〕红1号',
    { optional: true },
  )
  readonly rebooks?: string | null;

  override entry(): PoolEntry {
    const { rebooks } = this;
    return { ...super.entry(), ...(rebooks === undefined || rebooks === null ? {} : { rebooks }) };
  }
}

/** Money of a channel and purpose. */
export abstract class FundsDto {
  @CodeField('渠道编码', 'channel code', 'QH-SL')
  readonly channelCode: string;

  @CodeField('用途编码', 'purpose code', '农村供水')
  readonly purposeCode: string;

  @AmountField()
  readonly amount: string;

  @CodeField(
    '行号：同一凭证中内容相同的两行都要入账时用来区分',
    'line number: tells lines of one document apart that say the same and are both meant',
    '1',
    { optional: true },
  )
  readonly lineNo?: string | null;

  funds(): Omit<NamedLine, 'documentNo'> {
    const { channelCode, purposeCode, amount, lineNo } = this;
    return {
      channelCode,
      purposeCode,
      amount: fenFromYuan(amount),
      ...(lineNo === undefined || lineNo === null ? {} : { lineNo }),
    };
  }
}

/** A quota line named in full. */
export class NamedLineDto extends FundsDto {
  @CodeField('指标文号', 'document number of the quota line', '青财农〔2024〕18号')
  readonly documentNo: string;

  named(): NamedLine {
    return { documentNo: this.documentNo, ...this.funds() };
  }
}

/** Money at a place of a project. */
export class PlacedLineDto extends FundsDto {
  @CodeField('项目编号', 'project code', 'M1')
  readonly projectCode: string;

  @PlaceField()
  readonly place: string;

  @CodeField(
    '指标文号；不写则由 lineSelection 选择指标',
    'document number of the quota line; without one lineSelection chooses',
    '青财农〔2024〕18号',
    { optional: true },
  )
  readonly documentNo?: string | null;

  placed(): PlacedLine {
    const { projectCode, place, documentNo } = this;
    return { projectCode, place, documentNo: documentNo ?? null, ...this.funds() };
  }
}

/** An entry whose lines name projects and places, and may leave the choice of quota lines open. */
export abstract class PlacedLinesDto extends PoolDocumentDto {
  @ChoiceField(
    '未写指标文号的行如何选择指标：fifo 先进先出（默认），proportional 按比例',
    'how lines without a document choose: oldest first (default) or in proportion',
    LINE_SELECTIONS,
    { optional: true },
  )
  readonly lineSelection?: LineSelection | null;

  @LinesField(() => PlacedLineDto, '各项目、各地点的金额', 'amounts by project and place')
  readonly lines: readonly PlacedLineDto[];

  placedLines(): PoolEntry & { readonly lineSelection: LineSelection; readonly lines: readonly PlacedLine[] } {
    return {
      ...this.entry(),
      lineSelection: this.lineSelection ?? 'fifo',
      lines: this.lines.map((line) => line.placed()),
    };
  }
}

interface ProjectPlace {
  readonly projectCode: string;
  readonly place: string;
}

/** A place of a project. */
export class ProjectPlaceDto implements ProjectPlace {
  @CodeField('项目编号', 'project code', 'M1')
  readonly projectCode: string;

  @PlaceField()
  readonly place: string;
}

export const placeOrNull = (place: ProjectPlaceDto | null | undefined): ProjectPlace | null =>
  place === undefined || place === null ? null : { projectCode: place.projectCode, place: place.place };
