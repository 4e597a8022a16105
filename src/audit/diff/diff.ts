import { type BookmarkJson, bookmarkJson } from '../bookmarks/bookmark';
import { requireDivision } from '../../balances/balances';
import type { BalancesScope, Dimension } from '../../balances/balances-query';
import { Figures } from '../../balances/figures';
import {
  addMeasures,
  changesJson,
  hasMeasures,
  type Measure,
  type Measures,
  type MeasuresJson,
  measuresJson,
  type MutableMeasures,
  noMeasures,
  subtractMeasures,
} from '../../balances/measures';
import { type FactLimit, factLimit } from '../../balances/moment';
import type { Moment } from '../../balances/moment-request';
import { nameOf } from '../../balances/names';
import type { ReadSnapshot, SnapshotSource } from '../../projecting/read-database';
import { eventNote, type EventNote, type EventNoteJson, eventNoteJson } from '../history/event-notes';

export interface DiffRequest {
  readonly scope: BalancesScope;
  /** Only the balance of this key; null: all that changed. */
  readonly key?: string | null;
  readonly from: Moment;
  readonly to: Moment;
  /** Events that are named with each balance, the first of the log first. */
  readonly eventsPerRow?: number;
}

export const DEFAULT_EVENTS_PER_ROW = 10;

/** Far more than anybody reads; all of them are in the history of the key. */
export const MOST_EVENTS_PER_ROW = 1000;

export interface DiffEvent extends EventNote {
  /** What it changes from the first moment to the second; what only the first moment has counts negative. */
  readonly change: Measures;
}

export interface DiffRow {
  readonly key: string;
  readonly name: string;
  readonly from: Measures;
  readonly to: Measures;
  /** `to` less `from`. */
  readonly change: Measures;
  /** Of all events by which it changed. */
  readonly eventCount: number;
  readonly events: readonly DiffEvent[];
}

export interface DiffMoment extends Moment {
  /** Position that the figures belong to. */
  readonly position: number;
}

export interface Diff {
  readonly by: Dimension;
  readonly from: DiffMoment;
  readonly to: DiffMoment;
  /** Sorted by key; only balances that changed. */
  readonly rows: readonly DiffRow[];
  readonly total: Pick<DiffRow, 'from' | 'to' | 'change'>;
}

/** Figures of one key in the making. */
interface Cell {
  /** What both moments have. */
  readonly common: MutableMeasures;
  readonly onlyFrom: MutableMeasures;
  readonly onlyTo: MutableMeasures;
  /** The first events that only one of the moments has; their money is not in the sums yet. */
  readonly events: { readonly position: number; readonly cell: MutableMeasures; readonly isFrom: boolean }[];
  eventCount: number;
  lastPosition: number;
}

/**
 * Which balances differ between two moments, by how much, and by which events.
 *
 * @throws DomainError DIVISION_UNKNOWN; those of factLimit
 */
export const diff = (source: SnapshotSource, request: DiffRequest): Diff =>
  source.read((snapshot) => {
    const { scope, key = null } = request;
    const from = factLimit(snapshot, request.from);
    const to = factLimit(snapshot, request.to);
    if (scope.under !== null) requireDivision(snapshot, scope.under);
    const cells = gather(new Figures(snapshot, scope, key), from, to, request.eventsPerRow ?? DEFAULT_EVENTS_PER_ROW);
    const total = { from: noMeasures(), to: noMeasures() };
    const rows: SparseRow[] = [];
    for (const [each, cell] of [...cells].sort(([left], [right]) => (left < right ? -1 : 1))) {
      const row = rowOf(snapshot, request, each, cell, to.position);
      addMeasures(total.from, row.from);
      addMeasures(total.to, row.to);
      if (hasMeasures(row.change)) rows.push(row);
    }
    return {
      by: scope.by,
      from: { ...request.from, position: from.position },
      to: { ...request.to, position: to.position },
      rows: rows.map((row) => ({
        ...row,
        events: row.events.map(({ position, change }) => ({ ...eventNote(snapshot, position), change })),
      })),
      total: { ...total, change: subtractMeasures(total.to, total.from) },
    };
  });

