import type { Position, StoredEvent } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import { ACCOUNT_KIND } from '../../projecting/account-kind';
import type { ReadSnapshot, SnapshotSource } from '../../projecting/read-database';
import { assertNever } from '../../platform/domain-error';
import type { EvidenceScope } from './evidence-scope';

/** Events of a stream that are read at once. */
const PAGE = 2000;

/** Everything of one stream up to a position, and the event after that where there is one. */
export interface StreamPart {
  readonly stream: string;
  readonly events: readonly StoredEvent[];
  readonly next: StoredEvent | null;
}

/** Finds events by what they are about, and reads them from the log. */
export class EventFinder {
  readonly #log: EventLog;
  readonly #source: SnapshotSource;
  /** Nothing after this position is given. */
  readonly #to: Position;
  readonly #onRead: (events: number) => void;
  #read = 0;

  /** @param onRead is told how many events have been read, now and then */
  constructor(log: EventLog, source: SnapshotSource, to: Position, onRead: (events: number) => void) {
    this.#log = log;
    this.#source = source;
    this.#to = to;
    this.#onRead = onRead;
  }

  async stream(stream: string): Promise<StreamPart> {
    const events: StoredEvent[] = [];
    for (;;) {
      const page = await this.#log.readStream(stream, events.length, PAGE);
      this.#count(page.length);
      for (const event of page) {
        if (event.position > this.#to) return { stream, events, next: event };
        events.push(event);
      }
      if (page.length < PAGE) return { stream, events, next: null };
    }
  }

  /** Pools that may hold money of a scope: those that the read model, which may be ahead of the moment, knows of. */
  poolsOf(scope: EvidenceScope): readonly string[] {
    return this.#source.read((snapshot) => {
      const sql = POOLS_OF[scope.kind];
      const parameters = Array.from({ length: sql.split('?').length - 1 }, () => scope.id);
      return snapshot.all<readonly [string]>(sql, ...parameters).map(([stream]) => stream);
    });
  }

  /** Events of other pools that took in what a division's pools had issued. */
  async takersOf(pools: readonly string[]): Promise<readonly StoredEvent[]> {
    const positions = this.#source.read((snapshot) =>
      pools.flatMap((pool) =>
        snapshot.all<readonly [Position]>(
          `SELECT DISTINCT movement.position
             FROM stream CROSS JOIN taken_in ON taken_in.pool = stream.id
                         CROSS JOIN movement ON movement.id = taken_in.movement
            WHERE stream.name = ? AND movement.position <= ?`,
          pool,
          this.#to,
        ),
      ),
    );
    return this.#at(positions.map(([position]) => position));
  }

  /** Pools that took in money of some quota lines which other pools had issued or carried over. */
  poolsTakingIn(pools: readonly string[], quotaLines: ReadonlySet<string>): readonly string[] {
    const takers = this.#source.read((snapshot) =>
      pools.flatMap((pool) =>
        snapshot.all<readonly [string, string]>(
          `SELECT DISTINCT taker.name, quota_line.quota_line
             FROM stream CROSS JOIN taken_in ON taken_in.pool = stream.id
                         CROSS JOIN movement ON movement.id = taken_in.movement
                         CROSS JOIN quota_line ON quota_line.id = movement.line
                         CROSS JOIN stream AS taker ON taker.id = quota_line.pool
            WHERE stream.name = ? AND movement.position <= ? ORDER BY taker.name`,
          pool,
          this.#to,
        ),
      ),
    );
    return [...new Set(takers.flatMap(([taker, quotaLine]) => (quotaLines.has(quotaLine) ? [taker] : [])))];
  }

  /** The event with an id; null when there is none up to the position. */
  async byId(id: string): Promise<StoredEvent | null> {
    const found = this.#source.read((snapshot) =>
      snapshot.first<readonly [Position]>('SELECT position FROM event WHERE id = ? AND position <= ?', id, this.#to),
    );
    const [event] = found === undefined ? [] : await this.#at([found[0]]);
    return event ?? null;
  }

  /** Events that brought money of a quota line into a pool from outside: from its channel, or from another pool. */
  async bringing(stream: string, quotaLine: string): Promise<readonly StoredEvent[]> {
    const positions = this.#source.read((snapshot) => bringingPositions(snapshot, stream, quotaLine, this.#to));
    return this.#at(positions);
  }

  async #at(positions: readonly Position[]): Promise<readonly StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (const position of positions) {
      const event = await this.#log.readAt(position);
      this.#count(1);
      if (event !== null) events.push(event);
    }
    return events;
  }

  #count(events: number): void {
    this.#read += events;
    this.#onRead(this.#read);
  }
}

const POOLS_OF: Readonly<Record<EvidenceScope['kind'], string>> = {
  division: 'SELECT name FROM stream WHERE division = ? ORDER BY name',
  project: `SELECT DISTINCT stream.name FROM account CROSS JOIN stream ON stream.id = account.pool
     WHERE account.project_code = ? ORDER BY stream.name`,
  document: `SELECT stream.name FROM quota_line CROSS JOIN stream ON stream.id = quota_line.pool
     WHERE quota_line.document_no = ?
    UNION SELECT stream.name FROM event CROSS JOIN stream ON stream.id = event.stream
     WHERE event.document_no = ? AND stream.division IS NOT NULL
    UNION SELECT stream.name FROM event CROSS JOIN stream ON stream.id = event.stream
     WHERE event.about_document_no = ? AND stream.division IS NOT NULL ORDER BY 1`,
  payment: `SELECT DISTINCT stream.name FROM event CROSS JOIN stream ON stream.id = event.stream
     WHERE event.document_no = ? AND stream.division IS NOT NULL ORDER BY stream.name`,
};

const OUTSIDE_KINDS = [ACCOUNT_KIND.source, ACCOUNT_KIND.transit, ACCOUNT_KIND.carried].join(', ');

const bringingPositions = (
  snapshot: ReadSnapshot,
  stream: string,
  quotaLine: string,
  to: Position,
): readonly Position[] =>
  snapshot
    .all<readonly [Position]>(
      `SELECT DISTINCT movement.position
         FROM stream CROSS JOIN quota_line ON quota_line.pool = stream.id
                     CROSS JOIN movement ON movement.line = quota_line.id
                     CROSS JOIN account ON account.id = movement.from_account
        WHERE stream.name = ? AND quota_line.quota_line = ? AND account.kind IN (${OUTSIDE_KINDS})
          AND movement.position <= ?
        ORDER BY movement.position`,
      stream,
      quotaLine,
      to,
    )
    .map(([position]) => position);

/** Streams with the names of a registry, and the member that its events' codes are in. */
export const registryOf = (kind: 'division' | 'department' | 'channel' | 'purpose') => {
  switch (kind) {
    case 'division':
      return { stream: 'registry-divisions', member: 'divisionCode' };
    case 'department':
      return { stream: 'registry-departments', member: 'departmentCode' };
    case 'channel':
      return { stream: 'registry-channels', member: 'channelCode' };
    case 'purpose':
      return { stream: 'registry-purposes', member: 'purposeCode' };
    default:
      return assertNever(kind);
  }
};
