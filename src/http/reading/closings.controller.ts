import { Inject, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { type Closings, closings } from '../../balances/closings';
import { parseYear } from '../../balances/parsing';
import { DivisionField, QueryField } from '../fields';
import { LedgerQuery } from '../ledger-handler';
import { CLOSINGS_ANSWER } from './answer-schemas';
import { DatedQuestionDto, datedQuestionHandler, QuestionController, QuestionRoute } from './question.dto';

export class ClosingsQuestion extends DatedQuestionDto {
  @DivisionField('只看该区划及以下的资金池', 'only pools under this division', '630222', { optional: true })
  readonly under?: string | null;

  @QueryField('年度', 'fiscal year', '2024')
  readonly year?: string | null;
}

export class ClosingsQuery extends LedgerQuery<ClosingsQuestion, Closings> {}

export const ClosingsHandler = datedQuestionHandler(ClosingsQuery, ({ readModel }, { under, year }, moment) =>
  closings(readModel, { under: under ?? null, year: typeof year === 'string' ? parseYear(year) : null }, moment),
);

@QuestionController('closings', '查询 · reading')
export class ClosingsController {
  readonly #bus: QueryBus;

  constructor(@Inject(QueryBus) bus: QueryBus) {
    this.#bus = bus;
  }

  @QuestionRoute(
    'ListClosings',
    '结账情况：各资金池已结账、反结账的期间，以及结账后调整',
    'closed and reopened periods of the pools, and what was adjusted after closing',
    CLOSINGS_ANSWER,
  )
  list(@Query() question: ClosingsQuestion): Promise<Closings> {
    return this.#bus.execute(new ClosingsQuery(question));
  }
}
