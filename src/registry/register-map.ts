/** What a register says now by code, and what it said before: a table from before a change must not undo it unseen. */
export class RegisterMap<Entry> extends Map<string, Entry> {
  readonly #former = new Map<string, Entry[]>();

  put(code: string, entry: Entry): this {
    const replaced = this.get(code);
    if (replaced !== undefined) this.#former.set(code, [...this.former(code), replaced]);
    return this.set(code, entry);
  }

  /** What was replaced, oldest first. */
  former(code: string): readonly Entry[] {
    return this.#former.get(code) ?? [];
  }
}
