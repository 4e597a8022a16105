import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { RecordCashDto } from './record-cash.dto';
import { RecordCashMessage } from './record-cash.handler';

@CommandController('cash-receipts', '资金 · money')
export class RecordCashController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute('RecordCash', '资金到位：登记到账，不移动指标', 'record cash received; moves no quota')
  record(@Body() body: RecordCashDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new RecordCashMessage(body.command(), request));
  }
}
