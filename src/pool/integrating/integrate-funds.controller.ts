import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { IntegrateFundsDto } from './integrate-funds.dto';
import { IntegrateFundsMessage } from './integrate-funds.handler';

@CommandController('integrations', '资金 · money')
export class IntegrateFundsController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute('IntegrateFunds', '整合：多个渠道的资金进入一个池子', 'integrate appropriated money into the pool')
  integrate(@Body() body: IntegrateFundsDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new IntegrateFundsMessage(body.command(), request));
  }
}
