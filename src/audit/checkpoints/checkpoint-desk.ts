import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { NotaryOffice } from '../../event-log/notary/notary-office';
import type { LogTree } from '../../event-log/tree/log-tree';
import type { KnownCheckpoint } from '../proofs/checkpoint-check';
import type { Signer } from '../proofs/signer';
import type { CheckpointMaker } from './checkpoint-maker';
import type { KeptCheckpoint } from './kept-checkpoint';
import type { NoteFolder } from './note-folder';
import type { OnTrouble } from './place';

/** Where the notes are kept in the data directory. */
const CHECKPOINT_DIRECTORY = 'checkpoints';

export interface CheckpointDeskOptions {
  readonly dataDirectory: string;
  /** Name of the engine, for people. */
  readonly engine: string;
  /** The log's tree; undefined as long as there is none. */
  readonly tree: () => LogTree | undefined;
  /** Name of the log; absent: it follows from the key. */
  readonly origin?: string | null;
  /** As in the setting YICHI_CHECKPOINT_TO, one by one. */
  readonly places?: readonly string[];
  /** Where several nodes share the log: what they agree on. */
  readonly office?: NotaryOffice | undefined;
  /** Whoever signs; absent: the key in the data directory, which is made at first use. */
  readonly signer?: () => Promise<Signer>;
}

/** Asking the other nodes' stream is a request to a server, and readers ask thousands of times a second. */
const NEWS_KNOWN_MS = 1000;

const nobody: OnTrouble = () => undefined;

/**
 * Where the log's checkpoints are made and found. Everything behind it is loaded when it is first asked for, because
 * most commands of the command line never do.
 */
