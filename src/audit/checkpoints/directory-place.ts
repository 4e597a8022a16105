import { statSync } from 'node:fs';
import { join } from 'node:path';

import { DomainError } from '../../platform/domain-error';
import { makeDirectory } from '../../platform/make-directory';
import { causeOf, systemCause } from '../../platform/system-cause';
import { openCheckpoint, type OpenedCheckpoint, type TrustedKeys } from '../proofs/checkpoint';
import { placeUnreachable } from './checkpoint-failure';
import { NoteFolder } from './note-folder';

/** A folder name for a log's origin: several ledgers may share one directory of an audit office. */
const originFolder = (origin: string): string => origin.replace(/[^\p{L}\p{N}._-]/gu, '_');

/** A directory elsewhere (a mounted share, a removable disk) with copies of the notes. */
export class DirectoryPlace {
  readonly name: string;
  readonly #root: string;
  readonly #folder: NoteFolder;

  constructor(name: string, root: string, origin: string) {
    this.name = name;
    this.#root = root;
    this.#folder = new NoteFolder(join(root, originFolder(origin)));
  }

  /**
   * The newest checkpoint that lies there with the log's signature; null when there is none.
   * @throws DomainError CHECKPOINT_PLACE_UNREACHABLE, and those of openCheckpoint
   */
  newest(trusted: TrustedKeys): OpenedCheckpoint | null {
    return this.#reaching(() => {
      const note = this.#folder.newest();
      return note === null ? null : openCheckpoint(note, trusted);
    });
  }

  /**
   * Copies what is kept and does not lie there yet, the newest note in any case, because it may have got signatures.
   * @throws DomainError CHECKPOINT_PLACE_UNREACHABLE
   */
  publish(kept: NoteFolder): void {
    this.#reaching(() => {
      makeDirectory(this.#folder.directory);
      const there = new Set(this.#folder.sizes());
      const sizes = kept.sizes();
      const newest = sizes.at(-1);
      for (const size of sizes) {
        if (there.has(size) && size !== newest) continue;
        const note = kept.read(size);
        if (note !== null) this.#folder.keep(note);
      }
    });
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
