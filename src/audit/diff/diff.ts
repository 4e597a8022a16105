import { type BookmarkJson, bookmarkJson } from '../bookmarks/bookmark';
import { requireDivision } from '../../balances/balances';
import type { BalancesScope, Dimension } from '../../balances/balances-query';
import { Figures } from '../../balances/figures';
import { MeasureSums, NO_ROW } from '../../balances/measure-sums';
import {
  changesJson,
  type Measure,
  type Measures,
  type MeasuresJson,
  measuresJson,
  noMeasures,
} from '../../balances/measures';
import { type FactLimit, factLimit } from '../../balances/moment';
import type { Moment } from '../../balances/moment-request';
import { nameOf } from '../../balances/names';
import type { ReadSnapshot, SnapshotSource } from '../../projecting/read-database';
import {
  changedCodes,
  type RegisterChange,
  type RegisterChangeJson,
  registerChanges,
  registerChangesJson,
  registerOf,
} from '../history/register-changes';
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
  /** By project or channel: what was changed about them between the two positions. */
  readonly registerChanges: readonly RegisterChange[];
  /** Sorted by key; only balances that changed. */
  readonly rows: readonly DiffRow[];
  readonly total: Pick<DiffRow, 'from' | 'to' | 'change'>;
}

/** An event that only one of the moments has. */
interface NamedEvent {
  readonly position: number;
  /** Null as long as its movements are being booked. */
  change: Measures | null;
}

/** Figures of one key in the making. */
interface Cell {
  /** The first of its rows. */
  readonly first: number;
  /** The first events that only one of the moments has, by their numbers among all that are named. */
  readonly events: number[];
  eventCount: number;
  lastPosition: number;
  /** Which of its rows the money of the event at the last position goes to, counted from the first. */
  lastRow: number;
  /** Whether only the moment before has that event. */
  isLastFrom: boolean;
}

/** Rows of a cell, counted from its first: what both moments have, what only one of them has, and the change. */
const COMMON = 0;
const FROM = 1;
const TO = 2;
const CHANGE = 3;
/** What the event that is being named changes; it is not in the other rows yet. */
const NAMED = 4;
const ROWS_OF_CELL = 5;

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
    const { named, sums } = gathering;
    const noted = withNotes(snapshot, named, (note, { change }) => changedBy(note, change ?? noMeasures()));
    const changed = cells.filter(([, { first }]) => sums.hasMeasures(first + CHANGE));
    return {
      by: scope.by,
      from: { ...request.from, position: from.position },
      to: { ...request.to, position: to.position },
      registerChanges: changesBetween(snapshot, scope.by, key, from.position, to.position),
      rows: changed.map(([each, { first, eventCount, events }]) => ({
        key: each,
        name: nameOf(snapshot, scope.by, each, request.to.asOf, to.position),
        ...figuresOf(sums, first),
        eventCount,
        events: events.map((event) => noted[event] as DiffEvent),
      })),
      total: figuresOf(sums, gathering.total(cells)),
    };
  });

/** Whichever of the moments comes first: what is undone between them is a change as well. */
const changesBetween = (
  snapshot: ReadSnapshot,
  by: Dimension,
  key: string | null,
  from: number,
  to: number,
): readonly RegisterChange[] => {
  const range = { after: Math.min(from, to), upTo: Math.max(from, to) };
  const ledger = registerOf(by);
  if (ledger === null || range.after === range.upTo) return [];
  const codes = key === null ? changedCodes(snapshot, ledger, range) : [key];
  return registerChanges(snapshot, { [ledger]: codes }, range);
};

/** Member by member, because taking over a note with `...` takes several times as long. */
const changedBy = (
  { position, id, type, stream, documentNo, effectiveOn }: EventNote,
  change: Measures,
): DiffEvent => ({
  position,
  id,
  type,
  stream,
  documentNo,
  effectiveOn,
  change,
});

const figuresOf = (sums: MeasureSums, first: number): Pick<DiffRow, 'from' | 'to' | 'change'> => ({
  from: sums.measures(first + FROM),
  to: sums.measures(first + TO),
  change: sums.measures(first + CHANGE),
});

const isWithin = (limit: FactLimit, position: number, day: number): boolean =>
  position <= limit.position && day <= limit.day;

