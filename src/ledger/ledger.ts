import { CheckpointDesk } from '../audit/checkpoints/checkpoint-desk';
import type { Bookmark } from '../audit/bookmarks/bookmark';
import { BookmarkDesk } from '../audit/bookmarks/bookmark-desk';
import type { Moment, MomentRequest } from '../balances/moment-request';
import { CommandRunner } from '../event-log/command-runner';
import type { CommandAnswer } from '../event-log/decider';
import { type Actor, BEFORE_FIRST, type LedgerEvent, type Position } from '../event-log/event';
import type { EventLog, Subscription } from '../event-log/event-log';
import type { UnitOfWork } from '../event-log/unit-of-work';
import { readEvent } from '../event-log/upcasting';
import type { UnfinishedImport } from '../importing/import-journal';
import type { ChangedField, ImportProgress, ImportRemark, JudgedImport } from '../importing/import-ledgers';
import { importRefused } from '../importing/import-refused';
import { DomainError } from '../platform/domain-error';
import type { PoolEvent } from '../pool/pool-event';
import type { Settings } from '../platform/settings';
import { indexedPosition, placeOfEvent } from '../projecting/event-index';
import { type Progress, ProjectionRunner } from '../projecting/projection-runner';
import { followTree, type SharedProof } from './follow-tree';
import { type ClosingAnswer, seal } from './closing';
import { LeaningPoolsOfReadModel } from './leaning-pools';
import { type CommandExecutor, type CommandRequest, type Executed, LedgerDesk } from './ledger-desk';
import { entryOf } from './crossing-desk';
import { openEventLog } from './open-event-log';
import { otherHalfOf } from './other-half';
import { requireLogBeside, requireNothingMadeFrom } from './log-beside';
import type { PoolCommands } from './pool-decisions';
import { type UnfinishedCrossing, unfinishedCrossings } from './unfinished-crossings';

export interface ImportReport {
  readonly id: string;
  readonly dryRun: boolean;
  /** Rows. */
  readonly stored: number;
  readonly unchanged: number;
  /** What rows of registers and projects replace, field by field. */
  readonly changed: readonly ChangedField[];
  readonly refused: number;
  /** Why rows are unchanged that a reader may have expected to be stored. */
  readonly remarks: readonly ImportRemark[];
  /** Position of the log after the import. */
  readonly position: Position;
}

export interface ImportOptions {
  readonly actor: Actor;
  readonly dryRun?: boolean;
  readonly progress?: ImportProgress;
  /** Id of an unfinished import that this one, with corrected files, takes the place of. */
  readonly insteadOf?: string;
}

/** Events read at once when one is looked for in its stream. */
const PAGE = 1000;

/** The whole ledger of one data directory: the log, the desk where commands come in, and the read model. */
export class Ledger {
  readonly log: EventLog;
  readonly commands: CommandRunner;
  readonly readModel: ProjectionRunner;
  readonly desk: LedgerDesk<CommandAnswer>;
  /** Names of moments. */
  readonly bookmarks: BookmarkDesk;
  /** Signed statements of what the log is, and where they are kept. */
  readonly checkpoints: CheckpointDesk;
  readonly #now: () => Date;
  readonly #shared: SharedProof | null;
  /** Up to here no crossing is without its other half; what is recorded stays so. */
  #wholeUpTo: Position = BEFORE_FIRST;

  private constructor(
    log: EventLog,
    shared: SharedProof | null,
    { dataDir: dataDirectory, checkpoints }: Pick<Settings, 'dataDir'> & Partial<Pick<Settings, 'checkpoints'>>,
    now: () => Date,
  ) {
    this.log = log;
    this.#shared = shared;
    this.#now = now;
    this.commands = new CommandRunner(log, { now });
    this.bookmarks = new BookmarkDesk(log, this.commands, now);
    this.readModel = new ProjectionRunner({ dataDirectory, log });
    this.desk = this.deskOn(this.commands);
    this.checkpoints = new CheckpointDesk({
      dataDirectory,
      engine: log.engine,
      tree: () => log.tree,
      origin: checkpoints?.origin ?? null,
      places: checkpoints?.to ?? [],
      office: shared?.office,
    });
  }

