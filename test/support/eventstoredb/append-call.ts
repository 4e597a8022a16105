import { Empty } from '@eventstore/db-client/generated/shared_pb';
import { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb';
import { type sendUnaryData, type ServerReadableStream, status } from '@grpc/grpc-js';

import type { AppendFault } from './faults';
import { notLeader, refusal, turnedAway, unavailable } from './refusal';
import { type AppendVerdict, type ExpectedState, type ProposedEvent, sizeOnDisk } from './stand-in-log';
import type { StandInServer } from './stand-in-server';

/** One call of Streams.Append: the options, then event after event, then one answer. */
export class AppendCall {
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

  serve(): void {
    this.#call.on('error', () => undefined);
    this.#call.on('data', (request: AppendReq) => {
      const message = request.getProposedMessage();
      if (message === undefined) this.#options = request.getOptions();
      else this.#events.push(proposed(message));
    });
    // The end of a broken connection looks like the end of the events until the next turn.
    this.#call.on('end', () => setImmediate(() => void this.#judge()));
  }

  async #judge(): Promise<void> {
    if (this.#call.cancelled) return;
    const failure = turnedAway(this.#server, this.#call.metadata) ?? this.#tooLarge();
    if (failure !== null) {
      this.#callback(failure);
      return;
    }
    const fault = this.#server.faults.onAppend?.(this.#stream) ?? null;
    if (fault === null) this.#answer(this.#store());
    else await this.#fail(fault);
  }

  async #fail(fault: AppendFault): Promise<void> {
    switch (fault) {
      case 'reset-before-commit':
        this.#reset();
        return;
      case 'reset-after-commit':
        this.#store();
        this.#reset();
        return;
      case 'answer-too-late': {
        const verdict = this.#store();
        await this.#pastDeadline();
        this.#answer(verdict);
        return;
      }
      case 'commit-too-late':
        await this.#pastDeadline();
        this.#store();
        return;
      case 'lost':
        return;
      case 'unavailable-before-commit':
        this.#callback(unavailable());
        return;
      case 'unavailable-after-commit':
        this.#store();
        this.#callback(unavailable());
        return;
      case 'server-timeout':
        this.#store();
        this.#callback(refusal(status.ABORTED, 'Operation timed out: Commit phase timeout.'));
        return;
      case 'leader-gone':
        this.#callback(notLeader(null));
        return;
      case 'server-error-after-commit':
        this.#store();
        this.#callback(refusal(status.UNKNOWN, 'Exception was thrown by handler.'));
        return;
    }
  }

  get #stream(): string {
    return Buffer.from(this.#options?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
  }

  #store(): AppendVerdict {
    return this.#server.log.append(this.#stream, expectedState(this.#options), this.#events);
  }

  #tooLarge(): ReturnType<typeof refusal> | null {
    const { maxAppendBytes } = this.#server.options;
    const size = this.#events.reduce((sum, event) => sum + sizeOnDisk(event), 0);
    if (size <= maxAppendBytes) return null;
    return refusal(status.INVALID_ARGUMENT, `Maximum Append Size of ${maxAppendBytes} Exceeded.`, {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(maxAppendBytes),
    });
  }

  #answer(verdict: AppendVerdict): void {
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

  #reset(): void {
    this.#server.gate.cut(Number(this.#call.getPeer().split(':').at(-1)));
  }

  /** Waits until the caller has given up. */
  async #pastDeadline(): Promise<void> {
    if (this.#call.cancelled) return;
    await new Promise<void>((resolve) => this.#call.once('cancelled', () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 1));
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

const proposed = (message: AppendReq.ProposedMessage): ProposedEvent => ({
  id: message.getId()?.getString() ?? '',
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: message.getData_asU8(),
  metadata: message.getCustomMetadata_asU8(),
});
