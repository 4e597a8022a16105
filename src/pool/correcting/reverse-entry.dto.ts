import { CodeField, DateField, EventIdField, ObjectField, TextField } from '../../http/fields';
import { ADJUSTMENT_TEXTS, AdjustmentDto } from '../pool.dto';

/** 红字冲销. Which pool it is follows from the event. */
export class ReverseEntryDto {
  @EventIdField(
    '被冲销的事件编号；是红字冲销的，原来的一笔恢复',
    'id of the event that is reversed; where it is a reversal, its entry stands again',
  )
  readonly eventId: string;

  @DateField()
  readonly effectiveOn: string;

  @CodeField('冲销文号', 'number of the reversing document', 'CX-2024-0001')
  readonly reversalNo: string;

  @TextField('冲销原因', 'reason', '金额录入有误')
  readonly reason: string;

  @ObjectField(() => AdjustmentDto, ...ADJUSTMENT_TEXTS, { optional: true })
  readonly adjustment?: AdjustmentDto | null;
}
