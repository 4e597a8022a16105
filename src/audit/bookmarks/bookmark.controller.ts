import { Body, Inject, Param } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';

import type { CommandAnswer } from '../../event-log/decider';
import { CommandController, CommandRoute } from '../../http/command-route';
import { Requested } from '../../http/command-request';
import { QueryField } from '../../http/fields';
import { BOOKMARK } from '../../http/reading/answer-schemas';
import { QuestionRoute } from '../../http/reading/question.dto';
import { arrayOf, objectOf } from '../../http/reading/answer-schemas';
import type { CommandRequest } from '../../ledger/ledger-desk';
import type { BookmarkJson } from './bookmark';
import { BookmarkQuery, type BookmarksAnswer, BookmarksQuery, SetBookmarkMessage } from './bookmark.handler';
import { SetBookmarkDto } from './set-bookmark.dto';

export class BookmarkParameters {
  @QueryField('书签名', 'name', '2024年终', { optional: false })
  readonly name: string;
}

@CommandController('bookmarks', '审计 · audit')
export class BookmarkController {
  readonly #commands: CommandBus;
  readonly #queries: QueryBus;

  constructor(@Inject(CommandBus) commands: CommandBus, @Inject(QueryBus) queries: QueryBus) {
    this.#commands = commands;
    this.#queries = queries;
  }

  @CommandRoute('SetBookmark', '设置书签：给某一时点起名', 'name a moment for good')
  set(@Body() body: SetBookmarkDto, @Requested() request: CommandRequest): Promise<CommandAnswer> {
    return this.#commands.execute(new SetBookmarkMessage(body, request));
  }

  @QuestionRoute('ListBookmarks', '书签', 'bookmarks', objectOf({ rows: arrayOf(BOOKMARK) }))
  list(): Promise<BookmarksAnswer> {
    return this.#queries.execute(new BookmarksQuery(null));
  }

  @QuestionRoute('GetBookmark', '一个书签', 'one bookmark', BOOKMARK, ':name')
  one(@Param() { name }: BookmarkParameters): Promise<BookmarkJson> {
    return this.#queries.execute(new BookmarkQuery({ name }));
  }
}
