import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import { DomainError } from '../../platform/domain-error';
import { replaceDurably } from '../../platform/durable-file';
import { makeDirectory } from '../../platform/make-directory';
import { mergeSignatures, openCheckpoint, type TrustedKeys } from '../proofs/checkpoint';
import type { KnownCheckpoint } from '../proofs/checkpoint-check';
import { formatNote, parseNote } from '../proofs/note';
import { noteMisnamed, ofNoteFile } from '../proofs/proof-failure';
import { noteContradicted, notesUnusable } from './checkpoint-failure';
import type { KeptCheckpoint } from './kept-checkpoint';
import type { OnTrouble } from './place';

/** As many digits as the largest tree size has, so that names sort by size. */
const SIZE_DIGITS = 16;
const NOTE_FILE = /^(\d{16})\.checkpoint$/;

/** Name of the newest note's copy, for programs that take only that. */
export const LATEST_FILE = 'latest';

const noteFileName = (size: number): string => `${String(size).padStart(SIZE_DIGITS, '0')}.checkpoint`;

/** The size that the name of a kept note's file tells; null for a file of another name. */
export const sizeInName = (file: string): number | null => {
  const digits = NOTE_FILE.exec(basename(file))?.[1];
  return digits === undefined ? null : Number(digits);
};

const nobody: OnTrouble = () => undefined;

/**
 * A directory with the notes of one log: a file for each size, and a copy of the newest. Whoever can write to it can put
 * anything there, so that no note is believed, whenever it is read, before its signature and its name were looked at.
 */
export class NoteFolder {
  readonly directory: string;
  readonly #trusted: TrustedKeys;
  #latest: { readonly stamp: string; readonly kept: KeptCheckpoint } | null = null;

  /** @param trusted without a key of the log every note is refused */
  constructor(directory: string, trusted: TrustedKeys) {
    this.directory = directory;
    this.#trusted = trusted;
  }

  fileOf(size: number): string {
    return join(this.directory, noteFileName(size));
  }

  /** Sizes that there are notes of, by their names, from small to large. */
  sizes(): readonly number[] {
    const names = this.#try(() => readdirSync(this.directory)) ?? [];
    return names.flatMap((name) => sizeInName(name) ?? []).sort((left, right) => left - right);
  }

  /**
   * The note of a size; null when there is none.
   * @throws DomainError CHECKPOINT_MISNAMED, and those of openCheckpoint, with the file's name
   */
  read(size: number): KeptCheckpoint | null {
    const file = this.fileOf(size);
    const note = this.#try(() => readFileSync(file, 'utf8'));
    return note === null ? null : this.#open(file, note, size);
  }

  /** The note of the largest tree. @throws as read */
  newest(): KeptCheckpoint | null {
    const size = this.sizes().at(-1);
    return size === undefined ? null : this.read(size);
  }

  /** The same of a folder where others can put something: what is not the log's is told and passed over. */
  newestSound(onTrouble: OnTrouble): KeptCheckpoint | null {
    for (const size of this.sizes().toReversed()) {
      try {
        const kept = this.read(size);
        if (kept !== null) return kept;
      } catch (error) {
        if (!isUntrusted(error)) throw error;
        onTrouble(error);
      }
    }
    return null;
  }

  /**
   * The newest note without reading a directory of a hundred thousand names, for those who ask often. Who is about to
   * sign asks `newest`.
   *
   * @throws as read
   */
  latest(): KeptCheckpoint | null {
    return this.#readLatest() ?? this.newest();
  }

  #readLatest(): KeptCheckpoint | null {
    const file = join(this.directory, LATEST_FILE);
    const stat = this.#try(() => statSync(file, { bigint: true }));
    if (stat === null) return null;
    const stamp = `${stat.ino} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.size}`;
    if (this.#latest?.stamp === stamp) return this.#latest.kept;
    const note = this.#try(() => readFileSync(file, 'utf8'));
    if (note === null) return null;
    const kept = this.#open(file, note);
    this.#latest = { stamp, kept };
    return kept;
  }

  /** All notes as they lie there, for whoever verifies them one by one; the copy of the newest where it is none. */
  files(): readonly KnownCheckpoint[] {
    const notes = this.sizes().flatMap((size) => {
      const source = this.fileOf(size);
      const note = this.#try(() => readFileSync(source, 'utf8'));
      return note === null ? [] : [{ source, note, sizeInName: size }];
    });
    const source = join(this.directory, LATEST_FILE);
    const latest = this.#try(() => readFileSync(source, 'utf8'));
    const isCopy = latest === null || notes.some(({ note }) => note === latest);
    return isCopy ? notes : [...notes, { source, note: latest, isCopy: true }];
  }

  /**
   * Keeps a note, durably. One of the same checkpoint that is there already gets the signatures of both.
   *
   * @param onTrouble told of a copy of the newest note that was none, and is now
   * @returns what is kept now
   * @throws DomainError CHECKPOINT_CONTRADICTED when another checkpoint of the same size is there; those of openCheckpoint
   *   for the note itself and for the one that is there; CHECKPOINTS_UNUSABLE
   */
  keep(note: string, onTrouble: OnTrouble = nobody): KeptCheckpoint {
    const { size } = keptOf(note, this.#trusted);
    const existing = this.read(size);
    const merged = existing === null ? note : this.#merge(existing.note, note, size);
    if (merged !== existing?.note) this.#write(() => replaceDurably(this.fileOf(size), merged));
    const kept = keptOf(merged, this.#trusted);
    this.#pointTo(kept, onTrouble);
    return kept;
  }

  #merge(existing: string, note: string, size: number): string {
    const [first, second] = [parseNote(existing), parseNote(note)];
    if (first.text !== second.text) throw noteContradicted(this.fileOf(size), size);
    return formatNote(mergeSignatures(first, second));
  }

  #pointTo({ note, size }: KeptCheckpoint, onTrouble: OnTrouble): void {
    const latest = this.#latestOrTrouble(onTrouble);
    if (latest?.note === note || (latest !== null && latest.size > size)) return;
    this.#write(() => replaceDurably(join(this.directory, LATEST_FILE), note));
  }

  /** The copy is only a copy: what is kept under its own name is put in the place of anything else. */
  #latestOrTrouble(onTrouble: OnTrouble): KeptCheckpoint | null {
    try {
      return this.#readLatest();
    } catch (error) {
      if (!isUntrusted(error)) throw error;
      onTrouble(error);
      return null;
    }
  }

  #open(file: string, note: string, named?: number): KeptCheckpoint {
    try {
      const kept = keptOf(note, this.#trusted);
      if (named !== undefined && named !== kept.size) throw noteMisnamed(kept.size, named);
      return kept;
    } catch (error) {
      throw isUntrusted(error) ? ofNoteFile(file, error) : error;
    }
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

const isUntrusted = (error: unknown): error is DomainError =>
  error instanceof DomainError && error.kind === 'verification';

const keptOf = (note: string, trusted: TrustedKeys): KeptCheckpoint => {
  const { size, root } = openCheckpoint(note, trusted).checkpoint;
  return { note, size, root: root.toString('base64') };
};
