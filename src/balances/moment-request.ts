import { type Bookmark, readBookmarkName } from '../audit/bookmarks/bookmark';
import { invalid, parseDate } from './parsing';

/** Business date and position up to which a question looks. */
export interface Moment {
  /** Business date `YYYY-MM-DD`, inclusive: what was true; null: everything that is recorded. */
  readonly asOf: string | null;
  /** Position, inclusive: what was known; null: the newest. */
  readonly at: number | null;
  /** The bookmark that named the moment; answers carry it. */
  readonly bookmark?: Bookmark;
}

/** A moment as texts of a person or a program. Absent or null: not restricted. */
export interface MomentRequest {
  /** A position, or a bookmark's name. */
  readonly at?: string | null | undefined;
  readonly asOf?: string | null | undefined;
}

/** A moment that is understood, but whose bookmark is not looked up yet. */
export interface AskedMoment {
  readonly asOf: string | null;
  readonly at: number | null;
  readonly bookmark: string | null;
}

const POSITION = /^(?:0|[1-9]\d{0,15})$/;

/** @throws DomainError(input) POSITION_INVALID, DATE_INVALID */
export const readMoment = ({ at, asOf }: MomentRequest): AskedMoment => ({
  asOf: given(asOf) ? parseDate(asOf) : null,
  ...readAt(at),
});

/** One end of a comparison: `<position|bookmark>`, `<date>`, or both as `<position|bookmark>@<date>`. */
export const readMomentText = (text: string): MomentRequest => {
  const [first = '', ...others] = text.split('@');
  if (others.length > 0) return { at: first, asOf: others.join('@') };
  return DATE_FORM.test(text) ? { at: null, asOf: text } : { at: text, asOf: null };
};

const DATE_FORM = /^\d{4}-\d{2}-\d{2}$/;

const readAt = (at: string | null | undefined): Pick<AskedMoment, 'at' | 'bookmark'> => {
  if (!given(at)) return { at: null, bookmark: null };
  if (isPosition(at)) return { at: Number(at), bookmark: null };
  const bookmark = readBookmarkName(at);
  if (bookmark === null) throw positionInvalid(at);
  return { at: null, bookmark };
};

const given = (text: string | null | undefined): text is string => text !== null && text !== undefined;

const isPosition = (text: string): boolean => POSITION.test(text) && Number.isSafeInteger(Number(text));

/** A position alone, such as a cursor. */
export const parsePosition = (text: string): number => {
  if (!isPosition(text)) throw positionInvalid(text);
  return Number(text);
};

const positionInvalid = (text: string) =>
  invalid(
    'POSITION_INVALID',
    `“${text}”不是日志位置，也不能是书签名。`,
    `“${text}” is no position in the log and cannot be the name of a bookmark.`,
    '请写某个答复里给出的 position，或 yichi bookmark list 列出的书签名。',
    'Write the `position` that an answer gave, or a name that yichi bookmark list shows.',
    { at: text },
  );
