import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { ClosingAnswer } from '../../ledger/closing';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { ClosingAnswerBody } from './closing-answer.dto';
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
    ClosingAnswerBody,
  )
  closeMonth(@Body() body: CloseMonthDto, @Requested() request: CommandRequest): Promise<ClosingAnswer> {
    return this.#bus.execute(new CloseMonthMessage(body.command(), request));
  }

  @CommandRoute(
    'CloseYear',
    '年度关账：资金池须已结清，各月须已结账',
    'close a year whose pool is empty and whose months are closed',
    'year-closings',
    ClosingAnswerBody,
  )
  closeYear(@Body() body: CloseYearDto, @Requested() request: CommandRequest): Promise<ClosingAnswer> {
    return this.#bus.execute(new CloseYearMessage(body.command(), request));
  }
}
