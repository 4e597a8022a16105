import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { AllocateFundsDto } from './allocate-funds.dto';
import { AllocateFundsMessage } from './allocate-funds.handler';

@CommandController('allocations', '资金 · money')
export class AllocateFundsController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute(
    'AllocateFunds',
    '资金安排：池内资金安排到项目和村',
    'allocate money of the pool to projects, village by village',
  )
  allocate(@Body() body: AllocateFundsDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new AllocateFundsMessage(body.command(), request));
  }
}
