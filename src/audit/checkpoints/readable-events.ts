import type { Position } from '../../event-log/event';
import { isDamage } from '../../event-log/log-failure';
import type { StoredLeaf } from '../../event-log/tree/log-tree';
import type { DomainError } from '../../platform/domain-error';

/** Reads leaves from a number on, at most so many. */
export type ReadLeaves = (firstLeaf: number, after: Position, limit: number) => Promise<readonly StoredLeaf[]>;

/** From where on the events cannot be read, and what the engine says of it. */
export interface UnreadableFrom {
  readonly position: Position;
  readonly why: DomainError;
}

/** Events read at once. */
const PAGE = 4096;

export interface EventRange {
  /** Position of the last event that is asked for. */
  readonly head: Position;
  /** Leaves, where somebody else keeps the tree and may be behind; Infinity: all up to the head. */
  readonly leaves: number;
  /** Whether positions count from 1, so that a leaf keeps its number when others are gone from before it. */
  readonly isCounting: boolean;
}

/**
 * Goes through the events of a log up to the first one that cannot be read, because pages of its file are damaged; that
 * one's position is known then to the event, however many are read at once.
 */
export class ReadableEvents {
  readonly #read: ReadLeaves;
  readonly #range: EventRange;
  #unreadable: UnreadableFrom | null = null;

  constructor(read: ReadLeaves, range: EventRange) {
    this.#read = read;
    this.#range = range;
  }

  /** Null as long as all could be read. */
  get unreadable(): UnreadableFrom | null {
    return this.#unreadable;
  }

  async *pages(): AsyncGenerator<readonly StoredLeaf[]> {
    const { head, leaves, isCounting } = this.#range;
    let after: Position = 0;
    let leaf = 0;
    while (leaf < leaves && this.#unreadable === null) {
      const page = await this.#readUpToDamage(leaf, after, Math.min(PAGE, leaves - leaf));
      const events = page.filter(({ position }) => position <= head);
      if (events.length > 0) yield events;
      if (events.length < page.length || page.length === 0) return;
      after = page.at(-1)?.position ?? after;
      leaf = isCounting ? after : leaf + page.length;
    }
  }

  /** The whole page, or its first events when the one after them cannot be read. */
  async #readUpToDamage(leaf: number, after: Position, limit: number): Promise<readonly StoredLeaf[]> {
    try {
      return await this.#read(leaf, after, limit);
    } catch (error) {
      if (!isDamage(error)) throw error;
      if (limit === 1) {
        this.#unreadable = { position: after + 1, why: error };
        return [];
      }
    }
    const half = Math.ceil(limit / 2);
    const first = await this.#readUpToDamage(leaf, after, half);
    const last = first.at(-1);
    if (this.#unreadable !== null || last === undefined || first.length < half) return first;
    const next = this.#range.isCounting ? last.position : leaf + first.length;
    return [...first, ...(await this.#readUpToDamage(next, last.position, limit - half))];
  }
}
