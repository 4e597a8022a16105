import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { RepurposeFundsDto } from './repurpose-funds.dto';
import { RepurposeFundsMessage } from './repurpose-funds.handler';

@CommandController('repurposings', '资金 · money')
export class RepurposeFundsController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute(
    'RepurposeFunds',
    '用途调整：仅限试点方式整合并有批准文件的资金',
    'let money integrated under the pilot regime pay for another purpose, by an approved document',
  )
  repurpose(@Body() body: RepurposeFundsDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new RepurposeFundsMessage(body.command(), request));
  }
}
