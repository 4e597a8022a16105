import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import { SupportedMethod, SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb';
import { UUID } from '@eventstore/db-client/generated/shared_pb';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import {
  type AppendReq,
  type AppendResp,
  type BatchAppendResp,
  type ReadReq,
  type ReadResp,
} from '@eventstore/db-client/generated/streams_pb';
import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';

import type { FaultPlan } from './faults';
import { AppendCall } from './append-call';
import { AppendStreamCall, type AppendStreamRequest, readAppendStreamRequest } from './append-stream-call';
import { ReadCall } from './read-call';
import { refusal } from './refusal';
import { StandInLog } from './stand-in-log';
import { serveProjections } from './stand-in-projections';
import { TcpGate } from './tcp-gate';

export interface StandInOptions {
  /** What is stored; several servers over one log are a cluster. */
  readonly log?: StandInLog;
  /** Said to clients that ask; null: a server that does not know the question. */
  readonly version?: string | null;
  readonly maxAppendBytes?: number;
  /** `user:password` that every call must bring. */
  readonly credentials?: string;
  /** Private key and certificate; without them connections are insecure. */
  readonly tls?: { readonly key: Buffer; readonly certificate: Buffer };
  /** False: a server on which projections are switched off. */
  readonly projections?: boolean;
  /**
   * Records that a filtered reading looks through in a millisecond. When there are more than it has time for until its
   * deadline, it is cut off, without the time being waited for; without this, it looks through any number.
   */
  readonly recordsPerMs?: number;
}

/** As in the product's default configuration. */
const MAX_APPEND_BYTES = 1024 * 1024;
const LARGEST_MESSAGE_BYTES = 32 * 1024 * 1024;

/**
 * A small server that speaks the protocol of EventStoreDB’s client as far as the ledger uses it, with the product’s
 * rules for expected revisions, positions and subscriptions, and with faults on command.
 */
export class StandInServer {
  readonly log: StandInLog;
  readonly gate: TcpGate;
  readonly options: Required<Pick<StandInOptions, 'version' | 'maxAppendBytes'>> & StandInOptions;
  readonly #server: Server;
  faults: FaultPlan = {};
  /** A follower answers what only the leader may do by naming the leader. */
  role: 'leader' | 'follower' = 'leader';
  /** All servers of the cluster, as gossip tells them. */
  members: readonly StandInServer[] = [this];
  alive = true;
  /** Records that filters were applied to, in readings and followings. */
  lookedThrough = 0;

  private constructor(options: StandInOptions, server: Server, port: number) {
    this.options = { version: '24.6.0.0', maxAppendBytes: MAX_APPEND_BYTES, ...options };
    this.log = options.log ?? new StandInLog();
    this.#server = server;
    this.gate = new TcpGate(port);
  }

  static async start(options: StandInOptions = {}): Promise<StandInServer> {
    const server = new Server({
      'grpc.max_receive_message_length': LARGEST_MESSAGE_BYTES,
      'grpc.max_send_message_length': LARGEST_MESSAGE_BYTES,
    });
    // Services have to be there before the port is known.
    const holder: { standIn: StandInServer | null } = { standIn: null };
    const standIn = (): StandInServer => {
      if (holder.standIn === null) throw new Error('called before it was started');
      return holder.standIn;
    };
    const batchAppend = { ...StreamsService.batchAppend, requestDeserialize: readAppendStreamRequest };
    server.addService({ ...StreamsService, batchAppend } as unknown as typeof StreamsService, {
      append: (call: ServerReadableStream<AppendReq, AppendResp>, callback: sendUnaryData<AppendResp>) =>
        new AppendCall(standIn(), call, callback).serve(),
      batchAppend: (call: ServerDuplexStream<AppendStreamRequest, BatchAppendResp>) =>
        new AppendStreamCall(standIn(), call).serve(),
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => void new ReadCall(standIn(), call).serve(),
    });
    server.addService(ServerFeaturesService, {
      getSupportedMethods: (_: unknown, callback: sendUnaryData<SupportedMethods>) => standIn().#features(callback),
    });
    server.addService(GossipService, {
      read: (_: ServerUnaryCall<unknown, ClusterInfo>, callback: sendUnaryData<ClusterInfo>) =>
        callback(null, standIn().#gossip()),
    });
    if (options.projections !== false) serveProjections(server, standIn);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', serverCredentials(options), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    holder.standIn = new StandInServer(options, server, port);
    await holder.standIn.gate.open();
    return holder.standIn;
  }

  /** Several servers over one log; the first one leads. */
  static async startCluster(size: number, options: StandInOptions = {}): Promise<readonly StandInServer[]> {
    const log = options.log ?? new StandInLog();
    const members: StandInServer[] = [];
    for (let index = 0; index < size; index += 1) members.push(await StandInServer.start({ ...options, log }));
    members.forEach((member, index) => {
      member.members = members;
      member.role = index === 0 ? 'leader' : 'follower';
    });
    return members;
  }

  /** By name where there is a certificate: to an address, TLS may not say whom it looks for. */
  get address(): string {
    return `${this.options.tls === undefined ? '127.0.0.1' : 'localhost'}:${this.gate.port}`;
  }

  get connectionString(): string {
    const { credentials, tls } = this.options;
    return `esdb://${credentials === undefined ? '' : `${credentials}@`}${this.address}?tls=${tls !== undefined}`;
  }

  /** As if the process were killed: every connection is reset and nobody answers. */
  async kill(): Promise<void> {
    this.alive = false;
    await this.gate.shut();
  }

  async restart(): Promise<void> {
    await this.gate.open();
    this.alive = true;
  }

  async stop(): Promise<void> {
    await this.gate.shut();
    this.#server.forceShutdown();
  }

  leader(): StandInServer | null {
    return this.members.find((member) => member.role === 'leader' && member.alive) ?? null;
  }

  #features(callback: sendUnaryData<SupportedMethods>): void {
    const { version } = this.options;
    if (version === null) {
      callback(refusal(status.UNIMPLEMENTED, 'unknown service'));
      return;
    }
    const methods = new SupportedMethods().setEventStoreServerVersion(version);
    for (const name of ['append', 'read']) {
      methods.addMethods(
        new SupportedMethod().setServiceName('event_store.client.streams.streams').setMethodName(name),
      );
    }
    callback(null, methods);
  }

  #gossip(): ClusterInfo {
    const info = new ClusterInfo();
    const { LEADER, FOLLOWER, UNKNOWN } = MemberInfo.VNodeState;
    const members = this.members.map((member, index) => {
      const state = member.role === 'leader' ? LEADER : FOLLOWER;
      const told = new MemberInfo();
      told.setInstanceId(new UUID().setString(`00000000-0000-4000-8000-00000000000${index}`));
      told.setTimeStamp('0');
      told.setState(member.alive ? state : UNKNOWN);
      told.setIsAlive(member.alive);
      told.setHttpEndPoint(new EndPoint().setAddress('127.0.0.1').setPort(member.gate.port));
      return told;
    });
    return info.setMembersList(members);
  }
}

const serverCredentials = ({ tls }: StandInOptions): ServerCredentials =>
  tls === undefined
    ? ServerCredentials.createInsecure()
    : ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.certificate }]);
