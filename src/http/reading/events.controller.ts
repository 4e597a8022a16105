import { Inject, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { parsePosition } from '../../balances/moment-request';
import { parseDate } from '../../balances/parsing';
import { factLimit } from '../../balances/moment';
import { DomainError } from '../../platform/domain-error';
import { dayNumber } from '../../projecting/day-number';
import { EventIdField, QueryField } from '../fields';
import { LedgerQuery } from '../ledger-handler';
import { EVENT_ANSWER, EVENTS_ANSWER } from './answer-schemas';
import { Conditions } from './conditions';
import {
  datedQuestionHandler,
  PagedQuestionDto,
  type Page,
  pageOf,
  pageSize,
  QuestionController,
  QuestionDto,
  questionHandler,
  QuestionRoute,
} from './question.dto';
import { FromField } from './scope-question.dto';
import { type ExportedEvent, readEventsAt } from '../../exporting/read-events';

export interface EventAnswer {
  readonly position: string;
  readonly event: ExportedEvent;
  readonly links: ProofLink;
}

/** A page of events and where the proof of each is: the events themselves stay as they are exported. */
export interface EventsAnswer extends Page<ExportedEvent> {
  readonly links: ProofLink;
}

/** Address of the proof that the event is in the log; of a page with `{id}` in it (RFC 6570). */
interface ProofLink {
  readonly proof: string;
}

const proofOf = (id: string): ProofLink => ({ proof: `/api/v1/proofs/inclusion/${id}` });

export class EventsQuestion extends PagedQuestionDto {
  @QueryField('流', 'stream', 'pool-630222-2024')
  readonly stream?: string | null;

  @QueryField('事件类型', 'type of event', 'FundsAllocated')
  readonly type?: string | null;

  @QueryField('文号或凭证号，含针对它的退回、冲销', 'document number; also returns and reversals of it', 'ZF-2024-0001')
  readonly documentNo?: string | null;

  @FromField()
  readonly from?: string | null;

  @QueryField('业务日期不晚于', 'business date to', '2024-12-31')
  readonly to?: string | null;
}

export class EventQuestion extends QuestionDto {}

export class EventParameters {
  @EventIdField('事件编号', 'id of the event')
  readonly id: string;
}

export class EventsQuery extends LedgerQuery<EventsQuestion, EventsAnswer> {}
export class EventQuery extends LedgerQuery<EventQuestion & EventParameters, EventAnswer> {}

/** The ids of types and streams are few; an unknown one finds nothing. */
const EVENTS = 'SELECT event.position FROM event';

export const EventsHandler = datedQuestionHandler(EventsQuery, async (ledger, question, moment) => {
  const size = pageSize(question.limit);
  const { position, found } = ledger.readModel.read((snapshot) => {
    const limit = factLimit(snapshot, moment);
    const conditions = new Conditions()
      .add('event.position > ?', typeof question.after === 'string' ? parsePosition(question.after) : 0)
      .add('event.position <= ?', limit.position)
      .add('event.stream = (SELECT id FROM stream WHERE name = ?)', question.stream)
      .add('event.type = (SELECT id FROM event_type WHERE name = ?)', question.type)
      .add('(event.document_no = ? OR event.about_document_no = ?)', question.documentNo, question.documentNo)
      .add('event.effective_on >= ?', dayOf(question.from))
      .add('event.effective_on <= ?', dayOf(question.to))
      .add('event.effective_on <= ?', moment.asOf === null ? null : limit.day);
    return {
      position: limit.position,
      found: snapshot
        .all<readonly [number]>(
          `${EVENTS} ${conditions.where} ORDER BY event.position LIMIT ?`,
          ...conditions.parameters,
          size + 1,
        )
        .map(([each]) => each),
    };
  });
  const page = pageOf(position, found, size, String, moment.bookmark);
  return { ...page, rows: await readEventsAt(ledger.log, page.rows), links: proofOf('{id}') };
});

export const EventHandler = questionHandler(EventQuery, async (ledger, { id }) => {
  const { position, found } = ledger.readModel.read((snapshot) => ({
    position: snapshot.position,
    found: snapshot.first<readonly [number]>(`${EVENTS} WHERE event.id = ?`, id)?.[0],
  }));
  const [event] = found === undefined ? [] : await readEventsAt(ledger.log, [found]);
  if (event === undefined) throw eventNotFound(id);
  return { position: String(position), event, links: proofOf(id) };
});

@QuestionController('events', '查询 · reading')
export class EventsController {
  readonly #bus: QueryBus;

  constructor(@Inject(QueryBus) bus: QueryBus) {
    this.#bus = bus;
  }

  @QuestionRoute(
    'ListEvents',
    '事件：按日志顺序，形式与导出相同',
    'events in the order of the log, in the form of the export',
    EVENTS_ANSWER,
  )
  list(@Query() question: EventsQuestion): Promise<EventsAnswer> {
    return this.#bus.execute(new EventsQuery(question));
  }

  @QuestionRoute('GetEvent', '一个事件', 'one event', EVENT_ANSWER, ':id')
  one(@Param() { id }: EventParameters, @Query() question: EventQuestion): Promise<EventAnswer> {
    return this.#bus.execute(new EventQuery({ ...question, id }));
  }
}

const dayOf = (date: string | null | undefined): number | null =>
  typeof date === 'string' ? dayNumber(parseDate(date)) : null;

const eventNotFound = (id: string): DomainError =>
  new DomainError('not-found', {
    code: 'EVENT_NOT_FOUND',
    message: `没有事件 ${id}。`,
    messageEn: `There is no event ${id}.`,
    remedy: '核对事件编号；刚写入的事件请带 waitFor 查询。',
    remedyEn: 'Check the id; give waitFor for an event that was just stored.',
    parameters: { id },
  });
