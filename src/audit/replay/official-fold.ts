import { fen } from '../../money/fen';
import {
  addMeasures,
  MEASURES,
  type Measures,
  type MutableMeasures,
  noMeasures,
  type PoolMeasures,
} from '../../balances/measures';
import type { RecordedEvent } from '../../event-log/event';
import { poolOfStream } from '../../pool/pool-stream';
import {
  type LoadedProjection,
  loadProjection,
  PROJECTION_NAMES,
  type ProjectionEvent,
  type ProjectionName,
  type ProjectionState,
} from '../../projecting/projection-loader';

/** An event as handlers read it. */
export const projectionEvent = (event: RecordedEvent, data: unknown = event.data): ProjectionEvent => ({
  streamId: event.stream,
  sequenceNumber: event.revision,
  eventType: event.type,
  eventId: event.id,
  isJson: true,
  data,
  body: data,
  metadata: event.metadata,
});

/**
 * What is left of an event whose business date is later than the one that is asked for: it has moved no money yet, but
 * the particulars of quota lines that came with it are what they are.
 */
export const withoutMoney = (data: unknown): unknown => {
  if (typeof data !== 'object' || data === null) return data;
  return {
    ...data,
    ...('movements' in data ? { movements: [] } : {}),
    ...('receipts' in data ? { receipts: [] } : {}),
  };
};

/** The official projections, folded from the first event on in a place of their own: nothing is written anywhere. */
export class OfficialFold {
  readonly projections: readonly LoadedProjection[];
  /** By stream, one state of each projection in the order of PROJECTION_NAMES. */
  readonly states = new Map<string, ProjectionState[]>();
  readonly #asOf: string | null;

  constructor(asOf: string | null = null, names: readonly ProjectionName[] = PROJECTION_NAMES) {
    this.projections = names.map((name) => loadProjection(name));
    this.#asOf = asOf;
  }

  apply(event: RecordedEvent): void {
    const states = this.#statesOf(event.stream);
    if (states === null) return;
    const isLate = this.#asOf !== null && event.effectiveOn > this.#asOf;
    const projected = projectionEvent(event, isLate ? withoutMoney(event.data) : event.data);
    for (let index = 0; index < this.projections.length; index += 1) {
      const handler = this.projections[index]?.handlers.get(event.type);
      if (handler !== undefined) states[index] = handler(states[index] as ProjectionState, projected);
    }
  }

  /** Figures of one projection by key, summed over all pools. */
  cells(projection: number): Map<string, Measures> {
    const cells = new Map<string, MutableMeasures>();
    for (const states of this.states.values()) addCells(cells, states[projection]);
    return cells;
  }

  /** Null for streams that are no pool's. */
  #statesOf(stream: string): ProjectionState[] | null {
    const known = this.states.get(stream);
    if (known !== undefined) return known;
    if (poolOfStream(stream) === null) return null;
    const states = this.projections.map((projection) => projection.initialState());
    this.states.set(stream, states);
    return states;
  }
}

/** Adds the section `cells` of one pool's state to figures by key. */
export const addCells = (cells: Map<string, MutableMeasures>, state: ProjectionState | undefined): void => {
  for (const [key, cell] of Object.entries(state?.['cells'] ?? {})) {
    const sum = cells.get(key) ?? noMeasures();
    addMeasures(sum, measuresOf(cell));
    cells.set(key, sum);
  }
};

/** A cell as a projection keeps it; throws where it is none. */
export const measuresOf = (cell: unknown): PoolMeasures =>
  Object.fromEntries(MEASURES.map((measure) => [measure, fen((cell as PoolMeasures)[measure])])) as PoolMeasures;
