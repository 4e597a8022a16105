import { commandIdFrom, eventId } from '../event-log/event-id';
import type { Actor, Json, LedgerEvent } from '../event-log/event';
import { type EventLog, NO_STREAM, RevisionConflict } from '../event-log/event-log';
import { IMPORT_JOURNAL_STREAM } from '../event-log/housekeeping';
import { DomainError } from '../platform/domain-error';

/** An import that began to write and has not been seen to end. */
export interface UnfinishedImport {
  readonly importId: string;
  /** Names of the files, without their directories. */
  readonly files: readonly string[];
  readonly rows: number;
  /** UTC. */
  readonly beganAt: string;
  /** Business date of registry entries that name none; finishing it keeps to the date on which it began. */
  readonly today: string;
  readonly by: Actor;
}

/** By which id an import is known, and from which business date it counts. */
export interface ImportIdentity {
  readonly importId: string;
  readonly today: string;
  /** Whether it may be stored in part, so that its commands have to be known again when it is run again. */
  readonly canBeCutOff: boolean;
}

interface Began extends UnfinishedImport {
  readonly content: string;
}

interface JournalState {
  readonly revision: number;
  readonly unfinished: ReadonlyMap<string, Began>;
  /** How many imports of a content have ended. */
  readonly ended: ReadonlyMap<string, number>;
}

const PAGE = 1000;

/** Each attempt that fails means that another import wrote its entry, so a few are plenty. */
const ATTEMPTS = 20;

/**
 * Which imports began and ended on a log where an import can be cut off in the middle. It lies in the log itself, so
 * that any node can name and finish what another has left.
 *
 * The same files are the same import until it has ended: its command ids derive from its id, so what is stored of it is
 * known again. After it has ended the same files are another import, because a document that was reversed meanwhile may
 * be entered again.
 */
export class ImportJournal {
  readonly #log: EventLog;
  readonly #now: () => Date;

  constructor(log: EventLog, now: () => Date) {
    this.#log = log;
    this.#now = now;
  }

  /**
   * @param content hash of everything that the files say
   * @param insteadOf id of the unfinished import that corrected files are to finish
   */
  async identify(content: string, today: string, insteadOf?: string): Promise<ImportIdentity> {
    const { unfinished, ended } = await this.#read();
    const importId = insteadOf ?? commandIdFrom(`import:${content}:${ended.get(content) ?? 0}`);
    return { importId, today: unfinished.get(importId)?.today ?? today, canBeCutOff: true };
  }

  /** The import is about to write; nothing happens when it has begun before. */
  async begin(content: string, began: Omit<UnfinishedImport, 'beganAt'>): Promise<void> {
    const { importId, files, rows, today, by } = began;
    await this.#record(by, (state) =>
      state.unfinished.has(importId)
        ? null
        : { type: 'ImportBegan', importId, data: { importId, content, files: [...files], rows, today } },
    );
  }

  /** Everything of the import is stored; nothing happens when it never began to write. */
  async end(importId: string, by: Actor): Promise<void> {
    await this.#record(by, (state) =>
      state.unfinished.has(importId) ? { type: 'ImportEnded', importId, data: { importId } } : null,
    );
  }

  /** Oldest first. */
  async unfinished(): Promise<readonly UnfinishedImport[]> {
    return [...(await this.#read()).unfinished.values()];
  }

  async #record(
    by: Actor,
    entryFor: (state: JournalState) => { readonly type: string; readonly importId: string; readonly data: Json } | null,
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const state = await this.#read();
      const entry = entryFor(state);
      if (entry === null) return;
      const commandId = commandIdFrom(`${entry.type}:${entry.importId}`);
      const now = this.#now();
      const event: LedgerEvent = {
        id: eventId(commandId, 0),
        type: entry.type,
        data: entry.data,
        schemaVersion: 1,
        stream: IMPORT_JOURNAL_STREAM,
        revision: state.revision + 1,
        recordedAt: now.toISOString(),
        effectiveOn: now.toISOString().slice(0, 10),
        actor: by,
        commandId,
        correlationId: entry.importId,
        causationId: null,
        basis: entry.importId,
        metadata: {},
      };
      try {
        await this.#log.append({ stream: IMPORT_JOURNAL_STREAM, expectedRevision: state.revision, events: [event] });
        return;
      } catch (error) {
        if (!(error instanceof RevisionConflict) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #read(): Promise<JournalState> {
    const unfinished = new Map<string, Began>();
    const ended = new Map<string, number>();
    let revision = NO_STREAM;
    for (;;) {
      const page = await this.#log.readStream(IMPORT_JOURNAL_STREAM, revision + 1, PAGE);
      for (const { canonical } of page) {
        const event = JSON.parse(canonical) as LedgerEvent<string, { readonly importId: string }>;
        revision = event.revision;
        if (event.type === 'ImportBegan') {
          const data = event.data as Omit<Began, 'beganAt' | 'by'>;
          unfinished.set(data.importId, { ...data, beganAt: event.recordedAt, by: event.actor });
        } else if (event.type === 'ImportEnded') {
          const began = unfinished.get(event.data.importId);
          if (began === undefined) continue;
          unfinished.delete(began.importId);
          ended.set(began.content, (ended.get(began.content) ?? 0) + 1);
        }
      }
      if (page.length < PAGE) return { revision, unfinished, ended };
    }
  }
}

export const importNotUnfinished = (importId: string): DomainError =>
  new DomainError('input', {
    code: 'IMPORT_NOT_UNFINISHED',
    message: `没有编号为 ${importId} 的未完成导入。`,
    messageEn: `There is no unfinished import ${importId}.`,
    remedy: '用 yichi doctor 查看未完成的导入及其编号。',
    remedyEn: 'yichi doctor lists unfinished imports and their ids.',
    parameters: { importId },
  });
