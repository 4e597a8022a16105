import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { AppendOrder, SealedAppend } from '../append-rules';
import type { Committed } from './log-writer';
import type { PackedUnit, WriterReply, WriterRequest } from './log-writer-message';

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

/** A unit as the main thread has it. */
export interface SealedUnit {
  readonly appends: readonly SealedAppend[];
  readonly order: AppendOrder | undefined;
}

interface Waiting {
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

/** The writer's thread as seen from the main one. It takes one commit at a time. */
export class LogWriterClient {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #texts = new SharedTexts();
  #waiting: Waiting | null = null;
  #broken: unknown = null;

  constructor(script: string, file: string) {
    this.#worker = new Worker(script, { workerData: file });
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
    if (this.#waiting !== null) throw new Error('the log writer is at work');
    return new Promise((resolve, reject) => {
      if (this.#broken !== null) {
        reject(this.#broken);
        return;
      }
      this.#waiting = { resolve, reject };
      this.#worker.ref();
      const packed = this.#texts.pack(units);
      this.#send({ kind: 'commit', units: packed, texts: this.#texts.memory });
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
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#worker.unref();
    if (reply.kind === 'committed') waiting?.resolve(reply.committed);
    else waiting?.reject(new WriterFailure(reply.name, reply.code, reply.message));
  }

  #onEnd(error: unknown): void {
    this.#broken ??= error;
    this.#waiting?.reject(this.#broken);
    this.#waiting = null;
  }
}

/** Room for a few hundred events; more is taken when a commit needs it. */
const FIRST_TEXT_BYTES = 1 << 20;

/** No UTF-16 unit takes more than three bytes of UTF-8. */
const MOST_BYTES_PER_UNIT = 3;

/**
 * The events' texts for the thread, encoded once into memory that both threads see. There is one commit at a time, so
 * that the memory can be used again for the next.
 */
class SharedTexts {
  #bytes = Buffer.from(new SharedArrayBuffer(FIRST_TEXT_BYTES));

  get memory(): SharedArrayBuffer {
    return this.#bytes.buffer as unknown as SharedArrayBuffer;
  }

  pack(units: readonly SealedUnit[]): readonly PackedUnit[] {
    let used = 0;
    const write = (text: string): number => {
      this.#makeRoom(used, used + text.length * MOST_BYTES_PER_UNIT);
      const length = this.#bytes.write(text, used, 'utf8');
      used += length;
      return length;
    };
    return units.map(({ appends, order }) => ({
      order,
      appends: appends.map(({ stream, expectedRevision, events }) => ({
        stream,
        expectedRevision,
        ids: events.map((event) => event.id),
        lengths: events.map((event) => write(event.canonical)),
      })),
    }));
  }

  #makeRoom(used: number, needed: number): void {
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.from(new SharedArrayBuffer(needed * 2));
    this.#bytes.copy(larger, 0, 0, used);
    this.#bytes = larger;
  }
}
