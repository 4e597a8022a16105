/** A whole number of at most 53 bits takes no more. */
const LONGEST_NUMBER = 8;

/** How a value lies in a message, as protocol buffers number it. */
const NUMBER = 0;
const BYTES = 2;

const SEVEN_BITS = 0x80;

/**
 * Writes a message of protocol buffers from its end to its beginning, because only then the length of a part is known
 * when it has to be written. So the fields are given last first.
 */
export class WireWriter {
  #buffer: Buffer;
  #from: number;

  /** @param bytes what the message will take; if it is more, everything is moved */
  constructor(bytes: number) {
    this.#buffer = Buffer.allocUnsafe(bytes);
    this.#from = bytes;
  }

  number(field: number, value: number): void {
    this.#number(value);
    this.#number(field * 8 + NUMBER);
  }

  text(field: number, value: string): void {
    const bytes = Buffer.byteLength(value, 'utf8');
    this.#makeRoom(bytes);
    this.#from -= bytes;
    this.#buffer.write(value, this.#from, 'utf8');
    this.#header(field, bytes);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#makeRoom(value.length);
    this.#from -= value.length;
    this.#buffer.set(value, this.#from);
    this.#header(field, value.length);
  }

  /** A message within the message; `write` writes its fields. */
  part(field: number, write: () => void): void {
    const end = this.#buffer.length - this.#from;
    write();
    this.#header(field, this.#buffer.length - this.#from - end);
  }

  message(): Buffer {
    return this.#buffer.subarray(this.#from);
  }

  #header(field: number, bytes: number): void {
    this.#number(bytes);
    this.#number(field * 8 + BYTES);
  }

  #number(value: number): void {
    this.#makeRoom(LONGEST_NUMBER);
    let groups = 1;
    for (let rest = value; rest >= SEVEN_BITS; rest = Math.floor(rest / SEVEN_BITS)) groups += 1;
    this.#from -= groups;
    let rest = value;
    for (let index = 0; index < groups; index += 1) {
      const isLast = index === groups - 1;
      this.#buffer[this.#from + index] = (rest % SEVEN_BITS) + (isLast ? 0 : SEVEN_BITS);
      rest = Math.floor(rest / SEVEN_BITS);
    }
  }

  #makeRoom(bytes: number): void {
    if (this.#from >= bytes) return;
    const written = this.#buffer.subarray(this.#from);
    const larger = Buffer.allocUnsafe(this.#buffer.length * 2 + bytes);
    this.#from = larger.length - written.length;
    larger.set(written, this.#from);
    this.#buffer = larger;
  }
}
