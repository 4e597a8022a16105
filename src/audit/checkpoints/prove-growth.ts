import type { EventLog } from '../../event-log/event-log';
import type { CheckpointDesk } from './checkpoint-desk';
import { noTree, sizeInvalid, sizesReversed } from './checkpoint-failure';
import { consistencyJson, type ConsistencyJson } from './proof-answer';
import { proveConsistency } from './prove';

export interface GrownLedger {
  readonly log: EventLog;
  readonly checkpoints: Pick<CheckpointDesk, 'latest' | 'noteOf'>;
}

/** Numbers of events as they were typed; without `to` that of the newest checkpoint, or of the log when there is none. */
export interface GrowthQuestion {
  readonly from: string;
  readonly to?: string | null | undefined;
}

/** A consistency proof, with the note of the larger tree where one is kept. */
export interface GrowthAnswer extends ConsistencyJson {
  readonly checkpoint: string | null;
}

/**
 * Proves that the log of so many events begins with that of fewer (RFC 6962 section 2.1.2).
 *
 * @throws DomainError TREE_NOT_KEPT, TREE_SIZE_INVALID, TREE_DAMAGED
 */
export const proveGrowth = async (
  { log, checkpoints }: GrownLedger,
  question: GrowthQuestion,
): Promise<GrowthAnswer> => {
  const { tree, engine } = log;
  if (tree === undefined) throw noTree(engine);
  const latest = await checkpoints.latest();
  const largest = await tree.size();
  const to = sizeOf('to', question.to ?? String(latest?.size ?? largest), largest);
  const from = sizeOf('from', question.from, largest);
  if (from > to) throw sizesReversed(from, to);
  return {
    ...consistencyJson(await proveConsistency(tree, from, to)),
    checkpoint: (await checkpoints.noteOf(to))?.note ?? null,
  };
};

const SIZE = /^(0|[1-9]\d{0,15})$/;

const sizeOf = (name: string, text: string, largest: number): number => {
  const size = SIZE.test(text) ? Number(text) : Number.NaN;
  if (size <= largest) return size;
  throw sizeInvalid(name, text, largest);
};

/**
 * The proof as witnesses are sent it (C2SP `tlog-witness`): the earlier size, the hashes, and behind an empty line the
 * checkpoint of the later one; its bare size and root where no checkpoint of that size is kept.
 */
export const growthText = ({ from, to, toRoot, hashes, checkpoint }: GrowthAnswer): string =>
  `${[`old ${from}`, ...hashes].join('\n')}\n\n${checkpoint ?? `${to}\n${toRoot}\n`}`;
