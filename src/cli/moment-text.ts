import type { Bookmark } from '../audit/bookmarks/bookmark';
import type { Language } from '../platform/settings';

/** Where an answer was read. */
export interface ReadAt {
  readonly position: number;
  readonly asOf: string | null;
  readonly bookmark?: Bookmark;
}

/** `书签“2024年终” ` before a moment that was named by one, else nothing. */
export const bookmarkText = (bookmark: Bookmark | undefined, language: Language): string => {
  if (bookmark === undefined) return '';
  return language === 'zh' ? `书签“${bookmark.name}” ` : `“${bookmark.name}” `;
};

export const momentText = ({ position, asOf, bookmark }: ReadAt, language: Language): string => {
  const name = bookmarkText(bookmark, language);
  const at = language === 'zh' ? `位置 ${position}` : `position ${position}`;
  if (asOf === null) return `${name}${at}`;
  return language === 'zh' ? `${name}截至 ${asOf}（${at}）` : `${name}as of ${asOf} (${at})`;
};
