import { Inject, type Type } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler, type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';

import type { CommandAnswer } from '../event-log/decider';
import { Ledger } from '../ledger/ledger';
import type { CommandRequest } from '../ledger/ledger-desk';

/** A command on its way over the bus: what the request says, and who asks. */
export abstract class LedgerMessage<Content, Answer extends CommandAnswer = CommandAnswer> extends Command<Answer> {
  readonly content: Content;
  readonly request: CommandRequest;

  constructor(content: Content, request: CommandRequest) {
    super();
    this.content = content;
    this.request = request;
  }
}

/** The handler of a command that the ledger can run as it is. */
export const ledgerHandler = <Content, Answer extends CommandAnswer = CommandAnswer>(
  message: new (content: Content, request: CommandRequest) => LedgerMessage<Content, Answer>,
  run: (ledger: Ledger, content: Content, request: CommandRequest) => Promise<Answer>,
): Type<ICommandHandler<LedgerMessage<Content, Answer>, Answer>> => {
  @CommandHandler(message)
  class LedgerHandler implements ICommandHandler<LedgerMessage<Content, Answer>, Answer> {
    readonly #ledger: Ledger;

    constructor(@Inject(Ledger) ledger: Ledger) {
      this.#ledger = ledger;
    }

    execute({ content, request }: LedgerMessage<Content, Answer>): Promise<Answer> {
      return run(this.#ledger, content, request);
    }
  }
  return LedgerHandler;
};

/** A question on its way over the bus. */
export abstract class LedgerQuery<Question, Answer> extends Query<Answer> {
  readonly question: Question;

  constructor(question: Question) {
    super();
    this.question = question;
  }
}

/** The handler of a question. */
export const ledgerQueryHandler = <Question, Answer>(
  query: new (question: Question) => LedgerQuery<Question, Answer>,
  answer: (ledger: Ledger, question: Question) => Promise<Answer>,
): Type<IQueryHandler<LedgerQuery<Question, Answer>>> => {
  @QueryHandler(query)
  class LedgerQueryHandler implements IQueryHandler<LedgerQuery<Question, Answer>> {
    readonly #ledger: Ledger;

    constructor(@Inject(Ledger) ledger: Ledger) {
      this.#ledger = ledger;
    }

    execute({ question }: LedgerQuery<Question, Answer>): Promise<Answer> {
      return answer(this.#ledger, question);
    }
  }
  return LedgerQueryHandler;
};
