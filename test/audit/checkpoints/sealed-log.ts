import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { writeLedger } from '../../../bench/support/write-ledger';
import { CheckpointDesk, type CheckpointDeskOptions } from '../../../src/audit/checkpoints/checkpoint-desk';
import type { LedgerEvent } from '../../../src/event-log/event';
import { MemoryEventLog } from '../../../src/event-log/memory/memory-event-log';
import { sampleEvents } from '../proofs/ledger-sample';

const made: string[] = [];

/** A directory that is gone after the tests of the file. */
export const scratch = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'yichi-checkpoints-'));
  made.push(directory);
  return directory;
};

afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** A log in memory that grows along a row of events, and its desk. */
export class SealedLog {
  readonly log = new MemoryEventLog();
  readonly dataDirectory: string;
  readonly desk: CheckpointDesk;
  readonly #events: readonly LedgerEvent[];
  #size = 0;

  constructor(options: Partial<CheckpointDeskOptions> = {}, events: readonly LedgerEvent[] = sampleEvents(1000)) {
    this.dataDirectory = options.dataDirectory ?? scratch();
    this.#events = events;
    this.desk = new CheckpointDesk({
      engine: this.log.engine,
      tree: () => this.log.tree,
      ...options,
      dataDirectory: this.dataDirectory,
    });
  }

  async grow(size: number): Promise<void> {
    await writeLedger(this.log, this.#events.slice(this.#size, size));
    this.#size = size;
  }

  /** The same data directory, as a program that starts anew finds it, over another log. */
  over(events: readonly LedgerEvent[], options: Partial<CheckpointDeskOptions> = {}): SealedLog {
    return new SealedLog({ ...options, dataDirectory: this.dataDirectory }, events);
  }
}

export const changed = (events: readonly LedgerEvent[], place: number): readonly LedgerEvent[] =>
  events.map((event, index) => (index === place ? { ...event, basis: '改〔2024〕1号' } : event));
