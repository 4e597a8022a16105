import { Inject, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { parsePosition } from '../../balances/moment-request';
import { parseDate } from '../../balances/parsing';
import { factLimit } from '../../balances/moment';
import { fen, yuanFromFen } from '../../money/fen';
import { dateOfDay, dayNumber } from '../../projecting/day-number';
import { CodeField, PlaceField, QueryField } from '../fields';
import { LedgerQuery } from '../ledger-handler';
import { MOVEMENT, pageSchema } from './answer-schemas';
import { lineConditions } from './line-conditions';
import { datedQuestionHandler, type Page, pageOf, pageSize, QuestionController, QuestionRoute } from './question.dto';
import { FromField, LineFilterDto } from './scope-question.dto';

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
  /** What let it into a closed period; null for ordinary entries. */
  readonly adjustment: { readonly approvalNo: string; readonly approvedBy: string } | null;
}

export class MovementsQuestion extends LineFilterDto {
  @QueryField('指标：文号/渠道/用途', 'quota line: document/channel/purpose', '青财农〔2024〕18号/QH-SL/农村供水')
  readonly quotaLine?: string | null;

  @CodeField('项目编号', 'project code', 'M1', { optional: true })
  readonly projectCode?: string | null;

  @PlaceField('建设地点', 'place', { optional: true })
  readonly place?: string | null;

  @FromField()
  readonly from?: string | null;
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
  approvalNo: string | null,
  approvedBy: string | null,
];

const MOVEMENTS = `
  SELECT movement.id, movement.position, event.id, event_type.name, movement.effective_on, stream.name,
         event.document_no, quota_line.quota_line, giving.path, taking.path, movement.amount,
         adjustment.approval_no, adjustment.approved_by
    FROM movement
    JOIN event ON event.position = movement.position
    JOIN event_type ON event_type.id = event.type
    JOIN quota_line ON quota_line.id = movement.line
    JOIN stream ON stream.id = quota_line.pool
    JOIN account AS giving ON giving.id = movement.from_account
    JOIN account AS taking ON taking.id = movement.to_account
    LEFT JOIN adjustment ON adjustment.position = movement.position`;

/**
 * Movements into or out of the accounts of a project or place. They are looked for in the index of the lines of the
 * pools that have such accounts, so that no other row of the big tables is touched.
 */
const ofAccounts = (column: 'project_code' | 'place'): string =>
  `movement.id IN (
     SELECT id FROM movement
      WHERE line IN (SELECT id FROM quota_line WHERE pool IN (SELECT pool FROM account WHERE ${column} = ?))
        AND (from_account IN (SELECT id FROM account WHERE ${column} = ?)
             OR to_account IN (SELECT id FROM account WHERE ${column} = ?)))`;

export const MovementsHandler = datedQuestionHandler(MovementsQuery, ({ readModel }, question, moment) => {
  const size = pageSize(question.limit);
  const { from, projectCode, place } = question;
  return readModel.read((snapshot) => {
    const limit = factLimit(snapshot, moment);
    const conditions = lineConditions(question)
      .add('movement.id > ?', typeof question.after === 'string' ? parsePosition(question.after) : 0)
      .add('movement.position <= ?', limit.position)
      .add('movement.effective_on <= ?', limit.day)
      .add('movement.effective_on >= ?', typeof from === 'string' ? dayNumber(parseDate(from)) : null)
      .add('quota_line.quota_line = ?', question.quotaLine)
      .add(ofAccounts('project_code'), projectCode, projectCode, projectCode)
      .add(ofAccounts('place'), place, place, place);
    const rows = snapshot.all<MovementColumns>(
      `${MOVEMENTS} ${conditions.where} ORDER BY movement.id LIMIT ?`,
      ...conditions.parameters,
      size + 1,
    );
    const page = pageOf(limit.position, rows, size, ([id]) => String(id), moment.bookmark);
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
  const [approvalNo, approvedBy] = [row[11], row[12]];
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
    adjustment: approvalNo === null || approvedBy === null ? null : { approvalNo, approvedBy },
  };
};