/** Sums up by key what either moment has, and takes down the events that only one of them has. */
class Gathering {
  readonly sums = new MeasureSums();
  /** In the order of the log, because neighbours are read together several times faster than here and there. */
  readonly named: NamedEvent[] = [];
  readonly #from: FactLimit;
  readonly #to: FactLimit;
  readonly #eventsPerRow: number;

  constructor(from: FactLimit, to: FactLimit, eventsPerRow: number) {
    this.#from = from;
    this.#to = to;
    this.#eventsPerRow = eventsPerRow;
  }

  /** Sorted by key. */
  cells(figures: Figures): (readonly [string, Cell])[] {
    const [from, to] = [this.#from, this.#to];
    const cells: (Cell | undefined)[] = [];
    figures.book(
      { day: Math.max(from.day, to.day), position: Math.max(from.position, to.position) },
      this.sums,
      (key, position, day) => {
        const isFrom = isWithin(from, position, day);
        const isTo = isWithin(to, position, day);
        if (!isFrom && !isTo) return NO_ROW;
        const cell = (cells[key] ??= this.#newCell());
        if (isFrom && isTo) return cell.first + COMMON;
        if (cell.lastPosition !== position) this.#begin(cell, position, isFrom);
        return cell.first + cell.lastRow;
      },
      'log',
    );
    const found = figures.keys.flatMap((key, number): [string, Cell][] => {
      const cell = cells[number];
      return cell === undefined ? [] : [[key, cell]];
    });
    for (const [, cell] of found) this.#finish(cell);
    return found.sort(([left], [right]) => (left < right ? -1 : 1));
  }

  /** First of the rows that sum up those of all. */
  total(cells: readonly (readonly [string, Cell])[]): number {
    const total = this.sums.newRows(ROWS_OF_CELL);
    for (const [, { first }] of cells) {
      for (const row of [FROM, TO, CHANGE]) this.sums.addRow(total + row, first + row);
    }
    return total;
  }

  #newCell(): Cell {
    const first = this.sums.newRows(ROWS_OF_CELL);
    return { first, events: [], eventCount: 0, lastPosition: 0, lastRow: COMMON, isLastFrom: false };
  }

  #begin(cell: Cell, position: number, isFrom: boolean): void {
    this.#endNamed(cell);
    cell.lastPosition = position;
    cell.isLastFrom = isFrom;
    cell.eventCount += 1;
    if (cell.eventCount > this.#eventsPerRow) {
      cell.lastRow = isFrom ? FROM : TO;
      return;
    }
    cell.lastRow = NAMED;
    cell.events.push(this.named.push({ position, change: null }) - 1);
  }

  /** Takes down the last event of a cell, when it is one of those that are named. */
  #endNamed({ first, events, lastRow, isLastFrom }: Cell): void {
    const event = lastRow === NAMED ? this.named[events.at(-1) ?? -1] : undefined;
    if (event === undefined) return;
    const { sums } = this;
    sums.addRow(first + (isLastFrom ? FROM : TO), first + NAMED);
    if (isLastFrom) sums.negate(first + NAMED);
    event.change = sums.measures(first + NAMED);
    sums.clear(first + NAMED);
  }

  /** Puts together what was summed apart. */
  #finish(cell: Cell): void {
    this.#endNamed(cell);
    const { sums } = this;
    const { first } = cell;
    sums.addRow(first + FROM, first + COMMON);
    sums.addRow(first + TO, first + COMMON);
    sums.addRow(first + CHANGE, first + TO);
    sums.subtractRow(first + CHANGE, first + FROM);
  }
}

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
  readonly registerChanges?: readonly RegisterChangeJson[];
  readonly rows: readonly ({
    readonly key: string;
    readonly name: string;
    readonly eventCount: number;
    readonly events: readonly (EventNoteJson & { readonly change: Readonly<Partial<Record<Measure, string>>> })[];
  } & Figures3)[];
  readonly total: Figures3;
}

export const diffJson = ({ by, from, to, registerChanges: changes, rows, total }: Diff): DiffJson => ({
  by,
  from: momentJson(from),
  to: momentJson(to),
  unit: '元',
  ...registerChangesJson(changes),
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
