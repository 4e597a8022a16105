import { NOTARY_ELSEWHERE } from '../../event-log/notary/notary-failure';
import type { NotaryOffice } from '../../event-log/notary/notary-office';
import type { LogTree } from '../../event-log/tree/log-tree';
import { EMPTY_ROOT, type Hash } from '../../event-log/tree/merkle-hash';
import { consistencyProof, verifyConsistency } from '../../event-log/tree/merkle-proof';
import { rootAt, subtreesOf } from '../../event-log/tree/tree-store';
import { DomainError } from '../../platform/domain-error';
import { decodeBase64 } from '../proofs/base64';
import { signCheckpoint, type TrustedKeys } from '../proofs/checkpoint';
import { addSignatures, formatNote, type NoteSignature, parseNote } from '../proofs/note';
import type { Signer } from '../proofs/signer';
import { parseVerifierKey } from '../proofs/verifier';
import { logForked, logShrunk, treeDamaged } from './checkpoint-failure';
import { DirectoryPlace } from './directory-place';
import type { KeptCheckpoint } from './kept-checkpoint';
import { readKept } from './kept-checkpoint';
import { NoteFolder } from './note-folder';
import type { OnTrouble, Place } from './place';
import { WitnessPlace } from './witness-place';

/** Kept notes that are looked through for the one that a witness has cosigned last; it corrects us if that fails. */
const NOTES_LOOKED_THROUGH = 50;

/** Other nodes sign the same log only while this one does not, so a second or third attempt is rare. */
const SIGNING_ATTEMPTS = 3;

/** Where the nodes that share one log agree on who signs and on what was signed. */
export type SigningOffice = Pick<NotaryOffice, 'requireKey' | 'news' | 'hold' | 'record'>;

/** What earlier checkpoints prove: the log must begin with these leaves. */
interface Proven {
  readonly source: string;
  readonly size: number;
  readonly root: Hash;
}

interface Grown {
  readonly newest: KeptCheckpoint | null;
  readonly size: number;
  readonly root: Hash;
}

/** Makes checkpoints of one log: holds it against what was proven before, signs, keeps, and has others keep. */
export class CheckpointMaker {
  readonly #tree: LogTree;
  readonly #signer: Signer;
  readonly #kept: NoteFolder;
  readonly #directories: readonly DirectoryPlace[];
  readonly #witnesses: readonly WitnessPlace[];
  readonly #office: SigningOffice | null;

