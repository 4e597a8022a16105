import { Inject, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';

import { parsePosition } from '../../balances/moment-request';
import { Facts } from '../../balances/facts';
import { type FactLimit, factLimit } from '../../balances/moment';
import { fen, yuanFromFen } from '../../money/fen';
import { ACCOUNT_KIND } from '../../projecting/account-kind';
import { LedgerQuery } from '../ledger-handler';
import { LINE, pageSchema } from './answer-schemas';
import { lineConditions } from './line-conditions';
import { datedQuestionHandler, type Page, pageOf, pageSize, QuestionController, QuestionRoute } from './question.dto';
import { LineFilterDto } from './scope-question.dto';

/** A quota line as one pool has it, and where its money is there. */
export interface LineAnswer {
  readonly quotaLine: string;
  readonly division: string;
  readonly fiscalYear: number;
  readonly documentNo: string;
  readonly parentDocumentNo: string | null;
  readonly channelCode: string;
  readonly purposeCode: string;
  readonly departmentCode: string;
  readonly level: string;
  readonly kind: string;
  readonly cashRequired: boolean;
  readonly issuedOn: string;
  readonly balances: LineBalances;
}

type LineBalances = Readonly<Record<'unintegrated' | 'available' | 'unspent' | 'held' | 'paid', string>>;

export class LinesQuestion extends LineFilterDto {}

export class LinesQuery extends LedgerQuery<LinesQuestion, Page<LineAnswer>> {}

type LineColumns = readonly [
  id: number,
  quotaLine: string,
  division: string,
  fiscalYear: number,
  documentNo: string,
  parentDocumentNo: string | null,
  channelCode: string,
  purposeCode: string,
  departmentCode: string,
  level: string,
  kind: string,
  cashRequired: number,
  issuedOn: string,
];

/** A line was there once its first movement or cash receipt was: before that it is not listed. */
const LINES = `
  WITH moment (day, position) AS (VALUES (?, ?))
  SELECT quota_line.id, quota_line.quota_line, stream.division, stream.fiscal_year, document_no, parent_document_no,
         channel_code, purpose_code, department_code, level, kind, cash_required, issued_on
    FROM quota_line JOIN stream ON stream.id = quota_line.pool CROSS JOIN moment`;
const wasThere = (line: string): string => `
  (EXISTS (SELECT 1 FROM movement
            WHERE movement.line = ${line}.id AND movement.effective_on <= moment.day AND movement.position <= moment.position)
   OR EXISTS (SELECT 1 FROM cash_receipt
            WHERE cash_receipt.line = ${line}.id AND cash_receipt.effective_on <= moment.day
              AND cash_receipt.position <= moment.position))`;

/** A line that was issued anew is listed with its newest particulars, and with older ones only where they have money. */
const COUNTS = `
  (NOT EXISTS (SELECT 1 FROM quota_line AS newer
                WHERE newer.pool = quota_line.pool AND newer.quota_line = quota_line.quota_line
                  AND newer.id > quota_line.id AND ${wasThere('newer')})
   OR EXISTS (SELECT 1
                FROM (SELECT to_account AS account, amount, effective_on, position FROM movement
                       WHERE line = quota_line.id
                      UNION ALL
                      SELECT from_account, -amount, effective_on, position FROM movement WHERE line = quota_line.id) AS half
               WHERE half.effective_on <= moment.day AND half.position <= moment.position GROUP BY account HAVING sum(amount) <> 0))`;

export const LinesHandler = datedQuestionHandler(LinesQuery, ({ readModel }, question, moment) => {
  const size = pageSize(question.limit);
  return readModel.read((snapshot) => {
    const limit = factLimit(snapshot, moment);
    const conditions = lineConditions(question)
      .add('quota_line.id > ?', typeof question.after === 'string' ? parsePosition(question.after) : 0)
      .add(wasThere('quota_line'))
      .add(COUNTS);
    const rows = snapshot.all<LineColumns>(
      `${LINES} ${conditions.where} ORDER BY quota_line.id LIMIT ?`,
      limit.day,
      limit.position,
      ...conditions.parameters,
      size + 1,
    );
    const facts = new Facts(snapshot);
    const page = pageOf(limit.position, rows, size, ([id]) => String(id), moment.bookmark);
    return { ...page, rows: page.rows.map((row) => lineOf(row, facts, limit)) };
  });
});

@QuestionController('lines', '查询 · reading')
export class LinesController {
  readonly #bus: QueryBus;

  constructor(@Inject(QueryBus) bus: QueryBus) {
    this.#bus = bus;
  }

  @QuestionRoute(
    'ListLines',
    '指标：各资金池中的指标及其资金所在',
    'quota lines of the pools, and where their money is',
    pageSchema(LINE),
  )
  list(@Query() question: LinesQuestion): Promise<Page<LineAnswer>> {
    return this.#bus.execute(new LinesQuery(question));
  }
}

const lineOf = (row: LineColumns, facts: Facts, limit: FactLimit): LineAnswer => {
  const [id, quotaLine, division, fiscalYear, documentNo, parentDocumentNo, channelCode, purposeCode, ...rest] = row;
  const [departmentCode, level, kind, cashRequired, issuedOn] = rest;
  return {
    quotaLine,
    division,
    fiscalYear,
    documentNo,
    parentDocumentNo,
    channelCode,
    purposeCode,
    departmentCode,
    level,
    kind,
    cashRequired: cashRequired === 1,
    issuedOn,
    balances: balancesOf(id, facts, limit),
  };
};

/** As the measures of the balances: what is held is unspent as well. */
const balancesOf = (line: number, facts: Facts, limit: FactLimit): LineBalances => {
  const sums = new Map<number, number>();
  const add = (account: number, amount: number): void => {
    const { kind } = facts.account(account);
    sums.set(kind, fen((sums.get(kind) ?? 0) + amount));
  };
  for (const [from, to, amount] of facts.movementsOfLine(line, limit)) {
    add(from, -amount);
    add(to, amount);
  }
  const yuan = (...kinds: readonly number[]): string =>
    yuanFromFen(fen(kinds.reduce((sum, kind) => sum + (sums.get(kind) ?? 0), 0)));
  return {
    unintegrated: yuan(ACCOUNT_KIND.received),
    available: yuan(ACCOUNT_KIND.available),
    unspent: yuan(ACCOUNT_KIND.projectAvailable, ACCOUNT_KIND.projectHeld),
    held: yuan(ACCOUNT_KIND.projectHeld),
    paid: yuan(ACCOUNT_KIND.projectPaid),
  };
};
