import type { SealedEvent } from './event-log';

/** Events are packed into pieces of this size; a larger event gets a piece of its own. */
const PIECE_BYTES = 1 << 20;

/** No UTF-16 unit takes more than three bytes of UTF-8. */
const MOST_BYTES_PER_UNIT = 3;

class PackedEvent implements SealedEvent {
  readonly id: string;
  readonly #piece: Buffer;
  readonly #from: number;
  readonly #to: number;

  constructor(id: string, piece: Buffer, from: number, to: number) {
    this.id = id;
    this.#piece = piece;
    this.#from = from;
    this.#to = to;
  }

  get canonical(): string {
    return this.#piece.toString('utf8', this.#from, this.#to);
  }
}

/**
 * Keeps the canonical bytes of many events outside of the garbage-collected heap: about as much memory as the events
 * will take on the disk, where objects take several times that.
 */
export class EventSlab {
  #piece = Buffer.alloc(0);
  #used = 0;

  add(id: string, canonical: string): SealedEvent {
    if (this.#used + canonical.length * MOST_BYTES_PER_UNIT > this.#piece.length) {
      const bytes = Buffer.byteLength(canonical, 'utf8');
      if (this.#used + bytes > this.#piece.length) {
        this.#piece = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, bytes));
        this.#used = 0;
      }
    }
    const from = this.#used;
    this.#used += this.#piece.write(canonical, from, 'utf8');
    return new PackedEvent(id, this.#piece, from, this.#used);
  }
}
