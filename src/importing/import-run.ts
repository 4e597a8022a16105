import { basename } from 'node:path';

import type { Actor } from '../event-log/event';
import type { EventLog } from '../event-log/event-log';
import { todayInShanghai } from '../platform/business-date';
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
  return {
    identify: async (contentOf, rows) => {
      const content = contentOf();
      const identity = await journal.identify(content, todayInShanghai(now()), insteadOf);
      known = { ...identity, content, rows };
      return identity;
    },
    importId: () => known.importId,
    aboutToWrite: () => {
      const { importId, today, content, rows } = known;
      return journal.begin(content, { importId, today, rows, files: files.map((file) => basename(file)), by: actor });
    },
    ended: () => journal.end(known.importId, actor),
    cutOffBefore: () => find(journal, known.importId),
  };
};

const find = async (journal: ImportJournal, importId: string): Promise<UnfinishedImport | null> =>
  (await journal.unfinished()).find((each) => each.importId === importId) ?? null;
