import type { FastifyInstance } from 'fastify';

import { answerProblem, RETRY_AFTER_SECONDS } from './answer-problem';

/** HTTP/1.1 asks for the host in every request (RFC 9112 section 3.2), and for no more than one. */
export const refuseUnclear = (server: FastifyInstance): void => {
  server.addHook('onRequest', (request, reply, done) => {
    const hosts = request.raw.headersDistinct['host']?.length ?? 0;
    if (hosts === 1 || (hosts === 0 && request.raw.httpVersion === '1.0')) done();
    else answerProblem(400, request, reply);
  });
};

/**
 * A connection that was open when the service began to stop may still send a request.
 *
 * @returns to be called when the service begins to stop
 */
export const refuseWhenStopping = (server: FastifyInstance): (() => void) => {
  let stopping = false;
  server.addHook('onRequest', (request, reply, done) => {
    if (!stopping) return done();
    void reply.header('connection', 'close').header('retry-after', RETRY_AFTER_SECONDS);
    answerProblem(503, request, reply);
  });
  return () => {
    stopping = true;
  };
};
