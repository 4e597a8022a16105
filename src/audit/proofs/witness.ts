import { decodeBase64 } from './base64';
import { type Checkpoint, openCheckpoint } from './checkpoint';
import { EMPTY_ROOT, HASH_BYTES, type Hash, sameHash } from '../../event-log/tree/merkle-hash';
import { MAX_PROOF_HASHES, verifyConsistency } from '../../event-log/tree/merkle-proof';
import { addSignatures, formatNote, formatSignatureLine, parseNote } from './note';
import { DomainError } from '../../platform/domain-error';
import type { Cosigner } from './signer';
import type { Verifier } from './verifier';

/** What a log asks of a witness by C2SP tlog-witness. */
export interface AddCheckpoint {
  /** Size that the witness is believed to have cosigned last; 0: none. */
  readonly oldSize: number;
  /** From that size to the checkpoint's. */
  readonly proof: readonly Hash[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
}

/** What a witness remembers of a log: the last checkpoint that it has cosigned. */
export interface Witnessed {
  readonly size: number;
  readonly root: Hash;
  /** The note with the log's signature and the witness's own. */
  readonly note: string;
  /** When it was cosigned, in seconds since 1970. */
  readonly timestamp: number;
}

/** Answer to add-checkpoint. `remember` must be kept durably before it is given, and no other request come between. */
export type WitnessAnswer =
  | { readonly status: 200; readonly body: string; readonly remember: Witnessed; readonly origin: string }
  /** The body is the size that was cosigned last; `Content-Type: text/x.tlog.size`. */
  | { readonly status: 409; readonly body: string }
  | { readonly status: 400 | 403 | 404 | 422 | 503; readonly body: string };

export const TLOG_SIZE_TYPE = 'text/x.tlog.size';

const OLD_SIZE_LINE = /^old (0|[1-9]\d{0,15})$/;

export const formatAddCheckpoint = ({ oldSize, proof, checkpoint }: AddCheckpoint): string =>
  `${[`old ${oldSize}`, ...proof.map((hash) => hash.toString('base64'))].join('\n')}\n\n${checkpoint}`;

/** Null when it is no such request. */
export const parseAddCheckpoint = (body: string): AddCheckpoint | null => {
  const split = body.indexOf('\n\n');
  if (split < 0) return null;
  const [first = '', ...lines] = body.slice(0, split).split('\n');
  const sizeText = OLD_SIZE_LINE.exec(first)?.[1];
  const oldSize = sizeText === undefined ? Number.NaN : Number(sizeText);
  if (!Number.isSafeInteger(oldSize) || lines.length > MAX_PROOF_HASHES) return null;
  const proof: Hash[] = [];
  for (const line of lines) {
    const hash = decodeBase64(line);
    if (hash === null || hash.length !== HASH_BYTES) return null;
    proof.push(hash);
  }
  return { oldSize, proof, checkpoint: body.slice(split + 2) };
};

/**
 * Clocks are set right by a second now and then; who is set back further than this would say that it saw the longer log
 * before the shorter one.
 */
const CLOCK_TOLERANCE_S = 60;

const NOTHING_YET: Witnessed = { size: 0, root: EMPTY_ROOT, note: '', timestamp: 0 };

/** A witness's side of the protocol. It knows no HTTP and keeps nothing: `lastOf` and what it answers do. */
export class WitnessDesk {
  readonly #signer: Cosigner;
  readonly #logs: readonly Verifier[];

  /** @param logs keys of the logs that are witnessed; a key's name is its log's origin */
  constructor(signer: Cosigner, logs: readonly Verifier[]) {
    this.#signer = signer;
    this.#logs = logs;
  }

  /** Answers `POST /add-checkpoint`. */
  async answer(body: string, lastOf: (origin: string) => Promise<Witnessed | null>): Promise<WitnessAnswer> {
    const request = parseAddCheckpoint(body);
    if (request === null) return { status: 400, body: 'not an add-checkpoint request\n' };
    const checkpoint = this.#open(request.checkpoint);
    if ('status' in checkpoint) return checkpoint;
    if (request.oldSize > checkpoint.size) return { status: 400, body: 'the old size is beyond the checkpoint\n' };
    const last = (await lastOf(checkpoint.origin)) ?? NOTHING_YET;
    if (request.oldSize !== last.size) return { status: 409, body: `${last.size}\n` };
    const refused = refusal(request, last, checkpoint);
    if (refused !== null) return { status: 422, body: `${refused}\n` };

    const now = this.#signer.timestamp();
    if (last.timestamp - now > CLOCK_TOLERANCE_S) return { status: 503, body: setBack(last.timestamp, now) };
    const timestamp = Math.max(now, last.timestamp);
    const note = parseNote(request.checkpoint);
    const own = await this.#signer.signAt(note.text, timestamp);
    const logs = this.#logs.filter(({ name }) => name === checkpoint.origin);
    const logSignatures = note.signatures.filter(({ name, keyId }) =>
      logs.some((log) => log.name === name && log.keyId === keyId),
    );
    const remembered = addSignatures({ text: note.text, signatures: logSignatures }, [own]);
    const remember = { size: checkpoint.size, root: checkpoint.root, note: formatNote(remembered), timestamp };
    return { status: 200, body: formatSignatureLine(own), origin: checkpoint.origin, remember };
  }

  #open(note: string): Checkpoint | Extract<WitnessAnswer, { readonly status: 400 | 403 | 404 | 422 | 503 }> {
    try {
      const [origin = ''] = note.split('\n', 1);
      const log = this.#logs.filter(({ name }) => name === origin);
      if (log.length === 0) return { status: 404, body: 'this witness does not know the log\n' };
      return openCheckpoint(note, { log }).checkpoint;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      switch (error.code) {
        case 'SIGNATURE_INVALID':
        case 'SIGNATURE_MISSING':
          return { status: 403, body: `${error.messageEn}\n` };
        case 'EMPTY_TREE_ROOT':
          return { status: 422, body: `${error.messageEn}\n` };
        default:
          return { status: 400, body: `${error.messageEn}\n` };
      }
    }
  }
}

const setBack = (last: number, now: number): string => {
  const [then, today] = [last, now].map((seconds) => new Date(seconds * 1000).toISOString());
  return `the clock of this witness was set back: it has cosigned at ${then}, and shows ${today}\n`;
};

const refusal = ({ oldSize, proof }: AddCheckpoint, last: Witnessed, { size, root }: Checkpoint): string | null => {
  if (oldSize === 0 && proof.length > 0) return 'no proof is needed from an empty tree';
  if (oldSize === size && !sameHash(last.root, root)) return 'another tree of the same size was cosigned';
  if (verifyConsistency(oldSize, size, proof, last.root, root)) return null;
  return 'the checkpoint is not consistent with the last one that was cosigned';
};
