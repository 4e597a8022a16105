import type { Position } from '../../event-log/event';

const SLOTS_AT_FIRST = 1024;

/**
 * Where entries are in the log, by their ids, in a few bytes each. Ids themselves are not kept, so that two of them may
 * meet: whoever is given a position looks at the event there.
 */
export class EntryPlaces {
  #size = 0;
  #hashes = new Uint32Array(SLOTS_AT_FIRST);
  /** 0: nothing lies there; a log's positions begin at 1. */
  #positions = new Float64Array(SLOTS_AT_FIRST);

  add(id: string, position: Position): void {
    if (this.#size * 2 >= this.#positions.length) this.#grow();
    this.#put(hashOf(id), position);
    this.#size += 1;
  }

  /** Every position at which an entry of this id may be, in the order in which they were added. */
  of(id: string): Position[] {
    const hash = hashOf(id);
    const found: Position[] = [];
    const last = this.#positions.length - 1;
    for (let slot = hash & last; this.#positions[slot] !== 0; slot = (slot + 1) & last) {
      if (this.#hashes[slot] === hash) found.push(this.#positions[slot] as Position);
    }
    return found;
  }

  #put(hash: number, position: Position): void {
    const last = this.#positions.length - 1;
    let slot = hash & last;
    while (this.#positions[slot] !== 0) slot = (slot + 1) & last;
    this.#hashes[slot] = hash;
    this.#positions[slot] = position;
  }

  #grow(): void {
    const [hashes, positions] = [this.#hashes, this.#positions];
    this.#hashes = new Uint32Array(hashes.length * 2);
    this.#positions = new Float64Array(positions.length * 2);
    for (const [slot, position] of positions.entries()) {
      if (position !== 0) this.#put(hashes[slot] as number, position);
    }
  }
}

/** FNV-1a over the text's code units. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
};
