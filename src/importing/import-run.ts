import { basename } from 'node:path';

import type { Actor } from '../event-log/event';
import type { EventLog } from '../event-log/event-log';
import { todayInShanghai } from '../platform/business-date';
import { DomainError } from '../platform/domain-error';
import { ImportJournal, importNotUnfinished, type UnfinishedImport } from './import-journal';
import { type ImportedBy, newImportId } from './import-ledgers';

/** One call of an import: its identity, and what the log is told of its beginning and end. */
export interface ImportRun {
  readonly identify: ImportedBy['identify'];
  /** Id under which it goes, once it was identified. */
  readonly importId: () => string;
  /** Everything was judged, and the first write follows. */
  readonly aboutToWrite: () => Promise<void>;
  /** Everything is stored. */
  readonly ended: () => Promise<void>;
  /** What a failure means for whoever imports: some of it may be stored. */
  readonly explained: (error: unknown) => unknown;
  /** What an earlier run of the same import has left; null when there is nothing of it. */
  readonly cutOffBefore: () => Promise<UnfinishedImport | null>;
}

interface Asked {
  readonly files: readonly string[];
  readonly actor: Actor;
  readonly insteadOf: string | undefined;
}

/** @throws DomainError IMPORT_NOT_UNFINISHED when `insteadOf` names no unfinished import */
export const beginImport = async (log: EventLog, now: () => Date, asked: Asked): Promise<ImportRun> => {
  if (log.unitsCanBeCut === true) return beginInJournal(new ImportJournal(log, now), now, asked);
  if (asked.insteadOf !== undefined) throw importNotUnfinished(asked.insteadOf);
  // One transaction stores all or nothing, so there is never anything to go on with.
  const importId = newImportId();
  const today = todayInShanghai(now());
  return {
    identify: async () => ({ importId, today, canBeCutOff: false }),
    importId: () => importId,
    aboutToWrite: async () => undefined,
    ended: async () => undefined,
    explained: (error) => error,
    cutOffBefore: async () => null,
  };
};

const beginInJournal = async (
  journal: ImportJournal,
  now: () => Date,
  { files, actor, insteadOf }: Asked,
): Promise<ImportRun> => {
  if (insteadOf !== undefined && (await find(journal, insteadOf)) === null) throw importNotUnfinished(insteadOf);
  let known = { importId: '', today: '', content: '', rows: 0 };
  let isWriting = false;
  return {
    identify: async (contentOf, rows) => {
      const content = contentOf();
      const identity = await journal.identify(content, todayInShanghai(now()), insteadOf);
      known = { ...identity, content, rows };
      return identity;
    },
    importId: () => known.importId,
    aboutToWrite: () => {
      isWriting = true;
      const { importId, today, content, rows } = known;
      return journal.begin(content, { importId, today, rows, files: files.map((file) => basename(file)), by: actor });
    },
    ended: () => journal.end(known.importId, actor),
    explained: (error) => (isWriting && isOfLog(error) ? cutOff(error) : error),
    cutOffBefore: () => find(journal, known.importId),
  };
};

const isOfLog = (error: unknown): error is DomainError => error instanceof DomainError && error.kind === 'unavailable';

/** Whoever imports files has no command and no id to repeat. */
const cutOff = (error: DomainError): DomainError => {
  const told = new DomainError('unavailable', {
    ...error.toRefusal(),
    remedy:
      '导入可能只写入了一部分。服务器恢复后用同样的文件再运行 yichi import：已在账的会被认出，其余续上；进行到哪里见 yichi doctor。',
    remedyEn:
      'Some of the import may be stored. When the server is back, run yichi import with the same files again: what is stored is known, the rest follows; yichi doctor shows what is not finished.',
  });
  told.cause = error;
  return told;
};

const find = async (journal: ImportJournal, importId: string): Promise<UnfinishedImport | null> =>
  (await journal.unfinished()).find((each) => each.importId === importId) ?? null;
