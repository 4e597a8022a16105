import type { StoredEvent } from '../../src/event-log/event';
import type { EventLog } from '../../src/event-log/event-log';
import type { LogTree, StoredLeaf } from '../../src/event-log/tree/log-tree';
import { HASH_BYTES, type Hash, leafHash } from '../../src/event-log/tree/merkle-hash';
import { TILE_WIDTH, tilesOfTree } from '../../src/event-log/tree/tiles';
import { rootAt } from '../../src/event-log/tree/tree-store';
import { naiveRoot } from './tree/naive-tree';

const PAGE = 1000;

const everyEvent = async (log: EventLog): Promise<readonly StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await log.readAll(events.at(-1)?.position ?? 0, PAGE);
    events.push(...page);
    if (page.length < PAGE) return events;
  }
};

export const everyLeaf = async (tree: LogTree): Promise<readonly StoredLeaf[]> => {
  const leaves: StoredLeaf[] = [];
  for (;;) {
    const page = await tree.readLeaves(leaves.length, PAGE);
    leaves.push(...page);
    if (page.length < PAGE) return leaves;
  }
};

/**
 * Expects the log's tree to be the one over the bytes of all its events, which is what an outsider computes from an
 * export: its root, every tile of its lowest level, and the leaves.
 */
export const expectTreeOfEvents = async (
  log: EventLog,
): Promise<{ readonly tree: LogTree; readonly size: number; readonly hashes: readonly Hash[] }> => {
  const { tree } = log;
  if (tree === undefined) throw new Error('the log keeps no tree');
  const events = await everyEvent(log);
  const bytes = events.map((stored) => Buffer.from(stored.canonical, 'utf8'));
  const size = await tree.size();
  expect(size).toBe(events.length);
  expect(await rootAt(tree, size)).toEqual(naiveRoot(bytes));
  const hashes = bytes.map(leafHash);
  for (const tile of tilesOfTree(size)) {
    const read = Buffer.from(await tree.readTile(tile));
    expect(read).toHaveLength(tile.width * HASH_BYTES);
    if (tile.level > 0) continue;
    const first = tile.index * TILE_WIDTH;
    expect(read.equals(Buffer.concat(hashes.slice(first, first + TILE_WIDTH)))).toBe(true);
  }
  const leaves = await everyLeaf(tree);
  expect(leaves).toHaveLength(size);
  // Thousands of leaves are compared by hand, because the matchers take seconds for them.
  const differs = leaves.findIndex((leaf, index) => {
    const event = events[index] as StoredEvent;
    const isPlace = leaf.position === event.position && leaf.stream === event.stream;
    return !isPlace || leaf.revision !== event.revision || Buffer.compare(leaf.bytes, bytes[index] as Buffer) !== 0;
  });
  expect(differs).toBe(-1);
  return { tree, size, hashes };
};