  /**
   * Opens (and, where there is nothing yet, begins) the ledger that the settings name.
   *
   * @throws DomainError(unavailable) LOG_MISSING, LOG_EMPTIED when there is no log beside what was made from one; those of
   *   the log
   */
  static async open(
    settings: Pick<Settings, 'dataDir' | 'eventLog'> & Partial<Pick<Settings, 'checkpoints'>>,
    now: () => Date = () => new Date(),
  ): Promise<Ledger> {
    requireLogBeside(settings);
    const log = await openEventLog(settings.eventLog);
    const ledger = await Ledger.on(log, settings, now);
    try {
      if ((await log.head()) === 0) requireNothingMadeFrom(settings, ledger.readModel.position());
      return ledger;
    } catch (error) {
      await ledger.close();
      throw error;
    }
  }

  /** The ledger on a log that is open already; it is the ledger's from here on. */
  static async on(
    log: EventLog,
    settings: Pick<Settings, 'dataDir'> & Partial<Pick<Settings, 'checkpoints'>>,
    now: () => Date = () => new Date(),
  ): Promise<Ledger> {
    const shared = await followTree(log, settings.dataDir, now, settings.checkpoints?.seconds);
    return new Ledger(log, shared, settings, now);
  }

  /** A desk whose commands go to a unit of work, or wherever else they are run. */
  deskOn<Answer extends Executed>(executor: CommandExecutor<Answer>): LedgerDesk<Answer> {
    const pools = new LeaningPoolsOfReadModel(this.readModel);
    return new LedgerDesk(executor, (stream, id) => this.findEvent(stream, id), pools);
  }

  /** Brings the read model to the end of the log. */
  catchUp(progress?: Progress): Promise<Position> {
    return this.readModel.catchUp(progress);
  }

