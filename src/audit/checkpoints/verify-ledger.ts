import type { Position } from '../../event-log/event';
import type { EventLog } from '../../event-log/event-log';
import type { LogFileFault } from '../../event-log/sqlite/log-file-check';
import type { LogTree, StoredLeaf } from '../../event-log/tree/log-tree';
import type { TreeReader } from '../../event-log/tree/tree-store';
import { type Finding, finding } from '../proofs/finding';
import type { LiveFinding } from '../replay/live-finding';
import type { KnownCheckpoint, Trust } from '../proofs/checkpoint-check';
import type { LogPart } from '../proofs/part-check';
import { verifyInParts } from '../proofs/verify-in-parts';
import { type LogVerification, verifyLog } from '../proofs/verify-log';
import { SIGNATURE_TYPE, type Verifier } from '../proofs/verifier';
import { CutStreams } from './cut-streams';
import { checkFile, checkInThreads, type Threads, worthwhileParts } from './part-threads';

/** Events read at once. */
const PAGE = 4096;

/** Engines whose positions count from 1 without gaps; those of others only grow. */
const COUNTING_ENGINES: readonly string[] = ['sqlite', 'memory'];

export interface VerifyLedgerOptions {
  /** Kept here and given from outside; in any order. */
  readonly checkpoints: readonly KnownCheckpoint[];
  /** Keys of the log and of witnesses. */
  readonly keys: readonly Verifier[];
  /** Compares the live tables with the events that they are derived from; asked only when the events are sound. */
  readonly compareTables?: () => Promise<readonly LiveFinding[]>;
  /** Findings of one kind that are told; the others are counted. */
  readonly findingsOfAKind?: number;
  /** How a large embedded log is checked in several threads. */
  readonly threads?: Threads;
  /** Events done, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface LedgerVerification extends Omit<LogVerification, 'findings'> {
  readonly findings: readonly (Finding | LiveFinding)[];
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
  const verification = events.ok ? withFindings(events, (await faults).map(fileAltered)) : events;
  // Tables are derived from the events; where those are broken, the comparison would only tell so once more.
  const tables = verification.ok ? await compareTables?.() : undefined;
  if (tables === undefined) return { ...verification, tables: null };
  const findings = [...verification.findings, ...tables];
  return { ...verification, ok: findings.length === 0, findings, tables: tables.length === 0 };
};

/** What only shows where the events are sound. */
const withFindings = (verification: LogVerification, findings: readonly Finding[]): LogVerification =>
  findings.length === 0 ? verification : { ...verification, ok: false, findings };

const fileAltered = ({ position, zh, en }: LogFileFault): Finding =>
  finding(
    'LOG_FILE_ALTERED',
    position,
    `账本文件被改动或损坏：${zh}`,
    `the log's file was altered or is damaged: ${en}`,
  );

const verifyMoment = async (
  log: EventLog,
  moment: Moment,
  parts: readonly LogPart[],
  options: VerifyLedgerOptions,
): Promise<LogVerification> => {
  const { checkpoints, keys, findingsOfAKind, onProgress, threads = {} } = options;
  const trust: Trust = {
    checkpoints,
    keys: {
      log: keys.filter(({ type }) => type !== SIGNATURE_TYPE.cosignatureV1),
      witnesses: keys.filter(({ type }) => type === SIGNATURE_TYPE.cosignatureV1),
    },
  };
  const { tree } = log;
  if (tree !== undefined && isFile(log) && parts.length > 1 && moment.head === moment.size) {
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
  const verification = await verifyLog(
    {
      events: isCounting ? eventsOf(log, moment) : cut.noting(eventsOf(log, moment)),
      tree: tree === undefined ? null : treeOfSize(tree, moment.size),
      positions: isCounting ? 'gapless' : 'growing',
    },
    trust,
    {
      onProgress: (events) => onProgress?.(events, Math.max(events, moment.size)),
      ...(findingsOfAKind === undefined ? {} : { findingsOfAKind }),
    },
  );
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
}

/** A writer commits between two questions now and then, hardly ever so often in a row. */
const MOST_QUESTIONS = 1000;

/** Events and tree of one moment, although they are asked for one after the other. */
const presentMoment = async (log: EventLog): Promise<Moment> => {
  if (log.tree === undefined) return { head: await log.head(), size: 0 };
  let size = await log.tree.size();
  for (let question = 0; ; question += 1) {
    const head = await log.head();
    const sizeAfter = await log.tree.size();
    if (sizeAfter === size || question === MOST_QUESTIONS) return { head, size };
    size = sizeAfter;
  }
};

/** The tree as it was, although it may have grown since. */
const treeOfSize = (tree: LogTree, size: number): TreeReader => ({
  size: async () => size,
  readTile: (tile) => tree.readTile(tile),
});

async function* eventsOf(log: EventLog, { head, size }: Moment): AsyncGenerator<readonly StoredLeaf[]> {
  const isCounting = COUNTING_ENGINES.includes(log.engine);
  // Where somebody else keeps the tree it may be behind the events; those are not its damage.
  const mostLeaves = isCounting || log.tree === undefined ? Infinity : size;
  let after: Position = 0;
  let leaf = 0;
  while (leaf < mostLeaves) {
    const page = await readPage(log, after, leaf, Math.min(PAGE, mostLeaves - leaf));
    const events = page.filter(({ position }) => position <= head);
    if (events.length > 0) yield events;
    if (events.length < page.length || page.length === 0) return;
    after = page.at(-1)?.position ?? after;
    // Where positions count, a leaf keeps its number when others are gone from before it.
    leaf = isCounting ? after : leaf + page.length;
  }
}

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
