import { consistencyProof } from '../../event-log/tree/merkle-proof';
import { subtreesOf } from '../../event-log/tree/tree-store';
import { DomainError } from '../../platform/domain-error';
import { type Cause, systemCause } from '../../platform/system-cause';
import { isSystemError, messageOf } from '../../platform/system-error';
import { addSignatures, knownSignatures, type NoteSignature, parseNote, parseSignatureLine } from '../proofs/note';
import type { Verifier } from '../proofs/verifier';
import { formatAddCheckpoint, TLOG_SIZE_TYPE } from '../proofs/witness';
import { placeUnreachable, witnessContradicts, witnessUnwilling } from './checkpoint-failure';
import type { KeptCheckpoint } from './kept-checkpoint';
import type { PublishedLog } from './place';

/** A witness answers in milliseconds; who waits longer waits for a network that is down. */
const PATIENCE_MS = 10_000;

/** Signature lines of a handful of keys; more is not read. */
const MAX_ANSWER_BYTES = 64 * 1024;

const SIZE = /^(0|[1-9]\d{0,15})\n$/;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** A witness over HTTP, C2SP tlog-witness: it sees every checkpoint, and cosigns what is the same log grown longer. */
export class WitnessPlace {
  readonly name: string;
  readonly verifier: Verifier;
  readonly #url: string;

  constructor(name: string, url: string, verifier: Verifier) {
    this.name = name;
    this.#url = url;
    this.verifier = verifier;
  }

  hasCosigned(note: string): boolean {
    return knownSignatures(parseNote(note), [this.verifier]).length > 0;
  }

  /**
   * Has a checkpoint cosigned. `lastSize` is the size that the witness is believed to have cosigned last; it corrects us.
   *
   * @returns the witness's signatures; none when it has been shown a longer tree of this log meanwhile
   * @throws DomainError CHECKPOINT_PLACE_UNREACHABLE, WITNESS_UNWILLING; WITNESS_CONTRADICTS
   */
  async cosign(kept: KeptCheckpoint, lastSize: number, log: PublishedLog): Promise<readonly NoteSignature[]> {
    const first = await this.#ask(kept, Math.min(lastSize, kept.size), log);
    const seen = sizeIn(first);
    if (seen === null) return this.#judge(first, kept, log);
    if (seen <= kept.size) return this.#judge(await this.#ask(kept, seen, log), kept, log);
    const size = await log.tree.size();
    if (seen <= size) return [];
    throw witnessContradicts(this.name, `${seen} > ${size}`);
  }

  #judge({ status, body }: Answer, kept: KeptCheckpoint, { verifierKey }: PublishedLog): readonly NoteSignature[] {
    const detail = `HTTP ${status} ${body.trim().slice(0, 200)}`;
    switch (status) {
      case 200:
        return this.#signaturesIn(body, kept);
      case 403:
      case 404:
        throw witnessUnwilling(this.name, detail, verifierKey);
      case 422:
        throw witnessContradicts(this.name, detail);
      default:
        throw placeUnreachable(this.name, { zh: detail, en: detail });
    }
  }

  #signaturesIn(body: string, { note }: KeptCheckpoint): readonly NoteSignature[] {
    const { name, keyId } = this.verifier;
    try {
      const signatures = body
        .slice(0, -1)
        .split('\n')
        .map(parseSignatureLine)
        .filter((signature) => signature.name === name && signature.keyId === keyId);
      const { text } = parseNote(note);
      const cosigned = addSignatures({ text, signatures: [] }, signatures);
      if (knownSignatures(cosigned, [this.verifier]).length > 0) return signatures;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      throw placeUnreachable(this.name, { zh: error.message, en: error.messageEn }, error);
    }
    throw placeUnreachable(this.name, { zh: `没有 ${name} 的签名`, en: `no signature of ${name}` });
  }

  async #ask({ note, size }: KeptCheckpoint, oldSize: number, { tree }: PublishedLog): Promise<Answer> {
    const proof = await consistencyProof(oldSize, size, subtreesOf(tree, size));
    const body = formatAddCheckpoint({ oldSize, proof, checkpoint: note });
    try {
      const response = await fetch(`${this.#url}/add-checkpoint`, {
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const type = response.headers.get('content-type') ?? '';
      return { status: response.status, type, body: await readBounded(response) };
    } catch (error) {
      throw placeUnreachable(this.name, unansweredFor(error), error);
    }
  }
}

/** The size that a witness says it has cosigned last; null when it says something else. */
const sizeIn = ({ status, type, body }: Answer): number | null => {
  if (status !== 409 || !type.startsWith(TLOG_SIZE_TYPE)) return null;
  const size = Number(SIZE.exec(body)?.[1] ?? Number.NaN);
  return Number.isSafeInteger(size) ? size : null;
};

const readBounded = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** What fetch says is "fetch failed"; why stands in the cause. */
const unansweredFor = (error: unknown): Cause => {
  const { name, cause } = error as Error;
  if (name === 'TimeoutError') return systemCause('ETIMEDOUT');
  // Of a name with several addresses, each has failed; they seldom differ.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : (cause ?? error);
  return isSystemError(first) ? systemCause(first.code) : { zh: '没有得到可用的应答', en: messageOf(first) };
};
