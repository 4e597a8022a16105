import { randomUUID } from 'node:crypto';

import type { ClientDuplexStream } from '@grpc/grpc-js';

import { appendMessage, type AppendReply } from './append-message';
import { NoAnswer } from './server-failure';
import type { StoredForm } from './stored-form';

/** Messages to the server, and its replies with the numbers of the appends that they answer. */
export type AppendCall = ClientDuplexStream<Buffer, { readonly number: string; readonly reply: AppendReply }>;

interface WaitingAppend {
  readonly resolve: (reply: AppendReply) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Digits of a number of ours within a UUID that is otherwise the stream's. */
const COUNT_DIGITS = 12;

/**
 * One long call on which any number of appends are made at once. An append on it costs client and server half of what a
 * call of its own does. It answers only what is certain: stored, conflict, or refused; when it breaks, or an answer does
 * not come in time, nobody knows, and the caller asks again by a call of its own.
 */
export class AppendStream {
  readonly #call: AppendCall;
  readonly #prefix = randomUUID().slice(0, -COUNT_DIGITS);
  readonly #waiting = new Map<string, WaitingAppend>();
  #count = 0;
  #isGivenUp = false;
  #broken: Error | null = null;

  constructor(call: AppendCall) {
    this.#call = call;
    call.on('data', ({ number, reply }) => this.#answer(number, reply));
    call.on('error', (error: Error) => this.#break(error.message));
    call.on('end', () => this.#break('the server has ended the call'));
  }

  /** False when another stream should be opened for the next append. */
  get isUsable(): boolean {
    return this.#broken === null && !this.#isGivenUp;
  }

  append(
    stream: string,
    expectedRevision: number,
    events: readonly StoredForm[],
    deadlineMs: number,
  ): Promise<AppendReply> {
    if (this.#broken !== null) return Promise.reject(this.#broken);
    this.#count += 1;
    const number = this.#prefix + this.#count.toString(16).padStart(COUNT_DIGITS, '0');
    const message = appendMessage({ number, stream, expectedRevision, deadlineMs, events });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(number, stream, deadlineMs), deadlineMs);
      this.#waiting.set(number, { resolve, reject, timer });
      this.#call.write(message);
    });
  }

  #answer(number: string, reply: AppendReply): void {
    const waiting = this.#waiting.get(number);
    // Whoever asked has given up; a repeat will tell the same.
    if (waiting === undefined) return;
    this.#waiting.delete(number);
    clearTimeout(waiting.timer);
    waiting.resolve(reply);
    this.#endWhenGivenUp();
  }

  /** A call that keeps one append waiting for so long is trusted with no other; those that wait on it still may end well. */
  #giveUp(number: string, stream: string, deadlineMs: number): void {
    this.#isGivenUp = true;
    this.#waiting.get(number)?.reject(new NoAnswer(`an append to ${stream}`, deadlineMs));
    this.#waiting.delete(number);
    this.#endWhenGivenUp();
  }

  #endWhenGivenUp(): void {
    if (this.#isGivenUp && this.#waiting.size === 0) this.#call.cancel();
  }

  #break(detail: string): void {
    // An error of ours, because what ended the call says nothing about each append.
    this.#broken ??= new Error(`appends are not answered any more: ${detail}`);
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(this.#broken);
    }
    this.#waiting.clear();
  }
}
