import { ledgerHandler, LedgerMessage, LedgerQuery, ledgerQueryHandler } from '../../http/ledger-handler';
import { type BookmarkJson, bookmarkJson } from './bookmark';
import type { SetBookmarkDto } from './set-bookmark.dto';

export class SetBookmarkMessage extends LedgerMessage<SetBookmarkDto> {}

export const SetBookmarkHandler = ledgerHandler(SetBookmarkMessage, (ledger, { name, at, asOf, remark }, request) =>
  ledger.bookmarks.set({ name, at: at ?? null, asOf: asOf ?? null, remark: remark ?? null }, request),
);

export interface BookmarksAnswer {
  readonly rows: readonly BookmarkJson[];
}

export class BookmarksQuery extends LedgerQuery<null, BookmarksAnswer> {}
export class BookmarkQuery extends LedgerQuery<{ readonly name: string }, BookmarkJson> {}

export const BookmarksHandler = ledgerQueryHandler(BookmarksQuery, async (ledger) => ({
  rows: (await ledger.bookmarks.list()).map(bookmarkJson),
}));

export const BookmarkHandler = ledgerQueryHandler(BookmarkQuery, async (ledger, { name }) =>
  bookmarkJson(await ledger.bookmark(name)),
);
