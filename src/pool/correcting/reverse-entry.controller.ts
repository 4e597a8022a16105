import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { ReverseEntryDto } from './reverse-entry.dto';
import { ReverseEntryMessage } from './reverse-entry.handler';

@CommandController('reversals', '资金 · money')
export class ReverseEntryController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute(
    'ReverseEntry',
    '红字冲销：以反向分录更正一笔记账，原事件不变',
    'reverse an entry: its movements backwards; the original stays',
  )
  reverse(@Body() body: ReverseEntryDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new ReverseEntryMessage(body, request));
  }
}
