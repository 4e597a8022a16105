import { Inject, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { parseDate, parseMoment, parsePosition, parseYear } from '../../balances/balances-query';
import { prefixRange } from '../../balances/facts';
import { factLimit } from '../../balances/moment';
import { fen, yuanFromFen } from '../../money/fen';
import { dayNumber } from '../../projecting/fact-writer';
import { CodeField, DivisionField, PlaceField, QueryField } from '../fields';
import { LedgerQuery } from '../ledger-handler';
import { MOVEMENT, pageSchema } from './answer-schemas';
import { Conditions } from './conditions';
import { dateOfDay } from './day';
import {
  AfterField,
  DatedQuestionDto,
  LimitField,
  type Page,
  pageOf,
  pageSize,
  QuestionController,
  questionHandler,
  QuestionRoute,
} from './question.dto';

export interface MovementAnswer {
  readonly eventPosition: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly effectiveOn: string;
  readonly stream: string;
  /** Number of the entry that moved it. */
  readonly documentNo: string | null;
  readonly quotaLine: string;
  readonly from: string;
  readonly to: string;
  readonly amount: string;
}

export class MovementsQuestion extends DatedQuestionDto {
  @DivisionField('只看该区划及以下的资金池', 'only pools under this division', '630222', { optional: true })
  readonly under?: string | null;

  @QueryField('年度', 'fiscal year', '2024')
  readonly year?: string | null;

  @QueryField('指标：文号/渠道/用途', 'quota line: document/channel/purpose', '青财农字〔2024〕318号/SL/GSBZ')
  readonly quotaLine?: string | null;

  @CodeField('指标文号', 'document number of the quota line', '青财农字〔2024〕318号', { optional: true })
  readonly documentNo?: string | null;

  @CodeField('渠道编码', 'channel code', 'SL', { optional: true })
  readonly channelCode?: string | null;

  @CodeField('部门编码', 'department code', 'SLT', { optional: true })
  readonly departmentCode?: string | null;

  @CodeField('项目编号', 'project code', 'MH-2024-001', { optional: true })
  readonly projectCode?: string | null;

  @PlaceField('建设地点', 'place', { optional: true })
  readonly place?: string | null;

  @QueryField('业务日期不早于', 'business date from', '2024-01-01')
  readonly from?: string | null;

  @AfterField()
  readonly after?: string | null;

  @LimitField()
  readonly limit?: string | null;
}

export class MovementsQuery extends LedgerQuery<MovementsQuestion, Page<MovementAnswer>> {}

type MovementColumns = readonly [
  id: number,
  position: number,
  eventId: string,
  eventType: string,
  day: number,
  stream: string,
  documentNo: string | null,
  quotaLine: string,
  from: string,
  to: string,
  amount: number,
];

const MOVEMENTS = `
  SELECT movement.id, movement.position, event.id, event_type.name, movement.effective_on, stream.name,
         event.document_no, quota_line.quota_line, giving.path, taking.path, movement.amount
    FROM movement
    JOIN event ON event.position = movement.position
    JOIN event_type ON event_type.id = event.type
    JOIN quota_line ON quota_line.id = movement.line
    JOIN stream ON stream.id = quota_line.pool
    JOIN account AS giving ON giving.id = movement.from_account
    JOIN account AS taking ON taking.id = movement.to_account`;

/** Movements of a project or place are only in pools that have accounts of it, which narrows the lines to look at. */
const inPoolsOf = (column: 'project_code' | 'place'): string =>
  `(giving.${column} = ? OR taking.${column} = ?)
   AND movement.line IN (SELECT id FROM quota_line WHERE pool IN (SELECT pool FROM account WHERE ${column} = ?))`;

export const MovementsHandler = questionHandler(MovementsQuery, ({ readModel }, question) => {
  const size = pageSize(question.limit);
  const { asOf, at, under, year, from, projectCode, place } = question;
  const moment = parseMoment({ asOf: asOf ?? undefined, at: at ?? undefined });
  return readModel.read((snapshot) => {
    const limit = factLimit(snapshot, moment);
    const conditions = new Conditions()
      .add('movement.id > ?', typeof question.after === 'string' ? parsePosition(question.after) : 0)
      .add('movement.position <= ?', limit.position)
      .add('movement.effective_on <= ?', limit.day)
      .add('movement.effective_on >= ?', typeof from === 'string' ? dayNumber(parseDate(from)) : null)
      .add('stream.fiscal_year = ?', typeof year === 'string' ? parseYear(year) : null)
      .add('quota_line.quota_line = ?', question.quotaLine)
      .add('quota_line.document_no = ?', question.documentNo)
      .add('quota_line.channel_code = ?', question.channelCode)
      .add('quota_line.department_code = ?', question.departmentCode)
      .add(inPoolsOf('project_code'), projectCode, projectCode, projectCode)
      .add(inPoolsOf('place'), place, place, place);
    if (typeof under === 'string')
      conditions.add('stream.division >= ? AND stream.division < ?', ...prefixRange(under));
    const rows = snapshot.all<MovementColumns>(
      `${MOVEMENTS} ${conditions.where} ORDER BY movement.id LIMIT ?`,
      ...conditions.parameters,
      size + 1,
    );
    const page = pageOf(limit.position, rows, size, ([id]) => String(id));
    return { ...page, rows: page.rows.map(movementOf) };
  });
});

@QuestionController('movements', '查询 · reading')
export class MovementsController {
  readonly #bus: QueryBus;

  constructor(@Inject(QueryBus) bus: QueryBus) {
    this.#bus = bus;
  }

  @QuestionRoute(
    'ListMovements',
    '资金流水：任何余额背后的每一笔',
    'movements: what is behind every balance',
    pageSchema(MOVEMENT),
  )
  list(@Query() question: MovementsQuestion): Promise<Page<MovementAnswer>> {
    return this.#bus.execute(new MovementsQuery(question));
  }
}

const movementOf = (row: MovementColumns): MovementAnswer => {
  const [, position, eventId, eventType, day, stream, documentNo, quotaLine, from, to, amount] = row;
  return {
    eventPosition: String(position),
    eventId,
    eventType,
    effectiveOn: dateOfDay(day),
    stream,
    documentNo,
    quotaLine,
    from,
    to,
    amount: yuanFromFen(fen(amount)),
  };
};
