import { Inject, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { DEFAULT_EVENTS_PER_ROW, diff, type DiffJson, diffJson } from '../../audit/diff/diff';
import { parseEventsPerRow } from '../../audit/diff/events-per-row';
import { type Dimension, parseScope } from '../../balances/balances-query';
import { readMomentText } from '../../balances/moment-request';
import { parseKey } from '../../balances/parsing';
import { QueryField } from '../fields';
import { LedgerQuery } from '../ledger-handler';
import { DIFF_ANSWER } from './answer-schemas';
import { momentOf, QuestionController, QuestionDto, questionHandler, QuestionRoute } from './question.dto';
import { ByField, UnderField, YearField } from './scope-question.dto';

const MomentField = (zh: string, en: string, example: string) =>
  QueryField(
    `${zh}：位置、业务日期或书签；两者都给写作 位置@日期`,
    `${en}: position, date or bookmark; both as position@date`,
    example,
    { optional: false },
  );

export class DiffQuestion extends QuestionDto {
  @ByField()
  readonly by: Dimension;

  @UnderField()
  readonly under?: string | null;

  @YearField()
  readonly year?: string | null;

  @MomentField('原时点', 'moment before', '2024-05-31')
  readonly from: string;

  @MomentField('现时点', 'moment after', '2024-06-30')
  readonly to: string;

  @QueryField('只看该编码的余额', 'only the balance of this key', '630222')
  readonly key?: string | null;

  @QueryField('每个余额列出的事件数（默认 10，最多 1000）', 'events named with each balance', '10')
  readonly events?: string | null;
}

export class DiffQuery extends LedgerQuery<DiffQuestion, DiffJson> {}

export const DiffHandler = questionHandler(DiffQuery, async (ledger, question) => {
  const scope = parseScope(question);
  return diffJson(
    diff(ledger.readModel, {
      scope,
      key: typeof question.key === 'string' ? parseKey(scope.by, question.key) : null,
      from: await momentOf(ledger, readMomentText(question.from)),
      to: await momentOf(ledger, readMomentText(question.to)),
      eventsPerRow: typeof question.events === 'string' ? parseEventsPerRow(question.events) : DEFAULT_EVENTS_PER_ROW,
    }),
  );
});

@QuestionController('diff', '审计 · audit')
export class DiffController {
  readonly #bus: QueryBus;

  constructor(@Inject(QueryBus) bus: QueryBus) {
    this.#bus = bus;
  }

  @QuestionRoute(
    'Diff',
    '比较两个时点：哪些余额变了、变了多少、因为哪些事件',
    'compare two moments: which balances changed, by how much, and by which events',
    DIFF_ANSWER,
  )
  diff(@Query() question: DiffQuestion): Promise<DiffJson> {
    return this.#bus.execute(new DiffQuery(question));
  }
}
