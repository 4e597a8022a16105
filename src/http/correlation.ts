import type { IncomingMessage } from 'node:http';
import { randomUUID } from 'node:crypto';

export const CORRELATION_HEADER = 'x-correlation-id';

/** What a correlation id may be: it stands in events and in logs, so that it has no spaces and no control characters. */
const CORRELATION_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's correlation id, or a new one when there is none or it is not in the form of one. */
export const correlationIdOf = (request: Pick<IncomingMessage, 'headers'>): string => {
  const given = request.headers[CORRELATION_HEADER];
  return typeof given === 'string' && CORRELATION_ID.test(given) ? given : randomUUID();
};
