import type { LogTree } from '../../event-log/tree/log-tree';
import { TILE_WIDTH } from '../../event-log/tree/tiles';
import { rootAt, type TreeReader } from '../../event-log/tree/tree-store';
import { CheckpointCheck, type Trust } from './checkpoint-check';
import { EventCheck, type EventSpan } from './event-check';
import type { LogPart } from './part-check';
import { TreeCheck } from './tree-check';
import type { LogVerification } from './verify-log';

/** Checks one part of the log, wherever: here, in a thread, on another machine. */
export type CheckPart = (part: LogPart) => Promise<EventSpan | null>;

/** Levels above the leaves' own tiles, which are checked with the parts. */
const UPPER_LEVELS = 2;

/** So many parts of about the same size, each beginning with a tile. */
export const partsOf = (size: number, count: number): readonly LogPart[] => {
  const width = Math.ceil(size / count / TILE_WIDTH) * TILE_WIDTH;
  const parts: LogPart[] = [];
  for (let from = 0; from < size; from += width) parts.push({ from, to: Math.min(from + width, size), size });
  return parts;
};

/**
 * Verifies a log as verifyLog does, in parts that are checked at the same time. Null when anything is wrong with events
 * or hashes: verifyLog says what, and where first. Only for logs that count positions and keep their tree.
 */
export const verifyInParts = async (
  tree: LogTree,
  parts: readonly LogPart[],
  trust: Trust,
  checkPart: CheckPart,
): Promise<LogVerification | null> => {
  const size = parts.at(-1)?.to ?? 0;
  const checkpoints = new CheckpointCheck(trust);
  const spans = await Promise.all(parts.map(checkPart));
  const events = new EventCheck();
  for (const span of spans) if (span === null || !events.follow(span)) return null;

  const reader: TreeReader = { size: async () => size, readTile: (tile) => tree.readTile(tile) };
  const upper = await (await TreeCheck.open(reader)).checkLevels(UPPER_LEVELS);
  if (upper.length > 0) return null;
  await checkpoints.meetAll(size, (earlier) => rootAt(reader, earlier));
  const findings = checkpoints.findings(size);
  return {
    ok: findings.length === 0,
    events: size,
    root: (await rootAt(reader, size)).toString('base64'),
    checkpoints: checkpoints.fitting,
    uncovered: size - checkpoints.covered,
    witnesses: checkpoints.witnesses(),
    findings,
    notes: events.notes(),
    omitted: 0,
  };
};
