import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { AppropriateFundsDto } from './appropriate-funds.dto';
import { AppropriateFundsMessage } from './appropriate-funds.handler';

@CommandController('appropriations', '资金 · money')
export class AppropriateFundsController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute(
    'AppropriateFunds',
    '指标下达：资金从渠道进入区划的资金池',
    'appropriate: money enters a division’s pool',
  )
  appropriate(@Body() body: AppropriateFundsDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new AppropriateFundsMessage(body.command(), request));
  }
}
