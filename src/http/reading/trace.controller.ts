import { Inject, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { parseTraceKind, trace } from '../../audit/lineage/trace';
import { TRACE_KINDS, type TraceJson, traceJson, type TraceKind } from '../../audit/lineage/trace-answer';
import { ChoiceField, CodeField } from '../fields';
import { LedgerQuery } from '../ledger-handler';
import { TRACE_ANSWER } from './answer-schemas';
import { datedQuestionHandler, DatedQuestionDto, QuestionController, QuestionRoute } from './question.dto';

export class TraceQuestion extends DatedQuestionDto {
  @ChoiceField('编号属于哪一类；不写则自动判断', 'what the id is; left out: the first that it is', TRACE_KINDS, {
    optional: true,
  })
  readonly kind?: TraceKind | null;
}

export class TraceParameters {
  @CodeField(
    '指标文号、下达文号、安排文号、支付凭证号、项目编号或事件编号',
    'document, transfer, allocation or voucher number, project code or event id',
    'ZF-2024-0001',
  )
  readonly id: string;
}

export class TraceQuery extends LedgerQuery<TraceQuestion & TraceParameters, TraceJson> {}

export const TraceHandler = datedQuestionHandler(TraceQuery, ({ readModel }, { id, kind }, moment) =>
  traceJson(trace(readModel, { id, kind: typeof kind === 'string' ? parseTraceKind(kind) : undefined, moment })),
);

@QuestionController('trace', '查询 · reading')
export class TraceController {
  readonly #bus: QueryBus;

  constructor(@Inject(QueryBus) bus: QueryBus) {
    this.#bus = bus;
  }

  @QuestionRoute(
    'Trace',
    '追溯：资金从哪些指标来，到了哪些村和收款凭证',
    'trace money to its quota lines and to the places and vouchers that it reached',
    TRACE_ANSWER,
    ':id',
  )
  trace(@Param() { id }: TraceParameters, @Query() question: TraceQuestion): Promise<TraceJson> {
    return this.#bus.execute(new TraceQuery({ ...question, id }));
  }
}
