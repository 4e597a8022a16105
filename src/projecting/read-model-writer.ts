import type Database from 'better-sqlite3';

import type { RecordedEvent } from '../event-log/event';
import { Dimensions } from './dimensions';
import { FactWriter } from './fact-writer';
import { PeriodWriter } from './period-writer';
import type { PoolPartition, TouchedEntries } from './pool-partition';
import { poolOfStream } from '../pool/pool-stream';
import {
  type LoadedProjection,
  loadProjection,
  PROJECTION_NAMES,
  type ProjectionEvent,
  type ProjectionHandler,
  type ProjectionState,
} from './projection-loader';
import { RegistryWriter } from './registry-writer';
import { RowInserter } from './row-inserter';

/** Beyond this many pools in memory those longest unused are forgotten, down to half; a province has some 150 a year. */
const MOST_POOLS_IN_MEMORY = 512;

/**
 * Folds events into one read database: the states of the official projections, the facts and the registry. It writes
 * inside a transaction that its owner begins and commits. After a rollback it must be thrown away, because its memory
 * is ahead of the tables.
 */
export class ReadModelWriter {
  readonly #database: Database.Database;
  readonly #fresh: boolean;
  readonly #projections: readonly LoadedProjection[];
  /** What each projection does with a type of event, in the order of PROJECTION_NAMES. */
  readonly #handlers: ReadonlyMap<string, readonly (ProjectionHandler | undefined)[]>;
  readonly #dimensions: Dimensions;
  readonly #facts: FactWriter | null;
  readonly #periods: PeriodWriter;
  readonly #registry: RegistryWriter;
  readonly #pools = new Map<string, PoolPartition>();
  #touched: readonly TouchedEntries[] = [];
  #batch = 0;

  /**
   * @param fresh the database is empty: nothing needs to be looked up in it
   * @param withFacts false only for measuring the projections alone
   */
  constructor(database: Database.Database, fresh: boolean, withFacts = true) {
    this.#database = database;
    this.#fresh = fresh;
    this.#projections = PROJECTION_NAMES.map((name, index) =>
      loadProjection(name, (section, key) => {
        this.#touched[index]?.get(section)?.add(key);
      }),
    );
    const types = new Set(this.#projections.flatMap(({ handlers }) => [...handlers.keys()]));
    this.#handlers = new Map(
      [...types].map((type) => [type, this.#projections.map(({ handlers }) => handlers.get(type))] as const),
    );
    this.#dimensions = new Dimensions(database, fresh);
    this.#facts = withFacts ? new FactWriter(database, this.#dimensions, (stream) => this.#pool(stream)) : null;
    this.#periods = new PeriodWriter(database);
    this.#registry = new RegistryWriter(database);
  }

  apply(event: RecordedEvent): void {
    if (!event.stream.startsWith('pool-')) {
      this.#registry.write(event);
      this.#facts?.write(event, null);
      return;
    }
    const pool = this.#pool(event.stream);
    pool.lastBatch = this.#batch;
    this.#touched = pool.touched;
    const projected: ProjectionEvent = {
      streamId: pool.stream,
      sequenceNumber: event.revision,
      eventType: event.type,
      eventId: event.id,
      isJson: true,
      data: event.data,
      body: event.data,
      metadata: event.metadata,
    };
    const handlers = this.#handlers.get(event.type);
    if (handlers !== undefined) {
      for (let index = 0; index < handlers.length; index += 1) {
        const handler = handlers[index];
        if (handler !== undefined) pool.states[index] = handler(pool.states[index] as ProjectionState, projected);
      }
    }
    this.#facts?.write(event, pool);
    this.#periods.write(event, pool);
  }

  /** Writes the gathered facts. */
  flushFacts(): void {
    this.#facts?.flush();
  }

  /** Writes the entries that changed since the last time. */
  flushEntries(): void {
    const entries = new RowInserter(
      this.#database,
      'entry',
      ['projection', 'section', 'key', 'pool', 'value'],
      'INSERT OR REPLACE',
    );
    for (const pool of this.#pools.values()) {
      pool.touched.forEach((sections, projection) => {
        for (const [section, keys] of sections) {
          for (const key of keys) {
            entries.add(projection, section, key, pool.id, JSON.stringify(pool.states[projection]?.[section]?.[key]));
          }
          keys.clear();
        }
      });
    }
    entries.flush();
  }

  /** To be called between batches, when everything is flushed: keeps the memory flat. */
  forgetUnused(): void {
    this.#batch += 1;
    if (this.#pools.size <= MOST_POOLS_IN_MEMORY || this.#fresh) return;
    const longestUnused = [...this.#pools.values()].sort((left, right) => left.lastBatch - right.lastBatch);
    for (const pool of longestUnused.slice(0, this.#pools.size - MOST_POOLS_IN_MEMORY / 2)) {
      this.#pools.delete(pool.stream);
    }
  }

  #pool(stream: string): PoolPartition {
    const known = this.#pools.get(stream);
    if (known !== undefined) return known;
    const pool = poolOfStream(stream);
    if (pool === null) throw new Error(`not the stream of a pool: ${stream}`);
    const id = this.#dimensions.stream(stream);
    const states = this.#projections.map((projection) => projection.initialState());
    const partition: PoolPartition = {
      id,
      stream,
      ...pool,
      states,
      touched: states.map((state) => new Map(Object.keys(state).map((section) => [section, new Set<string>()]))),
      accounts: new Map(),
      lines: new Map(),
      lastBatch: this.#batch,
    };
    if (!this.#fresh) this.#loadStates(partition);
    this.#pools.set(stream, partition);
    return partition;
  }

  #loadStates(pool: PoolPartition): void {
    const rows = this.#database
      .prepare('SELECT projection, section, key, value FROM entry WHERE pool = ?')
      .raw(true)
      .iterate(pool.id) as IterableIterator<readonly [number, string, string, string]>;
    for (const [projection, section, key, value] of rows) {
      const entries = pool.states[projection]?.[section];
      if (entries !== undefined) entries[key] = JSON.parse(value) as unknown;
    }
  }
}
