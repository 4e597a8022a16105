/** How a value lies in a message, as protocol buffers number it. */
const NUMBER = 0;
const EIGHT_BYTES = 1;
const BYTES = 2;
const FOUR_BYTES = 5;

const SEVEN_BITS = 0x80;

/** Beyond it a number is none that can be counted with. */
const LONGEST_NUMBER = 10;

/**
 * Reads a message of protocol buffers field by field, without copying. The generated classes read the same ten times as
 * slowly, and everything that a node follows comes in here.
 */
export class WireReader {
  readonly #buffer: Buffer;
  readonly #end: number;
  #at: number;
  #type = NUMBER;

  constructor(buffer: Buffer, from = 0, end = buffer.length) {
    this.#buffer = buffer;
    this.#at = from;
    this.#end = end;
  }

  /** Number of the next field, whose value has to be read or skipped then; 0 at the end. */
  field(): number {
    if (this.#at >= this.#end) return 0;
    const tag = this.number();
    this.#type = tag % 8;
    return Math.floor(tag / 8);
  }

  /** More than 53 bits are not kept to the last one; such a number is no safe integer. */
  number(): number {
    let value = 0;
    let factor = 1;
    for (let read = 0; read < LONGEST_NUMBER; read += 1) {
      const byte = this.#at < this.#end ? (this.#buffer[this.#at] as number) : Number.NaN;
      this.#at += 1;
      if (byte < SEVEN_BITS) return value + byte * factor;
      value += (byte - SEVEN_BITS) * factor;
      factor *= SEVEN_BITS;
    }
    throw new Error('a message of the server ends within a number');
  }

  bytes(): Buffer {
    const length = this.number();
    const from = this.#advance(length);
    return this.#buffer.subarray(from, from + length);
  }

  text(): string {
    const length = this.number();
    const from = this.#advance(length);
    return this.#buffer.toString('utf8', from, from + length);
  }

  /** A message within the message. */
  part(): WireReader {
    const length = this.number();
    const from = this.#advance(length);
    return new WireReader(this.#buffer, from, from + length);
  }

  /** The value of one field of what is left of the message, the last where there are several; every other is skipped. */
  find<Value, Otherwise>(wanted: number, read: () => Value, otherwise: Otherwise): Value | Otherwise {
    let found: Value | Otherwise = otherwise;
    for (let field = this.field(); field !== 0; field = this.field()) {
      if (field === wanted) found = read();
      else this.skip();
    }
    return found;
  }

  skip(): void {
    if (this.#type === NUMBER) this.number();
    else if (this.#type === EIGHT_BYTES) this.#advance(8);
    else if (this.#type === BYTES) this.#advance(this.number());
    else if (this.#type === FOUR_BYTES) this.#advance(4);
    else throw new Error(`a message of the server has a value of kind ${this.#type}`);
  }

  #advance(bytes: number): number {
    const from = this.#at;
    this.#at += bytes;
    if (!(this.#at <= this.#end)) throw new Error('a message of the server ends too early');
    return from;
  }
}
