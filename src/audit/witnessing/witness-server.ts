import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { DomainError } from '../../platform/domain-error';
import type { Cosigner } from '../proofs/signer';
import { parseVerifierKey, type Verifier } from '../proofs/verifier';
import { TLOG_SIZE_TYPE, type WitnessAnswer, WitnessDesk } from '../proofs/witness';
import { originHash, WitnessBook } from './witness-book';

/** A checkpoint with a hundred signatures and a proof of 63 hashes takes a fifth of it. */
const MAX_REQUEST_BYTES = 128 * 1024;

/** Who sends a request slower than this is cut off. */
const REQUEST_TIMEOUT_MS = 10_000;

/** How often it is looked who is too slow; left alone the platform looks every half minute. */
const LOOK_EVERY_MS = 1000;

/** Who is to stop waits so long for requests that have begun. */
const STOPPING_GRACE_MS = 3000;

const MAX_CONNECTIONS = 200;

const TEXT_TYPE = 'text/plain; charset=utf-8';

export interface WitnessServerOptions {
  readonly signer: Cosigner;
  /** Keys of the logs that are witnessed. */
  readonly logs: readonly Verifier[];
  /** Where what was cosigned is kept. */
  readonly directory: string;
  readonly host: string;
  readonly port: number;
  /** How long a request may take to come in. */
  readonly requestTimeoutMs?: number;
  /** Told of every checkpoint that was cosigned or refused. */
  readonly onAnswer?: (origin: string, size: number | null, answer: WitnessAnswer) => void;
  readonly onDefect?: (error: unknown) => void;
}

export interface RunningWitness {
  /** `http://127.0.0.1:3100`, with the port that was really taken. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A witness over HTTP: C2SP tlog-witness, `add-checkpoint` and the retrieval of the last checkpoint of each log. What it
 * has cosigned is on the disk before it answers.
 *
 * @throws DomainError(unavailable) WITNESS_NOT_LISTENING; WITNESS_BOOK_DAMAGED
 */
export const startWitness = async (options: WitnessServerOptions): Promise<RunningWitness> => {
  const witness = new WitnessServer(options);
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const patience = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, requestTimeoutMs),
  };
  const server = createServer(patience, (request, response) => {
    void witness.handle(request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listening(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        const cutOff = setTimeout(() => server.closeAllConnections(), STOPPING_GRACE_MS);
        server.close(() => {
          clearTimeout(cutOff);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
};

class WitnessServer {
  readonly #options: WitnessServerOptions;
  readonly #desk: WitnessDesk;
  readonly #books: ReadonlyMap<string, WitnessBook>;
  /** Reading what was cosigned last, and entering what is cosigned now, must not be come between. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: WitnessServerOptions) {
    this.#options = options;
    this.#desk = new WitnessDesk(options.signer, options.logs);
    const origins = new Set(options.logs.map(({ name }) => name));
    const own = parseVerifierKey(options.signer.verifierKey);
    this.#books = new Map([...origins].map((origin) => [origin, new WitnessBook(options.directory, origin, own)]));
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const path = new URL(request.url ?? '/', 'http://witness').pathname;
      if (path === '/add-checkpoint') await this.#addCheckpoint(request, response);
      else if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, 'GET\n');
      else if (path === '/') answer(response, 200, this.#about());
      else this.#retrieve(path, response);
    } catch (error) {
      // Who went away, or was cut off for being slow, gets no answer, and nothing of ours is wrong.
      if (request.destroyed && !request.complete) return;
      this.#options.onDefect?.(error);
      if (!response.headersSent) answer(response, 500, 'the witness failed\n');
      else response.destroy();
    }
  }

  async #addCheckpoint(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      answer(response, 405, 'POST\n', { allow: 'POST' });
      return;
    }
    const body = await readBody(request);
    if (body === null) {
      answer(response, 413, `at most ${MAX_REQUEST_BYTES} bytes\n`, { connection: 'close' });
      return;
    }
    const turn = this.#queue.then(() => this.#cosign(body));
    this.#queue = turn.catch(() => undefined);
    const cosigned = await turn;
    answer(response, cosigned.status, cosigned.body, {
      'content-type': cosigned.status === 409 ? TLOG_SIZE_TYPE : TEXT_TYPE,
    });
  }

  async #cosign(body: string): Promise<WitnessAnswer> {
    let asked = '';
    const judged = await this.#desk.answer(body, async (origin) => {
      asked = origin;
      return this.#book(origin).last;
    });
    const entered = judged.status === 200 ? this.#enter(judged) : judged;
    this.#options.onAnswer?.(asked, entered.status === 200 ? entered.remember.size : null, entered);
    return entered;
  }

  /** The answer once it is kept; who was overtaken by another process is told what was cosigned meanwhile. */
  #enter(judged: Extract<WitnessAnswer, { readonly status: 200 }>): WitnessAnswer {
    const book = this.#book(judged.origin);
    const { last } = book;
    // The same checkpoint once more is cosigned anew, with the time of now, and there is nothing to be remembered.
    if (last !== null && last.size === judged.remember.size) {
      book.repeated(judged.remember);
      return judged;
    }
    return book.enter(judged.remember) ? judged : { status: 409, body: `${book.last?.size ?? 0}\n` };
  }

  #book(origin: string): WitnessBook {
    const book = this.#books.get(origin);
    if (book === undefined) throw new Error(`no book of ${origin}`);
    return book;
  }

  #retrieve(path: string, response: ServerResponse): void {
    for (const [origin, book] of this.#books) {
      if (path !== `/${originHash(origin)}/checkpoint`) continue;
      if (book.last === null) break;
      answer(response, 200, book.last.note, { 'cache-control': 'no-cache' });
      return;
    }
    answer(response, 404, 'there is no such checkpoint\n');
  }

  /** For people with a browser. */
  #about(): string {
    const logs = [...this.#books].map(
      ([origin, { last }]) => `${origin}\n  ${last?.size ?? 0}  /${originHash(origin)}/checkpoint`,
    );
    return ['一池见证 · Yichi witness', this.#options.signer.verifierKey, '', ...logs, ''].join('\n');
  }
}

const answer = (
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': TEXT_TYPE, 'x-content-type-options': 'nosniff', ...headers });
  response.end(body);
};

/** Null when it is too large. What is not UTF-8 becomes a text that no signature fits. */
const readBody = async (request: IncomingMessage): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const listening = (server: Server, { host, port }: WitnessServerOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => reject(notListening(host, port, error)));
    server.listen(port, host, () => resolve());
  });

const notListening = (host: string, port: number, cause: NodeJS.ErrnoException): DomainError => {
  const failure = new DomainError('unavailable', {
    code: 'WITNESS_NOT_LISTENING',
    message: `见证服务不能在 ${host}:${port} 上启动：${cause.code ?? cause.message}`,
    messageEn: `The witness cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`,
    remedy: '换一个 --port 或 --host，或停止占用该端口的程序。',
    remedyEn: 'Choose another --port or --host, or stop the program that uses it.',
    parameters: { host, port },
  });
  failure.cause = cause;
  return failure;
};
