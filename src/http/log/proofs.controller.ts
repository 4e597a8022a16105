import { Inject, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { inclusionJson, type InclusionJson } from '../../audit/checkpoints/proof-answer';
import { proveEvent } from '../../audit/checkpoints/prove-event';
import { type GrowthAnswer, proveGrowth } from '../../audit/checkpoints/prove-growth';
import { EventIdField, QueryField } from '../fields';
import { LedgerQuery } from '../ledger-handler';
import { arrayOf, objectOf, TEXT, TEXT_OR_NULL } from '../reading/answer-schemas';
import { QuestionController, QuestionDto, questionHandler, QuestionRoute } from '../reading/question.dto';

export class InclusionQuestion extends QuestionDto {}

export class InclusionParameters {
  @EventIdField('事件编号', 'id of the event')
  readonly eventId: string;
}

export class ConsistencyQuestion extends QuestionDto {
  @QueryField('较早的条数', 'the smaller size, in events', '230', {})
  readonly from: string;

  @QueryField('较晚的条数；不写则为最新检查点的', 'the larger size; left out: that of the newest checkpoint', '500')
  readonly to?: string | null;
}

export class InclusionQuery extends LedgerQuery<InclusionQuestion & InclusionParameters, InclusionJson> {}
export class ConsistencyQuery extends LedgerQuery<ConsistencyQuestion, GrowthAnswer> {}

export const InclusionHandler = questionHandler(InclusionQuery, async (ledger, { eventId }) =>
  inclusionJson(await proveEvent(ledger, eventId)),
);

export const ConsistencyHandler = questionHandler(ConsistencyQuery, proveGrowth);

const NUMBER = { type: 'integer' } as const;

const INCLUSION_ANSWER = objectOf({
  position: TEXT,
  index: NUMBER,
  leaf: TEXT,
  leafHash: TEXT,
  hashes: arrayOf(TEXT),
  size: NUMBER,
  root: TEXT,
  checkpoint: TEXT,
  proof: TEXT,
});

const CONSISTENCY_ANSWER = objectOf({
  from: NUMBER,
  to: NUMBER,
  fromRoot: TEXT,
  toRoot: TEXT,
  hashes: arrayOf(TEXT),
  checkpoint: TEXT_OR_NULL,
});

@QuestionController('proofs', '证明 · proof')
export class ProofsController {
  readonly #bus: QueryBus;

  constructor(@Inject(QueryBus) bus: QueryBus) {
    this.#bus = bus;
  }

  @QuestionRoute(
    'ProveInclusion',
    '证明某事件在账中：叶子原文、哈希路径、检查点，以及合成的 tlog-proof',
    'that an event is in the log: leaf, hashes, checkpoint, and all of it as a tlog-proof',
    INCLUSION_ANSWER,
    'inclusion/:eventId',
  )
  inclusion(@Param() { eventId }: InclusionParameters, @Query() question: InclusionQuestion): Promise<InclusionJson> {
    return this.#bus.execute(new InclusionQuery({ ...question, eventId }));
  }

  @QuestionRoute(
    'ProveConsistency',
    '证明较晚的账以较早的账为开头（RFC 6962）',
    'that the larger tree begins with the smaller one',
    CONSISTENCY_ANSWER,
    'consistency',
  )
  consistency(@Query() question: ConsistencyQuestion): Promise<GrowthAnswer> {
    return this.#bus.execute(new ConsistencyQuery(question));
  }
}
