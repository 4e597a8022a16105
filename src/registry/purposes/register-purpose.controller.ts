import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { RegisterPurposeDto } from './register-purpose.dto';
import { RegisterPurposeMessage } from './register-purpose.handler';

@CommandController('purposes', '登记 · registry')
export class RegisterPurposeController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute('RegisterPurpose', '登记用途，或用途的变更', 'register a purpose or a change of it')
  register(@Body() body: RegisterPurposeDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new RegisterPurposeMessage(body.command(), request));
  }
}
