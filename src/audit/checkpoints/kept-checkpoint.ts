import { parseCheckpoint } from '../proofs/checkpoint';
import { parseNote } from '../proofs/note';

/** A checkpoint that was signed and kept. */
export interface KeptCheckpoint {
  /** The signed note, with the cosignatures that have come in. */
  readonly note: string;
  /** Events. */
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

/**
 * Reads a note; whether to believe it is another question.
 * @throws DomainError NOTE_MALFORMED, CHECKPOINT_MALFORMED
 */
export const readKept = (note: string): KeptCheckpoint => {
  const { size, root } = parseCheckpoint(parseNote(note).text);
  return { note, size, root: root.toString('base64') };
};
