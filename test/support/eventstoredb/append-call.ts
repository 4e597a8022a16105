import { Empty } from '@eventstore/db-client/generated/shared_pb';
import { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb';
import type { Metadata, sendUnaryData, ServerReadableStream, ServiceError } from '@grpc/grpc-js';

import { type AppendCaller, judgeAppend, proposedEvent } from './append-judgement';
import { tombstone, turnedAway } from './refusal';
import type { AppendVerdict, ExpectedState, ProposedEvent } from './stand-in-log';
import type { StandInServer } from './stand-in-server';

/** One call of Streams.Append: the options, then event after event, then one answer. */
export class AppendCall implements AppendCaller {
  readonly #server: StandInServer;
  readonly #call: ServerReadableStream<AppendReq, AppendResp>;
  readonly #callback: sendUnaryData<AppendResp>;
  readonly #events: ProposedEvent[] = [];
  #options: AppendReq.Options | undefined;

  constructor(
    server: StandInServer,
    call: ServerReadableStream<AppendReq, AppendResp>,
    callback: sendUnaryData<AppendResp>,
  ) {
    this.#server = server;
    this.#call = call;
    this.#callback = callback;
  }

  get metadata(): Metadata {
    return this.#call.metadata;
  }

  get port(): number {
    return Number(this.#call.getPeer().split(':').at(-1));
  }

  serve(): void {
    this.#call.on('error', () => undefined);
    this.#call.on('data', (request: AppendReq) => {
      const message = request.getProposedMessage();
      if (message === undefined) this.#options = request.getOptions();
      else this.#events.push(proposedEvent(message));
    });
    // The end of a broken connection looks like the end of the events until the next turn.
    this.#call.on('end', () => setImmediate(() => void this.#judge()));
  }

  answer(verdict: AppendVerdict): void {
    const response = new AppendResp();
    if (verdict.kind === 'wrong-version') {
      const wrong = new AppendResp.WrongExpectedVersion();
      if (verdict.current < 0) wrong.setCurrentNoStream(new Empty());
      else wrong.setCurrentRevision(String(verdict.current));
      const expected = expectedState(this.#options);
      if (typeof expected === 'number' && expected >= 0) wrong.setExpectedRevision(String(expected));
      else wrong.setExpectedNoStream(new Empty());
      response.setWrongExpectedVersion(wrong);
    } else {
      const position = new AppendResp.Position();
      position.setCommitPosition(String(verdict.position)).setPreparePosition(String(verdict.position));
      response.setSuccess(new AppendResp.Success().setCurrentRevision(String(verdict.revision)).setPosition(position));
    }
    this.#callback(null, response);
  }

  refuse(failure: ServiceError): void {
    this.#callback(failure);
  }

  refuseDeleted(): void {
    this.#callback(tombstone(this.#stream));
  }

  fail(failure: ServiceError): void {
    this.#callback(failure);
  }

  async pastDeadline(): Promise<void> {
    if (this.#call.cancelled) return;
    await new Promise<void>((resolve) => this.#call.once('cancelled', () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }

  get #stream(): string {
    return Buffer.from(this.#options?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
  }

  async #judge(): Promise<void> {
    if (this.#call.cancelled) return;
    const failure = turnedAway(this.#server, this.#call.metadata);
    if (failure !== null) {
      this.#callback(failure);
      return;
    }
    const asked = { stream: this.#stream, expected: expectedState(this.#options), events: this.#events };
    await judgeAppend(this.#server, asked, this);
  }
}

const expectedState = (options: AppendReq.Options | undefined): ExpectedState => {
  const { REVISION, NO_STREAM, STREAM_EXISTS } = AppendReq.Options.ExpectedStreamRevisionCase;
  switch (options?.getExpectedStreamRevisionCase()) {
    case REVISION:
      return Number(options.getRevision());
    case NO_STREAM:
      return -1;
    case STREAM_EXISTS:
      return 'stream-exists';
    default:
      return 'any';
  }
};
