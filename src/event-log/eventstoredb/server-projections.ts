import { EventStoreDBClient } from '@eventstore/db-client';

import { DomainError } from '../../platform/domain-error';
import { Backoff, PATIENCE } from './patience';
import { parseServerAddress, withParameter } from './server-address';
import { refusedByClient } from './server-cause';
import { failedCall, logSetting, logUnreachable } from './server-failure';

/** What a projection of the server is doing, as far as anybody has to know. */
export type ServerProjectionState = 'running' | 'starting' | 'stopping' | 'stopped' | 'faulted';

export interface ServerProjection {
  readonly name: string;
  readonly state: ServerProjectionState;
  /** The server's own words for it. */
  readonly status: string;
  /** Why it is faulted; empty otherwise. */
  readonly reason: string;
  /** Number of the last event of its category that it has handled; −1 before the first. */
  readonly handled: number;
  /** Per cent of what there is to read. */
  readonly progress: number;
}

/** One entry of a category: the event that it stands for, as `<revision>@<stream>`. */
export interface CategoryLink {
  readonly number: number;
  readonly event: string;
}

/** The server's own projection that collects the streams of each category; ours read what it collects. */
export const CATEGORIES_PROJECTION = '$by_category';

/** Code of the refusal of a user who may not do this with projections. */
export const PROJECTIONS_DENIED = 'PROJECTIONS_DENIED';

/** Beyond this a call is not going to be answered. */
const DEADLINE_MS = 10_000;

/** Statuses of gRPC by number, as the protocol fixes them. */
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;

/** How a server says, as if it were a defect of its own, that a user who may log in may not do this. */
const NOT_AUTHORIZED = /\breceived NotAuthorized\b/;

/** The client names a failed call by its own class and keeps the call's failure inside. */
interface ClientFailure {
  readonly type?: string;
  readonly _raw?: { readonly code: number; readonly details: string };
}

type Call<Result> = (client: EventStoreDBClient) => Promise<Result>;

/** The projections that run inside the server: to put there, to look after, to ask for their states. */
export class ServerProjections {
  readonly #client: EventStoreDBClient;
  readonly #at: string;

