import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { AppModule } from '../app.module';
import { openKeys } from '../identity/tokens';
import type { Ledger } from '../ledger/ledger';
import { createLogger, type Logger } from '../platform/logging';
import { Metrics } from '../platform/metrics';
import type { Settings } from '../platform/settings';
import { answerOtherMethods } from './allowed-methods';
import { answerExpectation, answerProblem, answerUnreadable } from './answer-problem';
import { correlationIdOf } from './correlation';
import { takeJsonOnly } from './json-body';
import { notListening } from './listening';
import { nestLogger } from './nest-logger';
import { serveDocumentation } from './openapi';
import { OpenConnections } from './open-connections';
import { refuseUnclear, refuseWhenStopping } from './refused-at-the-door';
import { logRequests } from './request-log';
import { ServiceState } from './service-state';

/** A document of two thousand lines takes half of it; bulk data comes in by import. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Codes have up to 64 characters, nine bytes each when percent-encoded. */
const MAX_PATH_PARAMETER_LENGTH = 640;

/** A client that sends its request slower than this is cut off; answers may take longer. */
const REQUEST_TIMEOUT_MS = 30_000;

/** How often the platform looks for such clients; by itself it would only every half minute. */
const LOOK_FOR_SLOW_EVERY_MS = 1_000;

const API_PREFIX = 'api/v1';
const OUTSIDE_API = ['health/live', 'health/ready', 'metrics', 'log/checkpoint', 'log/tile/*path'];

export interface ServerOptions {
  readonly logger?: Logger;
}

export interface RunningServer {
  /** `http://127.0.0.1:3000`, with the port that was really taken. */
  readonly url: string;
  /**
   * Takes no further request, lets those that run finish within a bound, and stops following the log. The ledger stays
   * open: it is the caller's.
   */
  stop(): Promise<void>;
}

/** The application with its routes, not listening yet. */
export const createApplication = async (
  ledger: Ledger,
  settings: Pick<Settings, 'dataDir'>,
  logger: Logger,
): Promise<NestFastifyApplication> => {
  const state = new ServiceState(ledger);
  const metrics = new Metrics(state);
  const keys = await openKeys(settings.dataDir);
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: LOOK_FOR_SLOW_EVERY_MS,
      // The platform refuses a request without a host in words of its own; refuseUnclear does in ours.
      requireHostHeader: false,
    },
    // The framework refuses what comes while it closes in words of its own, too.
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PATH_PARAMETER_LENGTH },
    genReqId: correlationIdOf,
    frameworkErrors: (error: { readonly statusCode?: number }, request: FastifyRequest, reply: FastifyReply) =>
      answerProblem(error.statusCode ?? 400, request, reply),
    clientErrorHandler: answerUnreadable,
    logger: false,
  });
  const application = await NestFactory.create<NestFastifyApplication>(
    AppModule.on({ ledger, keys, logger, metrics, state }),
    adapter,
    { logger: nestLogger(logger), abortOnError: false, bodyParser: false },
  );
  application.setGlobalPrefix(API_PREFIX, { exclude: OUTSIDE_API });
  const server = adapter.getInstance();
  takeJsonOnly(server);
  logRequests(server, logger, metrics);
  refuseUnclear(server);
  server.server.on('checkExpectation', answerExpectation);
  answerOtherMethods(server);
  return application;
};

/**
 * Serves a ledger whose read model has caught up.
 *
 * @throws DomainError(unavailable) PORT_IN_USE, ADDRESS_NOT_AVAILABLE
 */
export const startServer = async (
  ledger: Ledger,
  settings: Pick<Settings, 'dataDir' | 'host' | 'port'>,
  { logger = createLogger() }: ServerOptions = {},
): Promise<RunningServer> => {
  const application = await createApplication(ledger, settings, logger);
  serveDocumentation(application);
  const server = application.getHttpAdapter().getInstance();
  const isStopping = refuseWhenStopping(server);
  const connections = new OpenConnections(server.server);
  const following = ledger.follow((error) => logger.error({ err: error }, 'the read model could not take events'));
  try {
    await application.init();
    // The framework's own way of listening logs why it cannot, which the caller is told anyway and in better words.
    await server.listen({ port: settings.port, host: settings.host });
  } catch (error) {
    await following.close();
    await application.close();
    throw notListening(error, settings);
  }
  return {
    url: urlOf(application, settings.host),
    stop: async () => {
      isStopping();
      const closed = connections.letClose();
      await application.close().finally(closed);
      await following.close();
    },
  };
};

const urlOf = (application: NestFastifyApplication, host: string): string => {
  const address = application.getHttpServer().address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
};
