import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../event-log/decider';
import { Requested } from '../http/command-request';
import { CommandController, CommandRoute } from '../http/command-route';
import type { CommandRequest } from '../ledger/ledger-desk';
import { RegisterProjectDto } from './register-project.dto';
import { RegisterProjectMessage } from './register-project.handler';

@CommandController('projects', '项目 · projects')
export class RegisterProjectController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute(
    'RegisterProject',
    '登记项目，或更新项目内容和入库、开工、竣工、验收日期',
    'register a project, or bring it and its milestones up to date',
  )
  register(@Body() body: RegisterProjectDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new RegisterProjectMessage(body.command(), request));
  }
}
