import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { makeDirectory } from '../../platform/make-directory';
import { mergeSignatures } from '../proofs/checkpoint';
import { formatNote, parseNote } from '../proofs/note';
import { noteContradicted, notesUnusable } from './checkpoint-failure';
import { replaceDurably } from '../../platform/durable-file';
import { type KeptCheckpoint, readKept } from './kept-checkpoint';

/** As many digits as the largest tree size has, so that names sort by size. */
const SIZE_DIGITS = 16;
const NOTE_FILE = /^(\d{16})\.checkpoint$/;

/** Name of the newest note's copy, for programs that take only that. */
export const LATEST_FILE = 'latest';

const noteFileName = (size: number): string => `${String(size).padStart(SIZE_DIGITS, '0')}.checkpoint`;

/** A directory with the notes of one log: a file for each size, and a copy of the newest. */
export class NoteFolder {
  readonly directory: string;
  #latest: { readonly stamp: string; readonly note: string } | null = null;

  constructor(directory: string) {
    this.directory = directory;
  }

  fileOf(size: number): string {
    return join(this.directory, noteFileName(size));
  }

  /** Sizes that there are notes of, from small to large. */
  sizes(): readonly number[] {
    const names = this.#try(() => readdirSync(this.directory)) ?? [];
    return names
      .flatMap((name) => NOTE_FILE.exec(name)?.[1] ?? [])
      .sort()
      .map(Number);
  }

  /** The note of a size as it lies there; null when there is none. */
  read(size: number): string | null {
    return this.#try(() => readFileSync(this.fileOf(size), 'utf8'));
  }

  /** The note of the largest tree. */
  newest(): string | null {
    const size = this.sizes().at(-1);
    return size === undefined ? null : this.read(size);
  }

  /**
   * The newest note without reading a directory of a hundred thousand names, for those who ask often. Who is about to
   * sign asks `newest`.
   */
  latest(): string | null {
    return this.#readLatest() ?? this.newest();
  }

  #readLatest(): string | null {
    const file = join(this.directory, LATEST_FILE);
    const stat = this.#try(() => statSync(file, { bigint: true }));
    if (stat === null) return null;
    const stamp = `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
    if (this.#latest?.stamp === stamp) return this.#latest.note;
    const note = this.#try(() => readFileSync(file, 'utf8'));
    if (note !== null) this.#latest = { stamp, note };
    return note;
  }

  /**
   * Keeps a note, durably. One of the same checkpoint that is there already gets the signatures of both.
   *
   * @returns what is kept now
   * @throws DomainError CHECKPOINT_CONTRADICTED when another checkpoint of the same size is there; CHECKPOINTS_UNUSABLE
   */
  keep(note: string): KeptCheckpoint {
    const { size } = readKept(note);
    const existing = this.read(size);
    const merged = existing === null ? note : this.#merge(existing, note, size);
    if (merged !== existing) this.#write(() => replaceDurably(this.fileOf(size), merged));
    this.#pointTo(merged, size);
    return readKept(merged);
  }

  #merge(existing: string, note: string, size: number): string {
    const [first, second] = [parseNote(existing), parseNote(note)];
    if (first.text !== second.text) throw noteContradicted(this.fileOf(size), size);
    return formatNote(mergeSignatures(first, second));
  }

  #pointTo(note: string, size: number): void {
    const latest = this.#readLatest();
    if (latest === note || (latest !== null && readKept(latest).size > size)) return;
    this.#write(() => replaceDurably(join(this.directory, LATEST_FILE), note));
  }

  #write(action: () => void): void {
    makeDirectory(this.directory);
    try {
      action();
    } catch (error) {
      throw notesUnusable(this.directory, error);
    }
  }

  /** The result, or null when the file or directory is not there. */
  #try<Result>(action: () => Result): Result | null {
    try {
      return action();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw notesUnusable(this.directory, error);
    }
  }
}
