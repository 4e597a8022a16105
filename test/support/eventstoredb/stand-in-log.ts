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

/** A stream that begins behind this revision is deleted, until somebody writes to it again. */
const DELETED = 2 ** 63 - 1;

/** Bytes that a record takes in a server's file beside its texts. */
const RECORD_BYTES = 93;
/** Every so many appends the server itself writes something between the users' events. */
const APPENDS_PER_STATISTIC = 3;

/** What a server has stored, and its rules for appending: all that outlives a process. */
export class StandInLog {
  readonly records: StandInRecord[] = [];
  readonly #streams = new Map<string, StandInRecord[]>();
  readonly #byPosition = new Map<number, number>();
  readonly #tombstones = new Set<string>();
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

  /** What whoever reads the stream is shown of it; null when it is as if it had never been. */
  shown(name: string): readonly StandInRecord[] | null {
    const stored = this.stream(name);
    const begin = this.#truncatedBefore(name);
    return stored.length === 0 || begin >= DELETED ? null : stored.slice(begin);
  }

  hasTombstone(name: string): boolean {
    return this.#tombstones.has(name);
  }

  /** As an administrator does it for good. Whoever reads everything is still shown its events, and the tombstone. */
  setTombstone(name: string): void {
    this.#tombstones.add(name);
    this.#storeSystemEvent(name, '$streamDeleted');
  }

  /** As an administrator does it until somebody writes to it again. */
  delete(name: string): void {
    this.#truncate(name, '9223372036854775807');
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
    const isDeleted = this.#truncatedBefore(stream) >= DELETED;
    if (expected === 'stream-exists' && current < 0) return { kind: 'wrong-version', current };
    if (typeof expected === 'number' && expected !== current) {
      const known = stored.slice(expected + 1, expected + 1 + events.length);
      const isRepeat =
        events.length > 0 &&
        known.length === events.length &&
        events.every((event, index) => known[index]?.id === event.id);
      const last = known.at(-1);
      if (isRepeat && last !== undefined) return { kind: 'known', revision: last.revision, position: last.position };
      // Who asks for a new stream is given a deleted one, which goes on counting where it had ended.
      if (!isDeleted || expected !== -1) return { kind: 'wrong-version', current };
    }
    if (isDeleted && current >= 0) this.#truncate(stream, String(current + 1));
    for (const event of events) this.#store(stream, event);
    this.#appends += 1;
    if (this.#appends % APPENDS_PER_STATISTIC === 0) this.#storeSystemEvent('$stats-127.0.0.1:2113', '$statsCollected');
    this.#appended.emit('appended');
    const last = this.stream(stream).at(-1);
    return { kind: 'stored', revision: last?.revision ?? -1, position: last?.position ?? -1 };
  }

  /** What other programs write that share the server, much at a time. */
  appendForeign(stream: string, count: number, bytesOfData = 2): void {
    const data = Buffer.alloc(bytesOfData, 0x20);
    for (let index = 0; index < count; index += 1) {
      const id = `00000000-0000-4000-9000-${String(this.records.length).padStart(12, '0')}`;
      this.#store(stream, { id, type: 'Foreign', contentType: 'application/json', data, metadata: Buffer.alloc(0) });
    }
    this.#appended.emit('appended');
  }

  /** Forgets everything from a record on, as a backup that is older has never had it. */
  truncate(records: number): void {
    for (const record of this.records.splice(records)) {
      this.#streams.get(record.stream)?.pop();
      this.#byPosition.delete(record.position);
      this.#end = Math.min(this.#end, record.position);
    }
  }

  #truncatedBefore(stream: string): number {
    const metadata = this.stream(`$$${stream}`).at(-1);
    if (metadata === undefined) return 0;
    try {
      const { $tb } = JSON.parse(Buffer.from(metadata.data).toString('utf8')) as { readonly $tb?: number };
      return $tb ?? 0;
    } catch {
      return 0;
    }
  }

  #truncate(stream: string, before: string): void {
    this.#storeSystemEvent(`$$${stream}`, '$metadata', `{"$tb":${before}}`);
  }

  #storeSystemEvent(stream: string, type: string, data = '{}'): void {
    const id = `00000000-0000-4000-8000-${String(this.records.length).padStart(12, '0')}`;
    const contentType = 'application/json';
    this.#store(stream, { id, type, contentType, data: Buffer.from(data), metadata: Buffer.alloc(0) });
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
