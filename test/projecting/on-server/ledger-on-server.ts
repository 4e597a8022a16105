import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LedgerEvent } from '../../../src/event-log/event';
import { EventStoreDbEventLog } from '../../../src/event-log/eventstoredb/eventstoredb-event-log';
import { ServerProjections } from '../../../src/event-log/eventstoredb/server-projections';
import { ProjectionRunner } from '../../../src/projecting/projection-runner';

/** A log on a server, a read model of it, and the server's projections; to be closed. */
export class LedgerOnServer {
  readonly log: EventStoreDbEventLog;
  readonly server: ServerProjections;
  readonly readModel: ProjectionRunner;
  readonly #folder = mkdtempSync(join(tmpdir(), 'yichi-on-server-'));
  readonly #revisions = new Map<string, number>();

  constructor(setting: string) {
    this.log = new EventStoreDbEventLog(setting);
    this.server = new ServerProjections(setting);
    this.readModel = new ProjectionRunner({ dataDirectory: this.#folder, log: this.log });
  }

  async write(events: readonly LedgerEvent[]): Promise<void> {
    for (const given of events) {
      const expectedRevision = this.#revisions.get(given.stream) ?? -1;
      const event = { ...given, revision: expectedRevision + 1 };
      await this.log.append({ stream: given.stream, expectedRevision, events: [event] });
      this.#revisions.set(given.stream, event.revision);
    }
  }

  catchUp(): Promise<number> {
    return this.readModel.catchUp();
  }

  async close(): Promise<void> {
    this.readModel.close();
    await this.server.close();
    await this.log.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
