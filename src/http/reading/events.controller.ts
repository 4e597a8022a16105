import { Inject, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { parseDate, parsePosition } from '../../balances/balances-query';
import { factLimit } from '../../balances/moment';
import type { EventLog } from '../../event-log/event-log';
import { exportedEvent } from '../../exporting/exported-event';
import { DomainError } from '../../platform/domain-error';
import { dayNumber } from '../../projecting/fact-writer';
import { EventIdField, QueryField } from '../fields';
import { LedgerQuery } from '../ledger-handler';
import { EVENT, EVENT_ANSWER, pageSchema } from './answer-schemas';
import { Conditions } from './conditions';
import {
  AfterField,
  LimitField,
  type Page,
  pageOf,
  pageSize,
  PinnedQuestionDto,
  QuestionController,
  QuestionDto,
  questionHandler,
  QuestionRoute,
} from './question.dto';

/** An event in the form of the export: every member of its canonical JSON, and the position as a text. */
export type ExportedEvent = Readonly<Record<string, unknown>>;

export interface EventAnswer {
  readonly position: string;
  readonly event: ExportedEvent;
}

export class EventsQuestion extends PinnedQuestionDto {
  @QueryField('流', 'stream', 'pool-630222-2024')
  readonly stream?: string | null;

  @QueryField('事件类型', 'type of event', 'FundsAllocated')
  readonly type?: string | null;

  @QueryField('文号或凭证号，含针对它的退回、冲销', 'document number; also returns and reversals of it', 'ZF-2024-0001')
  readonly documentNo?: string | null;

  @QueryField('业务日期不早于', 'business date from', '2024-01-01')
  readonly from?: string | null;

  @QueryField('业务日期不晚于', 'business date to', '2024-12-31')
  readonly to?: string | null;

  @AfterField()
  readonly after?: string | null;

  @LimitField()
  readonly limit?: string | null;
}

export class EventQuestion extends QuestionDto {}

export class EventParameters {
  @EventIdField('事件编号', 'id of the event')
  readonly id: string;
}

export class EventsQuery extends LedgerQuery<EventsQuestion, Page<ExportedEvent>> {}
export class EventQuery extends LedgerQuery<EventQuestion & EventParameters, EventAnswer> {}

/** The ids of types and streams are few; an unknown one finds nothing. */
const EVENTS = 'SELECT event.position FROM event';

export const EventsHandler = questionHandler(EventsQuery, async (ledger, question) => {
  const size = pageSize(question.limit);
  const { position, found } = ledger.readModel.read((snapshot) => {
    const at = typeof question.at === 'string' ? parsePosition(question.at) : null;
    const limit = factLimit(snapshot, { at, asOf: null });
    const conditions = new Conditions()
      .add('event.position > ?', typeof question.after === 'string' ? parsePosition(question.after) : 0)
      .add('event.position <= ?', limit.position)
      .add('event.stream = (SELECT id FROM stream WHERE name = ?)', question.stream)
      .add('event.type = (SELECT id FROM event_type WHERE name = ?)', question.type)
      .add('(event.document_no = ? OR event.about_document_no = ?)', question.documentNo, question.documentNo)
      .add('event.effective_on >= ?', dayOf(question.from))
      .add('event.effective_on <= ?', dayOf(question.to));
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
  const page = pageOf(position, found, size, String);
  return { ...page, rows: await readEvents(ledger.log, page.rows) };
});

export const EventHandler = questionHandler(EventQuery, async (ledger, { id }) => {
  const { position, found } = ledger.readModel.read((snapshot) => ({
    position: snapshot.position,
    found: snapshot.first<readonly [number]>(`${EVENTS} WHERE event.id = ?`, id)?.[0],
  }));
  const [event] = found === undefined ? [] : await readEvents(ledger.log, [found]);
  if (event === undefined) throw eventNotFound(id);
  return { position: String(position), event };
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
    pageSchema(EVENT),
  )
  list(@Query() question: EventsQuestion): Promise<Page<ExportedEvent>> {
    return this.#bus.execute(new EventsQuery(question));
  }

  @QuestionRoute('GetEvent', '一个事件', 'one event', EVENT_ANSWER, ':id')
  one(@Param() { id }: EventParameters, @Query() question: EventQuestion): Promise<EventAnswer> {
    return this.#bus.execute(new EventQuery({ ...question, id }));
  }
}

/** Reads events whose positions are known; those that follow one another in one go. */
const readEvents = async (log: EventLog, positions: readonly number[]): Promise<ExportedEvent[]> => {
  const events: ExportedEvent[] = [];
  for (let start = 0; start < positions.length;) {
    const first = positions[start] as number;
    let length = 1;
    while (positions[start + length] === first + length) length += 1;
    const stored = await log.readAll(first - 1, length);
    for (const [index, each] of stored.entries()) {
      if (each.position !== positions[start + index]) throw new Error(`the log has no event at ${first + index}`);
      events.push(JSON.parse(exportedEvent(each)) as ExportedEvent);
    }
    start += length;
  }
  return events;
};

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
