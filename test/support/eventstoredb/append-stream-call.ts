import { AllStreamPosition, WrongExpectedVersion } from '@eventstore/db-client/generated/shared_pb';
import { Status } from '@eventstore/db-client/generated/status_pb';
import { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import { type Metadata, type ServerDuplexStream, type ServiceError, status } from '@grpc/grpc-js';
import { BinaryReader } from 'google-protobuf';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Duration } from 'google-protobuf/google/protobuf/duration_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';

import { type AppendCaller, judgeAppend, proposedEvent } from './append-judgement';
import { turnedAway } from './refusal';
import type { AppendVerdict, ExpectedState, ProposedEvent } from './stand-in-log';
import type { StandInServer } from './stand-in-server';

/** A message of the call, with what the client's own message classes are too old to know. */
export interface AppendStreamRequest {
  readonly request: BatchAppendReq;
  /** How long the caller waits. */
  readonly deadlineMs: number;
}

export const readAppendStreamRequest = (bytes: Buffer): AppendStreamRequest => ({
  request: BatchAppendReq.deserializeBinary(bytes),
  deadlineMs: deadlineIn(bytes),
});

/** Numbers of the fields, as the protocol fixes them. */
const OPTIONS = 2;
const DEADLINE = 7;

const deadlineIn = (bytes: Buffer): number => {
  const duration = new Duration();
  const request = new BinaryReader(bytes);
  while (request.nextField()) {
    if (request.getFieldNumber() !== OPTIONS) {
      request.skipField();
      continue;
    }
    request.readMessage(duration, () => {
      while (request.nextField()) {
        if (request.isEndGroup()) return;
        if (request.getFieldNumber() === DEADLINE) {
          request.readMessage(duration, (part: Duration) => Duration.deserializeBinaryFromReader(part, request));
        } else request.skipField();
      }
    });
  }
  return duration.getSeconds() * 1000 + duration.getNanos() / 1e6;
};

type Call = ServerDuplexStream<AppendStreamRequest, BatchAppendResp>;

/** One call of Streams.BatchAppend: any number of appends, each answered when it is done, in whatever order. */
export class AppendStreamCall {
  readonly #server: StandInServer;
  readonly #call: Call;
  /** Appends of which not all events have come in, by their number. */
  readonly #incomplete = new Map<
    string,
    { readonly options: BatchAppendReq.Options; readonly events: ProposedEvent[] }
  >();

  constructor(server: StandInServer, call: Call) {
    this.#server = server;
    this.#call = call;
  }

  serve(): void {
    this.#call.on('error', () => undefined);
    const failure = turnedAway(this.#server, this.#call.metadata);
    if (failure !== null) {
      this.#call.emit('error', failure);
      return;
    }
    this.#call.on('data', (request: AppendStreamRequest) => this.#receive(request));
    this.#call.on('end', () => this.#call.end());
  }

  #receive({ request, deadlineMs }: AppendStreamRequest): void {
    // A server that has lost its lead since the call was opened says so at the next append.
    const failure = turnedAway(this.#server, this.#call.metadata);
    if (failure !== null) {
      this.#call.emit('error', failure);
      return;
    }
    const number = request.getCorrelationId()?.getString() ?? '';
    const options = request.getOptions();
    if (options !== undefined) this.#incomplete.set(number, { options, events: [] });
    const append = this.#incomplete.get(number);
    if (append === undefined) return;
    append.events.push(...request.getProposedMessagesList().map(proposedEvent));
    if (!request.getIsFinal()) return;
    this.#incomplete.delete(number);
    const stream = Buffer.from(append.options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
    const asked = { stream, expected: expectedState(append.options), events: append.events };
    void judgeAppend(this.#server, asked, new StreamedAppend(this.#call, request, append.options, deadlineMs));
  }
}

/** One append on the call. */
class StreamedAppend implements AppendCaller {
  readonly #call: Call;
  readonly #request: BatchAppendReq;
  readonly #options: BatchAppendReq.Options;
  readonly #deadlineMs: number;

  constructor(call: Call, request: BatchAppendReq, options: BatchAppendReq.Options, deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
    this.#call = call;
    this.#request = request;
    this.#options = options;
  }

  get metadata(): Metadata {
    return this.#call.metadata;
  }

  get port(): number {
    return Number(this.#call.getPeer().split(':').at(-1));
  }

  answer(verdict: AppendVerdict): void {
    if (verdict.kind === 'wrong-version') {
      const wrong = new WrongExpectedVersion();
      if (verdict.current < 0) wrong.setCurrentNoStream(new Empty());
      else wrong.setCurrentStreamRevision(String(verdict.current));
      this.#error(status.ALREADY_EXISTS, 'WrongExpectedVersion', wrong.serializeBinary());
      return;
    }
    const position = new AllStreamPosition();
    position.setCommitPosition(String(verdict.position)).setPreparePosition(String(verdict.position));
    const success = new BatchAppendResp.Success().setCurrentRevision(String(verdict.revision)).setPosition(position);
    this.#reply(new BatchAppendResp().setSuccess(success));
  }

  /** Such a failure carries its particulars in the text only; the status in it is none of gRPC’s. */
  refuse({ code, message }: ServiceError): void {
    this.#error(code === status.UNAVAILABLE ? status.OK : code, message, new Empty().serializeBinary());
  }

  refuseDeleted(): void {
    this.#error(status.NOT_FOUND, 'StreamDeleted', new Empty().serializeBinary());
  }

  fail(failure: ServiceError): void {
    this.#call.emit('error', failure);
  }

  async pastDeadline(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#deadlineMs + 1));
  }

  #error(code: number, text: string, details: Uint8Array): void {
    const any = new Any();
    any.setTypeUrl('type.googleapis.com/event_store.client.Details');
    any.setValue(details);
    this.#reply(new BatchAppendResp().setError(new Status().setCode(code).setMessage(text).setDetails(any)));
  }

  #reply(response: BatchAppendResp): void {
    if (this.#call.cancelled) return;
    this.#call.write(
      response
        .setCorrelationId(this.#request.getCorrelationId())
        .setStreamIdentifier(this.#options.getStreamIdentifier()),
    );
  }
}

const expectedState = (options: BatchAppendReq.Options): ExpectedState => {
  const { STREAM_POSITION, NO_STREAM, STREAM_EXISTS } = BatchAppendReq.Options.ExpectedStreamPositionCase;
  switch (options.getExpectedStreamPositionCase()) {
    case STREAM_POSITION:
      return Number(options.getStreamPosition());
    case NO_STREAM:
      return -1;
    case STREAM_EXISTS:
      return 'stream-exists';
    default:
      return 'any';
  }
};