  /** @param directory where the notes are kept */
  constructor(
    tree: LogTree,
    signer: Signer,
    directory: string,
    places: readonly Place[],
    office: SigningOffice | null = null,
  ) {
    this.#office = office;
    this.#tree = tree;
    this.#signer = signer;
    this.#witnesses = places.flatMap((place) =>
      place.kind === 'witness' ? [new WitnessPlace(place.name, place.url, place.verifier)] : [],
    );
    const witnesses = this.#witnesses.map(({ verifier }) => verifier);
    const trusted: TrustedKeys = { log: [parseVerifierKey(signer.verifierKey)], witnesses };
    this.#kept = new NoteFolder(directory, trusted);
    this.#directories = places.flatMap((place) =>
      place.kind === 'directory' ? [new DirectoryPlace(place.name, place.directory, signer.name, trusted)] : [],
    );
  }

  /**
   * Signs the tree as it is now and keeps the note; when nothing was appended since, the last note is the answer.
   *
   * @throws DomainError LOG_SHRUNK, LOG_FORKED, TREE_DAMAGED: then nothing is signed; those of NoteFolder.read when the
   *   last note is not this log's
   */
  async seal(onTrouble: OnTrouble): Promise<KeptCheckpoint> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#seal(onTrouble);
      } catch (error) {
        // Another node was faster: what it has signed may do, and if not, the next attempt goes on from there.
        const again = error instanceof DomainError && error.code === NOTARY_ELSEWHERE && attempt < SIGNING_ATTEMPTS;
        if (!again) throw error;
      }
    }
  }

  async #seal(onTrouble: OnTrouble): Promise<KeptCheckpoint> {
    await this.#office?.requireKey(this.#signer.verifierKey);
    for (const { note } of (await this.#office?.news()) ?? []) this.#kept.keep(note, onTrouble);
    const { newest, size, root } = await this.#grown(onTrouble);
    if (newest?.size === size) return newest;
    await this.#office?.hold(this.#signer.verifierKey);
    const note = await this.#signed(size, root);
    await this.#office?.record(readKept(note));
    return this.#kept.keep(note, onTrouble);
  }

  /**
   * As seal, for somebody who only reads: what is signed goes to him and is written nowhere, so that reading neither
   * fills the folder nor fails on a full disk. Not where nodes share the log: those agree first on what is signed.
   *
   * @throws DomainError as seal
   */
  async sealUnkept(onTrouble: OnTrouble): Promise<KeptCheckpoint> {
    if (this.#office !== null) return this.seal(onTrouble);
    const { newest, size, root } = await this.#grown(onTrouble);
    return newest?.size === size ? newest : readKept(await this.#signed(size, root));
  }

  /** The tree as it is now, once it is known to begin with all that was proven before. */
  async #grown(onTrouble: OnTrouble): Promise<Grown> {
    const newest = this.#kept.newest();
    const size = await this.#tree.size();
    const root = await whole(rootAt(this.#tree, size));
    for (const proven of this.#proven(newest, onTrouble)) await this.#requireGrown(proven, size, root);
    return { newest, size, root };
  }

  #signed(size: number, root: Hash): Promise<string> {
    return signCheckpoint({ origin: this.#signer.name, size, root, extensions: [] }, [this.#signer]);
  }

  /**
   * Has a kept checkpoint cosigned and copied; what it then is. A place that cannot be reached is told and left for
   * the next time.
   *
   * @throws DomainError(verification) when a place proves that the log is not what it was
   */
  async publish(kept: KeptCheckpoint, onTrouble: OnTrouble): Promise<KeptCheckpoint> {
    const contradictions: DomainError[] = [];
    const telling = (error: unknown): void => {
      if (!(error instanceof DomainError)) throw error;
      if (error.kind === 'verification') contradictions.push(error);
      else onTrouble(error);
    };
    const cosigning = this.#witnesses.map((witness) =>
      this.#cosign(witness, kept).catch((error: unknown): readonly NoteSignature[] => {
        telling(error);
        return [];
      }),
    );
    const cosigned = addSignatures(parseNote(kept.note), (await Promise.all(cosigning)).flat());
    const published = this.#kept.keep(formatNote(cosigned), onTrouble);
    for (const directory of this.#directories) {
      try {
        directory.publish(this.#kept, onTrouble);
      } catch (error) {
        telling(error);
      }
    }
    const [contradiction] = contradictions;
    if (contradiction !== undefined) throw contradiction;
    return published;
  }

  async #cosign(witness: WitnessPlace, kept: KeptCheckpoint): Promise<readonly NoteSignature[]> {
    if (witness.hasCosigned(kept.note)) return [];
    const log = { tree: this.#tree, verifierKey: this.#signer.verifierKey };
    return whole(witness.cosign(kept, this.#lastCosigned(witness), log));
  }

  #lastCosigned(witness: WitnessPlace): number {
    const sizes = this.#kept.sizes().slice(-NOTES_LOOKED_THROUGH);
    return (
      sizes.findLast((size) => {
        const kept = this.#kept.read(size);
        return kept !== null && witness.hasCosigned(kept.note);
      }) ?? 0
    );
  }

  /** What the last note here, and the last ones in the directories that can be reached, prove. */
  *#proven(newest: KeptCheckpoint | null, onTrouble: OnTrouble): Generator<Proven> {
    if (newest !== null) yield provenBy(this.#kept.fileOf(newest.size), newest);
    for (const directory of this.#directories) {
      try {
        const found = directory.newest(onTrouble);
        if (found !== null) yield provenBy(directory.name, found);
      } catch (error) {
        // A place that cannot be reached is told when the checkpoint does not get there.
        if (!(error instanceof DomainError) || error.kind !== 'unavailable') throw error;
      }
    }
  }

  async #requireGrown({ source, size: proven, root: provenRoot }: Proven, size: number, root: Hash): Promise<void> {
    if (proven > size) throw logShrunk(source, proven, size);
    const proof = await whole(consistencyProof(proven, size, subtreesOf(this.#tree, size)));
    if (!verifyConsistency(proven, size, proof, provenRoot, root)) throw logForked(source, proven, size);
  }
}

const provenBy = (source: string, { size, root }: KeptCheckpoint): Proven => ({
  source,
  size,
  root: decodeBase64(root) ?? EMPTY_ROOT,
});

/** Hashes that are not there are the log's damage, and no defect of the reader. */
const whole = async <Result>(reading: Promise<Result>): Promise<Result> => {
  try {
    return await reading;
  } catch (error) {
    throw error instanceof RangeError ? treeDamaged(error.message) : error;
  }
};
