import type { AppendReq, BatchAppendReq } from '@eventstore/db-client/generated/streams_pb';
import type { Metadata, ServiceError } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';

import type { AppendFault } from './faults';
import { notLeader, refusal, unavailable } from './refusal';
import { type AppendVerdict, type ExpectedState, type ProposedEvent, sizeOnDisk } from './stand-in-log';
import type { StandInServer } from './stand-in-server';

/** One append as a server is asked for it, by whichever call. */
export interface AskedAppend {
  readonly stream: string;
  readonly expected: ExpectedState;
  readonly events: readonly ProposedEvent[];
}

/** Whoever waits for what becomes of an append. */
export interface AppendCaller {
  readonly metadata: Metadata;
  /** Port from which the connection comes. */
  readonly port: number;
  answer(verdict: AppendVerdict): void;
  /** The server says no to this append. */
  refuse(failure: ServiceError): void;
  /** The stream has a tombstone. */
  refuseDeleted(): void;
  /** The server ends the call on which it was asked. */
  fail(failure: ServiceError): void;
  /** Resolves when the caller has given up. */
  pastDeadline(): Promise<void>;
}

/** An event as either call proposes it. */
export const proposedEvent = (message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): ProposedEvent => ({
  id: message.getId()?.getString() ?? '',
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: message.getData_asU8(),
  metadata: message.getCustomMetadata_asU8(),
});

/** Stores or refuses the append, and does what the plan of faults says. */
export const judgeAppend = async (server: StandInServer, asked: AskedAppend, caller: AppendCaller): Promise<void> => {
  if (server.log.hasTombstone(asked.stream)) {
    caller.refuseDeleted();
    return;
  }
  const tooLarge = sizeFailure(server, asked.events);
  if (tooLarge !== null) {
    caller.refuse(tooLarge);
    return;
  }
  const store = (): AppendVerdict => server.log.append(asked.stream, asked.expected, asked.events);
  const fault = server.faults.onAppend?.(asked.stream) ?? null;
  if (fault === null) caller.answer(store());
  else await actOn(fault, server, caller, store);
};

const actOn = async (
  fault: AppendFault,
  server: StandInServer,
  caller: AppendCaller,
  store: () => AppendVerdict,
): Promise<void> => {
  switch (fault) {
    case 'reset-before-commit':
      server.gate.cut(caller.port);
      return;
    case 'reset-after-commit':
      store();
      server.gate.cut(caller.port);
      return;
    case 'answer-too-late': {
      const verdict = store();
      await caller.pastDeadline();
      caller.answer(verdict);
      return;
    }
    case 'commit-too-late':
      await caller.pastDeadline();
      store();
      return;
    case 'lost':
      return;
    case 'unavailable-before-commit':
      caller.refuse(unavailable());
      return;
    case 'unavailable-after-commit':
      store();
      caller.refuse(unavailable());
      return;
    case 'server-timeout':
      store();
      caller.refuse(refusal(status.ABORTED, 'Operation timed out: Commit phase timeout.'));
      return;
    case 'leader-gone':
      caller.fail(notLeader(null));
      return;
    case 'server-error-after-commit':
      store();
      caller.fail(refusal(status.UNKNOWN, 'Exception was thrown by handler.'));
      return;
  }
};

const sizeFailure = (server: StandInServer, events: readonly ProposedEvent[]): ServiceError | null => {
  const { maxAppendBytes } = server.options;
  const size = events.reduce((sum, event) => sum + sizeOnDisk(event), 0);
  if (size <= maxAppendBytes) return null;
  return refusal(status.INVALID_ARGUMENT, `Maximum Append Size of ${maxAppendBytes} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(maxAppendBytes),
  });
};
