import { type Bookmark, type BookmarkJson, bookmarkJson } from '../bookmarks/bookmark';
import type { TreeHead } from '../bookmarks/tree-head';
import { requireDivision } from '../../balances/balances';
import type { BalancesScope, Dimension } from '../../balances/balances-query';
import { Figures, figuresByEvent } from '../../balances/figures';
import { type Measure, MEASURES } from '../../balances/measures';
import { factLimit } from '../../balances/moment';
import type { Moment } from '../../balances/moment-request';
import { nameOf } from '../../balances/names';
import { invalid } from '../../balances/parsing';
import { ZERO_FEN } from '../../money/fen';
import { addSums, type FenSum, yuanFromSum } from '../../money/fen-sum';
import type { SnapshotSource } from '../../projecting/read-database';
import { keyUnknown } from '../history/asked-key';
import { type EventNote, type EventNoteJson, eventNoteJson, withNotes } from '../history/event-notes';

export interface ProvenanceRequest {
  readonly scope: BalancesScope;
  /** Null: the total of all keys. */
  readonly key: string | null;
  readonly measure: Measure;
  readonly moment: Moment;
  /** Only events after this position, for pages. */
  readonly after: number;
  readonly limit: number;
}

export interface ProvenanceRow extends EventNote {
  /** What the event adds to the figure. */
  readonly contribution: FenSum;
}

/** Everything that a figure rests on; the contributions of all events sum to it to the fen. */
export interface Provenance {
  readonly by: Dimension;
  readonly key: string | null;
  readonly name: string | null;
  readonly measure: Measure;
  readonly figure: FenSum;
  readonly asOf: string | null;
  readonly position: number;
  readonly bookmark?: Bookmark;
  /** Of all events that contributed, whatever page this is. */
  readonly eventCount: number;
  /** In the order of the log. */
  readonly rows: readonly ProvenanceRow[];
  /** Position to go on after; null: this is the last page. */
  readonly next: number | null;
}

/** @throws DomainError(input) MEASURE_UNKNOWN */
export const parseMeasure = (text: string): Measure => {
  const measure = MEASURES.find((name) => name === text);
  if (measure !== undefined) return measure;
  throw invalid(
    'MEASURE_UNKNOWN',
    `没有指标量“${text}”。`,
    `There is no measure “${text}”.`,
    `请用其中之一：${MEASURES.join('、')}。`,
    `Use one of: ${MEASURES.join(', ')}.`,
    { measure: text },
  );
};

/** @throws DomainError KEY_UNKNOWN, DIVISION_UNKNOWN; those of factLimit */
export const provenance = (source: SnapshotSource, request: ProvenanceRequest): Provenance =>
  source.read((snapshot) => {
    const { scope, key, measure, moment, after, limit } = request;
    const upTo = factLimit(snapshot, moment);
    if (scope.under !== null) requireDivision(snapshot, scope.under);
    let figure: FenSum = ZERO_FEN;
    let eventCount = 0;
    let isKnown = key === null;
    let hasMore = false;
    const found: { readonly position: number; readonly contribution: FenSum }[] = [];
    figuresByEvent(new Figures(snapshot, scope, key), upTo, (position, _day, change) => {
      isKnown = true;
      const contribution = change[measure];
      if (contribution === 0) return;
      figure = addSums(figure, contribution);
      eventCount += 1;
      if (position <= after) return;
      if (found.length < limit) found.push({ position, contribution });
      else hasMore = true;
    });
    if (!isKnown && key !== null) throw keyUnknown(scope.by, key);
    return {
      by: scope.by,
      key,
      name: key === null ? null : nameOf(snapshot, scope.by, key, moment.asOf, upTo.position),
      measure,
      figure,
      asOf: moment.asOf,
      position: upTo.position,
      ...(moment.bookmark === undefined ? {} : { bookmark: moment.bookmark }),
      eventCount,
      rows: withNotes(snapshot, found, (note, { contribution }) => ({ ...note, contribution })),
      next: hasMore ? (found.at(-1)?.position ?? null) : null,
    };
  });

export interface ProvenanceJson {
  readonly by: Dimension;
  readonly key: string | null;
  readonly name: string | null;
  readonly measure: Measure;
  readonly figure: string;
  readonly unit: '元';
  readonly asOf: string | null;
  readonly position: string;
  readonly bookmark?: BookmarkJson;
  /** The tree over all events up to the position; base64. */
  readonly tree: TreeHead;
  readonly eventCount: number;
  readonly rows: readonly (EventNoteJson & {
    readonly contribution: string;
    /** The event itself, in the form of the export. */
    readonly event: Readonly<Record<string, unknown>>;
  })[];
  readonly next: string | null;
}

/** @param events those of the rows, in their order */
export const provenanceJson = (
  { figure, position, bookmark, rows, next, ...answer }: Provenance,
  tree: TreeHead,
  events: readonly Readonly<Record<string, unknown>>[],
): ProvenanceJson => ({
  by: answer.by,
  key: answer.key,
  name: answer.name,
  measure: answer.measure,
  figure: yuanFromSum(figure),
  unit: '元',
  asOf: answer.asOf,
  position: String(position),
  ...(bookmark === undefined ? {} : { bookmark: bookmarkJson(bookmark) }),
  tree,
  eventCount: answer.eventCount,
  rows: rows.map(({ contribution, ...note }, index) => ({
    ...eventNoteJson(note),
    contribution: yuanFromSum(contribution),
    event: events[index] ?? {},
  })),
  next: next === null ? null : String(next),
});