  /** Keeps the read model, and where the engine keeps none the tree, at the end of the log until the subscription is closed. */
  follow(onError: (error: unknown) => void): Subscription {
    const following = [this.readModel.follow({ onError })];
    if (this.#shared !== null) following.push(this.#shared.tree.follow(onError));
    return { close: async () => void (await Promise.all(following.map((each) => each.close()))) };
  }

  /** @throws DomainError(not-found) BOOKMARK_UNKNOWN */
  bookmark(name: string): Promise<Bookmark> {
    return this.bookmarks.find(name);
  }

  /** The moment that a position, a bookmark's name and a business date name; see BookmarkDesk.moment. */
  moment(request: MomentRequest): Promise<Moment> {
    return this.bookmarks.moment(request);
  }

  /**
   * Closes a month or a year and seals it with a checkpoint. Asked again, it seals what was left unsealed.
   * @throws DomainError of the decision; a closing that could not be sealed is answered, not thrown
   */
  async closePeriod<Name extends 'CloseMonth' | 'CloseYear'>(
    name: Name,
    command: PoolCommands[Name],
    request: CommandRequest,
  ): Promise<ClosingAnswer> {
    const answer = await this.desk.pool(name, command, request);
    return { ...answer, ...(await seal(this.checkpoints)) };
  }

  /** An event of a stream by its id; undefined when it is not there. */
  async findEvent(stream: string, eventId: string): Promise<LedgerEvent | undefined> {
    const indexed = placeOfEvent(this.readModel, eventId);
    if (indexed !== undefined && indexed.stream === stream) {
      const [stored] = await this.log.readStream(stream, indexed.revision, 1);
      const event = stored === undefined ? undefined : readEvent(stored);
      if (event?.id === eventId) return event;
    }
    // The index may be a moment behind the log: then the event is among the newest, or nowhere.
    const indexedTo = indexedPosition(this.readModel);
    if (indexedTo > 0 && indexedTo <= (await this.log.head())) {
      const newest = await this.log.readAll(indexedTo, PAGE);
      if (newest.length < PAGE) {
        return newest.map(readEvent).find((event) => event.id === eventId && event.stream === stream);
      }
    }
    for (let from = 0; ; from += PAGE) {
      const page = await this.log.readStream(stream, from, PAGE);
      for (const stored of page) {
        const event = readEvent(stored);
        if (event.id === eventId) return event;
      }
      if (page.length < PAGE) return undefined;
    }
  }

  /** Transfers, carry-overs and their reversals whose other half is missing. The read model must be caught up. */
  async unfinished(): Promise<readonly (UnfinishedCrossing & { readonly event: LedgerEvent })[]> {
    const unfinished: (UnfinishedCrossing & { readonly event: LedgerEvent })[] = [];
    const ahead = unfinishedCrossings(this.readModel, this.#wholeUpTo);
    for (const crossing of ahead.unfinished) {
      const event = await this.findEvent(crossing.stream, crossing.eventId);
      if (event !== undefined && crossesPools(event)) unfinished.push({ ...crossing, event });
    }
    this.#wholeUpTo = Math.min(ahead.upTo, ...unfinished.map(({ position }) => position - 1));
    return unfinished;
  }

  /**
   * Brings in the missing halves, which a crash has left out; what the other pool refuses now is taken back instead.
   * @param only events that are to be finished; all when it is left out
   * @returns what was refused, and what became of it
   */
  async finishCrossings(
    only?: ReadonlySet<string>,
  ): Promise<readonly (UnfinishedCrossing & { readonly why: DomainError })[]> {
    const refused: (UnfinishedCrossing & { readonly why: DomainError })[] = [];
    for (const { event, ...crossing } of await this.unfinished()) {
      if (only !== undefined && !only.has(crossing.eventId)) continue;
      try {
        await this.desk.finish(event as LedgerEvent & PoolEvent);
      } catch (error) {
        if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
        refused.push({ ...crossing, why: error });
      }
    }
    return refused;
  }

  /**
   * Takes in an office's own ledgers as one unit: all or nothing.
   *
   * @throws DomainError IMPORT_REFUSED with every refused row in `parameters.rows`; LOG_POSITION_UNKNOWN and the others
   * of the log
   */
  async importFiles(files: readonly string[], options: ImportOptions): Promise<ImportReport> {
    const { readLedgers } = await import('../importing/read-ledgers');
    const { judgeLedgers } = await import('../importing/import-ledgers');
    const { beginImport } = await import('../importing/import-run');
    const progress = options.progress ?? (() => undefined);
    const { actor, insteadOf } = options;
    await this.#requireKnownLog();
    const run = await beginImport(this.log, this.#now, { files, actor, insteadOf });
    const judge = async (unit: UnitOfWork): Promise<JudgedImport> => {
      const desk = this.deskOn(unit);
      const judged = await judgeLedgers(desk, readLedgers(files), { actor, identify: run.identify }, progress);
      if (judged.refusals.length > 0 || options.dryRun === true) {
        unit.discard();
      } else {
        if (unit.eventCount > 0) await run.aboutToWrite();
        progress('storing', 0, null);
      }
      return judged;
    };
    const storing = this.commands.runUnit(judge, undefined, (done, total) => progress('storing', done, total));
    const { result, position } = await storing.catch((error: unknown) => {
      throw run.explained(error);
    });
    if (result.refusals.length > 0) {
      const { withTypedValues } = await import('../importing/typed-values');
      throw importRefused(await withTypedValues(result.refusals), await run.cutOffBefore());
    }
    if (options.dryRun !== true) await run.ended();
    return {
      id: run.importId(),
      dryRun: options.dryRun === true,
      stored: result.stored,
      unchanged: result.unchanged,
      changed: result.changed,
      refused: 0,
      remarks: result.remarks,
      position,
    };
  }

  /** How far the clock is behind the recording of the newest event; 0 when it is not. */
  async clockBehindMs(): Promise<number> {
    const newest = await this.log.readAt(await this.log.head());
    if (newest === null) return 0;
    return Math.max(0, Date.parse(readEvent(newest).recordedAt) - this.#now().getTime());
  }

  /** Imports that were cut off in the middle, which only a log over several nodes allows. */
  async unfinishedImports(): Promise<readonly UnfinishedImport[]> {
    if (this.log.unitsCanBeCut !== true) return [];
    const { ImportJournal } = await import('../importing/import-journal');
    return new ImportJournal(this.log, this.#now).unfinished();
  }

  /** A server may have been restored from an older backup: what this node has read of it is then asked for in vain. */
  async #requireKnownLog(): Promise<void> {
    const position = this.readModel.position();
    if (this.#shared !== null && position > 0) await this.log.readAll(position, 1);
  }

  async close(): Promise<void> {
    this.readModel.close();
    this.#shared?.tree.close();
    await this.log.close();
  }
}

/** Of reversals only those of a taking side have another half, and of what stands again only a giving side. */
const crossesPools = (event: LedgerEvent): boolean => {
  const happened = event as LedgerEvent & PoolEvent;
  return happened.type !== 'EntryReversed' || otherHalfOf(entryOf(event), happened) !== null;
};