const isWithin = (limit: FactLimit, position: number, day: number): boolean =>
  position <= limit.position && day <= limit.day;

const gather = (figures: Figures, from: FactLimit, to: FactLimit, eventsPerRow: number): Map<string, Cell> => {
  const cells = new Map<string, Cell>();
  const both = { day: Math.max(from.day, to.day), position: Math.max(from.position, to.position) };
  // Of what neither moment has, nothing is kept.
  const neither = noMeasures();
  figures.book(
    both,
    (key, position, day) => {
      const isFrom = isWithin(from, position, day);
      const isTo = isWithin(to, position, day);
      if (!isFrom && !isTo) return neither;
      let cell = cells.get(key);
      if (cell === undefined) {
        cell = newCell();
        cells.set(key, cell);
      }
      if (isFrom && isTo) return cell.common;
      if (cell.lastPosition !== position) {
        cell.lastPosition = position;
        cell.eventCount += 1;
        if (cell.events.length < eventsPerRow) cell.events.push({ position, cell: noMeasures(), isFrom });
      }
      const event = cell.events.at(-1);
      if (event?.position === position) return event.cell;
      return isFrom ? cell.onlyFrom : cell.onlyTo;
    },
    'log',
  );
  return cells;
};

const newCell = (): Cell => ({
  common: noMeasures(),
  onlyFrom: noMeasures(),
  onlyTo: noMeasures(),
  events: [],
  eventCount: 0,
  lastPosition: 0,
});

interface SparseRow extends Omit<DiffRow, 'events'> {
  readonly events: readonly { readonly position: number; readonly change: Measures }[];
}

const rowOf = (snapshot: ReadSnapshot, request: DiffRequest, key: string, cell: Cell, position: number): SparseRow => {
  for (const event of cell.events) addMeasures(event.isFrom ? cell.onlyFrom : cell.onlyTo, event.cell);
  const from = sum(cell.common, cell.onlyFrom);
  const to = sum(cell.common, cell.onlyTo);
  return {
    key,
    name: nameOf(snapshot, request.scope.by, key, request.to.asOf, position),
    from,
    to,
    change: subtractMeasures(to, from),
    eventCount: cell.eventCount,
    events: cell.events.map((event) => ({
      position: event.position,
      change: event.isFrom ? subtractMeasures(noMeasures(), event.cell) : event.cell,
    })),
  };
};

const sum = (left: Measures, right: Measures): Measures => {
  const total = noMeasures();
  addMeasures(total, left);
  addMeasures(total, right);
  return total;
};

interface DiffMomentJson {
  readonly position: string;
  readonly asOf: string | null;
  readonly bookmark?: BookmarkJson;
}

type Figures3 = Readonly<Record<'from' | 'to' | 'change', MeasuresJson>>;

export interface DiffJson {
  readonly by: Dimension;
  readonly from: DiffMomentJson;
  readonly to: DiffMomentJson;
  readonly unit: '元';
  readonly rows: readonly ({
    readonly key: string;
    readonly name: string;
    readonly eventCount: number;
    readonly events: readonly (EventNoteJson & { readonly change: Readonly<Partial<Record<Measure, string>>> })[];
  } & Figures3)[];
  readonly total: Figures3;
}

export const diffJson = ({ by, from, to, rows, total }: Diff): DiffJson => ({
  by,
  from: momentJson(from),
  to: momentJson(to),
  unit: '元',
  rows: rows.map(({ key, name, eventCount, events, ...row }) => ({
    key,
    name,
    ...figuresJson(row),
    eventCount,
    events: events.map(({ change, ...note }) => ({ ...eventNoteJson(note), change: changesJson(change) })),
  })),
  total: figuresJson(total),
});

const momentJson = ({ position, asOf, bookmark }: DiffMoment): DiffMomentJson => ({
  position: String(position),
  asOf,
  ...(bookmark === undefined ? {} : { bookmark: bookmarkJson(bookmark) }),
});

const figuresJson = ({ from, to, change }: Pick<DiffRow, 'from' | 'to' | 'change'>): Figures3 => ({
  from: measuresJson(from),
  to: measuresJson(to),
  change: measuresJson(change),
});