  /** @throws DomainError SETTING_INVALID */
  constructor(setting: string) {
    this.#at = parseServerAddress(setting).shown;
    try {
      // Only the leader runs projections.
      this.#client = EventStoreDBClient.connectionString(withParameter(setting, 'nodePreference', 'leader'));
    } catch (error) {
      throw logSetting(refusedByClient(error));
    }
    const parts = this.#client as unknown as { handleError: (...given: readonly unknown[]) => Promise<void> };
    const { handleError } = parts;
    // It runs on its own, so that its failure would be nobody's and end the process.
    parts.handleError = (...given) => handleError.apply(this.#client, [...given]).catch(() => undefined);
  }

  async list(): Promise<readonly ServerProjection[]> {
    const details = await this.#patiently((client) => client.listProjections({ deadline: DEADLINE_MS }));
    return details.map(({ name, status, stateReason, position, progress }) => ({
      name,
      state: stateOf(status),
      status,
      reason: stateReason,
      handled: handledOf(position),
      progress: Math.max(0, progress),
    }));
  }

  /** Puts a script on the server and lets it run from the first event on. */
  async create(name: string, script: string): Promise<void> {
    await this.#once((client) => client.createProjection(name, script, { deadline: DEADLINE_MS }));
  }

  async enable(name: string): Promise<void> {
    await this.#patiently((client) => client.enableProjection(name, { deadline: DEADLINE_MS }));
  }

  async disable(name: string): Promise<void> {
    await this.#patiently((client) => client.disableProjection(name, { deadline: DEADLINE_MS }));
  }

  /** Takes away a projection that is disabled, with its checkpoints and states. */
  async remove(name: string): Promise<void> {
    const streams = { deleteCheckpointStream: true, deleteStateStream: true, deleteEmittedStreams: false };
    await this.#once((client) => client.deleteProjection(name, { ...streams, deadline: DEADLINE_MS }));
  }

  /** State of one partition; an empty object when the projection has none. */
  state(name: string, partition: string): Promise<unknown> {
    return this.#patiently((client) => client.getProjectionState(name, { partition, deadline: DEADLINE_MS }));
  }

  /** Entries of a category from a number (or the end) backwards; empty when there is nothing of it. */
  async links(category: string, from: number | 'end', limit: number): Promise<readonly CategoryLink[]> {
    return this.#patiently(async (client) => {
      const links: CategoryLink[] = [];
      const reading = client.readStream(`$ce-${category}`, {
        direction: 'backwards',
        fromRevision: from === 'end' ? 'end' : BigInt(from),
        maxCount: limit,
        resolveLinkTos: false,
      });
      try {
        for await (const { event } of reading) {
          if (event === undefined) continue;
          links.push({ number: Number(event.revision), event: Buffer.from(event.data as Uint8Array).toString('utf8') });
        }
      } catch (error) {
        if ((error as ClientFailure).type === 'stream-not-found') return [];
        throw error;
      }
      return links;
    });
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }

  /** A call that may be repeated. */
  async #patiently<Result>(call: Call<Result>): Promise<Result> {
    const backoff = new Backoff(PATIENCE);
    for (;;) {
      try {
        return await call(this.#client);
      } catch (error) {
        const failed = this.#failure(error);
        if (failed.isFinal || !(await backoff.again())) throw failed.error;
      }
    }
  }

  async #once<Result>(call: Call<Result>): Promise<Result> {
    try {
      return await call(this.#client);
    } catch (error) {
      throw this.#failure(error).error;
    }
  }

  #failure(error: unknown): { readonly isFinal: boolean; readonly error: Error } {
    const raw = (error as ClientFailure)._raw;
    if (raw?.code === UNIMPLEMENTED) return { isFinal: true, error: projectionsOff(this.#at) };
    if (raw?.code === PERMISSION_DENIED || NOT_AUTHORIZED.test(raw?.details ?? ''))
      return { isFinal: true, error: projectionsDenied(this.#at) };
    if (raw?.code === NOT_FOUND) return { isFinal: true, error: projectionGone(this.#at) };
    const failed = failedCall(raw ?? error, this.#at);
    if (failed.kind === 'final') return { isFinal: true, error: failed.failure };
    return { isFinal: false, error: logUnreachable(this.#at, failed.cause, error) };
  }
}

/** `Running`, `Faulted (Enabled)`, `Stopped/Completed`, `Running/Writing results`, … */
const stateOf = (status: string): ServerProjectionState => {
  if (status.startsWith('Faulted') || status.startsWith('Aborted')) return 'faulted';
  if (status.startsWith('Running')) return 'running';
  if (status.startsWith('Stopped') || status.startsWith('Suspended')) return 'stopped';
  return /Stopping/.test(status) ? 'stopping' : 'starting';
};

/** `$ce-pool: 133` → 133. */
const handledOf = (position: string): number => {
  const match = /^\$ce-[^:]+: (-?\d+)$/.exec(position);
  return match === null ? -1 : Number(match[1]);
};

const unavailable = (
  code: string,
  at: string,
  message: string,
  messageEn: string,
  remedy: string,
  remedyEn: string,
): DomainError =>
  new DomainError('unavailable', {
    code,
    message: `${message}：${at}`,
    messageEn: `${messageEn}: ${at}`,
    remedy,
    remedyEn,
    parameters: { at },
  });

const projectionsOff = (at: string): DomainError =>
  unavailable(
    'PROJECTIONS_OFF',
    at,
    '该服务器没有开启投影功能',
    'Projections are not switched on at the server',
    '请服务器管理员以 --run-projections=All 重新启动各节点。',
    "Have the server's administrator start the nodes with --run-projections=All.",
  );

const projectionsDenied = (at: string): DomainError =>
  unavailable(
    PROJECTIONS_DENIED,
    at,
    '该用户无权管理服务器上的投影',
    "The user may not manage the server's projections",
    '请在 YICHI_EVENT_LOG 中换用 $ops 或 $admins 组的用户；只是记账和查询不需要此权限。',
    'Use a user of the group $ops or $admins in YICHI_EVENT_LOG; booking and asking do not need that right.',
  );

const projectionGone = (at: string): DomainError =>
  unavailable(
    'PROJECTION_GONE',
    at,
    '投影已不在服务器上，可能有人同时在部署或移除',
    'The projection is no longer on the server; somebody may be deploying or removing just now',
    '请稍后运行 yichi projections status 查看，必要时重新部署。',
    'Look again with `yichi projections status`, and deploy again where needed.',
  );
