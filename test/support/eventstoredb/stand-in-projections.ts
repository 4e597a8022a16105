import { ProjectionsService, type IProjectionsServer } from '@eventstore/db-client/generated/projections_grpc_pb';
import {
  CreateResp,
  DeleteResp,
  DisableResp,
  EnableResp,
  StateResp,
  StatisticsResp,
} from '@eventstore/db-client/generated/projections_pb';
import { type sendUnaryData, type Server, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { Struct, Value } from 'google-protobuf/google/protobuf/struct_pb';

import { refusal, turnedAway } from './refusal';
import { ServerEngine } from './server-engine';
import type { StandInLog, StandInRecord } from './stand-in-log';
import type { StandInServer } from './stand-in-server';

interface Projection {
  readonly name: string;
  readonly engine: ServerEngine | null;
  status: string;
  reason: string;
  handled: number;
  readonly states: Map<string, string>;
}

const COLLECTING = '$by_category';

/** What a server keeps of its projections; it outlives the process like the log. */
export class StandInProjections {
  readonly #log: StandInLog;
  readonly #all = new Map<string, Projection>();
  /** Events by the category of their stream, in order. */
  #collected = 0;
  #busy = false;
  /** Events that each projection handles whenever somebody looks; less than there are makes it slow. */
  pace = Infinity;
  /** Done to every state before it is told. */
  tamper: ((projection: string, partition: string, state: Record<string, unknown>) => void) | null = null;

  /** As to a user who may log in and nothing else. */
  denies = false;

  constructor(log: StandInLog) {
    this.#log = log;
    this.#all.set(COLLECTING, this.#projection(COLLECTING, null, 'Stopped'));
    log.onAppended(() => this.#collect());
  }

  names(): readonly string[] {
    return [...this.#all.keys()];
  }

  /** Makes a projection fail at its next event. */
  fault(name: string, reason: string): void {
    const projection = this.#known(name);
    projection.status = 'Faulted (Enabled)';
    projection.reason = reason;
  }

  create(name: string, source: string): void {
    this.#requireRights();
    if (this.#all.has(name))
      throw refusal(status.UNKNOWN, 'Envelope callback expected Updated, received Conflict instead');
    let projection: Projection;
    try {
      projection = this.#projection(name, new ServerEngine(source), 'Running');
    } catch (error) {
      projection = this.#projection(name, null, 'Faulted (Enabled)');
      projection.reason = (error as Error).message;
    }
    this.#all.set(name, projection);
  }

  enable(name: string): void {
    this.#requireRights();
    const projection = this.#known(name);
    projection.status = 'Running';
    projection.reason = '';
    this.#collect();
  }

  disable(name: string): void {
    this.#requireRights();
    this.#known(name).status = 'Stopped';
  }

  delete(name: string): void {
    this.#requireRights();
    if (this.#known(name).status === 'Running') {
      throw refusal(status.UNKNOWN, 'Envelope callback expected Updated, received OperationFailed instead');
    }
    this.#all.delete(name);
  }

  state(name: string, partition: string): Record<string, unknown> {
    const text = this.#known(name).states.get(partition);
    const state = (text === undefined ? {} : JSON.parse(text)) as Record<string, unknown>;
    this.tamper?.(name, partition, state);
    return state;
  }

  /** All of them, after each has gone on. */
  statistics(): readonly StatisticsResp.Details[] {
    for (const projection of this.#all.values()) this.#run(projection);
    return [...this.#all.values()].map(({ name, engine, status: told, reason, handled }) => {
      const links = engine === null ? [] : this.#links(engine.category);
      const progress = links.length === 0 ? 100 : ((handled + 1) / links.length) * 100;
      return new StatisticsResp.Details()
        .setName(name)
        .setEffectivename(name)
        .setMode('Continuous')
        .setStatus(told)
        .setStatereason(reason)
        .setPosition(engine === null ? 'C:0/P:-1' : `$ce-${engine.category}: ${handled}`)
        .setProgress(progress)
        .setCoreprocessingtime('0')
        .setVersion('0')
        .setEpoch('-1')
        .setEventsprocessedafterrestart('0')
        .setBufferedevents('0');
    });
  }

  #requireRights(): void {
    if (this.denies) {
      throw refusal(status.UNKNOWN, 'Envelope callback expected Updated, received NotAuthorized instead');
    }
  }

  #projection(name: string, engine: ServerEngine | null, status: string): Projection {
    return { name, engine, status, reason: '', handled: -1, states: new Map() };
  }

  #known(name: string): Projection {
    const projection = this.#all.get(name);
    if (projection === undefined) throw refusal(status.NOT_FOUND, `Projection '${name}' not found`);
    return projection;
  }

  /** Writes a link for every event of a user's stream into the stream of its category. */
  #collect(): void {
    if (this.#busy || this.#known(COLLECTING).status !== 'Running') return;
    this.#busy = true;
    const records = this.#log.records.slice(this.#collected);
    for (const { stream, revision } of records) {
      const [category = ''] = stream.split('-');
      if (stream.startsWith('$') || category === stream) continue;
      const id = `00000000-0000-4000-9000-${String(this.#log.records.length).padStart(12, '0')}`;
      const data = Buffer.from(`${revision}@${stream}`);
      const link = { id, type: '$>', contentType: 'application/octet-stream', data, metadata: Buffer.from('{}') };
      this.#log.append(`$ce-${category}`, 'any', [link]);
    }
    this.#collected = this.#log.records.length;
    this.#busy = false;
  }

  #links(category: string): readonly StandInRecord[] {
    return this.#log.stream(`$ce-${category}`);
  }

  #run(projection: Projection): void {
    const { engine, states } = projection;
    if (engine === null) return;
    const links = this.#links(engine.category).slice(projection.handled + 1);
    for (const link of links.slice(0, this.pace)) {
      if (projection.status !== 'Running') return;
      const [revision = '', ...stream] = Buffer.from(link.data).toString().split('@');
      const event = this.#log.stream(stream.join('@'))[Number(revision)];
      if (event === undefined) continue;
      try {
        if (engine.types.has(event.type))
          states.set(event.stream, engine.step(states.get(event.stream) ?? null, told(event)));
      } catch (error) {
        this.fault(
          projection.name,
          `Event Position: $ce-${engine.category}: ${link.revision}\n${(error as Error).message}`,
        );
        return;
      }
      projection.handled = link.revision;
    }
  }
}

