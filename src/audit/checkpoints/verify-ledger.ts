import type { Position } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import { isDamage, isOfWhatIsStored } from '../../event-log/log-failure';
import { DamagedLogFile } from '../../event-log/sqlite/damaged-log-file';
import { faultsOfLogFile, type LogFileFault } from '../../event-log/sqlite/log-file-check';
import type { LogTree, StoredLeaf } from '../../event-log/tree/log-tree';
import type { TreeReader } from '../../event-log/tree/tree-store';
import type { DomainError } from '../../platform/domain-error';
import { type Finding, finding, PURPOSE_CODES, VOUCHER_CODES } from '../proofs/finding';
import type { ReplayFinding } from '../replay/live-finding';
import type { KnownCheckpoint, Trust } from '../proofs/checkpoint-check';
import type { LogPart } from '../proofs/part-check';
import { verifyInParts } from '../proofs/verify-in-parts';
import { type LogUnderTest, type LogVerification, verifyLog } from '../proofs/verify-log';
import { SIGNATURE_TYPE, type Verifier } from '../proofs/verifier';
import { CutStreams } from './cut-streams';
import { checkFile, checkInThreads, type Threads, worthwhileParts } from './part-threads';
import { ReadableEvents, type UnreadableFrom } from './readable-events';

/** Engines whose positions count from 1 without gaps; those of others only grow. */
const COUNTING_ENGINES: readonly string[] = ['sqlite', 'memory'];

export interface VerifyLedgerOptions {
  /** Kept here and given from outside; in any order. */
  readonly checkpoints: readonly KnownCheckpoint[];
  /** Keys of the log and of witnesses. */
  readonly keys: readonly Verifier[];
  /** Compares the live tables with the events that they are derived from; asked only when the events are sound. */
  readonly compareTables?: () => Promise<readonly ReplayFinding[]>;
  /** Findings of one kind that are told; the others are counted. */
  readonly findingsOfAKind?: number;
  /** How a large embedded log is checked in several threads. */
  readonly threads?: Threads;
  /** Events done, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface LedgerVerification extends Omit<LogVerification, 'findings'> {
  readonly findings: readonly ReplayFinding[];
  /** Whether the live tables are what the events make of them; null: not compared. */
  readonly tables: boolean | null;
}

/**
 * Verifies a ledger as it is at this moment, while others may go on writing: events, tree, checkpoints, and what is
 * derived from the events.
 */
export const verifyLedger = async (log: EventLog, options: VerifyLedgerOptions): Promise<LedgerVerification> => {
  const { compareTables } = options;
  const moment = await presentMoment(log);
  const { threads = {} } = options;
  const parts = worthwhileParts(moment.size, threads);
  const faults = isFile(log) ? checkFile(log.file, parts.length > 1, threads) : Promise.resolve([]);
  // Told of below; where the events show what is wrong, nobody asks whether the file could be looked at as well.
  faults.catch(() => undefined);
  const events = await verifyMoment(log, moment, parts, options);
  const isFileAsked = isFile(log) && (events.ok || isUnreadable(events));
  const verification = isFileAsked
    ? withFindings(
        events,
        (await faults).map((fault) => fileAltered(log.file, fault)),
      )
    : events;
  // Tables are derived from the events; where those are broken, the comparison would only tell so once more.
  const tables = verification.ok ? await compareTables?.() : undefined;
  if (tables === undefined) return { ...verification, tables: null };
  const findings = [...verification.findings, ...tables];
  return { ...verification, ok: findings.length === 0, findings, tables: tables.every(isOfMoney) };
};

/** The comparison reads all events in their order, so that it shows what lies in the money and not in the tables as well. */
const isOfMoney = ({ code }: ReplayFinding): boolean =>
  [...VOUCHER_CODES, ...PURPOSE_CODES].some((each) => each === code);

/** The file of an embedded log that cannot even be opened as one, and why. */
export interface UnopenedLog {
  readonly file: string;
  readonly why: DomainError;
}

/**
 * Verifies what can still be read of an embedded log's file that does not open: how far its events go and whether they
 * are those that checkpoints prove, and what is wrong with the file.
 *
 * @throws the failure itself where it does not lie in the file
 */
export const verifyUnopenedLog = async (
  { file, why }: UnopenedLog,
  options: VerifyLedgerOptions,
): Promise<LedgerVerification> => {
  if (!isOfWhatIsStored(why)) throw why;
  const damaged = new DamagedLogFile(file);
  try {
    const events = new ReadableEvents((leaf, _, limit) => damaged.readLeaves(leaf, limit), {
      head: Number.MAX_SAFE_INTEGER,
      leaves: Infinity,
      isCounting: true,
    });
    const log: LogUnderTest = { events: events.pages(), tree: null, positions: 'gapless' };
    const verification = await verifyLog(log, trustIn(options), findingOptions(options));
    const faults = faultsOfLogFile(file).map((fault) => fileAltered(file, fault));
    const told = faults.length > 0 ? faults : [fileAltered(file, inTheWordsOf(why))];
    return { ...withFindings(upToDamage(file, verification, events.unreadable), told), tables: null };
  } finally {
    damaged.close();
  }
};

/** What only shows where the events are sound, or cannot be read. */
const withFindings = (verification: LogVerification, findings: readonly Finding[]): LogVerification =>
  findings.length === 0
    ? verification
    : { ...verification, ok: false, findings: [...verification.findings, ...findings] };

const fileAltered = (file: string, { position, zh, en }: LogFileFault): Finding =>
  finding(
    'LOG_FILE_ALTERED',
    position,
    `账本文件 ${file} 被改动或损坏：${zh}`,
    `the log's file ${file} was altered or is damaged: ${en}`,
  );

