import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { CheckpointDesk } from '../src/audit/checkpoints/checkpoint-desk';
import type { KeptCheckpoint } from '../src/audit/checkpoints/kept-checkpoint';
import { proveInclusion } from '../src/audit/checkpoints/prove';
import { verifyLedger } from '../src/audit/checkpoints/verify-ledger';
import { parseVerifierKey } from '../src/audit/proofs/verifier';
import { SqliteEventLog } from '../src/event-log/sqlite/sqlite-event-log';
import { DomainError } from '../src/platform/domain-error';
import { benchmarkLine, type BenchmarkLine } from './report';
import { generateLedger } from './support/generate-ledger';
import { writeLedger } from './support/write-ledger';

export interface TamperingCampaignOptions {
  readonly events?: number;
  /** Directory on the disk that is to be measured; a temporary one when it is not given. */
  readonly directory?: string;
  readonly onProgress?: (message: string) => void;
}

const DEFAULT_EVENTS = 1_000_000;

/** Bytes that are flipped, each in an event of its own. */
const FLIPS = 10_000;

/** A prime, so that the events are spread over the whole log and none comes twice. */
const STRIDE = 7_919_999;

interface Flip {
  readonly position: number;
  readonly bytes: Buffer;
  readonly altered: Buffer;
}

/**
 * A campaign rather than a measurement: in a large log a byte is flipped in ten thousand events, behind the log's back.
 * Each by itself must take the event's proof under an external checkpoint away; all at once must be found and named, and
 * nothing else.
 */
export async function* tamperingCampaign(options: TamperingCampaignOptions = {}): AsyncGenerator<BenchmarkLine> {
  const events = options.events ?? DEFAULT_EVENTS;
  const directory = mkdtempSync(join(options.directory ?? tmpdir(), 'yichi-tampering-'));
  const file = join(directory, 'log.sqlite');
  const log = new SqliteEventLog({ file });
  const owner = new Database(file);
  try {
    options.onProgress?.(`writing ${events} events`);
    await writeLedger(log, generateLedger({ events }));
    const desk = new CheckpointDesk({ dataDirectory: directory, engine: log.engine, tree: () => log.tree });
    const checkpoint = await desk.make();
    owner.exec('DROP TRIGGER event_is_never_changed');
    const overwrite = owner.prepare('UPDATE event SET canonical = CAST(? AS TEXT) WHERE position = ?');
    const flips = await chooseFlips(log, events);

    let refused = 0;
    for (const { position, bytes, altered } of flips) {
      overwrite.run(altered, position);
      if (!(await isProven(log, position, checkpoint))) refused += 1;
      overwrite.run(bytes, position);
    }
    yield benchmarkLine('tampering-proofs', 'proofs refused', refused, flips.length, { events });

    owner.transaction(() => flips.forEach(({ position, altered }) => overwrite.run(altered, position)))();
    const { findings, events: read } = await verifyLedger(log, {
      checkpoints: await desk.files(),
      keys: [parseVerifierKey(await desk.verifierKey())],
      findingsOfAKind: Infinity,
    });
    const named = findings.filter(({ code }) => code === 'EVENT_ALTERED').map(({ position }) => position);
    const expected = new Set(flips.map(({ position }) => position));
    const right = named.filter((position) => position !== null && expected.has(position));
    yield benchmarkLine('tampering', 'altered events named', right.length, expected.size, {
      events: read,
      namedWrongly: named.length - right.length,
      checkpointBroken: findings.some(({ code }) => code === 'CHECKPOINT_ROOT_DIFFERS'),
    });
  } finally {
    owner.close();
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const chooseFlips = async (log: SqliteEventLog, events: number): Promise<readonly Flip[]> => {
  const flips: Flip[] = [];
  for (let index = 0; index < Math.min(FLIPS, events); index += 1) {
    const leaf = (index * STRIDE) % events;
    const [stored] = await log.tree.readLeaves(leaf, 1);
    if (stored === undefined) throw new Error(`the log has no leaf ${leaf}`);
    const bytes = Buffer.from(stored.bytes);
    const altered = Buffer.from(bytes);
    const at = (index * 8191) % bytes.length;
    altered.writeUInt8(altered.readUInt8(at) ^ (1 << (index % 8)), at);
    flips.push({ position: stored.position, bytes, altered });
  }
  return flips;
};

const isProven = async (log: SqliteEventLog, position: number, checkpoint: KeptCheckpoint): Promise<boolean> => {
  try {
    await proveInclusion(log.tree, position - 1, checkpoint);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'TREE_DAMAGED') return false;
    throw error;
  }
};
