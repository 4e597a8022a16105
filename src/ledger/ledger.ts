import { CommandRunner } from '../event-log/command-runner';
import type { CommandAnswer } from '../event-log/decider';
import type { Actor, LedgerEvent, Position } from '../event-log/event';
import type { EventLog, Subscription } from '../event-log/event-log';
import { readEvent } from '../event-log/upcasting';
import type { ImportProgress, JudgedImport } from '../importing/import-ledgers';
import { todayInShanghai } from '../platform/business-date';
import { DomainError } from '../platform/domain-error';
import type { PoolEvent } from '../pool/pool-event';
import type { Settings } from '../platform/settings';
import { type Progress, ProjectionRunner } from '../projecting/projection-runner';
import { LedgerDesk } from './ledger-desk';
import { openEventLog } from './open-event-log';
import { type UnfinishedCrossing, unfinishedCrossings } from './unfinished-crossings';

export interface ImportReport {
  readonly id: string;
  readonly dryRun: boolean;
  /** Rows. */
  readonly stored: number;
  readonly unchanged: number;
  readonly refused: number;
  /** Position of the log after the import. */
  readonly position: Position;
}

export interface ImportOptions {
  readonly actor: Actor;
  readonly dryRun?: boolean;
  readonly progress?: ImportProgress;
}

/** Events read at once when one is looked for in its stream. */
const PAGE = 1000;

/** The whole ledger of one data directory: the log, the desk where commands come in, and the read model. */
export class Ledger {
  readonly log: EventLog;
  readonly commands: CommandRunner;
  readonly readModel: ProjectionRunner;
  readonly desk: LedgerDesk<CommandAnswer>;
  readonly #now: () => Date;

  private constructor(log: EventLog, dataDirectory: string, now: () => Date) {
    this.log = log;
    this.#now = now;
    this.commands = new CommandRunner(log, { now });
    this.readModel = new ProjectionRunner({ dataDirectory, log });
    this.desk = new LedgerDesk(this.commands, (stream, id) => this.findEvent(stream, id));
  }

  /** Opens (and, where there is nothing yet, begins) the ledger that the settings name. */
  static async open(
    settings: Pick<Settings, 'dataDir' | 'eventLog'>,
    now: () => Date = () => new Date(),
  ): Promise<Ledger> {
    return new Ledger(await openEventLog(settings.eventLog), settings.dataDir, now);
  }

  /** Brings the read model to the end of the log. */
  catchUp(progress?: Progress): Promise<Position> {
    return this.readModel.catchUp(progress);
  }

  /** Keeps the read model at the end of the log until the subscription is closed. */
  follow(onError: (error: unknown) => void): Subscription {
    return this.readModel.follow({ onError });
  }

  /** An event of a stream by its id; undefined when it is not there. */
  async findEvent(stream: string, eventId: string): Promise<LedgerEvent | undefined> {
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
    for (const crossing of unfinishedCrossings(this.readModel)) {
      const event = await this.findEvent(crossing.stream, crossing.eventId);
      if (event !== undefined && crossesPools(event)) unfinished.push({ ...crossing, event });
    }
    return unfinished;
  }

  /**
   * Brings in the missing halves, which a crash or a closed period has left out.
   * @returns what still cannot be brought in, and why
   */
  async finishCrossings(): Promise<readonly (UnfinishedCrossing & { readonly why: DomainError })[]> {
    const refused: (UnfinishedCrossing & { readonly why: DomainError })[] = [];
    for (const { event, ...crossing } of await this.unfinished()) {
      const [, division = '', fiscalYear = ''] = crossing.stream.split('-');
      try {
        await this.desk.followUp(
          { division, fiscalYear: Number(fiscalYear), effectiveOn: event.effectiveOn },
          event as PoolEvent & LedgerEvent,
          event,
        );
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
   * @throws DomainError IMPORT_REFUSED with every refused row in `parameters.rows`; those of the log
   */
  async importFiles(files: readonly string[], options: ImportOptions): Promise<ImportReport> {
    const { readLedgers } = await import('../importing/read-ledgers');
    const { judgeLedgers, newImportId } = await import('../importing/import-ledgers');
    const importId = newImportId();
    const progress = options.progress ?? (() => undefined);
    const { result, position } = await this.commands.runUnit(async (unit): Promise<JudgedImport> => {
      const desk = new LedgerDesk(unit, (stream, id) => this.findEvent(stream, id));
      const by = { actor: options.actor, importId, today: todayInShanghai(this.#now()) };
      const judged = await judgeLedgers(desk, readLedgers(files), by, progress);
      if (judged.refusals.length > 0 || options.dryRun === true) unit.discard();
      else progress('storing', 0, null);
      return judged;
    });
    if (result.refusals.length > 0) throw importRefused(result.refusals);
    return {
      id: importId,
      dryRun: options.dryRun === true,
      stored: result.stored,
      unchanged: result.unchanged,
      refused: 0,
      position,
    };
  }

  async close(): Promise<void> {
    this.readModel.close();
    await this.log.close();
  }
}

const importRefused = (rows: JudgedImport['refusals']): DomainError =>
  new DomainError('input', {
    code: 'IMPORT_REFUSED',
    message: `有 ${rows.length} 处被拒绝，整批未入账。`,
    messageEn: `${rows.length} entries were refused; nothing of the import is stored.`,
    remedy: '按各行的说明改正后重新导入；未改动的行不会重复入账。',
    remedyEn: 'Correct the rows as they say and import again; rows that are unchanged are not stored twice.',
    parameters: { rows },
  });

/** Of reversals only those of a taking side have another half. */
const crossesPools = (event: LedgerEvent): boolean => {
  const happened = event as LedgerEvent & PoolEvent;
  return happened.type !== 'EntryReversed' || happened.data.givingEventId !== undefined;
};
