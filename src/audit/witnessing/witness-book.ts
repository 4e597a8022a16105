import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeDirectory } from '../../platform/make-directory';
import { parseCheckpoint } from '../proofs/checkpoint';
import { parseNote } from '../proofs/note';
import type { Witnessed } from '../proofs/witness';
import { createDurably } from '../../platform/durable-file';

const NUMBER_DIGITS = 12;
const ENTRY_FILE = /^\d{12}\.checkpoint$/;

/** How a log's origin is named in addresses and directories: C2SP tlog-witness, monitor retrieval. */
export const originHash = (origin: string): string => createHash('sha256').update(origin, 'utf8').digest('hex');

/**
 * What a witness has cosigned of one log, entry after entry. Each entry is a file whose number is one more than the
 * last one's and which only one writer can create, so that two processes on one directory cannot both go on from the
 * same entry: that would be cosigning a fork.
 */
export class WitnessBook {
  readonly #directory: string;
  #entries: number;
  #last: Witnessed | null;

  constructor(directory: string, origin: string) {
    this.#directory = join(directory, originHash(origin));
    makeDirectory(this.#directory);
    this.#entries = 0;
    this.#last = null;
    this.refresh();
  }

  /** What was cosigned last; null: nothing yet. */
  get last(): Witnessed | null {
    return this.#last;
  }

  /** Reads the last entry again, which another process may have written. */
  refresh(): void {
    const names = readdirSync(this.#directory)
      .filter((name) => ENTRY_FILE.test(name))
      .sort();
    const name = names.at(-1);
    this.#entries = name === undefined ? 0 : Number(name.slice(0, NUMBER_DIGITS));
    this.#last = name === undefined ? null : readEntry(join(this.#directory, name));
  }

  /** Enters what was cosigned, durably; false when somebody else has made that entry before. */
  enter(witnessed: Witnessed): boolean {
    const number = this.#entries + 1;
    const file = join(this.#directory, `${String(number).padStart(NUMBER_DIGITS, '0')}.checkpoint`);
    if (!createDurably(file, witnessed.note)) {
      this.refresh();
      return false;
    }
    this.#entries = number;
    this.#last = witnessed;
    return true;
  }
}

const readEntry = (file: string): Witnessed => {
  const note = readFileSync(file, 'utf8');
  const { size, root } = parseCheckpoint(parseNote(note).text);
  return { size, root, note };
};
