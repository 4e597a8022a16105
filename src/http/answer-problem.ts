import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { PROBLEM_MEDIA_TYPE, problemOfStatus } from '../platform/problem-details';
import { CORRELATION_HEADER } from './correlation';
import { pathOfRequest } from './request-log';

/** After this a caller may try again what is unavailable now. */
export const RETRY_AFTER_SECONDS = '1';

/** What is refused before there is a route, such as an address with a broken encoding. */
export const answerProblem = (status: number, request: FastifyRequest, reply: FastifyReply): void => {
  const problem = problemOfStatus(status, { instance: pathOfRequest(request), correlationId: request.id });
  void reply.status(problem.status).header('content-type', PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
};

/** What a failure of reading HTTP itself comes to; anything else is a request that breaks off or is garbled. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers what cannot be read as HTTP, of which there is neither an address nor a request. */
export const answerUnreadable = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS_OF_CODE[error.code ?? ''] ?? 400;
  const correlationId = randomUUID();
  const body = JSON.stringify(problemOfStatus(status, { instance: '', correlationId }));
  const answer = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `${CORRELATION_HEADER}: ${correlationId}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
  socket.end(answer, () => socket.destroy());
};

/** Nothing but `Expect: 100-continue` is understood, and the platform answers that by itself. */
export const answerExpectation = (request: IncomingMessage, response: ServerResponse): void => {
  const correlationId = randomUUID();
  const instance = request.url?.split('?')[0] ?? '';
  const body = JSON.stringify(problemOfStatus(417, { instance, correlationId }));
  response.writeHead(417, {
    'content-type': PROBLEM_MEDIA_TYPE,
    'content-length': Buffer.byteLength(body),
    [CORRELATION_HEADER]: correlationId,
    connection: 'close',
  });
  response.end(body);
};
