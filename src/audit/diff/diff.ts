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
import type { SnapshotSource } from '../../projecting/read-database';
import { type EventNote, type EventNoteJson, eventNoteJson, withNotes } from '../history/event-notes';

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

/** An event that only one of the moments has. */
interface CellEvent {
  readonly position: number;
  readonly cell: MutableMeasures;
  readonly isFrom: boolean;
  /** Number among all that are named. */
  readonly named: number;
}

/** Figures of one key in the making. */
interface Cell {
  /** What both moments have. */
  readonly common: MutableMeasures;
  readonly onlyFrom: MutableMeasures;
  readonly onlyTo: MutableMeasures;
  /** The first events that only one of the moments has; their money is not in the sums yet. */
  readonly events: CellEvent[];
  eventCount: number;
  lastPosition: number;
  /** Where the money of the event at the last position goes. */
  last: MutableMeasures;
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
    const gathering = new Gathering(from, to, request.eventsPerRow ?? DEFAULT_EVENTS_PER_ROW);
    const cells = gathering.cells(new Figures(snapshot, scope, key));
    const noted = withNotes(snapshot, gathering.named, (note, event) => ({ ...note, change: changeOf(event) }));
    const total = { from: noMeasures(), to: noMeasures() };
    const rows: DiffRow[] = [];
    for (const [each, cell] of cells.sort(([left], [right]) => (left < right ? -1 : 1))) {
      const figures = figuresOf(cell);
      addMeasures(total.from, figures.from);
      addMeasures(total.to, figures.to);
      if (!hasMeasures(figures.change)) continue;
      const name = nameOf(snapshot, scope.by, each, request.to.asOf, to.position);
      const events = cell.events.map((event) => noted[event.named] as DiffEvent);
      rows.push({ key: each, name, ...figures, eventCount: cell.eventCount, events });
    }
    return {
      by: scope.by,
      from: { ...request.from, position: from.position },
      to: { ...request.to, position: to.position },
      rows,
      total: { ...total, change: subtractMeasures(total.to, total.from) },
    };
  });

const isWithin = (limit: FactLimit, position: number, day: number): boolean =>
  position <= limit.position && day <= limit.day;

/** Sums up by key what either moment has, and takes down the events that only one of them has. */
class Gathering {
  /** In the order of the log, because neighbours are read together several times faster than here and there. */
  readonly named: CellEvent[] = [];
  readonly #from: FactLimit;
  readonly #to: FactLimit;
  readonly #eventsPerRow: number;

  constructor(from: FactLimit, to: FactLimit, eventsPerRow: number) {
    this.#from = from;
    this.#to = to;
    this.#eventsPerRow = eventsPerRow;
  }

  cells(figures: Figures): [string, Cell][] {
    const [from, to] = [this.#from, this.#to];
    const cells: (Cell | undefined)[] = [];
    // Of what neither moment has, nothing is kept.
    const neither = noMeasures();
    figures.book(
      { day: Math.max(from.day, to.day), position: Math.max(from.position, to.position) },
      (key, position, day) => {
        const isFrom = isWithin(from, position, day);
        const isTo = isWithin(to, position, day);
        if (!isFrom && !isTo) return neither;
        const cell = (cells[key] ??= newCell());
        if (isFrom && isTo) return cell.common;
        if (cell.lastPosition !== position) this.#begin(cell, position, isFrom);
        return cell.last;
      },
      'log',
    );
    return figures.keys.flatMap((key, number): [string, Cell][] => {
      const cell = cells[number];
      return cell === undefined ? [] : [[key, cell]];
    });
  }

  #begin(cell: Cell, position: number, isFrom: boolean): void {
    cell.lastPosition = position;
    cell.eventCount += 1;
    if (cell.events.length >= this.#eventsPerRow) {
      cell.last = isFrom ? cell.onlyFrom : cell.onlyTo;
      return;
    }
    cell.last = noMeasures();
    const event: CellEvent = { position, cell: cell.last, isFrom, named: this.named.length };
    cell.events.push(event);
    this.named.push(event);
  }
}

const newCell = (): Cell => ({
  common: noMeasures(),
  onlyFrom: noMeasures(),
  onlyTo: noMeasures(),
  events: [],
  eventCount: 0,
  lastPosition: 0,
  last: noMeasures(),
});

const figuresOf = (cell: Cell): Pick<DiffRow, 'from' | 'to' | 'change'> => {
  for (const event of cell.events) addMeasures(event.isFrom ? cell.onlyFrom : cell.onlyTo, event.cell);
  const from = sum(cell.common, cell.onlyFrom);
  const to = sum(cell.common, cell.onlyTo);
  return { from, to, change: subtractMeasures(to, from) };
};

const changeOf = ({ cell, isFrom }: CellEvent): Measures => (isFrom ? subtractMeasures(noMeasures(), cell) : cell);

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
