import type { StreamKind } from '../../event-log/decider';
import type { DomainEvent, Position } from '../../event-log/event';
import { DomainError } from '../../platform/domain-error';

export const BOOKMARKS_STREAM = 'registry-bookmarks';

/** A moment with a name: what was known at a position and, with a date, what was true on it. */
export interface Bookmark {
  readonly name: string;
  readonly position: Position;
  /** Business date `YYYY-MM-DD`; null: everything that was recorded. */
  readonly asOf: string | null;
  /** Events up to and with the position: the size of the tree over them. */
  readonly treeSize: number;
  /** Root of that tree, base64. */
  readonly treeRoot: string;
  readonly remark: string | null;
}

/**
 * What is stored. The position is the engine's own and may be another one when the log is copied to another engine;
 * the tree's size names the moment everywhere.
 */
export interface BookmarkData extends Omit<Bookmark, 'position'> {
  readonly position: string;
}

export type BookmarkEvent = DomainEvent<'BookmarkSet', BookmarkData>;

export type Bookmarks = Map<string, BookmarkData>;

export const bookmarksKind: StreamKind<Bookmarks, BookmarkEvent> = {
  category: 'registry',
  schemaVersion: 1,
  initial: () => new Map(),
  evolve: (bookmarks, event) => bookmarks.set(event.data.name, event.data),
};

/** A name is for good: reports that carry it must mean the same moment for ever. */
export const setBookmark =
  (wanted: BookmarkData) =>
  (bookmarks: Bookmarks): readonly BookmarkEvent[] => {
    const known = bookmarks.get(wanted.name);
    if (known === undefined) return [{ type: 'BookmarkSet', data: wanted }];
    if (known.treeSize === wanted.treeSize && known.asOf === wanted.asOf) return [];
    throw bookmarkNameTaken(known);
  };

/** Letters of any script, digits, inner spaces and the marks of document numbers. */
const NAME = /^[\p{L}0-9\-_.〔〕（）()]+(?: [\p{L}0-9\-_.〔〕（）()]+)*$/u;
const MAX_NAME = 64;
/** So that a name is never taken for a position, a number or a date. */
const CLEARLY_A_NAME = /^\p{L}|\p{Script=Han}/u;

/** The one spelling of a bookmark's name, or null when the text cannot be one. */
export const readBookmarkName = (text: string): string | null => {
  const name = text.normalize('NFC').trim();
  return name.length <= MAX_NAME && NAME.test(name) && CLEARLY_A_NAME.test(name) ? name : null;
};

/** @throws DomainError(input) BOOKMARK_NAME_INVALID */
export const requireBookmarkName = (text: string): string => {
  const name = readBookmarkName(text);
  if (name !== null) return name;
  throw new DomainError('input', {
    code: 'BOOKMARK_NAME_INVALID',
    message: `“${text}”不能作书签名。`,
    messageEn: `“${text}” cannot be the name of a bookmark.`,
    remedy: '书签名为 1–64 个字母、数字、汉字、空格或 -_.〔〕（）()，以字母开头或含有汉字，例如“2024年终”。',
    remedyEn:
      'A name has 1–64 letters, digits, Chinese characters, inner spaces or -_.〔〕（）(), and begins with a letter or holds a Chinese character, such as “2024年终”.',
    parameters: { field: 'name', value: text },
  });
};

export const bookmarkUnknown = (name: string): DomainError =>
  new DomainError('not-found', {
    code: 'BOOKMARK_UNKNOWN',
    message: `没有名为“${name}”的书签。`,
    messageEn: `There is no bookmark called “${name}”.`,
    remedy: '用 yichi bookmark list（或 GET /api/v1/bookmarks）查看已有书签，或用 yichi bookmark set 设置。',
    remedyEn: 'See yichi bookmark list (or GET /api/v1/bookmarks), or set it with yichi bookmark set.',
    parameters: { name },
  });

const bookmarkNameTaken = ({ name, position, asOf }: BookmarkData): DomainError =>
  new DomainError('rule', {
    code: 'BOOKMARK_NAME_TAKEN',
    message: `书签“${name}”已用于位置 ${position}${asOf === null ? '' : `、截至 ${asOf}`}，不能改指另一时点。`,
    messageEn: `The bookmark “${name}” stands for position ${position}${asOf === null ? '' : ` as of ${asOf}`} and never for another moment.`,
    remedy: '请另取一个名称。',
    remedyEn: 'Choose another name.',
    parameters: { name, position, asOf },
  });

/** As answers show it. */
export interface BookmarkJson extends Omit<Bookmark, 'position'> {
  readonly position: string;
}

export const bookmarkJson = ({ name, position, asOf, treeSize, treeRoot, remark }: Bookmark): BookmarkJson => ({
  name,
  position: String(position),
  asOf,
  treeSize,
  treeRoot,
  remark,
});
