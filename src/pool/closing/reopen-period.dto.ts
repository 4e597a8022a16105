import { CodeField, PeriodField, TextField } from '../../http/fields';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { PoolMatterDto } from '../pool.dto';
import type { ApproveReopening, RequestReopening } from './reopen-period';

abstract class ReopeningDto extends PoolMatterDto {
  @CodeField('反结账批准文号', 'number of the document that approves it', '民财〔2024〕反1号')
  readonly approvalNo: string;

  @PeriodField('结账期间：月份 YYYY-MM 或年度 YYYY', 'closed period: a month YYYY-MM or a year YYYY')
  readonly period: string;
}

/** 反结账申请. The person who asks is the token's. */
export class RequestReopeningDto extends ReopeningDto {
  @TextField('原因', 'reason', '三月漏记一笔支付')
  readonly reason: string;

  command({ actor }: CommandRequest): RequestReopening {
    const { approvalNo, period, reason } = this;
    return { ...this.matter(), approvalNo, period, reason, requestedBy: actor.id };
  }
}

/** 反结账批准. The person who approves is the token's. */
export class ApproveReopeningDto extends ReopeningDto {
  command({ actor }: CommandRequest): ApproveReopening {
    const { approvalNo, period } = this;
    return { ...this.matter(), approvalNo, period, approvedBy: actor.id };
  }
}
