import { generateKeyPairSync } from 'node:crypto';

import { canonicalEvent } from '../../../src/event-log/canonical-event';
import type { LedgerEvent } from '../../../src/event-log/event';
import { commandIdFrom, eventId } from '../../../src/event-log/event-id';
import { signCheckpoint } from '../../../src/audit/proofs/checkpoint';
import type { StoredLeaf } from '../../../src/event-log/tree/log-tree';
import { MemoryTreeStore } from '../../../src/event-log/tree/memory-tree-store';
import { leafHash } from '../../../src/event-log/tree/merkle-hash';
import { Ed25519Signer } from '../../../src/audit/proofs/signer';
import { parseVerifierKey } from '../../../src/audit/proofs/verifier';
import {
  type KnownCheckpoint,
  type LogVerification,
  verifyLog,
  type VerifyOptions,
} from '../../../src/audit/proofs/verify-log';

const POOLS = 5;

/** Money of one document comes into a pool, and every command after it passes a little of it on, in two events. */
export const sampleEvents = (count: number): readonly LedgerEvent[] => {
  const events: LedgerEvent[] = [];
  const revisions = new Map<string, number>();
  const append = (stream: string, commandId: string, index: number, data: object): void => {
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    events.push({
      id: eventId(commandId, index),
      type: 'FundsMoved',
      schemaVersion: 1,
      stream,
      revision,
      recordedAt: '2024-03-01T02:03:04.005Z',
      effectiveOn: '2024-03-01',
      actor: { id: 'zhang', role: 'clerk', division: '630222' },
      commandId,
      correlationId: 'import-1',
      causationId: null,
      basis: '青财农〔2024〕12号',
      metadata: {},
      data,
    });
  };
  for (let command = 0; events.length < count; command += 1) {
    const division = 630_220 + (command % POOLS);
    const stream = `pool-${division}-2024`;
    const quotaLine = `青财农〔2024〕12号/C${division}/P1`;
    const commandId = commandIdFrom(`sample ${command}`);
    const received = `pool:${division}:2024:received`;
    const available = `pool:${division}:2024:available`;
    if (command < POOLS) {
      append(stream, commandId, 0, {
        movements: [{ quotaLine, from: `source:C${division}`, to: received, amount: '90000.00' }],
      });
      continue;
    }
    append(stream, commandId, 0, { movements: [{ quotaLine, from: received, to: available, amount: '1.01' }] });
    if (events.length === count) break;
    const project = `project:X${command % 7}:630222101201:available`;
    append(stream, commandId, 1, { movements: [{ quotaLine, from: available, to: project, amount: '1.01' }] });
  }
  return events;
};

/** The engine's table: everything in it can be changed by whoever owns the file. */
export type Row = StoredLeaf;

export const rowsOf = (events: readonly LedgerEvent[]): readonly Row[] =>
  events.map((event, index) => ({
    position: index + 1,
    stream: event.stream,
    revision: event.revision,
    id: event.id,
    bytes: Buffer.from(canonicalEvent(event)),
  }));

export const treeOf = (rows: readonly Row[]): MemoryTreeStore => {
  const tree = new MemoryTreeStore();
  tree.append(rows.map(({ bytes }) => leafHash(bytes)));
  return tree;
};

const ORIGIN = 'ledger.example/630222';
export const signer = new Ed25519Signer(ORIGIN, generateKeyPairSync('ed25519').privateKey);
export const keys = { log: [parseVerifierKey(signer.verifierKey)] };

export const checkpointOf = async (
  rows: readonly Row[],
  source = `checkpoint-${rows.length}`,
): Promise<KnownCheckpoint> => {
  const note = await signCheckpoint({ origin: ORIGIN, size: rows.length, root: treeOf(rows).root(), extensions: [] }, [
    signer,
  ]);
  return { source, note };
};

async function* pagesOf(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += 300) yield rows.slice(from, from + 300);
}

export const verifyRows = (
  rows: readonly Row[],
  tree: MemoryTreeStore | null,
  checkpoints: readonly KnownCheckpoint[],
  options: VerifyOptions = {},
): Promise<LogVerification> =>
  verifyLog({ events: pagesOf(rows), tree, positions: 'gapless' }, { checkpoints, keys }, options);
