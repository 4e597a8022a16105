import type { Type } from '@nestjs/common';
import type { ICommandHandler } from '@nestjs/cqrs';

import type { CommandAnswer } from '../event-log/decider';
import { ledgerHandler, LedgerMessage } from '../http/ledger-handler';
import type { Ledger } from '../ledger/ledger';
import type { CommandRequest } from '../ledger/ledger-desk';
import type { PoolCommandName, PoolCommands } from '../ledger/pool-decisions';

/** A pool command on its way over the bus. Each command has a subclass, by which its handler is found. */
export abstract class PoolMessage<Name extends PoolCommandName> extends LedgerMessage<PoolCommands[Name]> {}

/** Commands whose other half follows in another pool before they are answered. */
const FOLLOWED: readonly PoolCommandName[] = ['TransferFunds', 'CarryOverFunds', 'ReverseEntry'];

/** Takes a command to the desk. Who waits for the position that it answers sees everything that followed from it. */
export const submitToPool = async <Name extends PoolCommandName>(
  ledger: Ledger,
  name: Name,
  content: PoolCommands[Name],
  request: CommandRequest,
): Promise<CommandAnswer> => {
  const answer = await ledger.desk.pool(name, content, request);
  return FOLLOWED.includes(name) ? { ...answer, position: await ledger.log.head() } : answer;
};

/** The handler of a command that goes to its pool as it is. */
export const poolHandler = <Name extends PoolCommandName>(
  name: Name,
  message: new (content: PoolCommands[Name], request: CommandRequest) => PoolMessage<Name>,
): Type<ICommandHandler<PoolMessage<Name>>> =>
  ledgerHandler(message, (ledger, content, request) => submitToPool(ledger, name, content, request));
