import { EventStoreDBClient } from '@eventstore/db-client';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import type { AppendReq, AppendResp, ReadReq } from '@eventstore/db-client/generated/streams_pb';
import type { CallOptions, Channel, ClientReadableStream, Metadata } from '@grpc/grpc-js';

import { appendReply, type AppendReply } from './append-message';
import { type AppendCall, AppendStream } from './append-stream';
import { type ReadMessage, readMessage } from './read-message';
import type { StoredForm } from './stored-form';

/** A running reading: messages until `end` or `error`; always give it a listener for `error`. */
export type Reading = ClientReadableStream<ReadMessage>;

const READ_PATH = '/event_store.client.streams.Streams/Read';
const APPEND_STREAM_PATH = '/event_store.client.streams.Streams/BatchAppend';

type CallArguments = [metadata: Metadata, options: CallOptions];

/**
 * The parts of the client that it keeps for its own use. It finds the leader, connects, authenticates and connects
 * anew; what is sent is made here, because its own calls lack a filter for reading, keep no deadline for batches, and
 * end the process when a connection breaks under load.
 */
interface ClientParts {
  createChannel: () => Promise<Channel>;
  handleError: (client: StreamsClient, error: Error) => Promise<void>;
  readonly capabilities: Promise<{ readonly serverVersion: string }>;
  execute<Result>(
    service: typeof StreamsClient,
    name: string,
    action: (client: StreamsClient) => Promise<Result>,
  ): Promise<Result>;
  GRPCStreamCreator<Call>(
    service: typeof StreamsClient,
    name: string,
    creator: (client: StreamsClient) => Call,
  ): () => Promise<Call>;
  callArguments(
    options: { readonly requiresLeader?: boolean; readonly deadline?: number },
    callOptions?: { readonly deadline: number },
  ): CallArguments;
}

/** One client of the product with its connections, until it is thrown away. */
export class ServerClient {
  readonly #client: EventStoreDBClient;
  readonly #parts: ClientParts;
  readonly #channels: Channel[] = [];
  #appendStream: Promise<AppendStream> | null = null;

  /** @throws Error of the client when it cannot read the connection string or a file that it names */
  constructor(connectionString: string) {
    this.#client = EventStoreDBClient.connectionString(connectionString);
    this.#parts = this.#client as unknown as ClientParts;
    const { createChannel, handleError } = this.#parts;
    this.#parts.createChannel = async () => {
      const channel = await createChannel();
      this.#channels.push(channel);
      return channel;
    };
    // It runs on its own, so that its failure would be nobody's and end the process.
    this.#parts.handleError = (client, error) => handleError(client, error).catch(() => undefined);
  }

  /** `unknown` when the server does not know the question. */
  async serverVersion(): Promise<string> {
    return (await this.#parts.capabilities).serverVersion;
  }

  /** Makes one append to the leader, together with others on one call. */
  async appendWithOthers(
    stream: string,
    expectedRevision: number,
    events: readonly StoredForm[],
    deadlineMs: number,
  ): Promise<AppendReply> {
    const known = this.#appendStream;
    // Of all that find it unusable at one moment only the first opens another.
    if (known !== null && !(await known).isUsable && this.#appendStream === known) this.#appendStream = null;
    const appendStream = await (this.#appendStream ??= this.#openAppendStream());
    return appendStream.append(stream, expectedRevision, events, deadlineMs);
  }

  /** Makes one append to the leader by a call of its own. */
  append(messages: readonly AppendReq[], deadlineMs: number): Promise<AppendResp> {
    return this.#parts.execute(
      StreamsClient,
      'append',
      (client) =>
        new Promise((resolve, reject) => {
          const [metadata, options] = this.#parts.callArguments({ requiresLeader: true, deadline: deadlineMs });
          const call = client.append(metadata, options, (error, response) => {
            if (error === null) resolve(response as AppendResp);
            else reject(error);
          });
          call.on('error', reject);
          for (const message of messages) call.write(message);
          call.end();
        }),
    );
  }

  /** Reads once, from the leader. */
  read(request: ReadReq, deadlineMs: number): Promise<Reading> {
    return this.#read(request, this.#parts.callArguments({ requiresLeader: true, deadline: deadlineMs }));
  }

  /** Reads for ever, from whichever node the connection string prefers, or from the leader. */
  follow(request: ReadReq, requiresLeader = false): Promise<Reading> {
    return this.#read(request, this.#parts.callArguments({ requiresLeader }, { deadline: Infinity }));
  }

  async close(): Promise<void> {
    await this.#client.dispose();
    for (const channel of this.#channels) channel.close();
  }

  #read(request: ReadReq, [metadata, options]: CallArguments): Promise<Reading> {
    return this.#parts.GRPCStreamCreator(StreamsClient, 'read', (client) =>
      client.makeServerStreamRequest(READ_PATH, readRequestBytes, readMessage, request, metadata, options),
    )();
  }

  async #openAppendStream(): Promise<AppendStream> {
    const [metadata, options] = this.#parts.callArguments({ requiresLeader: true }, { deadline: Infinity });
    const open = this.#parts.GRPCStreamCreator(StreamsClient, 'batchAppend', (client): AppendCall =>
      client.makeBidiStreamRequest(APPEND_STREAM_PATH, (bytes: Buffer) => bytes, appendReply, metadata, options),
    );
    try {
      return new AppendStream(await open());
    } catch (error) {
      this.#appendStream = null;
      throw error;
    }
  }
}

const readRequestBytes = (request: ReadReq): Buffer => Buffer.from(request.serializeBinary());
