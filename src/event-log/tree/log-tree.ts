import type { Position } from '../event';
import type { PackedLeaves } from './packed-leaves';
import type { TreeReader } from './tree-store';

/** A stored event as the engine has it: the bytes, and what the engine itself says about them. */
export interface StoredLeaf {
  readonly position: Position;
  /** The leaf: canonical JSON in UTF-8, as bytes and not as text, so that no broken character is smoothed over. */
  readonly bytes: Uint8Array;
  readonly stream: string;
  readonly revision: number;
  /** Where the engine keeps it beside the bytes. */
  readonly id?: string;
}

/** The Merkle tree over a log's events, with the way from a leaf to its event and back. Leaves count from 0. */
export interface LogTree extends TreeReader {
  /** Number of an event's leaf; null when the log has no event there, or the tree does not reach it yet. */
  leafAt(position: Position): Promise<number | null>;
  /** The same by the event's id, where the engine finds events by it. */
  leafOfEvent?(eventId: string): Promise<number | null>;
  /** Events as stored bytes, from a leaf on, at most `limit`, in order; fewer at the end of the tree. */
  readLeaves(firstLeaf: number, limit: number): Promise<readonly StoredLeaf[]>;
  /** For going through all leaves, where the engine has a faster way. */
  packedReader?(): PackedReader;
}

/** Reads exactly so many leaves; null where they cannot be packed: readLeaves says how they are. */
export type PackedReader = (firstLeaf: number, count: number) => Promise<PackedLeaves | null>;
