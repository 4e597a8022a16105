import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { RegisterDivisionDto } from './register-division.dto';
import { RegisterDivisionMessage } from './register-division.handler';

@CommandController('divisions', '登记 · registry')
export class RegisterDivisionController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute('RegisterDivision', '登记区划，或区划的变更', 'register a division or a change of it')
  register(@Body() body: RegisterDivisionDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new RegisterDivisionMessage(body.command(), request));
  }
}
