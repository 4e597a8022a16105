import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { RecallFundsDto } from './recall-funds.dto';
import { RecallFundsMessage } from './recall-funds.handler';

@CommandController('recalls', '资金 · money')
export class RecallFundsController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute('RecallFunds', '收回：从项目或池内收回指标', 'take quota back from projects or from the pool')
  recall(@Body() body: RecallFundsDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new RecallFundsMessage(body.command(), request));
  }
}
