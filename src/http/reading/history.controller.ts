import { Inject, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { history, type HistoryJson, historyJson, readPlace } from '../../audit/history/history';
import { type Dimension, parseScope } from '../../balances/balances-query';
import { parseKey } from '../../balances/parsing';
import { refuseValue } from '../../platform/domain-error';
import { QueryField } from '../fields';
import { LedgerQuery } from '../ledger-handler';
import { HISTORY_ANSWER } from './answer-schemas';
import { datedQuestionHandler, PagedQuestionDto, pageSize, QuestionController, QuestionRoute } from './question.dto';
import { ByField, UnderField, YearField } from './scope-question.dto';

export class HistoryQuestion extends PagedQuestionDto {
  @ByField()
  readonly by: Dimension;

  @QueryField('编码或文号', 'key of the balance', '630222103200', { optional: false })
  readonly key: string;

  @UnderField()
  readonly under?: string | null;

  @YearField()
  readonly year?: string | null;
}

export class HistoryQuery extends LedgerQuery<HistoryQuestion, HistoryJson> {}

export const HistoryHandler = datedQuestionHandler(HistoryQuery, ({ readModel }, question, moment) => {
  const { after } = question;
  const scope = parseScope(question);
  const key = parseKey(scope.by, question.key);
  const place = typeof after === 'string' ? readPlace(after) : null;
  if (typeof after === 'string' && place === null) throw cursorInvalid(after);
  const limit = pageSize(question.limit);
  return historyJson(history(readModel, { scope, key, moment, after: place, limit }));
});

const cursorInvalid = (after: string) =>
  refuseValue(
    'CURSOR_INVALID',
    'after',
    after,
    `after=${after} 不是上一页答复的 next。`,
    `after=${after} is not the next of a page.`,
    '原样带上上一页答复的 next。',
    'Give the next of the page before as it is.',
  );

@QuestionController('history', '审计 · audit')
export class HistoryController {
  readonly #bus: QueryBus;

  constructor(@Inject(QueryBus) bus: QueryBus) {
    this.#bus = bus;
  }

  @QuestionRoute(
    'History',
    '一个余额的历史：每次变化和变化后的余额',
    'one balance through time: every change, and the balance then',
    HISTORY_ANSWER,
  )
  history(@Query() question: HistoryQuestion): Promise<HistoryJson> {
    return this.#bus.execute(new HistoryQuery(question));
  }
}
