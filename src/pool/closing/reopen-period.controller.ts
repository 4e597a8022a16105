import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { ApproveReopeningDto, RequestReopeningDto } from './reopen-period.dto';
import { ApproveReopeningMessage, RequestReopeningMessage } from './reopen-period.handler';

@CommandController('', '资金 · money')
export class ReopenPeriodController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute(
    'RequestReopening',
    '反结账申请：凭批准文件申请重新打开已结账的月份或年度，申请人为令牌持有人',
    'ask, by an approval document, that a closed month or year be opened again; the token’s actor asks',
    'reopening-requests',
  )
  request(@Body() body: RequestReopeningDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new RequestReopeningMessage(body.command(request), request));
  }

  @CommandRoute(
    'ApproveReopening',
    '反结账批准：须由申请人以外的人批准，该期间随即可以记账',
    'approve it, by another person than the one who asked; the period takes entries again',
    'reopenings',
  )
  approve(@Body() body: ApproveReopeningDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new ApproveReopeningMessage(body.command(request), request));
  }
}
