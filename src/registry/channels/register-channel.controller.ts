import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { RegisterChannelDto } from './register-channel.dto';
import { RegisterChannelMessage } from './register-channel.handler';

@CommandController('channels', '登记 · registry')
export class RegisterChannelController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute('RegisterChannel', '登记资金渠道，或渠道的变更', 'register a channel or a change of it')
  register(@Body() body: RegisterChannelDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new RegisterChannelMessage(body.command(), request));
  }
}
