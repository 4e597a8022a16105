import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CheckpointDesk } from '../../src/audit/checkpoints/checkpoint-desk';
import { SqliteEventLog } from '../../src/event-log/sqlite/sqlite-event-log';
import { ProjectionRunner } from '../../src/projecting/projection-runner';
import type { BenchmarkLine } from '../report';
import { generateLedger } from './generate-ledger';
import { writeLedger } from './write-ledger';

export interface LedgerBenchmarkOptions {
  readonly events?: number;
  /** Directory on the disk that is to be measured; a temporary one when it is not given. */
  readonly directory?: string;
  readonly onProgress?: (message: string) => void;
}

const DEFAULT_EVENTS = 1_000_000;

/** Where ledgers are kept for later runs; without it each benchmark makes its own and takes it away again. */
const KEPT_LEDGERS = 'YICHI_BENCH_LEDGER';

/** A ledger of so many generated events on the disk, the same in every run. */
export class BenchmarkLedger {
  readonly events: number;
  readonly directory: string;
  readonly log: SqliteEventLog;
  readonly readModel: ProjectionRunner;
  readonly checkpoints: CheckpointDesk;
  readonly #tell: (message: string) => void;
  readonly #isKept: boolean;

  private constructor({ events = DEFAULT_EVENTS, directory, onProgress }: LedgerBenchmarkOptions) {
    const kept = directory === undefined ? process.env[KEPT_LEDGERS] : undefined;
    this.events = events;
    this.#tell = onProgress ?? (() => undefined);
    this.#isKept = kept !== undefined;
    this.directory =
      kept === undefined ? mkdtempSync(join(directory ?? tmpdir(), 'yichi-bench-')) : join(kept, `events-${events}`);
    mkdirSync(this.directory, { recursive: true });
    this.log = new SqliteEventLog({ file: join(this.directory, 'log.sqlite') });
    this.readModel = new ProjectionRunner({ dataDirectory: this.directory, log: this.log });
    this.checkpoints = new CheckpointDesk({
      dataDirectory: this.directory,
      engine: this.log.engine,
      tree: () => this.log.tree,
    });
  }

  static async open(options: LedgerBenchmarkOptions): Promise<BenchmarkLedger> {
    const ledger = new BenchmarkLedger(options);
    try {
      await ledger.#write();
      return ledger;
    } catch (error) {
      await ledger.close();
      throw error;
    }
  }

  tell(message: string): void {
    this.#tell(message);
  }

  async buildTables(): Promise<void> {
    this.tell('building the tables');
    await this.readModel.catchUp();
  }

  async close(): Promise<void> {
    this.readModel.close();
    await this.log.close();
    if (!this.#isKept) rmSync(this.directory, { recursive: true, force: true });
  }

  async #write(): Promise<void> {
    const written = await this.log.head();
    if (written > 0 && written !== this.events) {
      throw new Error(`${this.directory} holds ${written} events: the writing was cut off; remove it`);
    }
    if (written === 0) {
      this.tell(`writing ${this.events} events`);
      await writeLedger(this.log, generateLedger({ events: this.events }));
    }
    if ((await this.checkpoints.files()).length === 0) await this.checkpoints.make();
  }
}

/** Measures on a ledger, and takes it away afterwards. */
export async function* withBenchmarkLedger(
  options: LedgerBenchmarkOptions,
  measure: (ledger: BenchmarkLedger) => AsyncIterable<BenchmarkLine>,
): AsyncGenerator<BenchmarkLine> {
  const ledger = await BenchmarkLedger.open(options);
  try {
    yield* measure(ledger);
  } finally {
    await ledger.close();
  }
}
