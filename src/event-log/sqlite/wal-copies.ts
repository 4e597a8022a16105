import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type Database from 'better-sqlite3';

/** Pages of the write-ahead log. */
export interface WalPages {
  /** So many wait to be copied into the main file before a copy begins. */
  readonly copied: number;
  /** With so many in it the log begins again at its start, for which the writer stops once. */
  readonly startedOver: number;
}

/**
 * A copy for every 16 MB, and 64 MB at most under load that never ends: the stop takes ten to twenty milliseconds,
 * however little is left to copy, because the disk is waited for.
 */
const WAL_PAGES: WalPages = { copied: 4000, startedOver: 16_000 };

/** A copy that takes so long that the log has grown to this many times the size is not waited for any longer. */
const PATIENCE_FACTOR = 4;

/** Compiled beside this file, which only the compiled thread of the log writer loads. */
const COPY_SCRIPT = join(__dirname, 'wal-copy-thread.js');

interface WalState {
  /** Pages in the write-ahead log; −1 when there is none. */
  readonly log: number;
  /** Those of them that are in the main file. */
  readonly checkpointed: number;
}

/**
 * Keeps the write-ahead log of a busy writer short. By itself SQLite copies it in the midst of a commit, and everybody
 * who waits for that commit waits for the copy as well: a tenth of the time of a writer under load. Here a thread
 * copies while commits go on.
 */
export class WalCopies {
  readonly #database: Database.Database;
  readonly #file: string;
  readonly #pages: WalPages;
  readonly #state: Database.Statement;
  readonly #copy: Database.Statement;
  #thread: Worker | null = null;
  #copying = false;
  #ended = false;

  /** @param database the writer's connection, whose own copying is put off */
  constructor(database: Database.Database, file: string, pages: WalPages = WAL_PAGES) {
    this.#database = database;
    this.#file = file;
    this.#pages = pages;
    this.#state = database.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#copy = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    database.pragma(`wal_autocheckpoint = ${PATIENCE_FACTOR * pages.startedOver}`);
  }

  /** To be called behind every commit, when those who wait for it have been answered. */
  afterCommit(): void {
    if (this.#copying || this.#ended) return;
    const { log, checkpointed } = this.#look();
    if (log - checkpointed < this.#pages.copied) return;
    this.#copying = true;
    this.#thread ??= this.#newThread();
    this.#thread.postMessage('copy');
  }

  async close(): Promise<void> {
    const thread = this.#ended ? null : this.#thread;
    this.#end();
    if (thread === null) return;
    thread.ref();
    const exited = new Promise((resolve) => thread.once('exit', resolve));
    thread.postMessage('close');
    await exited;
  }

  #look(): WalState {
    try {
      return this.#state.get() as WalState;
    } catch {
      // What is wrong with the file is told to whoever writes next.
      return { log: -1, checkpointed: -1 };
    }
  }

  #newThread(): Worker {
    const thread = new Worker(COPY_SCRIPT, { workerData: this.#file });
    thread.unref();
    thread.on('message', () => this.#afterCopy());
    thread.on('error', () => this.#end());
    return thread;
  }

  /** Without the thread SQLite copies by itself again, in the midst of a commit. */
  #end(): void {
    this.#ended = true;
    this.#database.pragma(`wal_autocheckpoint = ${this.#pages.copied}`);
  }

  #afterCopy(): void {
    this.#copying = false;
    if (this.#ended || this.#look().log < this.#pages.startedOver) return;
    try {
      // What was written during the copy. The next commit then finds everything in the main file and starts over.
      this.#copy.get();
    } catch {
      // As in the thread: what was not copied waits.
    }
  }
}
