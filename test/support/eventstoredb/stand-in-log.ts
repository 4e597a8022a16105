import { EventEmitter } from 'node:events';

/** An event as somebody asks to have it stored. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface StandInRecord extends ProposedEvent {
  readonly stream: string;
  readonly revision: number;
  /** Place in the file, of the event and of its commit alike, as a real server's writes of today have it. */
  readonly position: number;
  /** Ticks of 100 ns. */
  readonly created: string;
}

export type ExpectedState = number | 'any' | 'stream-exists';

export type AppendVerdict =
  | { readonly kind: 'stored' | 'known'; readonly revision: number; readonly position: number }
  | { readonly kind: 'wrong-version'; readonly current: number };

/** Bytes that a record takes in a server's file beside its texts. */
const RECORD_BYTES = 93;
/** Every so many appends the server itself writes something between the users' events. */
const APPENDS_PER_STATISTIC = 3;

/** What a server has stored, and its rules for appending: all that outlives a process. */
export class StandInLog {
  readonly records: StandInRecord[] = [];
  readonly #streams = new Map<string, StandInRecord[]>();
  readonly #byPosition = new Map<number, number>();
  readonly #appended = new EventEmitter().setMaxListeners(0);
  #end = 0;
  #appends = 0;

  constructor() {
    this.#storeSystemEvent('$users', '$UserCreated');
    this.#storeSystemEvent('$settings', 'update');
  }

  stream(name: string): readonly StandInRecord[] {
    return this.#streams.get(name) ?? [];
  }

  /** Position behind the last record. */
  get end(): number {
    return this.#end;
  }

  /** Index of the record at a position; the number of records at the end or beyond; undefined inside a record. */
  indexAt(position: number): number | undefined {
    return position >= this.#end ? this.records.length : this.#byPosition.get(position);
  }

  /** Calls back for everything that is appended from now on; answers how to stop it. */
  onAppended(listener: () => void): () => void {
    this.#appended.on('appended', listener);
    return () => this.#appended.off('appended', listener);
  }

  /** The server's own rule, repeats of the same ids at the same place included. */
  append(stream: string, expected: ExpectedState, events: readonly ProposedEvent[]): AppendVerdict {
    const stored = this.stream(stream);
    const current = stored.length - 1;
    if (expected === 'stream-exists' && current < 0) return { kind: 'wrong-version', current };
    if (typeof expected === 'number' && expected !== current) {
      const known = stored.slice(expected + 1, expected + 1 + events.length);
      const isRepeat =
        events.length > 0 &&
        known.length === events.length &&
        events.every((event, index) => known[index]?.id === event.id);
      const last = known.at(-1);
      if (!isRepeat || last === undefined) return { kind: 'wrong-version', current };
      return { kind: 'known', revision: last.revision, position: last.position };
    }
    for (const event of events) this.#store(stream, event);
    this.#appends += 1;
    if (this.#appends % APPENDS_PER_STATISTIC === 0) this.#storeSystemEvent('$stats-127.0.0.1:2113', '$statsCollected');
    this.#appended.emit('appended');
    const last = this.stream(stream).at(-1);
    return { kind: 'stored', revision: last?.revision ?? -1, position: last?.position ?? -1 };
  }

  /** Forgets everything from a record on, as a backup that is older has never had it. */
  truncate(records: number): void {
    for (const record of this.records.splice(records)) {
      this.#streams.get(record.stream)?.pop();
      this.#byPosition.delete(record.position);
      this.#end = Math.min(this.#end, record.position);
    }
  }

  #storeSystemEvent(stream: string, type: string): void {
    const id = `00000000-0000-4000-8000-${String(this.records.length).padStart(12, '0')}`;
    const data = Buffer.from('{}');
    this.#store(stream, { id, type, contentType: 'application/json', data, metadata: Buffer.alloc(0) });
  }

  #store(stream: string, event: ProposedEvent): void {
    const records = this.#streams.get(stream) ?? [];
    this.#streams.set(stream, records);
    const record: StandInRecord = {
      ...event,
      stream,
      revision: records.length,
      position: this.#end,
      created: String(BigInt(Date.now()) * 10_000n),
    };
    records.push(record);
    this.#byPosition.set(record.position, this.records.length);
    this.records.push(record);
    this.#end += RECORD_BYTES + stream.length + event.type.length + event.data.length + event.metadata.length;
  }
}

/** What a server counts towards the largest append. */
export const sizeOnDisk = (event: ProposedEvent): number =>
  event.data.length + event.metadata.length + event.type.length * 2;
