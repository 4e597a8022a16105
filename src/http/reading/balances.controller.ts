import { Inject, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { balances, type BalancesJson, balancesJson } from '../../balances/balances';
import { parseScope } from '../../balances/balances-query';
import { LedgerQuery } from '../ledger-handler';
import { BALANCES_ANSWER } from './answer-schemas';
import { datedQuestionHandler, QuestionController, QuestionRoute } from './question.dto';
import { ScopeQuestionDto } from './scope-question.dto';

export class BalancesQuestion extends ScopeQuestionDto {}

export class BalancesQuery extends LedgerQuery<BalancesQuestion, BalancesJson> {}

export const BalancesHandler = datedQuestionHandler(BalancesQuery, ({ readModel }, question, moment) =>
  balancesJson(balances(readModel, { ...parseScope(question), ...moment })),
);

@QuestionController('balances', '查询 · reading')
export class BalancesController {
  readonly #bus: QueryBus;

  constructor(@Inject(QueryBus) bus: QueryBus) {
    this.#bus = bus;
  }

  @QuestionRoute(
    'GetBalances',
    '余额：按部门、区划、县、村、项目、渠道、指标或文号',
    'balances by department, division, county, village, project, channel, line or document',
    BALANCES_ANSWER,
  )
  balances(@Query() question: BalancesQuestion): Promise<BalancesJson> {
    return this.#bus.execute(new BalancesQuery(question));
  }
}