const inTheWordsOf = ({ message, messageEn }: DomainError): LogFileFault => ({
  position: null,
  zh: message,
  en: messageEn,
});

const isUnreadable = ({ findings }: LogVerification): boolean => findings.some(({ code }) => code === 'LOG_UNREADABLE');

/** Of what comes after the damage nobody knows: it is not said to be missing. */
const OF_WHAT_IS_MISSING: readonly string[] = ['TREE_SIZE_DIFFERS', 'CHECKPOINT_BEYOND_LOG'];

const upToDamage = (
  file: string,
  verification: LogVerification,
  unreadable: UnreadableFrom | null,
): LogVerification => {
  if (unreadable === null) return verification;
  const { position, why } = unreadable;
  const known = verification.findings.filter(({ code }) => !OF_WHAT_IS_MISSING.includes(code));
  const found = finding(
    'LOG_UNREADABLE',
    position,
    `账本文件 ${file} 损坏：从位置 ${position} 起读不出来（${why.message}）`,
    `the log's file ${file} is damaged: from position ${position} on it cannot be read (${why.messageEn})`,
  );
  return { ...verification, ok: false, findings: [found, ...known] };
};

const trustIn = ({ checkpoints, keys }: VerifyLedgerOptions): Trust => ({
  checkpoints,
  keys: {
    log: keys.filter(({ type }) => type !== SIGNATURE_TYPE.cosignatureV1),
    witnesses: keys.filter(({ type }) => type === SIGNATURE_TYPE.cosignatureV1),
  },
});

const findingOptions = ({ findingsOfAKind }: VerifyLedgerOptions): Pick<VerifyLedgerOptions, 'findingsOfAKind'> =>
  findingsOfAKind === undefined ? {} : { findingsOfAKind };

const verifyMoment = async (
  log: EventLog,
  moment: Moment,
  parts: readonly LogPart[],
  options: VerifyLedgerOptions,
): Promise<LogVerification> => {
  const { onProgress, threads = {} } = options;
  const trust = trustIn(options);
  const { tree } = log;
  if (tree !== undefined && isFile(log) && parts.length > 1 && moment.head === moment.size && !moment.isDamaged) {
    let done = 0;
    const check = checkInThreads(log.file, tree, threads, (events) => {
      done += events;
      onProgress?.(done, moment.size);
    });
    const sound = await verifyInParts(tree, parts, trust, check);
    // What is wrong, and where first, is found from the first event on.
    if (sound !== null) return sound;
  }
  const isCounting = COUNTING_ENGINES.includes(log.engine);
  const cut = new CutStreams();
  const events = eventsOf(log, moment, isCounting);
  const verification = await verifyLog(
    {
      events: isCounting ? events.pages() : cut.noting(events.pages()),
      tree: tree === undefined || moment.isDamaged ? null : treeOfSize(tree, moment.size),
      positions: isCounting ? 'gapless' : 'growing',
    },
    trust,
    {
      onProgress: (done) => onProgress?.(done, Math.max(done, moment.size)),
      ...findingOptions(options),
    },
  );
  if (isFile(log) && events.unreadable !== null) return upToDamage(log.file, verification, events.unreadable);
  return verification.ok ? withFindings(verification, await cut.findings(log)) : verification;
};

/** The embedded log, which other threads can open as well. */
const isFile = (log: EventLog): log is EventLog & { readonly file: string } =>
  log.engine === 'sqlite' && 'file' in log && typeof log.file === 'string';

/** What the log holds now: what comes later is not looked at. */
interface Moment {
  readonly head: Position;
  /** Leaves of the tree. */
  readonly size: number;
  /** The end could not be asked for, because pages of the file are damaged: all that can be read is looked at. */
  readonly isDamaged: boolean;
}

/** A writer commits between two questions now and then, hardly ever so often in a row. */
const MOST_QUESTIONS = 1000;

/** Events and tree of one moment, although they are asked for one after the other. */
const presentMoment = async (log: EventLog): Promise<Moment> => {
  try {
    return await askMoment(log);
  } catch (error) {
    if (!isFile(log) || !isDamage(error)) throw error;
    return { head: Number.MAX_SAFE_INTEGER, size: 0, isDamaged: true };
  }
};

const askMoment = async (log: EventLog): Promise<Moment> => {
  if (log.tree === undefined) return { head: await log.head(), size: 0, isDamaged: false };
  let size = await log.tree.size();
  for (let question = 0; ; question += 1) {
    const head = await log.head();
    const sizeAfter = await log.tree.size();
    if (sizeAfter === size || question === MOST_QUESTIONS) return { head, size, isDamaged: false };
    size = sizeAfter;
  }
};

/** The tree as it was, although it may have grown since. */
const treeOfSize = (tree: LogTree, size: number): TreeReader => ({
  size: async () => size,
  readTile: (tile) => tree.readTile(tile),
});

const eventsOf = (log: EventLog, { head, size }: Moment, isCounting: boolean): ReadableEvents =>
  new ReadableEvents((leaf, after, limit) => readPage(log, after, leaf, limit), {
    head,
    // Where somebody else keeps the tree it may be behind the events; those are not its damage.
    leaves: isCounting || log.tree === undefined ? Infinity : size,
    isCounting,
  });

const readPage = async (
  log: EventLog,
  after: Position,
  leaf: number,
  limit: number,
): Promise<readonly StoredLeaf[]> => {
  if (log.tree !== undefined) return log.tree.readLeaves(leaf, limit);
  const stored = await log.readAll(after, limit);
  return stored.map(({ canonical, ...place }) => ({ ...place, bytes: Buffer.from(canonical, 'utf8') }));
};
