import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import {
  ApprovePaymentDto,
  CancelPaymentDto,
  ExecutePaymentDto,
  RecordPaymentDto,
  RequestPaymentDto,
  ReturnPaymentDto,
} from './payment.dto';
import {
  ApprovePaymentMessage,
  CancelPaymentMessage,
  ExecutePaymentMessage,
  RecordPaymentMessage,
  RequestPaymentMessage,
  ReturnPaymentMessage,
} from './payment.handler';

@CommandController('', '支付 · payments')
export class PaymentController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute(
    'RequestPayment',
    '支付申请：冻结项目资金，申请人为令牌持有人',
    'request a payment: the money is held; the token’s actor asks',
    'payment-requests',
  )
  request(@Body() body: RequestPaymentDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new RequestPaymentMessage(body.command(request), request));
  }

  @CommandRoute(
    'ApprovePayment',
    '支付批准：须由申请人以外的人批准',
    'approve a payment, by another person than the one who asked',
    'payment-approvals',
  )
  approve(@Body() body: ApprovePaymentDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new ApprovePaymentMessage(body.command(request), request));
  }

  @CommandRoute(
    'ExecutePayment',
    '支付：已批准的申请由银行或国库付出',
    'execute an approved payment',
    'payment-executions',
  )
  execute(@Body() body: ExecutePaymentDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new ExecutePaymentMessage(body.command(), request));
  }

  @CommandRoute('RecordPayment', '登记已支付：补记台账上已经付出的款项', 'record a payment that was made', 'payments')
  record(@Body() body: RecordPaymentDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new RecordPaymentMessage(body.command(), request));
  }

  @CommandRoute(
    'CancelPayment',
    '撤销支付申请：解冻资金',
    'cancel a request: what was held is available again',
    'payment-cancellations',
  )
  cancel(@Body() body: CancelPaymentDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new CancelPaymentMessage(body.command(), request));
  }

  @CommandRoute('ReturnPayment', '退回：已付款项退回项目', 'a payment came back to its project', 'payment-returns')
  giveBack(@Body() body: ReturnPaymentDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new ReturnPaymentMessage(body.command(), request));
  }
}
