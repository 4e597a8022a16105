import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { Committed } from './log-writer';
import type { WriterReply, WriterRequest, WriterThreadData } from './log-writer-message';
import { type SealedUnit, UnitPacker, unpackReply } from './packed-units';

/** Compiled beside this file. Where only the sources are, as in unit tests, there is no thread. */
export const WRITER_SCRIPT = join(__dirname, 'log-writer-thread.js');

export const hasWriterScript = (script: string): boolean => existsSync(script);

/** A failure in the thread, with the name and code of the error there. */
class WriterFailure extends Error {
  constructor(
    override readonly name: string,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A commit that the thread has not answered yet. */
interface Asked {
  readonly packer: UnitPacker;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

/** The writer's thread as seen from the main one. It takes commits one after another and answers in their order. */
export class LogWriterClient {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #freePackers: UnitPacker[] = [];
  readonly #asked: Asked[] = [];
  #broken: unknown = null;

  constructor(script: string, data: WriterThreadData) {
    this.#worker = new Worker(script, { workerData: data });
    // Only while a commit is under way does the thread keep the process alive.
    this.#worker.unref();
    this.#worker.on('message', (reply: WriterReply) => this.#onReply(reply));
    this.#worker.on('error', (error) => this.#onEnd(error));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#onEnd(new Error('the thread of the log writer has ended'));
        resolve();
      });
    });
  }

  /** True once the thread has ended; what is asked of it then fails. */
  get broken(): boolean {
    return this.#broken !== null;
  }

  commit(units: readonly SealedUnit[]): Promise<Committed> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== null) {
        reject(this.#broken);
        return;
      }
      const packer = this.#freePackers.pop() ?? new UnitPacker();
      this.#asked.push({ packer, resolve, reject });
      this.#worker.ref();
      this.#send({ kind: 'commit', ...packer.pack(units) });
    });
  }

  async close(): Promise<void> {
    if (this.#broken === null) {
      this.#worker.ref();
      this.#send({ kind: 'close' });
    }
    await this.#exited;
  }

  #send(request: WriterRequest): void {
    this.#worker.postMessage(request);
  }

  #onReply(reply: WriterReply): void {
    const asked = this.#asked.shift();
    if (asked === undefined) throw new Error('the log writer answered what it was not asked');
    this.#freePackers.push(asked.packer);
    if (this.#asked.length === 0) this.#worker.unref();
    if (reply.kind === 'committed') asked.resolve(unpackReply(reply));
    else asked.reject(new WriterFailure(reply.name, reply.code, reply.message));
  }

  #onEnd(error: unknown): void {
    this.#broken ??= error;
    for (const asked of this.#asked.splice(0)) asked.reject(this.#broken);
  }
}
