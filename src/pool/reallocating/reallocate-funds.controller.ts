import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { ReallocateFundsDto } from './reallocate-funds.dto';
import { ReallocateFundsMessage } from './reallocate-funds.handler';

@CommandController('reallocations', '资金 · money')
export class ReallocateFundsController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute(
    'ReallocateFunds',
    '调剂：同一指标在项目之间调剂，或退回池内',
    'move money of a line between projects or back into the pool',
  )
  reallocate(@Body() body: ReallocateFundsDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new ReallocateFundsMessage(body.command(), request));
  }
}
