import type { ReadEvent } from './read-message';
import { allRequest, type From } from './read-requests';
import type { ServerConnection } from './server-connection';

/**
 * A reading of the ledger's events from a place on, that goes on where it was cut off: behind the last event that came
 * in, and where none did, behind what the server has looked through by then.
 */
export class ForwardReading {
  readonly #connection: ServerConnection;
  readonly #prefixes: readonly string[];
  readonly #limit: number;
  readonly #upTo: number;
  readonly #events: ReadEvent[] = [];
  #from: From;
  #isDone = false;

  /** @param upTo no event behind this position is wanted, and none is waited for once the one there has come */
  constructor(
    connection: ServerConnection,
    prefixes: readonly string[],
    from: From,
    limit: number,
    upTo = Number.POSITIVE_INFINITY,
  ) {
    this.#connection = connection;
    this.#prefixes = prefixes;
    this.#from = from;
    this.#limit = limit;
    this.#upTo = upTo;
  }

  get events(): readonly ReadEvent[] {
    return this.#events;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Goes on; it fails only when nothing at all has come of it. */
  async goOn(): Promise<void> {
    const last = this.#events.at(-1)?.position ?? -1;
    // From an event on, the server begins with that event.
    const wanted = this.#limit - this.#events.length + (last === this.#from ? 1 : 0);
    const request = allRequest(this.#prefixes, this.#from, wanted);
    const { events, cutBy } = await this.#connection.readSome(request, ({ position }) => position >= this.#upTo);
    const fresh = events.filter(({ position }) => position > last && position <= this.#upTo);
    this.#events.push(...fresh);
    this.#isDone = cutBy === null || this.#events.length >= this.#limit;
    if (fresh.length > 0) this.#from = this.#events.at(-1)?.position ?? this.#from;
    else if (cutBy !== null) await this.#cross(cutBy);
  }

  async #cross(cutBy: Error): Promise<void> {
    const reached = await this.#connection.cross(this.#prefixes, this.#from);
    if (reached === null) throw cutBy;
    this.#from = reached;
  }
}
