import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import { eventId } from '../event-id';
import type { Actor, Json, LedgerEvent } from '../event';
import { type EventLog, NO_STREAM, RevisionConflict } from '../event-log';
import { NOTARY_STREAM } from '../housekeeping';
import { rootAt } from '../tree/tree-store';
import type { FollowedTree } from './followed-tree';
import { logNotOfCheckpoint, notaryElsewhere, notaryKeyDiffers } from './notary-failure';

/** A checkpoint that was signed, as the log's nodes agree on it. */
export interface SealedCheckpoint {
  /** The signed note. */
  readonly note: string;
  /** Events. */
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

interface Term {
  readonly term: number;
  /** Id of the node that signs. */
  readonly node: string;
  /** Its machine's name, for people. */
  readonly host: string;
  /** Verifier key of the log. */
  readonly key: string;
}

export interface NotaryOfficeOptions {
  readonly log: EventLog;
  readonly tree: FollowedTree;
  readonly now: () => Date;
  /** How long a notary may be silent, while there is something to sign, before another's schedule takes its place. */
  readonly patienceMs: number;
  readonly host?: string;
}

const PAGE = 500;

/**
 * Who signs the checkpoints of a log that several nodes share, and what was signed: both in one stream of the log
 * itself. To sign, a node begins a term and then appends each signed checkpoint, both at the revision that it has read
 * the stream up to. So a term that has begun elsewhere makes the append of a former notary fail, whatever it believes
 * and whatever its clock says; and a checkpoint counts, and is shown to anybody, only after it is in the stream.
 */
export class NotaryOffice {
  readonly #options: NotaryOfficeOptions;
  #revision = NO_STREAM;
  #term: Term | null = null;
  #latest: SealedCheckpoint | null = null;
  #lastSignAt = 0;
  #news: SealedCheckpoint[] = [];

  constructor(options: NotaryOfficeOptions) {
    this.#options = options;
  }

  /** What was signed, by whichever node, since this was last asked. */
  async news(): Promise<readonly SealedCheckpoint[]> {
    await this.#read();
    return this.#news.splice(0);
  }

  /** Whether another node signs and has given a sign of life recently: a schedule then leaves the signing to it. */
  async isAtWorkElsewhere(): Promise<boolean> {
    await this.#read();
    const { now, patienceMs, tree } = this.#options;
    if (this.#term === null || this.#term.node === tree.node()) return false;
    return now().getTime() - this.#lastSignAt < patienceMs;
  }

  /** @throws DomainError NOTARY_KEY_DIFFERS when the log is signed with another key than this one */
  async requireKey(key: string): Promise<void> {
    await this.#read();
    if (this.#term !== null && this.#term.key !== key) throw notaryKeyDiffers(this.#term.host, this.#term.key, key);
  }

  /**
   * Makes this node the notary, unless it is already. Before, the tree that it keeps is held against the last signed
   * checkpoint, and what has come since against the log.
   *
   * @throws DomainError NOTARY_KEY_DIFFERS, LOG_FORKED, TREE_NOT_OF_LOG, NOTARY_ELSEWHERE when another was faster
   */
  async hold(key: string): Promise<void> {
    await this.requireKey(key);
    const { tree, host = hostname() } = this.#options;
    const held = this.#term;
    if (held?.node === tree.node()) return;
    await this.#requireContinuation();
    const term = { term: (held?.term ?? 0) + 1, node: tree.node(), host, key };
    await this.#append('NotaryTermBegan', { ...term });
    this.#term = term;
  }

  /**
   * Puts a signed checkpoint on record; from then on it counts.
   * @throws DomainError NOTARY_ELSEWHERE when another has become the notary: then it does not, and is to be forgotten
   */
  async record({ note, size, root }: SealedCheckpoint): Promise<void> {
    const { term, node } = this.#term ?? { term: 0, node: '' };
    if (node !== this.#options.tree.node()) throw new Error('this node is not the notary');
    await this.#append('CheckpointSealed', { term, size, root, note });
    this.#latest = { note, size, root };
  }

  async #requireContinuation(): Promise<void> {
    const { tree } = this.#options;
    const { size, root } = this.#latest ?? { size: 0, root: null };
    const found = (await tree.size()) < size ? null : (await rootAt(tree, size)).toString('base64');
    if (root !== null && found !== root) throw logNotOfCheckpoint(size, root, found);
    await tree.compareWithLog(size);
  }

  async #append(type: string, data: Json): Promise<void> {
    const { log, now, tree } = this.#options;
    const commandId = randomUUID();
    const recordedAt = now().toISOString();
    const actor: Actor = { id: tree.node(), role: 'notary', division: '' };
    const event: LedgerEvent = {
      id: eventId(commandId, 0),
      type,
      data,
      schemaVersion: 1,
      stream: NOTARY_STREAM,
      revision: this.#revision + 1,
      recordedAt,
      effectiveOn: recordedAt.slice(0, 10),
      actor,
      commandId,
      correlationId: commandId,
      causationId: null,
      basis: '',
      metadata: {},
    };
    try {
      await log.append({ stream: NOTARY_STREAM, expectedRevision: this.#revision, events: [event] });
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      await this.#read();
      const term: Pick<Term, 'term' | 'host'> = this.#term ?? { term: 0, host: '' };
      throw notaryElsewhere(term.term, term.host);
    }
    this.#revision += 1;
    this.#lastSignAt = Date.parse(recordedAt);
  }

  async #read(): Promise<void> {
    const { log } = this.#options;
    for (;;) {
      const page = await log.readStream(NOTARY_STREAM, this.#revision + 1, PAGE);
      for (const { canonical } of page) this.#take(JSON.parse(canonical) as LedgerEvent);
      if (page.length < PAGE) return;
    }
  }

  #take({ type, data, revision, recordedAt }: LedgerEvent): void {
    if (type === 'NotaryTermBegan') this.#term = data as Term;
    if (type === 'CheckpointSealed') {
      const { note, size, root } = data as SealedCheckpoint;
      this.#latest = { note, size, root };
      this.#news.push(this.#latest);
    }
    this.#revision = revision;
    this.#lastSignAt = Date.parse(recordedAt);
  }
}
