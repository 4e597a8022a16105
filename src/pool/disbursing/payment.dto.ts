import { CodeField, LinesField, NameField, TextField } from '../../http/fields';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { PlacedLineDto, PlacedLinesDto, PoolDocumentDto, PoolEntryDto } from '../pool.dto';
import type { ApprovePayment } from './approve-payment';
import type { CancelPayment } from './cancel-payment';
import type { ExecutePayment } from './execute-payment';
import type { PaymentEntry } from './payment-draft';
import type { RecordPayment } from './record-payment';
import type { RequestPayment } from './request-payment';
import type { ReturnPayment } from './return-payment';

const VoucherField = () => CodeField('支付凭证号', 'voucher number', 'ZF-2024-0001');

/** A step of a payment that was entered before. */
abstract class VoucherDto extends PoolEntryDto {
  @VoucherField()
  readonly voucherNo: string;
}

/** What a payment pays, and to whom. */
abstract class PaymentEntryDto extends PlacedLinesDto {
  @VoucherField()
  readonly voucherNo: string;

  @NameField('收款人', 'payee', '青海某某建设有限公司')
  readonly payee: string;

  payment(): PaymentEntry {
    return { ...this.placedLines(), voucherNo: this.voucherNo, payee: this.payee };
  }
}

/** 支付申请. The person who asks is the token's. */
export class RequestPaymentDto extends PaymentEntryDto {
  @CodeField('重新支付的已退回凭证号', 'voucher that came back and is paid again', 'ZF-2024-0001', { optional: true })
  readonly repaysVoucherNo?: string | null;

  command({ actor }: CommandRequest): RequestPayment {
    return { ...this.payment(), requestedBy: actor.id, repaysVoucherNo: this.repaysVoucherNo ?? null };
  }
}

/** 支付批准. The person who approves is the token's. */
export class ApprovePaymentDto extends VoucherDto {
  command({ actor }: CommandRequest): ApprovePayment {
    return { ...this.entry(), voucherNo: this.voucherNo, approvedBy: actor.id };
  }
}

/** 支付. */
export class ExecutePaymentDto extends VoucherDto {
  command(): ExecutePayment {
    return { ...this.entry(), voucherNo: this.voucherNo };
  }
}

/** 登记已支付. Who recorded it is the event's actor; who had asked and approved is not for the recorder to say. */
export class RecordPaymentDto extends PaymentEntryDto {
  command(): RecordPayment {
    return { ...this.payment(), requestedBy: null, approvedBy: null };
  }
}

/** 撤销支付申请. */
export class CancelPaymentDto extends VoucherDto {
  @TextField('撤销原因', 'reason', '收款账户有误')
  readonly reason: string;

  command(): CancelPayment {
    return { ...this.entry(), voucherNo: this.voucherNo, reason: this.reason };
  }
}

/** 退回. */
export class ReturnPaymentDto extends PoolDocumentDto {
  @CodeField('退回凭证号', 'the returning voucher’s own number', 'TH-2024-0001')
  readonly voucherNo: string;

  @CodeField('原凭证号', 'voucher that came back', 'ZF-2024-0001')
  readonly originalVoucherNo: string;

  @NameField('收款人', 'payee', '青海某某建设有限公司')
  readonly payee: string;

  @LinesField(() => PlacedLineDto, '退回的部分；不写则全部退回', 'what came back; left out: everything', {
    optional: true,
  })
  readonly lines?: readonly PlacedLineDto[] | null;

  command(): ReturnPayment {
    const { voucherNo, originalVoucherNo, payee, lines } = this;
    return { ...this.entry(), voucherNo, originalVoucherNo, payee, lines: (lines ?? []).map((line) => line.placed()) };
  }
}
