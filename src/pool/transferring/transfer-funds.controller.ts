import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { TransferFundsDto } from './transfer-funds.dto';
import { TransferFundsMessage } from './transfer-funds.handler';

@CommandController('transfers', '资金 · money')
export class TransferFundsController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute(
    'TransferFunds',
    '分解下达：上级资金池下达到下级资金池，同日入账',
    'issue money to the pools of divisions below; taken in on the same date',
  )
  transfer(@Body() body: TransferFundsDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new TransferFundsMessage(body.command(), request));
  }
}
