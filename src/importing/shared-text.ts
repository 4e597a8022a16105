/** Codes, names and units repeat in thousands of rows; beyond so many different ones sharing costs more than it saves. */
const MAX_SHARED = 200_000;

/**
 * Keeps one copy of each text. A text cut out of a file's content would keep the whole content in memory, so the
 * first copy is made anew.
 */
export class SharedText {
  readonly #texts = new Map<string, string>();

  share(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const copy = Buffer.from(text, 'utf16le').toString('utf16le');
    if (this.#texts.size < MAX_SHARED) this.#texts.set(copy, copy);
    return copy;
  }
}
