import { statSync } from 'node:fs';
import { join } from 'node:path';

import { DomainError } from '../../platform/domain-error';
import { makeDirectory } from '../../platform/make-directory';
import { causeOf, systemCause } from '../../platform/system-cause';
import type { TrustedKeys } from '../proofs/checkpoint';
import { CHECKPOINT_CONTRADICTED, placeUnreachable } from './checkpoint-failure';
import type { KeptCheckpoint } from './kept-checkpoint';
import { NoteFolder } from './note-folder';
import type { OnTrouble } from './place';

/** A folder name for a log's origin: several ledgers may share one directory of an audit office. */
const originFolder = (origin: string): string => origin.replace(/[^\p{L}\p{N}._-]/gu, '_');

/** A directory elsewhere (a mounted share, a removable disk) with copies of the notes. */
export class DirectoryPlace {
  readonly name: string;
  readonly #root: string;
  readonly #folder: NoteFolder;

  constructor(name: string, root: string, origin: string, trusted: TrustedKeys) {
    this.name = name;
    this.#root = root;
    this.#folder = new NoteFolder(join(root, originFolder(origin)), trusted);
  }

  /**
   * The newest checkpoint that lies there with the log's signature; null when there is none. What somebody else put there
   * is told, and proves nothing.
   *
   * @throws DomainError CHECKPOINT_PLACE_UNREACHABLE
   */
  newest(onTrouble: OnTrouble): KeptCheckpoint | null {
    return this.#reaching(() => this.#folder.newestSound(onTrouble));
  }

  /**
   * Copies what is kept and does not lie there yet, the newest note in any case, because it may have got signatures.
   * What cannot be copied, because one of the two is not to be trusted, is told.
   *
   * @throws DomainError CHECKPOINT_PLACE_UNREACHABLE; CHECKPOINT_CONTRADICTED
   */
  publish(kept: NoteFolder, onTrouble: OnTrouble): void {
    this.#reaching(() => {
      makeDirectory(this.#folder.directory);
      const there = new Set(this.#folder.sizes());
      const sizes = kept.sizes();
      const newest = sizes.at(-1);
      for (const size of sizes) {
        if (!there.has(size) || size === newest) this.#copy(kept, size, onTrouble);
      }
    });
  }

  #copy(kept: NoteFolder, size: number, onTrouble: OnTrouble): void {
    try {
      const note = kept.read(size);
      if (note !== null) this.#folder.keep(note.note, onTrouble);
    } catch (error) {
      const isSigned = error instanceof DomainError && error.code === CHECKPOINT_CONTRADICTED;
      if (!(error instanceof DomainError) || error.kind !== 'verification' || isSigned) throw error;
      onTrouble(error);
    }
  }

  /** A share that is not mounted must not be taken for an empty one, so the directory itself is never made. */
  #reaching<Result>(action: () => Result): Result {
    try {
      if (statSync(this.#root).isDirectory()) return action();
    } catch (error) {
      if (error instanceof DomainError && error.kind !== 'unavailable') throw error;
      // What the system says stands behind a refusal of ours, which would be a sentence within a sentence.
      throw placeUnreachable(this.name, causeOf(error instanceof DomainError ? (error.cause ?? error) : error), error);
    }
    throw placeUnreachable(this.name, systemCause('ENOTDIR'));
  }
}
