import type { AppendOrder, SealedAppend } from '../append-rules';
import type { RestsOn, StreamRevision } from '../event-log';
import type { Position } from '../event';
import type { Committed, Exception, WriterAppend, WriterEvent, WriterUnit } from './log-writer';
import type { PackedRests, PackedUnits, WriterReply } from './log-writer-message';

/** A unit as the main thread has it. */
export interface SealedUnit {
  readonly appends: readonly SealedAppend[];
  readonly order: AppendOrder | undefined;
}

/** Room for a few hundred events; more is taken when a commit needs it. */
const FIRST_TEXT_BYTES = 1 << 20;

/** No UTF-16 unit takes more than three bytes of UTF-8. */
const MOST_BYTES_PER_UNIT = 3;

const ID_LENGTH = 36;

/**
 * Texts begin at multiples of this: bytes are copied from shared memory word by word where both sides are aligned, and
 * else one by one, which takes six times as long.
 */
const WORD_BYTES = 8;

const wordAfter = (offset: number): number => Math.ceil(offset / WORD_BYTES) * WORD_BYTES;

/**
 * Packs units for the writer's thread. The events' texts are encoded once, into memory that both threads see and that
 * is used again when its commit is over.
 */
export class UnitPacker {
  #bytes = Buffer.from(new SharedArrayBuffer(FIRST_TEXT_BYTES));
  #used = 0;

  /** Valid until the next call. */
  pack(units: readonly SealedUnit[]): { readonly units: PackedUnits; readonly texts: SharedArrayBuffer } {
    this.#used = 0;
    const appendCounts: number[] = [];
    const orders: [number, AppendOrder][] = [];
    const streams: string[] = [];
    const expectedRevisions: number[] = [];
    const eventCounts: number[] = [];
    const ids: string[] = [];
    const lengths: number[] = [];
    const rests = new RestPacker();
    for (const { appends, order } of units) {
      if (order !== undefined) orders.push([appendCounts.length, order]);
      appendCounts.push(appends.length);
      for (const { stream, expectedRevision, events, restsOn } of appends) {
        streams.push(stream);
        rests.add(restsOn);
        expectedRevisions.push(expectedRevision);
        eventCounts.push(events.length);
        for (const { id, canonical } of events) {
          ids.push(id);
          lengths.push(this.#write(canonical));
        }
      }
    }
    return {
      units: {
        appendCounts,
        orders,
        streams,
        expectedRevisions,
        eventCounts,
        rests: rests.packed(),
        ids: ids.join(''),
        lengths,
      },
      texts: this.#bytes.buffer as unknown as SharedArrayBuffer,
    };
  }

  #write(text: string): number {
    const needed = this.#used + text.length * MOST_BYTES_PER_UNIT;
    if (needed > this.#bytes.length) {
      const larger = Buffer.from(new SharedArrayBuffer(needed * 2));
      this.#bytes.copy(larger, 0, 0, this.#used);
      this.#bytes = larger;
    }
    const length = this.#bytes.write(text, this.#used, 'utf8');
    this.#used = wordAfter(this.#used + length);
    return length;
  }
}

/** Most decisions of a commit rest on the same few streams, so that each name goes over once. */
class RestPacker {
  readonly #names = new Map<string, number>();
  readonly #counts: number[] = [];
  readonly #streamCounts: number[] = [];
  readonly #indexes: number[] = [];
  readonly #revisions: number[] = [];
  readonly #nothingElse: [number, RestsOn['nothingElse']][] = [];

  add(restsOn: readonly RestsOn[] | undefined): void {
    this.#counts.push(restsOn?.length ?? 0);
    if (restsOn === undefined) return;
    for (const { streams, nothingElse } of restsOn) {
      if (nothingElse !== undefined) this.#nothingElse.push([this.#streamCounts.length, nothingElse]);
      this.#streamCounts.push(streams.length);
      for (const { stream, revision } of streams) {
        this.#indexes.push(this.#indexOf(stream));
        this.#revisions.push(revision);
      }
    }
  }

  packed(): PackedRests {
    return {
      counts: this.#counts,
      streamCounts: this.#streamCounts,
      indexes: this.#indexes,
      revisions: this.#revisions,
      names: [...this.#names.keys()],
      nothingElse: this.#nothingElse,
    };
  }

  #indexOf(name: string): number {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    this.#names.set(name, this.#names.size);
    return this.#names.size - 1;
  }
}

/** What each append rests on, to be asked append after append. */
const unpackRests = (packed: PackedRests): (() => readonly RestsOn[] | undefined) => {
  const beside = new Map(packed.nothingElse);
  let append = 0;
  let decision = 0;
  let stream = 0;
  const nextStream = (): StreamRevision => {
    const name = packed.names[packed.indexes[stream] as number] as string;
    const revision = packed.revisions[stream] as number;
    stream += 1;
    return { stream: name, revision };
  };
  const nextDecision = (): RestsOn => {
    const nothingElse = beside.get(decision);
    const streams = Array.from({ length: packed.streamCounts[decision] as number }, nextStream);
    decision += 1;
    return nothingElse === undefined ? { streams } : { streams, nothingElse };
  };
  return () => {
    const length = packed.counts[append] as number;
    append += 1;
    return length === 0 ? undefined : Array.from({ length }, nextDecision);
  };
};

/** The units as the thread writes them; their texts stay in the shared memory. */
export const unpackUnits = (packed: PackedUnits, texts: SharedArrayBuffer): readonly WriterUnit[] => {
  const orders = new Map(packed.orders);
  let append = 0;
  let event = 0;
  let from = 0;
  const nextEvent = (): WriterEvent => {
    const id = packed.ids.slice(event * ID_LENGTH, (event + 1) * ID_LENGTH);
    const length = packed.lengths[event] as number;
    const canonical = Buffer.from(texts, from, length);
    event += 1;
    from = wordAfter(from + length);
    return { id, canonical };
  };
  const nextRestsOn = unpackRests(packed.rests);
  const nextAppend = (): WriterAppend => {
    const stream = packed.streams[append] as string;
    const expectedRevision = packed.expectedRevisions[append] as number;
    const events = Array.from({ length: packed.eventCounts[append] as number }, nextEvent);
    append += 1;
    return { stream, expectedRevision, events, restsOn: nextRestsOn() };
  };
  return packed.appendCounts.map((length, unit) => ({
    order: orders.get(unit),
    appends: Array.from({ length }, nextAppend),
  }));
};

export const packReply = ({ verdicts, before, after }: Committed): WriterReply => {
  const exceptions: [number, Exception][] = [];
  const firstPositions: Position[] = [];
  for (const [unit, verdict] of verdicts.entries()) {
    if (typeof verdict === 'number') {
      firstPositions.push(verdict);
    } else {
      firstPositions.push(0);
      exceptions.push([unit, verdict]);
    }
  }
  return { kind: 'committed', firstPositions, exceptions, before, after };
};

export const unpackReply = (reply: Extract<WriterReply, { kind: 'committed' }>): Committed => {
  const verdicts: (Position | Exception)[] = [...reply.firstPositions];
  for (const [unit, exception] of reply.exceptions) verdicts[unit] = exception;
  return { verdicts, before: reply.before, after: reply.after };
};
