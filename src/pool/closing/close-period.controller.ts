import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { CloseMonthDto, CloseYearDto } from './close-period.dto';
import { CloseMonthMessage, CloseYearMessage } from './close-period.handler';

@CommandController('', '资金 · money')
export class ClosePeriodController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute(
    'CloseMonth',
    '月结：该月及以前不再接受记账',
    'close a month: no entry up to its end is taken any more',
    'month-closings',
  )
  closeMonth(@Body() body: CloseMonthDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new CloseMonthMessage(body.command(), request));
  }

  @CommandRoute('CloseYear', '年终关账：资金池须已结清', 'close a year whose pool is empty', 'year-closings')
  closeYear(@Body() body: CloseYearDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new CloseYearMessage(body.command(), request));
  }
}
