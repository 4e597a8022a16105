import { type Bookmark, type BookmarkJson, bookmarkJson } from '../bookmarks/bookmark';
import type { BalancesScope, Dimension } from '../../balances/balances-query';
import { Figures, figuresByEvent } from '../../balances/figures';
import {
  addMeasures,
  changesJson,
  type Measure,
  type Measures,
  type MeasuresJson,
  measuresJson,
  noMeasures,
} from '../../balances/measures';
import { factLimit } from '../../balances/moment';
import type { Moment } from '../../balances/moment-request';
import { nameOf } from '../../balances/names';
import type { SnapshotSource } from '../../projecting/read-database';
import { keyUnknown } from './asked-key';
import { type EventNote, type EventNoteJson, eventNoteJson, withNotes } from './event-notes';
import {
  type RegisterChange,
  type RegisterChangeJson,
  registerChanges,
  registerChangesJson,
  registersOf,
} from './register-changes';

export interface HistoryRequest {
  readonly scope: BalancesScope;
  readonly key: string;
  readonly moment: Moment;
  /** Only what comes after this place, for pages. */
  readonly after?: HistoryPlace | null;
  readonly limit?: number;
}

/** A place in a history, which is ordered by business date and then by position. */
export interface HistoryPlace {
  readonly day: number;
  readonly position: number;
}

export interface HistoryRow extends EventNote {
  readonly change: Measures;
  /** The balance once this and everything before it has happened. */
  readonly balance: Measures;
}

export interface History {
  readonly by: Dimension;
  readonly key: string;
  readonly name: string;
  readonly asOf: string | null;
  readonly position: number;
  readonly bookmark?: Bookmark;
  /** Of all events, whatever page this is. */
  readonly eventCount: number;
  /** Of a project or a channel: what was changed about it. */
  readonly registerChanges: readonly RegisterChange[];
  readonly rows: readonly HistoryRow[];
  readonly next: HistoryPlace | null;
}

/**
 * One balance through business time: every event that changed it, by how much, and what it was then.
 *
 * @throws DomainError KEY_UNKNOWN; those of factLimit
 */
export const history = (source: SnapshotSource, { scope, key, moment, after, limit }: HistoryRequest): History =>
  source.read((snapshot) => {
    const upTo = factLimit(snapshot, moment);
    const changes: { readonly position: number; readonly day: number; readonly change: Measures }[] = [];
    figuresByEvent(new Figures(snapshot, scope, key), upTo, (position, day, change) =>
      changes.push({ position, day, change }),
    );
    if (changes.length === 0) throw keyUnknown(scope.by, key);
    changes.sort((left, right) => left.day - right.day || left.position - right.position);

    const running = noMeasures();
    const rows: (Pick<HistoryRow, 'change' | 'balance'> & HistoryPlace)[] = [];
    let next: HistoryPlace | null = null;
    for (const { position, day, change } of changes) {
      addMeasures(running, change);
      if (!isAfter({ day, position }, after)) continue;
      if (limit !== undefined && rows.length === limit) {
        next = rows.at(-1) ?? null;
        break;
      }
      rows.push({ day, position, change, balance: { ...running } });
    }
    return {
      by: scope.by,
      key,
      name: nameOf(snapshot, scope.by, key, moment.asOf, upTo.position),
      asOf: moment.asOf,
      position: upTo.position,
      ...(moment.bookmark === undefined ? {} : { bookmark: moment.bookmark }),
      eventCount: changes.length,
      registerChanges: registerChanges(snapshot, registersOf(scope.by, [key]), { after: 0, upTo: upTo.position }),
      rows: withNotes(snapshot, rows, (note, { change, balance }) => ({ ...note, change, balance })),
      next: next === null ? null : { day: next.day, position: next.position },
    };
  });

const isAfter = (place: HistoryPlace, after: HistoryPlace | null | undefined): boolean =>
  after === null ||
  after === undefined ||
  place.day > after.day ||
  (place.day === after.day && place.position > after.position);

const PLACE = /^(\d{8})\.(\d{1,16})$/;

/** `20240630.57`, or null for anything else. */
export const readPlace = (text: string): HistoryPlace | null => {
  const [, day, position] = PLACE.exec(text) ?? [];
  return day === undefined || position === undefined ? null : { day: Number(day), position: Number(position) };
};

export interface HistoryJson {
  readonly by: Dimension;
  readonly key: string;
  readonly name: string;
  readonly asOf: string | null;
  readonly position: string;
  readonly unit: '元';
  readonly bookmark?: BookmarkJson;
  readonly eventCount: number;
  readonly registerChanges?: readonly RegisterChangeJson[];
  readonly rows: readonly (EventNoteJson & {
    readonly change: Readonly<Partial<Record<Measure, string>>>;
    readonly balance: MeasuresJson;
  })[];
  readonly next: string | null;
}

export const historyJson = ({
  by,
  key,
  name,
  asOf,
  position,
  bookmark,
  eventCount,
  registerChanges: changes,
  rows,
  next,
}: History): HistoryJson => ({
  by,
  key,
  name,
  asOf,
  position: String(position),
  unit: '元',
  ...(bookmark === undefined ? {} : { bookmark: bookmarkJson(bookmark) }),
  eventCount,
  ...registerChangesJson(changes),
  rows: rows.map(({ change, balance, ...note }) => ({
    ...eventNoteJson(note),
    change: changesJson(change),
    balance: measuresJson(balance),
  })),
  next: next === null ? null : `${next.day}.${next.position}`,
});
