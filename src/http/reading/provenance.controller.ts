import { Inject, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { treeHeadAt } from '../../audit/bookmarks/tree-head';
import { provenance, type ProvenanceJson, provenanceJson } from '../../audit/provenance/provenance';
import { type Dimension, parseScope } from '../../balances/balances-query';
import { type Measure, MEASURES } from '../../balances/measures';
import { parsePosition } from '../../balances/moment-request';
import { parseKey } from '../../balances/parsing';
import { readEventsAt } from '../../exporting/read-events';
import { ChoiceField, QueryField } from '../fields';
import { LedgerQuery } from '../ledger-handler';
import { PROVENANCE_ANSWER } from './answer-schemas';
import { datedQuestionHandler, PagedQuestionDto, pageSize, QuestionController, QuestionRoute } from './question.dto';
import { ByField, UnderField, YearField } from './scope-question.dto';

export class ProvenanceQuestion extends PagedQuestionDto {
  @ByField()
  readonly by: Dimension;

  @QueryField('编码或文号；不写为合计', 'key of the figure; left out: the total', '630222103200')
  readonly key?: string | null;

  @ChoiceField('指标量', 'measure', MEASURES)
  readonly measure: Measure;

  @UnderField()
  readonly under?: string | null;

  @YearField()
  readonly year?: string | null;
}

export class ProvenanceQuery extends LedgerQuery<ProvenanceQuestion, ProvenanceJson> {}

export const ProvenanceHandler = datedQuestionHandler(ProvenanceQuery, async (ledger, question, moment) => {
  const scope = parseScope(question);
  const answer = provenance(ledger.readModel, {
    scope,
    key: typeof question.key === 'string' ? parseKey(scope.by, question.key) : null,
    measure: question.measure,
    moment,
    after: typeof question.after === 'string' ? parsePosition(question.after) : 0,
    limit: pageSize(question.limit),
  });
  const tree = await treeHeadAt(ledger.log, answer.position);
  const events = await readEventsAt(
    ledger.log,
    answer.rows.map(({ position }) => position),
  );
  return provenanceJson(answer, tree, events);
});

@QuestionController('balances/provenance', '审计 · audit')
export class ProvenanceController {
  readonly #bus: QueryBus;

  constructor(@Inject(QueryBus) bus: QueryBus) {
    this.#bus = bus;
  }

  @QuestionRoute(
    'GetProvenance',
    '一个数字的来历：位置、树根、事件数和各事件的贡献，合计等于该数字',
    'what a figure rests on: position, tree root, events, and what each contributes; they sum to it',
    PROVENANCE_ANSWER,
  )
  provenance(@Query() question: ProvenanceQuestion): Promise<ProvenanceJson> {
    return this.#bus.execute(new ProvenanceQuery(question));
  }
}
