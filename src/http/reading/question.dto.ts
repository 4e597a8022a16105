import { applyDecorators, Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { SchemaObject } from '@nestjs/swagger/dist/interfaces/open-api-spec.interface';

import { type Bookmark, type BookmarkJson, bookmarkJson } from '../../audit/bookmarks/bookmark';
import { type Moment, type MomentRequest, parsePosition } from '../../balances/moment-request';
import type { Ledger } from '../../ledger/ledger';
import { DomainError } from '../../platform/domain-error';
import { QueryField } from '../fields';
import { ledgerQueryHandler, type LedgerQuery } from '../ledger-handler';
import { ApiProblem } from '../problem-answer';
import { reachPosition } from './reach-position';

const DEFAULT_PAGE = 100;
/** An answer of this many rows stays below a megabyte. */
const MAX_PAGE = 1000;
const LIMIT = /^[1-9]\d{0,3}$/;

export const LimitField = () =>
  QueryField(`每页行数（默认 ${DEFAULT_PAGE}，最多 ${MAX_PAGE}）`, 'rows of a page', String(DEFAULT_PAGE));

export const AfterField = () =>
  QueryField('接着上一页：上一页答复的 next', 'page on: the next that a page answered', '57');

/** What every question may say: not to be answered before the reader's own write is seen. */
export abstract class QuestionDto {
  @QueryField(
    '等到读模型到达该位置再回答（写入答复中的 position），最多等 5 秒',
    'answer only once this position is seen (the position that a command answered); waits 5 seconds at most',
    '57',
  )
  readonly waitFor?: string | null;
}

/** A question about a moment of the log. */
export abstract class PinnedQuestionDto extends QuestionDto {
  @QueryField(
    '日志位置（含）或书签名：当时账本所知',
    'position, inclusive, or the name of a bookmark: what the ledger knew then',
    '57',
  )
  readonly at?: string | null;
}

/** A question about a moment of the log and of business time. */
export abstract class DatedQuestionDto extends PinnedQuestionDto {
  @QueryField('业务日期（含）：截至当日', 'business date, inclusive', '2024-06-30')
  readonly asOf?: string | null;
}

/** A list that is read page by page. */
export abstract class PagedQuestionDto extends DatedQuestionDto {
  @AfterField()
  readonly after?: string | null;

  @LimitField()
  readonly limit?: string | null;
}

/** How many rows a page has. */
export const pageSize = (limit: string | null | undefined): number => {
  if (limit === undefined || limit === null) return DEFAULT_PAGE;
  const size = LIMIT.test(limit) ? Number(limit) : Number.NaN;
  if (size <= MAX_PAGE) return size;
  throw new DomainError('input', {
    code: 'LIMIT_INVALID',
    message: `limit=${limit} 无效。`,
    messageEn: `limit=${limit} is not valid.`,
    remedy: `写 1 到 ${MAX_PAGE} 之间的整数，其余用 next 翻页。`,
    remedyEn: `Write a whole number from 1 to ${MAX_PAGE} and page on with next.`,
    parameters: { limit },
  });
};

/** One page of a list. */
export interface Page<Row> {
  /** Position that the list was read at. */
  readonly position: string;
  readonly rows: readonly Row[];
  /** Give it as `after` for the next page; null: this is the last. */
  readonly next: string | null;
  /** The bookmark that the list was read at. */
  readonly bookmark?: BookmarkJson;
}

/** A page out of one row more than it has, which tells whether there is another page. */
export const pageOf = <Row>(
  position: number,
  rowsAndOneMore: readonly Row[],
  size: number,
  cursorOf: (row: Row) => string,
  bookmark?: Bookmark,
): Page<Row> => {
  const rows = rowsAndOneMore.slice(0, size);
  const last = rows.at(-1);
  const next = rowsAndOneMore.length > size && last !== undefined ? cursorOf(last) : null;
  return {
    position: String(position),
    rows,
    next,
    ...(bookmark === undefined ? {} : { bookmark: bookmarkJson(bookmark) }),
  };
};

/** The handler of a question: waits for the reader's own write first. */
export const questionHandler = <Question extends QuestionDto, Answer>(
  query: new (question: Question) => LedgerQuery<Question, Answer>,
  answer: (ledger: Ledger, question: Question) => Answer | Promise<Answer>,
) =>
  ledgerQueryHandler<Question, Answer>(query, async (ledger, question) => {
    if (typeof question.waitFor === 'string') await reachPosition(ledger.readModel, parsePosition(question.waitFor));
    return answer(ledger, question);
  });

/** The handler of a question about a moment; a bookmark is looked up, and the read model awaited as far as it reaches. */
export const datedQuestionHandler = <Question extends PinnedQuestionDto & Partial<DatedQuestionDto>, Answer>(
  query: new (question: Question) => LedgerQuery<Question, Answer>,
  answer: (ledger: Ledger, question: Question, moment: Moment) => Answer | Promise<Answer>,
) =>
  questionHandler<Question, Answer>(query, async (ledger, question) =>
    answer(ledger, question, await momentOf(ledger, { at: question.at, asOf: question.asOf })),
  );

export const momentOf = async (ledger: Ledger, request: MomentRequest): Promise<Moment> => {
  const moment = await ledger.moment(request);
  if (moment.bookmark !== undefined) await reachPosition(ledger.readModel, moment.bookmark.position);
  return moment;
};

/** A controller of questions under /api/v1. */
export const QuestionController = (path: string, tag: string): ClassDecorator =>
  applyDecorators(Controller(path), ApiTags(tag), ApiBearerAuth());

/** GET of one question; texts in Chinese, then English. */
export const QuestionRoute = (name: string, zh: string, en: string, schema: SchemaObject, path = ''): MethodDecorator =>
  applyDecorators(
    Get(path),
    ApiOperation({ operationId: name, summary: `${zh} · ${en}` }),
    ApiOkResponse({ description: '答复 · answer', schema }),
    ApiProblem(),
  );
