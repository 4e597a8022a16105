import type { FastifyInstance, FastifyRequest } from 'fastify';

import { findActor } from '../identity/acting';
import type { Logger } from '../platform/logging';
import type { Metrics } from '../platform/metrics';
import { CORRELATION_HEADER } from './correlation';

/** The path without its query, which may name people and documents. */
export const pathOfRequest = (request: FastifyRequest): string => request.url.split('?')[0] ?? request.url;

const UNKNOWN_ROUTE = '(unknown)';
const MILLISECONDS_PER_SECOND = 1000;

/** Answers every request with its correlation id, and logs and measures it by its route. */
export const logRequests = (server: FastifyInstance, logger: Logger, metrics: Metrics): void => {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header(CORRELATION_HEADER, request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? UNKNOWN_ROUTE;
    const milliseconds = reply.elapsedTime;
    metrics.observeRequest(request.method, route, reply.statusCode, milliseconds / MILLISECONDS_PER_SECOND);
    const line = {
      correlationId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      milliseconds: Math.round(milliseconds * 10) / 10,
      actor: findActor(request)?.id ?? null,
    };
    if (reply.statusCode >= 500) logger.error(line, 'request');
    else logger.info(line, 'request');
    done();
  });
};
