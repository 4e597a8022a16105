import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Passage {
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * A door in front of a server on this machine. What goes through can be cut off, frozen, and the door be shut and
 * opened again under the same port, so that a client meets what it would meet when a server or a network fails.
 */
export class TcpGate {
  readonly #targetPort: number;
  readonly #passages = new Set<Passage>();
  #listener: Server | null = null;
  #port = 0;

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
  }

  get port(): number {
    return this.#port;
  }

  async open(): Promise<void> {
    if (this.#listener !== null) return;
    const listener = createServer((client) => this.#pass(client));
    this.#listener = listener;
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (listener.address() as AddressInfo).port;
  }

  /** Nobody comes in any more, and whoever is inside is cut off. */
  async shut(): Promise<void> {
    const listener = this.#listener;
    this.#listener = null;
    if (listener === null) return;
    const closed = new Promise((resolve) => listener.close(resolve));
    this.cut();
    await closed;
  }

  /** Resets the connections; only the one whose server side has this local port when it is given. */
  cut(serverSidePort?: number): void {
    for (const { client, server } of this.#passages) {
      if (serverSidePort !== undefined && server.localPort !== serverSidePort) continue;
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** Nothing passes any more on the connections that are there, and nobody is told. */
  freeze(): void {
    for (const { client, server } of this.#passages) {
      client.unpipe(server);
      server.unpipe(client);
      client.pause();
      server.pause();
    }
  }

  #pass(client: Socket): void {
    const server = connect(this.#targetPort, '127.0.0.1');
    const passage = { client, server };
    this.#passages.add(passage);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#passages.delete(passage);
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server);
    server.pipe(client);
  }
}
