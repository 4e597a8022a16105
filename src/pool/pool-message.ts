import { Inject, type Type } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import type { CommandAnswer } from '../event-log/decider';
import { Ledger } from '../ledger/ledger';
import type { CommandRequest } from '../ledger/ledger-desk';
import type { PoolCommandName, PoolCommands } from '../ledger/pool-decisions';

/** A pool command on its way over the bus. Each command has a subclass, by which its handler is found. */
export abstract class PoolMessage<Name extends PoolCommandName> extends Command<CommandAnswer> {
  readonly content: PoolCommands[Name];
  readonly request: CommandRequest;

  constructor(content: PoolCommands[Name], request: CommandRequest) {
    super();
    this.content = content;
    this.request = request;
  }
}

/** Commands whose other half follows in another pool before they are answered. */
const FOLLOWED: readonly PoolCommandName[] = ['TransferFunds', 'CarryOverFunds', 'ReverseEntry'];

/** Takes a command to the desk. Who waits for the position that it answers sees everything that followed from it. */
export const submitToPool = async <Name extends PoolCommandName>(
  ledger: Ledger,
  name: Name,
  { content, request }: Pick<PoolMessage<Name>, 'content' | 'request'>,
): Promise<CommandAnswer> => {
  const answer = await ledger.desk.pool(name, content, request);
  return FOLLOWED.includes(name) ? { ...answer, position: await ledger.log.head() } : answer;
};

/** The handler of a command that goes to its pool as it is. */
export const poolHandler = <Name extends PoolCommandName>(
  name: Name,
  message: new (content: PoolCommands[Name], request: CommandRequest) => PoolMessage<Name>,
): Type<ICommandHandler<PoolMessage<Name>>> => {
  @CommandHandler(message)
  class PoolHandler implements ICommandHandler<PoolMessage<Name>> {
    readonly #ledger: Ledger;

    constructor(@Inject(Ledger) ledger: Ledger) {
      this.#ledger = ledger;
    }

    execute(given: PoolMessage<Name>): Promise<CommandAnswer> {
      return submitToPool(this.#ledger, name, given);
    }
  }
  Object.defineProperty(PoolHandler, 'name', { value: `${name}Handler` });
  return PoolHandler;
};
