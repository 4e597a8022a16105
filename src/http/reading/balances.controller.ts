import { Inject, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { balances, type BalancesJson, balancesJson } from '../../balances/balances';
import { type Dimension, DIMENSIONS, parseBalancesRequest } from '../../balances/balances-query';
import { ChoiceField, DivisionField, QueryField } from '../fields';
import { LedgerQuery } from '../ledger-handler';
import { BALANCES_ANSWER } from './answer-schemas';
import { DatedQuestionDto, QuestionController, questionHandler, QuestionRoute } from './question.dto';

export class BalancesQuestion extends DatedQuestionDto {
  @ChoiceField('汇总维度', 'dimension', DIMENSIONS)
  readonly by: Dimension;

  @DivisionField('只看该区划及以下', 'only money under this division', '630222', { optional: true })
  readonly under?: string | null;

  @QueryField('年度', 'fiscal year', '2024')
  readonly year?: string | null;
}

export class BalancesQuery extends LedgerQuery<BalancesQuestion, BalancesJson> {}

export const BalancesHandler = questionHandler(BalancesQuery, ({ readModel }, { by, under, year, asOf, at }) =>
  balancesJson(
    balances(
      readModel,
      parseBalancesRequest({
        by,
        under: under ?? undefined,
        year: year ?? undefined,
        asOf: asOf ?? undefined,
        at: at ?? undefined,
      }),
    ),
  ),
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