const told = (event: StandInRecord) => ({
  streamId: event.stream,
  sequenceNumber: event.revision,
  eventType: event.type,
  eventId: event.id,
  data: Buffer.from(event.data).toString('utf8'),
  metadata: Buffer.from(event.metadata).toString('utf8'),
});

const byLog = new WeakMap<StandInLog, StandInProjections>();

/** The projections over a log: the servers of a cluster have the same. */
export const projectionsOf = (log: StandInLog): StandInProjections => {
  const known = byLog.get(log) ?? new StandInProjections(log);
  byLog.set(log, known);
  return known;
};

/** Adds the service to a stand-in server. */
export const serveProjections = (server: Server, standIn: () => StandInServer): void => {
  const projections = (): StandInProjections => projectionsOf(standIn().log);
  const answer =
    <Request, Response>(work: (request: Request) => Response) =>
    (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
      const failure = turnedAway(standIn(), call.metadata);
      if (failure !== null) {
        callback(failure);
        return;
      }
      try {
        callback(null, work(call.request));
      } catch (error) {
        callback(error as Error);
      }
    };
  const notServed = answer(() => {
    throw refusal(status.UNIMPLEMENTED, 'not served by the stand-in');
  });
  const calls: IProjectionsServer = {
    create: answer((request) => {
      const options = request.getOptions();
      projections().create(options?.getContinuous()?.getName() ?? '', options?.getQuery() ?? '');
      return new CreateResp();
    }),
    enable: answer((request) => {
      projections().enable(request.getOptions()?.getName() ?? '');
      return new EnableResp();
    }),
    disable: answer((request) => {
      projections().disable(request.getOptions()?.getName() ?? '');
      return new DisableResp();
    }),
    delete: answer((request) => {
      projections().delete(request.getOptions()?.getName() ?? '');
      return new DeleteResp();
    }),
    state: answer((request) => {
      const options = request.getOptions();
      const state = projections().state(options?.getName() ?? '', options?.getPartition() ?? '');
      const value = new Value().setStructValue(
        Struct.fromJavaScript(state as Parameters<typeof Struct.fromJavaScript>[0]),
      );
      return new StateResp().setState(value);
    }),
    statistics: (call) => {
      const failure = turnedAway(standIn(), call.metadata);
      if (failure !== null) {
        call.destroy(failure);
        return;
      }
      for (const details of projections().statistics()) call.write(new StatisticsResp().setDetails(details));
      call.end();
    },
    update: notServed,
    reset: notServed,
    result: notServed,
    restartSubsystem: notServed,
  };
  server.addService(ProjectionsService, calls);
};
