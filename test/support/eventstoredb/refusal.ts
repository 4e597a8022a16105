import { Metadata, status, type ServiceError } from '@grpc/grpc-js';

import type { StandInServer } from './stand-in-server';

/** A failure as it goes over the wire: the details in the trailing metadata, as the product sends them. */
export const refusal = (
  code: status,
  details: string,
  trailer: Readonly<Record<string, string>> = {},
): ServiceError => {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailer)) metadata.set(key, value);
  return Object.assign(new Error(details), { code, details, metadata });
};

export const notLeader = (leader: StandInServer | null): ServiceError =>
  leader === null
    ? refusal(status.UNKNOWN, 'No leader info available in response')
    : refusal(status.NOT_FOUND, `Leader info available at 127.0.0.1:${leader.gate.port}`, {
        exception: 'not-leader',
        'leader-endpoint-host': '127.0.0.1',
        'leader-endpoint-port': String(leader.gate.port),
      });

export const accessDenied = (): ServiceError =>
  refusal(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const unavailable = (): ServiceError => refusal(status.UNAVAILABLE, 'Server Is Not Ready');

/** The name goes into a header: where it is not ASCII, the product fails over its own answer. */
export const tombstone = (stream: string): ServiceError =>
  /^[\x20-\x7e]*$/.test(stream)
    ? refusal(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
        exception: 'stream-deleted',
        'stream-name': stream,
      })
    : refusal(status.UNKNOWN, 'Received HTTP status code 500');

/** What every call is turned away for before anything else; null when it may go on. */
export const turnedAway = (server: StandInServer, metadata: Metadata): ServiceError | null => {
  const { credentials } = server.options;
  if (credentials !== undefined) {
    const expected = `Basic ${Buffer.from(credentials).toString('base64')}`;
    if (metadata.get('authorization')[0] !== expected) return refusal(status.UNAUTHENTICATED, 'Unauthenticated');
  }
  const needsLeader = metadata.get('requires-leader')[0] === 'true';
  return needsLeader && server.role !== 'leader' ? notLeader(server.leader()) : null;
};
