import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A client gets so long to finish sending what it has begun; on one machine or in one office that is plenty. */
const SENDING_GRACE_MS = 2_000;

/** The longest answers, such as a proof over a whole log, take seconds; after this a client is taken to be gone. */
const ANSWERING_GRACE_MS = 20_000;

/** How long after its last answer a connection is closed while the service stops. */
const CLOSE_IDLE_EVERY_MS = 50;

/** What is known of the request that a connection is at. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * The connections of a server, so that it can be stopped within a bound: the platform itself waits for ever for one that
 * has sent nothing or half a request.
 */
export class OpenConnections {
  readonly #server: Server;
  readonly #exchanges = new Map<Socket, Exchange | null>();

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#exchanges.set(socket, null);
      socket.once('close', () => this.#exchanges.delete(socket));
    });
    server.on('request', (request, response) => {
      const { socket } = request;
      this.#exchanges.set(socket, { request, response });
      response.once('close', () => {
        if (this.#exchanges.has(socket)) this.#exchanges.set(socket, null);
      });
    });
  }

  /**
   * Lets a closing that has begun come to its end: idle connections go at once, unfinished requests and answers after
   * their grace.
   *
   * @returns to be called when the server is closed
   */
  letClose(): () => void {
    const idle = setInterval(() => this.#server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    const unsent = setTimeout(() => this.#destroy((exchange) => !isBeingAnswered(exchange)), SENDING_GRACE_MS);
    const all = setTimeout(() => this.#destroy(() => true), ANSWERING_GRACE_MS);
    return () => {
      clearInterval(idle);
      clearTimeout(unsent);
      clearTimeout(all);
    };
  }

  #destroy(which: (exchange: Exchange | null) => boolean): void {
    for (const [socket, exchange] of this.#exchanges) if (which(exchange)) socket.destroy();
  }
}

const isBeingAnswered = (exchange: Exchange | null): boolean => exchange !== null && exchange.request.complete;
