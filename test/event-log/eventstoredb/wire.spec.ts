import {
  AllStreamPosition,
  StreamIdentifier,
  UUID,
  WrongExpectedVersion,
} from '@eventstore/db-client/generated/shared_pb';
import { Status } from '@eventstore/db-client/generated/status_pb';
import { BatchAppendReq, BatchAppendResp, ReadResp } from '@eventstore/db-client/generated/streams_pb';
import fc from 'fast-check';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';

import { appendMessage, appendReply } from '../../../src/event-log/eventstoredb/append-message';
import { readMessage } from '../../../src/event-log/eventstoredb/read-message';
import { WireReader } from '../../../src/event-log/eventstoredb/wire-reader';
import { WireWriter } from '../../../src/event-log/eventstoredb/wire-writer';

/** Positions are up to 53 bits long, and those around the lengths of their encoding are the ones that go wrong. */
const numbers = fc.oneof(
  fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  fc.nat({ max: 52 }).map((bits) => 2 ** bits),
  fc.nat({ max: 52 }).map((bits) => 2 ** bits - 1),
);
const texts = fc.string({ unit: 'binary', maxLength: 300 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const events = fc.record({ id: fc.uuid(), type: texts, data: bytes, metadata: bytes });

const inBytes = (message: { serializeBinary(): Uint8Array }): Buffer => Buffer.from(message.serializeBinary());

describe('messages of the server', () => {
  it('are written so that the product’s own classes read the same', () => {
    const appends = fc.record({
      number: fc.uuid(),
      stream: texts,
      expectedRevision: fc.oneof(fc.constant(-1), numbers),
      deadlineMs: fc.integer({ min: 1, max: 100_000 }),
      events: fc.array(events, { maxLength: 5 }),
    });
    fc.assert(
      fc.property(appends, (append) => {
        const read = BatchAppendReq.deserializeBinary(appendMessage(append));
        const options = read.getOptions();
        expect(read.getCorrelationId()?.getString()).toBe(append.number);
        expect(read.getIsFinal()).toBe(true);
        expect(Buffer.from(options?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe(
          Buffer.from(append.stream).toString(),
        );
        if (append.expectedRevision < 0) expect(options?.hasNoStream()).toBe(true);
        else expect(options?.getStreamPosition()).toBe(String(append.expectedRevision));
        expect(
          read.getProposedMessagesList().map((message) => ({
            id: message.getId()?.getString(),
            type: message.getMetadataMap().get('type'),
            contentType: message.getMetadataMap().get('content-type'),
            data: Buffer.from(message.getData_asU8()),
            metadata: Buffer.from(message.getCustomMetadata_asU8()),
          })),
        ).toEqual(
          append.events.map((event) => ({
            ...event,
            type: Buffer.from(event.type).toString(),
            contentType: 'application/json',
          })),
        );
      }),
    );
  });

  it('are read as the product’s own classes have written them', () => {
    const places = fc.record({ stream: texts, revision: numbers, position: numbers });
    fc.assert(
      fc.property(events, places, ({ id, type, data, metadata }, { stream, revision, position }) => {
        const recorded = new ReadResp.ReadEvent.RecordedEvent()
          .setId(new UUID().setString(id))
          .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(stream)))
          .setStreamRevision(String(revision))
          .setCommitPosition(String(position))
          .setPreparePosition(String(position))
          .setData(data)
          .setCustomMetadata(metadata);
        recorded.getMetadataMap().set('created', '1').set('type', type).set('content-type', 'application/json');
        const message = new ReadResp().setEvent(
          new ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(String(position)),
        );
        const read = readMessage(inBytes(message));
        if (read.kind !== 'event') throw new Error(read.kind);
        expect({
          ...read.event,
          data: Buffer.from(read.event.data),
          metadata: Buffer.from(read.event.metadata),
        }).toEqual({
          id,
          type: Buffer.from(type).toString(),
          data,
          metadata,
          stream: Buffer.from(stream).toString(),
          revision,
          position,
        });
      }),
    );
    const checkpoint = new ReadResp.Checkpoint().setCommitPosition('123456789012345').setPreparePosition('7');
    expect(readMessage(inBytes(new ReadResp().setCheckpoint(checkpoint)))).toEqual({
      kind: 'checkpoint',
      place: { commit: 123456789012345, prepare: 7 },
    });
    expect(readMessage(inBytes(new ReadResp().setCaughtUp(new ReadResp.CaughtUp()))).kind).toBe('caught-up');
    expect(readMessage(inBytes(new ReadResp().setFellBehind(new ReadResp.FellBehind()))).kind).toBe('fell-behind');
    expect(readMessage(inBytes(new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound()))).kind).toBe(
      'no-stream',
    );
  });

  it('tell what became of an append, and nothing that is not certain', () => {
    const reply = (response: BatchAppendResp) =>
      appendReply(inBytes(response.setCorrelationId(new UUID().setString('n')).setStreamPosition('3')));
    const position = new AllStreamPosition().setCommitPosition('4503599627370496').setPreparePosition('1');
    const success = new BatchAppendResp.Success().setCurrentRevision('0').setPosition(position);
    expect(reply(new BatchAppendResp().setSuccess(success))).toEqual({
      number: 'n',
      reply: { kind: 'stored', revision: 0, position: 4503599627370496 },
    });
    const nowhere = new BatchAppendResp.Success().setCurrentRevision('0').setNoPosition(new Empty());
    expect(reply(new BatchAppendResp().setSuccess(nowhere)).reply.kind).toBe('refused');

    const failure = (code: number, details: Uint8Array) => {
      const any = new Any();
      any.setValue(details);
      return reply(new BatchAppendResp().setError(new Status().setCode(code).setMessage('m').setDetails(any))).reply;
    };
    const at = (revision: string) => new WrongExpectedVersion().setCurrentStreamRevision(revision).serializeBinary();
    expect(failure(6, at('0'))).toEqual({ kind: 'conflict', actualRevision: 0 });
    expect(failure(6, at('41'))).toEqual({ kind: 'conflict', actualRevision: 41 });
    expect(failure(6, at('18446744073709551615'))).toEqual({ kind: 'conflict', actualRevision: -1 });
    const none = new WrongExpectedVersion().setCurrentNoStream(new Empty()).serializeBinary();
    expect(failure(6, none)).toEqual({ kind: 'conflict', actualRevision: -1 });
    for (const code of [0, 4, 7]) expect(failure(code, at('41'))).toEqual({ kind: 'refused', detail: 'm' });
    expect(reply(new BatchAppendResp()).reply.kind).toBe('refused');
  });

  it('cut short are no message', () => {
    const writer = new WireWriter(1);
    writer.text(2, '一池');
    writer.number(1, 300);
    const whole = writer.message();
    const read = (buffer: Buffer): readonly (number | string)[] => {
      const reader = new WireReader(buffer);
      return [reader.field(), reader.number(), reader.field(), reader.text(), reader.field()];
    };
    expect(read(whole)).toEqual([1, 300, 2, '一池', 0]);
    for (const length of [2, 4, whole.length - 1]) expect(() => read(whole.subarray(0, length))).toThrow();
  });
});
