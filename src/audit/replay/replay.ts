import type { Position } from '../../event-log/event';
import { readEvent } from '../../event-log/upcasting';
import { positionNotReached, requireAfterFirstEvent } from '../../balances/moment';
import type { SnapshotSource } from '../../projecting/read-database';
import { LiveComparison, type ReadableLog, type ReplayProgress } from './live-comparison';
import type { LiveFinding, ReplayFinding } from './live-finding';
import { compareWithOfficial, loadOwnProjection, officialNamed, type OwnProjection } from './own-projection';
import type { SealedProjection } from './sealed-projection';
import { behind, findingOfTables, positionOfTables } from './table-findings';

export interface ReplayRequest {
  /** Only for reading: a replay cannot append, send or publish anything. */
  readonly log: ReadableLog;
  readonly live: SnapshotSource;
  /** Inclusive; null: up to the newest event of the live tables, or of the log where there are none. */
  readonly to: Position | null;
  readonly own?: OwnProjection | undefined;
  /** Looks at the file that the tables lie in, while their rows are compared. */
  readonly checkFile?: (() => Promise<readonly LiveFinding[]>) | undefined;
  readonly progress?: ReplayProgress;
}

export interface ReplayedProjection {
  readonly name: string;
  /** SHA-256 of what was run. */
  readonly version: string;
  /** Pools. */
  readonly partitions: number;
}

export interface ReplayReport {
  /** Of the last event that was replayed. */
  readonly position: Position;
  readonly events: number;
  readonly projections: readonly ReplayedProjection[];
  /** Whether the live tables could be compared. */
  readonly compared: boolean;
  /** Where the auditor gave a projection: its state of every stream. */
  readonly own: {
    readonly name: string;
    readonly partitions: readonly { readonly partition: string; readonly state: unknown }[];
  } | null;
  readonly findings: readonly ReplayFinding[];
}

/** Events read at once for an auditor's projection. */
const BATCH_EVENTS = 4096;

/** Meeting the newest state of tables that are being written to; each attempt reads only what has come since. */
const MOST_ATTEMPTS = 1000;

/**
 * Folds the log from its first event on in a place of its own (fresh contexts and memory: nothing is written, sent or
 * published), and compares with the live tables to the fen.
 *
 * @throws DomainError POSITION_NOT_REACHED, BEFORE_FIRST_EVENT, PROJECTION_INVALID
 */
export const replay = async (request: ReplayRequest): Promise<ReplayReport> => {
  const { log, to, own } = request;
  const head = await log.head();
  if (to !== null && to > head) throw positionNotReached(to, head);
  requireAfterFirstEvent(head > 0 && to !== 0);
  const ownFold = own === undefined ? null : { projection: own, folded: await loadOwnProjection(own) };

  const file = request.checkFile?.() ?? Promise.resolve([]);
  file.catch(() => undefined);
  const { comparison, compared, findings } = await foldAndCompare(request, head);
  findings.push(...(await file));
  const reached = comparison.position;
  if (ownFold !== null) {
    await foldOwn(log, ownFold.folded, reached);
    const official = officialNamed(ownFold.projection.name);
    if (official !== null) {
      findings.push(...(await compareWithOfficial(log, ownFold, comparison.fold, official, reached)));
    }
  }
  return {
    position: reached,
    events: comparison.events,
    projections: comparison.fold.projections.map(({ name, version }) => ({
      name,
      version,
      partitions: comparison.fold.states.size,
    })),
    compared,
    own:
      ownFold === null
        ? null
        : {
            name: ownFold.projection.name,
            partitions: ownFold.folded.states(),
          },
    findings,
  };
};

interface Folded {
  readonly comparison: LiveComparison;
  readonly compared: boolean;
  readonly findings: ReplayFinding[];
}

const foldAndCompare = async (request: ReplayRequest, head: Position): Promise<Folded> => {
  const { log, live, to, progress } = request;
  const comparison = new LiveComparison(live);
  try {
    const position = positionOfTables(live);
    const findings: ReplayFinding[] = to !== null && to > position ? [behind(position, to)] : [];
    findings.push(...(await compare(comparison, log, live, to, progress)));
    return { comparison, compared: true, findings };
  } catch (error) {
    return foldAlone(request, head, findingOfTables(error));
  }
};

/** The figures of the log, where there is nothing to compare them with. */
const foldAlone = async (
  { log, to, progress }: ReplayRequest,
  head: Position,
  finding: LiveFinding,
): Promise<Folded> => {
  const comparison = new LiveComparison(null);
  await comparison.readTo(log, to ?? head, progress);
  return { comparison, compared: false, findings: [finding, ...(await comparison.moneyFindings(log))] };
};

const compare = async (
  comparison: LiveComparison,
  log: ReadableLog,
  live: SnapshotSource,
  to: Position | null,
  progress: ReplayProgress | undefined,
): Promise<readonly ReplayFinding[]> => {
  for (let attempt = 0; ; attempt += 1) {
    const newest = live.read(({ position }) => position);
    await comparison.readTo(log, to === null ? newest : Math.min(to, newest), progress);
    const isMet = to !== null || live.read(({ position }) => position === newest);
    if (isMet || attempt >= MOST_ATTEMPTS) return comparison.finish(log);
  }
};

const foldOwn = async (log: ReadableLog, own: SealedProjection, to: Position): Promise<void> => {
  for (let after = 0; after < to;) {
    const page = await log.readAll(after, BATCH_EVENTS);
    own.apply(page.filter(({ position }) => position <= to).map(readEvent));
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
};
