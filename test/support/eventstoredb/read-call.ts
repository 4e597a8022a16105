import { StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { type ServerWritableStream, status } from '@grpc/grpc-js';

import type { ReadFault } from './faults';
import { accessDenied, refusal, tombstone, turnedAway } from './refusal';
import type { StandInRecord } from './stand-in-log';
import { projectionsOf } from './stand-in-projections';
import type { StandInServer } from './stand-in-server';

/** Records that a server looks at before it sends on what passed the filter. */
const PAGE_RECORDS = 32;

/** As the product says it of a filtered reading. */
const UNKNOWN_POSITION = refusal(status.UNKNOWN, 'Unexpected FilteredReadAllResult: InvalidPosition');

/** One call of Streams.Read: a stream or everything, forwards or backwards, once or as a subscription. */
export class ReadCall {
  readonly #server: StandInServer;
  readonly #call: ServerWritableStream<ReadReq, ReadResp>;
  readonly #options: ReadReq.Options;
  #fault: ReadFault | null = null;
  #sent = 0;
  #silent = false;

  constructor(server: StandInServer, call: ServerWritableStream<ReadReq, ReadResp>) {
    this.#server = server;
    this.#call = call;
    this.#options = call.request.getOptions() ?? new ReadReq.Options();
  }

  async serve(): Promise<void> {
    this.#call.on('error', () => undefined);
    try {
      const failure = turnedAway(this.#server, this.#call.metadata);
      if (failure !== null) throw failure;
      const isSubscription = this.#options.hasSubscription();
      const { faults } = this.#server;
      this.#fault = (isSubscription ? faults.onSubscription?.() : faults.onRead?.()) ?? null;
      if (isSubscription) await this.#follow();
      else await this.#readOnce();
      if (!this.#silent) this.#call.end();
    } catch (error) {
      // Ends the call with the status that the error names; destroying it would leave it without an end.
      this.#call.emit('error', error);
    }
  }

  async #readOnce(): Promise<void> {
    const limit = Number(this.#options.getCount());
    const isBackwards = this.#options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
    const stream = this.#options.getStream();
    if (stream !== undefined) {
      const name = Buffer.from(stream.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
      if (this.#server.log.hasTombstone(name)) throw tombstone(name);
      const records = this.#server.log.shown(name);
      if (records === null) {
        // What the server collects may be read by everybody as soon as it is there, and by its own users only before.
        if (name.startsWith('$ce-') && projectionsOf(this.#server.log).denies) throw accessDenied();
        await this.#write(
          new ReadResp().setStreamNotFound(
            new ReadResp.StreamNotFound().setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(name))),
          ),
        );
        return;
      }
      const first = records[0]?.revision ?? 0;
      const from = stream.hasRevision()
        ? Number(stream.getRevision()) - first
        : stream.hasEnd()
          ? records.length - 1
          : 0;
      const inOrder = isBackwards ? records.slice(0, from + 1).reverse() : records.slice(Math.max(0, from));
      await this.#send(inOrder, limit);
      return;
    }
    const from = this.#startIndex(isBackwards);
    await this.#search(isBackwards ? from - 1 : from, isBackwards ? -1 : 1, limit);
  }

  /** Looks through the records one after another, as many as there is time for, and says nothing meanwhile. */
  async #search(from: number, step: 1 | -1, limit: number): Promise<void> {
    const { records } = this.#server.log;
    const passes = this.#filter();
    const found: StandInRecord[] = [];
    let left = this.#recordsUntilDeadline();
    for (let index = from; found.length < limit && index >= 0 && index < records.length; index += step) {
      const record = records[index] as StandInRecord;
      if (passes(record)) found.push(record);
      if (!this.#options.hasFilter()) continue;
      this.#server.lookedThrough += 1;
      left -= 1;
      if (left < 0) break;
    }
    await this.#send(found);
    if (left < 0) throw refusal(status.DEADLINE_EXCEEDED, 'Deadline exceeded');
  }

  #recordsUntilDeadline(): number {
    const { recordsPerMs } = this.#server.options;
    const deadline = this.#call.getDeadline();
    if (recordsPerMs === undefined || deadline === Infinity) return Infinity;
    return (Number(deadline) - Date.now()) * recordsPerMs;
  }

  async #follow(): Promise<void> {
    const confirmation = new ReadResp.SubscriptionConfirmation().setSubscriptionId('stand-in');
    await this.#write(new ReadResp().setConfirmation(confirmation));
    if (this.#fault?.kind === 'silence' && this.#fault.afterEvents === 0) {
      this.#silent = true;
      return;
    }
    const { log } = this.#server;
    const passes = this.#filter();
    const after = this.#options.getAll()?.getPosition();
    const start = after === undefined ? -1 : Number(after.getCommitPosition());
    let next = this.#startIndex(false);
    if (log.records[next]?.position === start) next += 1;
    const last = log.records.at(-1);
    let toldEnd = false;
    let lastSent: StandInRecord | null = null;
    while (!this.#call.cancelled) {
      const page = log.records.slice(next, next + PAGE_RECORDS);
      this.#server.lookedThrough += page.length;
      // Who follows from a position that is not there yet is not interested in what comes before it.
      const passing = page.filter((record) => record.position > start).filter(passes);
      if (this.#fault?.kind === 'duplicates' && lastSent !== null) await this.#send([lastSent]);
      await this.#send(passing);
      lastSent = passing.at(-1) ?? lastSent;
      if (this.#silent) return;
      if (page.length > 0) await this.#checkpoint(page.at(-1));
      next += page.length;
      if (this.#fault?.kind === 'empty-pages') {
        await this.#checkpoint(page.at(-1) ?? last);
        await this.#write(new ReadResp().setCaughtUp(new ReadResp.CaughtUp()));
      }
      if (page.length > 0 || next < log.records.length) continue;
      if (!toldEnd) await this.#write(new ReadResp().setCaughtUp(new ReadResp.CaughtUp()));
      toldEnd = true;
      await this.#untilAppended(next);
    }
  }

  /** Index of the record to begin with: forwards the one at the position, backwards the one behind it. */
  #startIndex(isBackwards: boolean): number {
    const all = this.#options.getAll();
    const { log } = this.#server;
    if (all?.hasEnd() === true) return log.records.length;
    const position = all?.getPosition();
    if (position === undefined) return isBackwards ? log.records.length : 0;
    const index = log.indexAt(Number(position.getCommitPosition()));
    if (index === undefined) throw UNKNOWN_POSITION;
    return index;
  }

  #filter(): (record: StandInRecord) => boolean {
    const prefixes = this.#options.getFilter()?.getStreamIdentifier()?.getPrefixList();
    if (prefixes === undefined) return () => true;
    return (record) => prefixes.some((prefix) => record.stream.startsWith(prefix));
  }

  async #untilAppended(known: number): Promise<void> {
    if (this.#server.log.records.length > known || this.#call.cancelled) return;
    await new Promise<void>((resolve) => {
      const stop = this.#server.log.onAppended(done);
      const call = this.#call;
      function done(): void {
        stop();
        call.off('cancelled', done);
        resolve();
      }
      call.once('cancelled', done);
    });
  }

  async #send(records: readonly StandInRecord[], limit = Infinity): Promise<void> {
    for (const record of records.slice(0, limit)) {
      const fault = this.#fault;
      if (fault !== null && 'afterEvents' in fault && this.#sent >= fault.afterEvents) {
        if (fault.kind === 'error') throw refusal(status.UNKNOWN, 'Exception was thrown by handler.');
        this.#silent = true;
        if (fault.kind === 'reset') this.#server.gate.cut(Number(this.#call.getPeer().split(':').at(-1)));
        return;
      }
      await this.#write(new ReadResp().setEvent(told(record)));
      this.#sent += 1;
    }
  }

  async #checkpoint(record: StandInRecord | undefined): Promise<void> {
    if (record === undefined) return;
    const position = String(record.position);
    const checkpoint = new ReadResp.Checkpoint().setCommitPosition(position).setPreparePosition(position);
    await this.#write(new ReadResp().setCheckpoint(checkpoint));
  }

  async #write(response: ReadResp): Promise<void> {
    if (this.#call.cancelled || this.#silent || this.#call.write(response)) return;
    const call = this.#call;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        call.off('drain', done);
        call.off('cancelled', done);
        resolve();
      };
      call.once('drain', done);
      call.once('cancelled', done);
    });
  }
}

const told = (record: StandInRecord): ReadResp.ReadEvent => {
  const position = String(record.position);
  const event = new ReadResp.ReadEvent.RecordedEvent()
    .setId(new UUID().setString(record.id))
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(record.stream)))
    .setStreamRevision(String(record.revision))
    .setCommitPosition(position)
    .setPreparePosition(position)
    .setData(record.data)
    .setCustomMetadata(record.metadata);
  event.getMetadataMap().set('type', record.type);
  event.getMetadataMap().set('content-type', record.contentType);
  event.getMetadataMap().set('created', record.created);
  return new ReadResp.ReadEvent().setEvent(event).setCommitPosition(position);
};
