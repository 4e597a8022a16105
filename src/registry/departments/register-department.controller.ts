import { Body, Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { Requested } from '../../http/command-request';
import { CommandController, CommandRoute } from '../../http/command-route';
import type { CommandRequest } from '../../ledger/ledger-desk';
import { RegisterDepartmentDto } from './register-department.dto';
import { RegisterDepartmentMessage } from './register-department.handler';

@CommandController('departments', '登记 · registry')
export class RegisterDepartmentController {
  readonly #bus: CommandBus;

  constructor(@Inject(CommandBus) bus: CommandBus) {
    this.#bus = bus;
  }

  @CommandRoute('RegisterDepartment', '登记部门，或部门的更名、合并', 'register a department or a change of it')
  register(@Body() body: RegisterDepartmentDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#bus.execute(new RegisterDepartmentMessage(body.command(), request));
  }
}
