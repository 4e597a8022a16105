import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { CarryOverFundsDto } from './carry-over-funds.dto';
import { CarryOverFundsMessage } from './carry-over-funds.handler';

@CommandController('carry-overs', '资金 · money')
export class CarryOverFundsController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute(
    'CarryOverFunds',
    '结转：未用完的资金转入以后年度的资金池',
    'move everything unspent to a later year’s pool',
  )
  carryOver(@Body() body: CarryOverFundsDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new CarryOverFundsMessage(body.command(), request));
  }
}