export class CheckpointDesk {
  readonly #options: CheckpointDeskOptions;
  #signer: Promise<Signer> | null = null;
  #folder: NoteFolder | null = null;
  #maker: CheckpointMaker | null = null;
  #newsKnownUntil = 0;
  /** The last that was signed and not kept. */
  #unkept: KeptCheckpoint | null = null;
  /** Only one checkpoint is made at a time. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: CheckpointDeskOptions) {
    this.#options = options;
  }

  /**
   * The newest checkpoint; null when none was made yet.
   * @throws DomainError(verification) with the file when it is not to be trusted
   */
  async latest(): Promise<KeptCheckpoint | null> {
    await this.#keepNews();
    return (await this.#notes()).latest();
  }

  /**
   * Makes a checkpoint of the log as it is now: holds it against the last ones, signs it, keeps it, and publishes it.
   * When nothing is new the last one is the answer, published where it has not come to yet.
   *
   * @throws DomainError(verification) when the log is not what an earlier checkpoint proves; those of the key
   */
  make(onTrouble: OnTrouble = nobody): Promise<KeptCheckpoint> {
    return this.#inTurn(async (maker) => maker.publish(await maker.seal(onTrouble), onTrouble));
  }

  /** As make; but while another node that shares the log is at work as its notary, that one's newest is the answer. */
  async makeInTurn(onTrouble: OnTrouble = nobody): Promise<KeptCheckpoint> {
    const isElsewhere = (await this.#options.office?.isAtWorkElsewhere()) ?? false;
    return (isElsewhere ? await this.latest() : null) ?? this.make(onTrouble);
  }

  /**
   * The newest checkpoint if it has so many events, else one that is signed for those who ask and not kept; null when the
   * log itself has fewer.
   */
  async covering(size: number): Promise<KeptCheckpoint | null> {
    const latest = await this.latest();
    if (latest !== null && latest.size >= size) return latest;
    if (this.#unkept === null || this.#unkept.size < size) {
      this.#unkept = await this.#inTurn((maker) => maker.sealUnkept(nobody));
    }
    return this.#unkept.size >= size ? this.#unkept : null;
  }

  /** The kept checkpoint of a size; null when none was made of it. */
  async noteOf(size: number): Promise<KeptCheckpoint | null> {
    return (await this.#notes()).read(size);
  }

  /** All kept checkpoints, from small to large. */
  async notes(): Promise<readonly KeptCheckpoint[]> {
    await this.#keepNews();
    const folder = await this.#notes();
    return folder.sizes().flatMap((size) => folder.read(size) ?? []);
  }

  /** The smallest kept checkpoint with so many events; null when none was made yet. */
  async firstCovering(size: number): Promise<KeptCheckpoint | null> {
    await this.#keepNews();
    const folder = await this.#notes();
    const covering = folder.sizes().find((kept) => kept >= size);
    return covering === undefined ? null : folder.read(covering);
  }

  /**
   * The log's verifier key, `name+id+base64`; the key is made at first use.
   * @throws DomainError LOG_KEY_MISSING when something was signed already; LOG_KEY_UNUSABLE, KEY_NAME_INVALID
   */
  async verifierKey(): Promise<string> {
    return (await this.#signs()).verifierKey;
  }

  /** The verifier key when there is a key already, without making one. */
  async existingVerifierKey(): Promise<string | null> {
    const { signer, dataDirectory } = this.#options;
    if (signer === undefined) {
      const { LOG_KEY_FILE } = await import('../proofs/key-file');
      if (!existsSync(join(dataDirectory, LOG_KEY_FILE))) return null;
    }
    return this.verifierKey();
  }

  /** The files that the kept checkpoints lie in, as they are, for whoever doubts them. */
  async files(): Promise<readonly KnownCheckpoint[]> {
    return (await this.#notes()).files();
  }

  /** What other nodes have signed is kept here as well. */
  async #keepNews(): Promise<void> {
    const { office } = this.#options;
    if (office === undefined || performance.now() < this.#newsKnownUntil) return;
    this.#newsKnownUntil = performance.now() + NEWS_KNOWN_MS;
    const folder = await this.#notes();
    for (const { note } of await office.news()) folder.keep(note);
  }

  #signs(): Promise<Signer> {
    this.#signer ??= this.#openSigner().catch((error: unknown) => {
      // A key that cannot be read now may be readable the next time.
      this.#signer = null;
      throw error;
    });
    return this.#signer;
  }

  async #openSigner(): Promise<Signer> {
    const { signer, dataDirectory, origin } = this.#options;
    if (signer !== undefined) return signer();
    const { LOG_KEY_FILE, openLogSigner } = await import('../proofs/key-file');
    const file = join(dataDirectory, LOG_KEY_FILE);
    if (!existsSync(file)) await this.#requireNothingSigned();
    return openLogSigner(file, origin ?? undefined);
  }

  /** A new key is another log's: where something was signed already, the key that did it has gone astray. */
  async #requireNothingSigned(): Promise<void> {
    const { NoteFolder: Folder } = await import('./note-folder');
    // Without a key the newest note is refused, whatever it is.
    new Folder(this.#directory, { log: [] }).newest();
  }

  /** The notes as those read them who sign nothing: of a log whose key is not there none is believed. */
  async #notes(): Promise<NoteFolder> {
    if (this.#folder !== null) return this.#folder;
    const { NoteFolder: Folder } = await import('./note-folder');
    const { parseVerifierKey } = await import('../proofs/verifier');
    const key = await this.existingVerifierKey();
    const folder = new Folder(this.#directory, { log: key === null ? [] : [parseVerifierKey(key)] });
    if (key !== null) this.#folder = folder;
    return folder;
  }

  get #directory(): string {
    return join(this.#options.dataDirectory, CHECKPOINT_DIRECTORY);
  }

  async #makes(): Promise<CheckpointMaker> {
    if (this.#maker !== null) return this.#maker;
    const { engine, tree: treeOf, places = [], office } = this.#options;
    const tree = treeOf();
    if (tree === undefined) throw (await import('./checkpoint-failure')).noTree(engine);
    const { parsePlace } = await import('./place');
    const { CheckpointMaker: Maker } = await import('./checkpoint-maker');
    this.#maker = new Maker(tree, await this.#signs(), this.#directory, places.map(parsePlace), office ?? null);
    return this.#maker;
  }

  #inTurn<Result>(work: (maker: CheckpointMaker) => Promise<Result>): Promise<Result> {
    const turn = this.#queue.then(async () => work(await this.#makes()));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}
